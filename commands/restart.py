"""restart: new pods of the same template, as kubectl rollout restart does it."""

from bot.core.model import Change, Order, Step
from bot.core.references import label
from bot.core.workload import Restart, Workload
from bot.plans.changes import change, opening, refuse_paused, step, unblocking, workloads_of
from bot.ports import Command, Ports


def plan(ports: Ports, order: Order) -> Change:
    workloads = workloads_of(ports, order)
    for workload in workloads:
        refuse_paused(workload)
    steps = [unblocking(ports, order, w, _step(w, Restart(ports.clock.now()))) for w in workloads]
    return change(ports, order, steps, f"{order.service} restart in {order.environment}")


def _step(workload: Workload, action: Restart) -> Step:
    runs = label(workload.containers[0].image)
    return step(workload, action, runs, runs)


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
