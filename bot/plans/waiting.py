"""An order that only time stands in the way of, offered for the first moment when nothing does: nobody has to sit up
for the end of a freeze, or of the time in which an image proves itself."""

from datetime import datetime

from msgspec.structs import replace

from bot.core.errors import Refused, UsageError
from bot.core.model import BOT, Decision, Order
from bot.core.policy import refusal
from bot.core.rights import right
from bot.core.when import following, read_once
from bot.core.words import clock
from bot.plans.changes import asked
from bot.ports import Ports

VERB = "schedule"
DRY_RUN = "dry-run"


def stopped(ports: Ports, order: Order, text: str, decision: Decision) -> Refused:
    """The decision as an error, with the order for later where there is one; what it named first comes second."""
    error = refusal(decision)
    offered = later(ports, order, text, decision)
    if offered:
        error.orders = (offered, (decision.hint.partition(" ")[0].capitalize(), decision.hint))
        error.hint = offered[1]
    return error


def later(ports: Ports, order: Order, text: str, decision: Decision) -> tuple[str, str] | None:
    """A label, and the order to type. `text` is the order as it can be typed again.

    Nothing is offered to those who may not, nor what `at` refuses.
    """
    if decision.free is None or not _may_wait(ports, order):
        return None
    zone = ports.catalogue.zone
    scheduled = f"at {decision.free.astimezone(zone):%Y-%m-%d %H:%M} {text.strip().rstrip(' .')}"
    if not _is_meant(ports, scheduled, decision.free):
        return None
    return f"At {clock(decision.free, ports.clock.now(), zone)}", scheduled


def _may_wait(ports: Ports, order: Order) -> bool:
    """An order with a value in it is not kept for later, and who only looks wants to know of now."""
    known = order.request.who.platform != BOT and order.masked() is order and DRY_RUN not in order.words.flags
    return known and right(asked(replace(order, verb=VERB)), ports.catalogue).allowed


def _is_meant(ports: Ports, scheduled: str, moment: datetime) -> bool:
    """Of an hour that the clocks repeat only the first can be typed, and nothing that is too far ahead."""
    now = ports.clock.now()
    try:
        timing, _ = read_once(scheduled.removeprefix("at "), now, ports.catalogue.time_zone)
    except UsageError:
        return False
    return following(timing, now) == moment
