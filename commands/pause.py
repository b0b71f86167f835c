"""pause: stop a rollout where it stands."""

from bot.core.errors import Refused
from bot.core.model import Change, Order
from bot.core.workload import Pause, Workload
from bot.plans.changes import change, deployments_only, opening, step, workloads_of
from bot.ports import Command, Ports


def plan(ports: Ports, order: Order) -> Change:
    workloads = workloads_of(ports, order)
    for workload in workloads:
        deployments_only(workload, "pause")
        _refuse(workload)
    steps = [step(w, Pause(), "running", "paused") for w in workloads]
    return change(ports, order, steps, f"{order.service} pause in {order.environment}")


def _refuse(workload: Workload) -> None:
    if workload.paused:
        where = f"{workload.target.name} in {workload.target.environment}"
        raise Refused(f"{where} is paused already.", hint=f"resume {where}")


COMMAND = Command(
    usage="pause <service> [in <environment>] [--dry-run]",
    summary="stop a rollout where it stands",
    verb="pause",
    examples=("pause webapp in staging", "pause adderservice in production", "pause webapp in staging --dry-run"),
    refusals=("it is not a Deployment", "it is paused already", "the service is locked"),
    plan=plan,
    opening=opening("{service} pause"),
    day=35,
)
