"""A change is applied step by step: one change at a time per target, for just as long as that takes."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from bot.core.errors import Busy, QuarterdeckError, Refused, Unavailable
from bot.core.model import Cause, Change, Order, Step
from bot.core.workload import Scale, SetImage, Workload
from bot.ports import Ports

log = logging.getLogger(__name__)
CLAIM = timedelta(seconds=60)
GIVEN_UP = "This replica of Quarterdeck stood still for so long that another one took it for gone. Nothing was changed."


def cause(change: Change) -> Cause:
    request = change.order.request
    return Cause(request.id, request.who, request.place, request.text)


def hold(ports: Ports, order: Order) -> None:
    """A process that was frozen does nothing any more that another one has told as cut off."""
    if not ports.store.hold_order(order.key, ports.replica, ports.clock.now()):
        raise Refused("It was given up meanwhile.", fact=GIVEN_UP, hint=order.request.text)


def apply_change(ports: Ports, change: Change) -> tuple[Change, bool]:
    """What of it was applied, and whether a rollout follows."""
    request = change.order.request
    owner = f"{request.who.mention}/{request.id}"
    held: list[str] = []
    try:
        for step in change.steps:
            held.append(_claim(ports, step, owner))  # noqa: PERF401 - what is held so far must be known when one fails
        return _apply_steps(ports, change)
    finally:
        _unclaim(ports, held, owner)


def _unclaim(ports: Ports, held: Sequence[str], owner: str) -> None:
    """A claim ends by itself, and what was done under it is done."""
    try:
        for target in held:
            ports.store.unclaim(target, owner)
    except Unavailable as error:
        log.warning("the claims of %s end by themselves: %s", owner, error.sentence)


def _apply_steps(ports: Ports, change: Change) -> tuple[Change, bool]:
    """Several workloads cannot change as one: when a later one is refused, the earlier ones roll out all the same."""
    rolls_out = False
    for number, step in enumerate(change.steps):
        try:
            after = ports.cluster_of(step.target).apply(step, cause(change))
        except QuarterdeckError as error:
            taken = change.steps[:number]
            if rolls_out:
                return change.cut_to(taken, f"{error.sentence} {error.fact}".strip()), True
            if taken:
                error.fact = f"{error.fact} Changed already: {', '.join(s.target.name for s in taken)}.".strip()
            raise
        _unblock(ports, step)
        rolls_out = rolls_out or _rolls_out(step, after)
    return change, rolls_out


def _unblock(ports: Ports, step: Step) -> None:
    """What is left to do is said, should it fail: the change itself is written by then."""
    for pod in step.blocking:
        try:
            ports.cluster_of(step.target).delete_pod(step.target, pod)
        except QuarterdeckError as error:
            error.fact = f"{error.fact} The change is written, but waits for {pod.name}.".strip()
            error.hint = f"kubectl delete pod {pod.name} --namespace {step.target.namespace}"
            raise


def _rolls_out(step: Step, after: Workload) -> bool:
    """Does a rollout follow, now that the cluster made this of it?"""
    staged = isinstance(step.action, SetImage) and step.action.partition is not None
    return staged or isinstance(step.action, Scale) or after.template != step.template


def _claim(ports: Ports, step: Step, owner: str) -> str:
    now = ports.clock.now()
    target = f"{step.target.cluster}/{step.uid or step.target.namespace + '/' + step.target.name}"
    other = ports.store.claim(target, owner, now, now + CLAIM)
    if other:
        raise Busy(f"{other.split('/')[0]} is changing {step.target.name} just now.")
    return target
