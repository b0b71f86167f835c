"""freezes: where nothing new goes now, and when that begins or ends."""

from collections.abc import Iterator

from bot.core.freezes import closings, coming, state
from bot.core.guards import Freeze
from bot.core.model import Cell, Order, Reply, Table, Tone, When
from bot.core.render import order_line
from bot.plans.changes import may_read
from bot.ports import Command, Ports

FOR_GOOD = "until someone unfreezes"


def plan(ports: Ports, order: Order) -> Reply:
    names = [name for name in ports.catalogue.environments if may_read(ports, order, None, name)]
    standing, ahead = list(_standing(ports, names)), list(_ahead(ports, names))
    if not standing and not ahead:
        return Reply(title="Nothing is frozen.", body=order_line('freeze <environment> for 2h "reason"'))
    shut = ", ".join(dict.fromkeys(freeze.environment for freeze in standing))
    states = " and ".join(dict.fromkeys(map(state, standing)))
    return Reply(
        title=f"{shut} {states}" if standing else "Nothing is frozen now",
        tone=Tone.WARNING if standing else Tone.PLAIN,
        table=Table(
            ("environment", "state", "from", "until", "by", "reason"),
            (*(_row(f, state(f)) for f in standing), *(_row(f, "comes") for f in ahead)),
        ),
    )


def _standing(ports: Ports, names: list[str]) -> Iterator[Freeze]:
    called, now = ports.store.freezes(), ports.clock.now()
    for name in names:
        for freeze in closings(name, ports.catalogue, called, now):
            yield Freeze(name, freeze.reason, freeze.at, freeze.until, freeze.owner, freeze.name)


def _ahead(ports: Ports, names: list[str]) -> Iterator[Freeze]:
    for name in names:
        yield from coming(name, ports.catalogue, ports.clock.now())


def _row(freeze: Freeze, stands: str) -> tuple[Cell, ...]:
    by = freeze.owner.mention if freeze.owner else "the configuration"
    starts: Cell = When(freeze.at) if freeze.owner or stands == "comes" else ""
    return (freeze.environment, stands, starts, When(freeze.until) if freeze.until else FOR_GOOD, by, freeze.reason)


COMMAND = Command(
    usage="freezes",
    summary="where nothing new goes, and when that begins or ends",
    verb="read",
    examples=("freezes",),
    plan=plan,
    day=55,
)
