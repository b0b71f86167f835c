"""resume: let a paused rollout go on."""

from bot.core.errors import Refused
from bot.core.model import Change, Order
from bot.core.workload import Resume, Workload
from bot.plans.changes import change, deployments_only, opening, step, workloads_of
from bot.ports import Command, Ports


def plan(ports: Ports, order: Order) -> Change:
    workloads = workloads_of(ports, order)
    for workload in workloads:
        deployments_only(workload, "resume")
        _refuse(workload)
    steps = [step(w, Resume(), "paused", "running") for w in workloads]
    return change(ports, order, steps, f"{order.service} resume in {order.environment}")


def _refuse(workload: Workload) -> None:
    if not workload.paused:
        where = f"{workload.target.name} in {workload.target.environment}"
        raise Refused(f"{where} is not paused.", hint=f"status {where}")


COMMAND = Command(
    usage="resume <service> [in <environment>] [--override reason] [--dry-run]",
    summary="let a paused rollout go on",
    verb="resume",
    examples=("resume webapp in staging", "resume adderservice in production", "resume webapp in staging --dry-run"),
    refusals=("it is not a Deployment", "it is not paused", "the service is locked"),
    plan=plan,
    opening=opening("{service} resume"),
    day=36,
)
