"""A world that stands still: the demo's services at a fixed moment, for answers that must not change by themselves."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.core.model import CONSOLE, Change, Order, Place, Reply, Request, Who
from bot.core.parse import parse
from bot.parts import make_parts
from bot.ports import Ports
from commands import load as load_commands
from config import DEMO, load

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ONCALL = Who(CONSOLE, "oncall", "oncall")


class StillClock:
    def now(self) -> datetime:
        return NOON

    def real(self, seconds: float) -> float:
        return seconds


@contextmanager
def standing_still(folder: Path) -> Iterator[Ports]:
    settings = load(DEMO, {"QUARTERDECK_DEMO_FOLDER": str(folder)})
    parts = make_parts(settings, StillClock())
    catalogue = settings.catalogue()
    yield Ports(lambda: catalogue, parts.clusters, parts.registry, parts.store, parts.clock, load_commands())
    parts.close()


def planned(ports: Ports, text: str) -> Change | Reply:
    """What the order would do or answer; nothing is decided or applied."""
    words = parse(text, {name: c.shape for name, c in ports.commands.items()})
    command = ports.commands[words.name]
    request = Request("golden", ONCALL, Place(CONSOLE, CONSOLE), text, NOON)
    where = command.environment(ports.catalogue, words).name if command.environment else words.get("environment")
    return command.plan(ports, Order(request, command.verb, words, words.get("service"), where))
