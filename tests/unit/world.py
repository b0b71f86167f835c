"""A world that stands still: the demo's services at a fixed moment, for answers that must not change by themselves."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.cluster import Cluster
from bot.cluster.memory import MemoryCluster
from bot.core.model import CONSOLE, Change, Order, Place, Reply, Request, Who
from bot.core.parse import parse
from bot.parts import make_parts
from bot.ports import Ports
from commands import load as load_commands
from config import DEMO, load

TROUBLE_LASTS = timedelta(minutes=4)
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ONCALL = Who(CONSOLE, "oncall", "oncall")


class StillClock:
    """Stands where it is put."""

    def __init__(self) -> None:
        self.at = NOON - TROUBLE_LASTS

    def now(self) -> datetime:
        return self.at

    def real(self, seconds: float) -> float:
        return seconds


@contextmanager
def standing_still(folder: Path) -> Iterator[Ports]:
    settings = load(DEMO, {"QUARTERDECK_DEMO_FOLDER": str(folder)})
    clock = StillClock()
    parts = make_parts(settings, clock)
    _trouble(parts.clusters["demo"])
    clock.at = NOON
    catalogue = settings.catalogue()
    yield Ports(lambda: catalogue, parts.clusters, parts.registry, parts.store, parts.clock, load_commands())
    parts.close()


def _trouble(cluster: Cluster) -> None:
    """Four minutes ago somebody rolled out what crashes."""
    assert isinstance(cluster, MemoryCluster)
    cluster.kubectl_set_image("micro-staging", "eventservice", "registry.local:5000/eventservice:77be001")


def planned(ports: Ports, text: str) -> Change | Reply:
    """What the order would do or answer; nothing is decided or applied."""
    words = parse(text, {name: c.shape for name, c in ports.commands.items()})
    command = ports.commands[words.name]
    request = Request("golden", ONCALL, Place(CONSOLE, CONSOLE), text, NOON)
    found = command.environment(ports.catalogue, words) if command.environment else None
    where = found.name if found else words.get("environment")
    return command.plan(ports, Order(request, command.verb, words, words.get("service"), where))
