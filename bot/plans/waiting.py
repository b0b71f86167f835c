"""An order that a freeze stops, offered for the first moment after it: nobody has to sit up for the end of a window."""

from datetime import datetime

from msgspec.structs import replace

from bot.core.errors import Frozen, UsageError
from bot.core.freezes import opens
from bot.core.model import BOT, Order
from bot.core.rights import right
from bot.core.when import following, read_once
from bot.plans.changes import asked
from bot.ports import Ports

VERB = "schedule"
LIST = "freezes"


def offer_later(ports: Ports, order: Order, text: str, error: Frozen) -> None:
    """`text` is the order as it can be typed again. Nothing is offered to those who may not, nor what `at` refuses."""
    opening = _opening(ports, order)
    if opening is None or not _may_wait(ports, order):
        return
    local = opening.astimezone(ports.catalogue.zone)
    later = f"at {local:%Y-%m-%d %H:%M} {text.rstrip(' .')}"
    if _is_meant(ports, later, opening):
        error.hint = later
        error.orders = ((f"At {local:%a %H:%M}", later), ("Freezes", LIST))


def _opening(ports: Ports, order: Order) -> datetime | None:
    if order.environment is None:
        return None
    return opens(order.environment, ports.catalogue, ports.store.freezes(), ports.clock.now())


def _may_wait(ports: Ports, order: Order) -> bool:
    """An order with a value in it is not kept for later."""
    known = order.request.who.platform != BOT and order.masked() is order
    return known and right(asked(replace(order, verb=VERB)), ports.catalogue).allowed


def _is_meant(ports: Ports, later: str, opening: datetime) -> bool:
    """Of an hour that the clocks repeat only the first can be typed, and nothing that is too far ahead."""
    now = ports.clock.now()
    try:
        timing, _ = read_once(later.removeprefix("at "), now, ports.catalogue.time_zone)
    except UsageError:
        return False
    return following(timing, now) == opening
