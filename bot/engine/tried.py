"""By itself the bot tries a digest once per environment, and never one that failed there or was taken back."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from bot.core.catalogue import Environment, Service, Watch
from bot.core.errors import NotFound
from bot.core.events import Rollout
from bot.core.tags import MOVES
from bot.core.workload import Image, Phase
from bot.ports import Ports

LOOKED_BACK = 50
ROLLBACK = "rollback"


def why_not_again(ports: Ports, service: Service, watch: Watch, image: Image) -> str:
    """Empty where nothing speaks against it."""
    environment = ports.catalogue.environment(watch.auto or "")
    for rollout, why in _bad_ones(ports, service, environment):
        if _rolled_out(ports, rollout, image, watch):
            return f"Not deployed to {environment.name} by itself: it {why} there before."
    return ""


def _bad_ones(ports: Ports, service: Service, environment: Environment) -> Iterator[tuple[Rollout, str]]:
    with suppress(NotFound):
        for workload in ports.workloads(service.name, environment):
            yield from _bad(ports.store.recent_rollouts(workload.target, LOOKED_BACK))


def _bad(past: Sequence[Rollout]) -> Iterator[tuple[Rollout, str]]:
    """`past` is newest first, so what a rollback took back comes after it."""
    for position, rollout in enumerate(past):
        if rollout.verb != ROLLBACK:
            if rollout.phase is Phase.FAILED:
                yield rollout, "failed"
            continue
        taken_back = next((r for r in past[position + 1 :] if r.image == rollout.previous), None)
        if taken_back and taken_back.phase is not Phase.FAILED:
            yield taken_back, "was rolled back"


def _rolled_out(ports: Ports, rollout: Rollout, image: Image, watch: Watch) -> bool:
    """By digest where our own order pinned one; a tag may have moved since."""
    stored = ports.store.order(rollout.order) if rollout.order else None
    change = stored[1] if stored else None
    if change and change.image and change.image.digest:
        return change.image.digest == image.digest
    return watch.policy != MOVES and rollout.image == image.tag
