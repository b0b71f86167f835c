"""restart: new pods of the same template, as kubectl rollout restart does it."""

from bot.core.model import Change, Order
from bot.core.references import label
from bot.core.workload import Restart
from bot.planning import change, opening, refuse_paused, step, workloads_of
from bot.ports import Command, Ports


def plan(ports: Ports, order: Order) -> Change:
    workloads = workloads_of(ports, order)
    for workload in workloads:
        refuse_paused(workload)
    now = ports.clock.now()
    steps = [step(w, Restart(now), label(w.containers[0].image), label(w.containers[0].image)) for w in workloads]
    return change(ports, order, steps, f"{order.service} restart in {order.environment}")


COMMAND = Command(
    usage="restart <service> [in <environment>] [--override reason] [--dry-run]",
    summary="replace every pod by a new one of the same image",
    verb="restart",
    examples=("restart webapp in staging", "restart webapp in production", "restart webapp in staging --dry-run"),
    refusals=("the workload is paused", "the service is locked"),
    plan=plan,
    opening=opening("{service} restart"),
    day=34,
)
