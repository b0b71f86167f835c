"""scale: how many replicas a service has."""

from bot.core.errors import Refused, UsageError
from bot.core.model import Change, Order
from bot.core.words import count
from bot.core.workload import Kind, Scale, Workload
from bot.planning import change, opening, step, workloads_of
from bot.ports import Command, Ports

MOST = 1000


def plan(ports: Ports, order: Order) -> Change:
    replicas = _replicas(order.words["replicas"])
    workloads = workloads_of(ports, order)
    for workload in workloads:
        _refuse(workload, replicas)
    title = f"{order.service} → {count(replicas, 'replica')} in {order.environment}"
    steps = [step(w, Scale(replicas), str(w.wanted), str(replicas)) for w in workloads if w.wanted != replicas]
    if not steps:
        raise Refused(
            f"{order.service} has {count(replicas, 'replica')} in {order.environment} already.",
            hint=f"status {order.service} in {order.environment}",
        )
    return change(ports, order, steps, title)


def _replicas(word: str) -> int:
    if not word.isascii() or not word.isdecimal() or int(word[:9]) > MOST:
        raise UsageError(
            f"{word[:40]} is not a number of replicas.",
            fact=f"It is a whole number from 0 to {MOST}.",
            hint=COMMAND.examples[0],
        )
    return int(word)


def _refuse(workload: Workload, replicas: int) -> None:
    if workload.target.kind is Kind.DAEMON_SET:
        raise Refused(
            f"{workload.target.name} is a DaemonSet: it has one pod on every node.",
            fact=f"It cannot be scaled to {replicas}.",
            hint=f"status {workload.target.name} in {workload.target.environment}",
        )


COMMAND = Command(
    usage="scale <service> <replicas> [in <environment>] [--override reason] [--dry-run]",
    summary="change the number of replicas",
    verb="scale",
    examples=("scale webapp 3 in staging", "scale webapp 12 in production", "scale webapp 0 in staging --dry-run"),
    refusals=("it is a DaemonSet", "it has that many already", "the service is locked"),
    plan=plan,
    opening=opening("{service} → {replicas} replicas"),
    day=33,
)
