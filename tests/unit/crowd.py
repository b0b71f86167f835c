"""A hundred services in a simulated cluster, and somebody with kubectl who touches all of them."""

from collections.abc import Iterable
from datetime import UTC, datetime

from bot.cluster.memory import MemoryCluster, Spec, single
from bot.core.workload import Image, Restart, SetImage

MICRO = "micro"
NAMES = tuple(f"crowd-{number:03}" for number in range(100))
REPOSITORY = "registry.local:5000"
CATALOGUED = "".join(f'  {name}: {{repository: "{REPOSITORY}/{name}"}}\n' for name in NAMES)


def seed(cluster: MemoryCluster, deadline: int) -> None:
    for name in NAMES:
        cluster.seed(MICRO, Spec(name, single(f"{REPOSITORY}/{name}:1.0.0"), deadline=deadline))


def restart(cluster: MemoryCluster, names: Iterable[str] = NAMES) -> None:
    """`kubectl rollout restart deployment`."""
    for name in names:
        cluster.kubectl(MICRO, name, Restart(datetime.now(UTC)))


def bring(cluster: MemoryCluster, tag: str, names: Iterable[str] = NAMES) -> None:
    for name in names:
        cluster.kubectl(MICRO, name, SetImage("app", Image(f"{REPOSITORY}/{name}", tag)))
