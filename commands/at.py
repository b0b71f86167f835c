"""at: an order for later, once. It runs as the person who gave it, with the rights they have then."""

from datetime import datetime

from bot.core.model import Change, Order, Reply
from bot.core.when import Timing, read_once
from bot.plans import scheduling
from bot.ports import Command, Ports


def plan(ports: Ports, order: Order) -> Change:
    return scheduling.plan(ports, order, _read)


def apply(ports: Ports, change: Change) -> Reply:
    return scheduling.apply(ports, change, _read)


def _read(ports: Ports, text: str, now: datetime) -> tuple[Timing, str]:
    return read_once(text, now, ports.catalogue.time_zone)


COMMAND = Command(
    usage="at <time> <order…>",
    summary="give an order for later: a time, a day if it is another one, a time zone if it is not ours",
    verb=scheduling.VERB,
    examples=(
        "at 09:00 tomorrow restart adderservice in staging",
        "at 18:30 friday scale webapp 1 in staging",
        "at 2026-12-24 09:00 Europe/Madrid status",
    ),
    refusals=("the moment is over", "your role does not grant schedule, or the order itself", "it holds a value"),
    plan=plan,
    apply=apply,
    shown_by="schedules",
    opening=scheduling.opening,
    day=56,
)
