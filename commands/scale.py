"""scale: how many replicas a service has."""

import json
from collections.abc import Container

from bot.core.again import with_flags
from bot.core.errors import Refused, UsageError
from bot.core.model import Change, Order
from bot.core.render import order_line
from bot.core.surroundings import Autoscaler
from bot.core.words import count
from bot.core.workload import Kind, Scale, Workload
from bot.plans.changes import change, environment_of, step, workloads_of
from bot.ports import Command, Ports

MOST = 1000
FORCE = "force"


def plan(ports: Ports, order: Order) -> Change:
    replicas = _replicas(order, ports.catalogue.services)
    workloads = workloads_of(ports, order)
    for workload in workloads:
        _refuse(workload, replicas)
    title = f"{order.service} → {count(replicas, 'replica')} in {order.environment}"
    moved = [w for w in workloads if w.wanted != replicas]
    if not moved:
        raise Refused(
            f"{order.service} has {count(replicas, 'replica')} in {order.environment} already.",
            hint=f"status {order.service} in {order.environment}",
        )
    steps = [step(w, Scale(replicas, w.wanted), str(w.wanted), str(replicas)) for w in moved]
    return change(ports, order, steps, title, notes=[_autoscaled(ports, order, w, replicas) for w in moved])


def _autoscaled(ports: Ports, order: Order, workload: Workload, replicas: int) -> str:
    """An autoscaler has the last word, so without force it is told who that is and how to change its mind."""
    found = ports.cluster(environment_of(ports, order)).autoscaler(workload)
    if found is None:
        return ""
    undoes = f"it would undo {replicas} within seconds" if replicas else "at 0 it stops, until somebody scales it up"
    if FORCE in order.words.flags:
        return f"The autoscaler {found.name} ({found.span}) stands: {undoes}."
    raise Refused(
        f"{workload.target.name} is scaled by an autoscaler between {found.least} and {found.most}; {undoes}.",
        fact=f"Its range is changed with:\n{order_line(_patch(workload, found, replicas))}" if replicas else "",
        hint=with_flags(f"scale {order.service} {replicas} in {order.environment} --force", order.words),
    )


def _patch(workload: Workload, found: Autoscaler, replicas: int) -> str:
    """What whoever scales it is told instead; KEDA writes its autoscaler anew, so there its own object is changed."""
    kind, _, name = found.by.partition("/")
    what, suffix = (f"{kind.lower()} {name}", "ReplicaCount") if found.by else (f"hpa {found.name}", "Replicas")
    side = "max" if replicas > found.most else "min"
    spec = json.dumps({"spec": {f"{side}{suffix}": replicas}}, separators=(",", ":"))
    return f"kubectl patch {what} --namespace {workload.target.namespace} --type merge --patch '{spec}'"


def _replicas(order: Order, services: Container[str]) -> int:
    word, service = order.words["replicas"], order.service or ""
    meant = f"{word} {service}" if service.isdecimal() and word in services else f"{service} 3"
    if not word.isascii() or not word.isdecimal() or int(word[:9]) > MOST:
        raise UsageError(
            f"{word[:40]} is not a number of replicas.",
            fact=f"It is a whole number from 0 to {MOST}.",
            hint=with_flags(f"scale {meant} in {order.environment}", order.words),
        )
    return int(word)


def _refuse(workload: Workload, replicas: int) -> None:
    if workload.target.kind is Kind.DAEMON_SET:
        raise Refused(
            f"{workload.target.name} is a DaemonSet: it has one pod on every node.",
            fact=f"It cannot be scaled to {replicas}.",
            hint=f"status {workload.target.name} in {workload.target.environment}",
        )


def _opening(order: Order) -> str:
    typed = order.words["replicas"]
    return f"{order.service} → {'1 replica' if typed == '1' else f'{typed} replicas'} in {order.environment}"


COMMAND = Command(
    usage="scale <service> <replicas> [in <environment>] [--force] [--override reason] [--dry-run]",
    summary="change the number of replicas",
    verb="scale",
    examples=("scale webapp 3 in staging", "scale webapp 12 in production", "scale webapp 0 in staging --dry-run"),
    refusals=("an autoscaler scales it", "it is a DaemonSet", "it has that many already", "the service is locked"),
    plan=plan,
    opening=_opening,
    day=33,
)
