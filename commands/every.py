"""every: an order that comes back on days of the week, as the person who gave it, with the rights they have then."""

from datetime import datetime

from bot.core.model import Change, Order, Reply
from bot.core.when import Timing, read_often
from bot.plans import scheduling
from bot.ports import Command, Ports


def plan(ports: Ports, order: Order) -> Change:
    return scheduling.plan(ports, order, _read)


def apply(ports: Ports, change: Change) -> Reply:
    return scheduling.apply(ports, change, _read)


def _read(ports: Ports, text: str, _now: datetime) -> tuple[Timing, str]:
    return read_often(text, ports.catalogue.time_zone)


COMMAND = Command(
    usage="every <days> <order…>",
    summary="give an order that comes back: days, a time, a time zone if it is not ours",
    verb=scheduling.VERB,
    examples=(
        "every weekday 18:00 scale webapp 1 in staging",
        "every monday and thursday 07:30 UTC status in production",
    ),
    refusals=("it names no days", "your role does not grant schedule, or the order itself", "it holds a value"),
    plan=plan,
    apply=apply,
    shown_by="schedules",
    opening=scheduling.opening,
    day=57,
)
