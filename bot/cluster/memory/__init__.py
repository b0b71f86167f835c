"""A cluster in memory: real rules, simulated nodes."""

from bot.cluster.memory.behaviour import Behaviour, Trouble, by_words
from bot.cluster.memory.cluster import MemoryCluster
from bot.cluster.memory.edits import Past
from bot.cluster.memory.spec import ON_DELETE, RECREATE, ROLLING, ContainerSpec, Spec, Template, single
from bot.cluster.memory.state import Around

__all__ = [
    "ON_DELETE",
    "RECREATE",
    "ROLLING",
    "Around",
    "Behaviour",
    "ContainerSpec",
    "MemoryCluster",
    "Past",
    "Spec",
    "Template",
    "Trouble",
    "by_words",
    "single",
]
