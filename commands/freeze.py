"""freeze: nothing new goes to an environment for a time. What runs is not touched, and can be taken back."""

from msgspec.structs import replace

from bot.core import freezes
from bot.core.guards import Freeze
from bot.core.model import ALL, Change, Order, Reply, Tone
from bot.core.render import lines, order_line
from bot.plans.locking import ending, environment_or_all
from bot.ports import Command, Ports


def plan(ports: Ports, order: Order) -> Change:
    order = replace(order, environment=order.environment or ALL)
    freeze = _freeze(ports, order)
    ends = freezes.until(freeze, ports.catalogue.zone)
    return Change(order, (), ports.clock.now(), f"{freeze.what} frozen{ends}", "", freeze.reason)


def apply(ports: Ports, change: Change) -> Reply:
    freeze = _freeze(ports, change.order)
    before = ports.store.freeze(freeze)
    instead = f'In place of "{before.reason}"' if before else ""
    goes_on = "Rollback, scale, restart and pause stay possible; rollouts that are under way go on."
    order = order_line(f"unfreeze {change.order.words['environment']}")
    return Reply(title=change.title, tone=Tone.WARNING, body=lines(f'"{freeze.reason}"', instead, goes_on, order))


def _freeze(ports: Ports, order: Order) -> Freeze:
    where, reason = order.words["environment"], order.words["reason"]
    ends = ending(ports, order, f'freeze {where} until monday 9:00 "{reason}"')
    return Freeze(order.environment or ALL, reason, ports.clock.now(), ends, order.request.who)


COMMAND = Command(
    usage='freeze <environment> [for <time>] [until <moment>] "reason"',
    summary="let nothing new go to an environment (or all) for a time",
    verb="freeze",
    examples=(
        'freeze production until monday 9:00 "release weekend"',
        'freeze staging for 2h "load test"',
        'freeze all "incident 4711"',
    ),
    refusals=("your role does not grant freeze", "that time is over"),
    plan=plan,
    apply=apply,
    opening=lambda order: f"{order.words['environment']} freeze",
    shown_by="freezes",
    environment=environment_or_all,
    day=53,
)
