"""An order that only time stands in the way of, offered for the first moment when nothing does: nobody has to sit up
for the end of a freeze, or of the time in which an image proves itself. Of a lock nobody knows the end: it is told."""

from datetime import datetime

from msgspec.structs import replace

from bot.core.decision import Decision
from bot.core.errors import Refused, UsageError
from bot.core.model import ALL, BOT, Order
from bot.core.policy import LOCK, refusal
from bot.core.rights import Asked, right
from bot.core.when import following, read_once
from bot.core.words import clock
from bot.plans.changes import asked
from bot.plans.inner import understand
from bot.ports import Ports

VERB, READ = "schedule", "read"
DRY_RUN = "dry-run"
REMINDER = "remind"


def stopped(ports: Ports, order: Order, text: str, decision: Decision) -> Refused:
    """The decision as an error, with what its person may do about it, which stands before what it named itself."""
    error = refusal(decision)
    offered = _later(ports, order, text, decision)
    if offered:
        error.orders = (offered, (decision.hint.partition(" ")[0].capitalize(), decision.hint))
        error.hint = offered[1]
    elif decision.rule == LOCK:
        _locked(ports, order, text, error)
    return error


def unlocking(ports: Ports, order: Order, unlock: str) -> Asked:
    """What takes the lock away that stopped an order: that may be about more than the order is."""
    _, meant = understand(ports, order.request, unlock)
    return asked(meant)


def _locked(ports: Ports, order: Order, text: str, error: Refused) -> None:
    """Nobody is sent to an `unlock` that would be refused."""
    status, told = f"status {order.service} in {order.environment}", f"{REMINDER} {text.strip().rstrip(' .')}"
    may_be_told = _may_be_told(ports, order)
    if may_be_told:
        error.orders = (("Tell me when it is free", told), ("Status", status))
    if not right(unlocking(ports, order, error.hint), ports.catalogue).allowed:
        error.hint = told if may_be_told else "locks" if _may(ports, order, READ) else "whoami"


def _later(ports: Ports, order: Order, text: str, decision: Decision) -> tuple[str, str] | None:
    """A label, and the order to type. `text` is the order as it can be typed again.

    Nothing is offered to those who may not, nor what `at` refuses.
    """
    if decision.free is None or not (_kept(order) and _may(ports, order, VERB)):
        return None
    zone = ports.catalogue.zone
    scheduled = f"at {decision.free.astimezone(zone):%Y-%m-%d %H:%M} {text.strip().rstrip(' .')}"
    if not _is_meant(ports, scheduled, decision.free):
        return None
    return f"At {clock(decision.free, ports.clock.now(), zone)}", scheduled


def _kept(order: Order) -> bool:
    """An order with a value in it is not kept for later, and who only looks wants to know of now."""
    return order.request.who.platform != BOT and order.masked() is order and DRY_RUN not in order.words.flags


def _may(ports: Ports, order: Order, verb: str) -> bool:
    return right(asked(replace(order, verb=verb)), ports.catalogue).allowed


def _may_be_told(ports: Ports, order: Order) -> bool:
    one = order.service is not None and order.environment not in (None, ALL)
    return one and not order.request.who.robot and _kept(order) and _may(ports, order, READ)


def _is_meant(ports: Ports, scheduled: str, moment: datetime) -> bool:
    """Of an hour that the clocks repeat only the first can be typed, and nothing that is too far ahead."""
    now = ports.clock.now()
    try:
        timing, _ = read_once(scheduled.removeprefix("at "), now, ports.catalogue.time_zone)
    except UsageError:
        return False
    return following(timing, now) == moment
