"""A StatefulSet rolled out in part: pods from a number on take the new image, those below stay as they are."""

from bot.core.again import with_flags
from bot.core.errors import Refused
from bot.core.model import Order, Step
from bot.core.rollout import ON_DELETE
from bot.core.words import count
from bot.core.workload import Kind, SetImage, Workload


def partition(order: Order, workload: Workload) -> int | None:
    """The number of the first pod that takes it, where the order names one."""
    said = order.words.get("partition")
    if said is None:
        return None
    _refuse_unstaged(order, workload)
    last = max(0, workload.wanted - 1)
    if int(said) > last:
        name = workload.target.name
        raise Refused(
            f"{name} in {workload.target.environment} has no pod {name}-{int(said)}.",
            fact=f"It has {count(workload.wanted, 'pod')}, counted from 0: nothing would take the image.",
            hint=f"{_again(order, workload)} --partition {last}",
        )
    return int(said)


def restaged(step: Step, workload: Workload) -> bool:
    return isinstance(step.action, SetImage) and step.action.partition not in (None, workload.partition)


def told(step: Step, workload: Workload) -> str:
    """Also where the partition stands already: who deploys then may not know of it."""
    asked = step.action.partition if isinstance(step.action, SetImage) else None
    first = workload.partition if asked is None else asked
    if not first or workload.target.kind is not Kind.STATEFUL_SET:
        return ""
    return f"partition {first}: {workload.target.name}-{first} and up, the pods below stay as they are"


def _refuse_unstaged(order: Order, workload: Workload) -> None:
    name = workload.target.name
    if workload.target.kind is not Kind.STATEFUL_SET:
        raise Refused(
            f"{name} is a {workload.target.kind}: it cannot be staged.",
            fact="A partition is for StatefulSets.",
            hint=_again(order, workload),
        )
    if workload.strategy == ON_DELETE:
        raise Refused(
            f"{name} takes new pods by deletion only: it cannot be staged.",
            fact="Its update strategy is OnDelete.",
            hint=_again(order, workload),
        )


def _again(order: Order, workload: Workload) -> str:
    deploy = f"deploy {order.service} {order.words['version']} to {workload.target.environment}"
    return with_flags(deploy, order.words, but=("partition",))
