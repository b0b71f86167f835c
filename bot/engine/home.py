"""What one person sees at a glance: what waits for them, what is under way, what runs where, what they ordered last.

The page says nothing that an order would not answer, so it asks the same sources, and the same rights hold.
"""

from collections.abc import Callable, Sequence

from bot.core import render
from bot.core.asking import asking
from bot.core.audit import AuditEntry
from bot.core.decision import Outcome
from bot.core.errors import QuarterdeckError
from bot.core.events import Rollout
from bot.core.guards import Ask
from bot.core.live import TONES, WORST_FIRST
from bot.core.model import Button, Order, Place, Reply, Request, Table, Tone, When, Who, Words
from bot.core.rights import Asked, holds, is_same, right
from bot.core.words import count
from bot.plans.changes import may_read
from bot.ports import Ports

Part = Callable[[Ports, Who], Sequence[Reply]]
WAITING, UNDER_WAY, LAST, LOOKED_THROUGH, BUTTONS = 5, 10, 5, 50, 3
OVERVIEW = "status"


class Home:
    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def page(self, who: Who) -> Sequence[Reply]:
        """A part that cannot be told says so in its place, and the others stand."""
        return [reply for part in PARTS for reply in self._tell(part, who)]

    def _tell(self, part: Part, who: Who) -> Sequence[Reply]:
        try:
            return part(self._ports, who)
        except QuarterdeckError as error:
            return [render.refusal(error)]


def waiting(ports: Ports, who: Who) -> Sequence[Reply]:
    """As it stands where it was ordered, with the same buttons."""
    zone, now = ports.catalogue.zone, ports.clock.now()
    mine = [ask for ask in ports.store.open_asks() if ask.until > now and _waits_for(ports, who, ask)]
    return [asking(ask, ports.store.agreed(ask.number), (), zone) for ask in mine[:WAITING]]


def under_way(ports: Ports, who: Who) -> Sequence[Reply]:
    asked = _question(ports, who)
    opened = [r for r in ports.store.open_rollouts() if not r.phase.final]
    found = [r for r in opened if may_read(ports, asked, r.service, r.target.environment)]
    if not found:
        return []
    found.sort(key=lambda r: (WORST_FIRST.index(r.phase), r.started))
    rows = tuple(
        (r.service, r.target.environment, r.image, f"{r.ready}/{r.wanted}", When(r.started), r.reason)
        for r in found[:UNDER_WAY]
    )
    more = len(found) - len(rows)
    table = Table(("service", "environment", "image", "ready", "since", "why"), rows, numeric=frozenset({"ready"}))
    return [
        Reply(
            title=f"{count(len(found), 'rollout')} under way",
            tone=TONES.get(found[0].phase, Tone.WORKING),
            table=table,
            body=f"… {more} more" if more else "",
            buttons=tuple(_why(r) for r in found[:BUTTONS]),
        )
    ]


def overview(ports: Ports, who: Who) -> Sequence[Reply]:
    command = ports.commands.get(OVERVIEW)
    if command is None:
        return []
    found = command.plan(ports, _question(ports, who))
    return [found] if isinstance(found, Reply) else []


def last_orders(ports: Ports, who: Who) -> Sequence[Reply]:
    entries = [e for e in ports.store.audit(by=who.id, limit=LOOKED_THROUGH) if e.who.id == who.id][:LAST]
    if not entries:
        return [Reply(title="You gave no order yet", body=render.order_line("help"))]
    return [Reply(title="Your last orders", table=Table(("when", "outcome", "order"), tuple(map(_row, entries))))]


PARTS: tuple[Part, ...] = (waiting, under_way, overview, last_orders)
"""In the order in which they stand; one that has nothing to say is not there."""


def _waits_for(ports: Ports, who: Who, ask: Ask) -> bool:
    """A confirmation for who ordered it; an approval for the others of the role, until they have agreed."""
    catalogue, order = ports.catalogue, ask.order
    own = is_same(order.request.who, who)
    if own or ask.outcome is Outcome.CONFIRM:
        return own and ask.outcome is Outcome.CONFIRM
    role = catalogue.role(ask.role)
    asked = Asked(who, _nowhere(who), "approve", service=order.service, environment=order.environment)
    if role is None or not holds(role, who, catalogue) or not right(asked, catalogue).allowed:
        return False
    return not any(is_same(who, one) for one in ports.store.agreed(ask.number))


def _row(entry: AuditEntry) -> tuple[When, str, str]:
    return (When(entry.at), entry.outcome.replace("_", " "), entry.text)


def _why(rollout: Rollout) -> Button:
    where = f"{rollout.service} in {rollout.target.environment}"
    return Button(f"Why {rollout.service}", f"why {where}")


def _question(ports: Ports, who: Who) -> Order:
    return Order(Request(f"home:{who.id}", who, _nowhere(who), OVERVIEW, ports.clock.now()), "read", Words(OVERVIEW))


def _nowhere(who: Who) -> Place:
    """A page is no channel: what a role grants in one channel alone is not granted here."""
    return Place(who.platform, "")
