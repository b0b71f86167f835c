"""What somebody should know before a change: how much is new, what failed there last, and who is at it."""

from collections.abc import Iterator, Sequence

from bot.core.events import Build, Rollout
from bot.core.model import Change
from bot.core.provenance import build_of
from bot.core.words import ago, count
from bot.core.workload import Image, Phase
from bot.ports import Ports

KNOWN = 20
BUILDS = 200


def briefing(ports: Ports, change: Change) -> tuple[str, ...]:
    known = [rollout for step in change.steps for rollout in ports.store.recent_rollouts(step.target, KNOWN)]
    return (*_size(ports, change), *_under_way(known), *_last_failure(ports, known))


def _size(ports: Ports, change: Change) -> Iterator[str]:
    """By the builds between the two, where both are known."""
    jobs = ports.service(change.order.service or "").builds
    if change.image is None or not jobs:
        return
    builds = ports.store.builds(jobs, limit=BUILDS)
    new, old = _position(builds, change.image), _position(builds, Image("", change.before))
    if new is None or old is None or new == old:
        return
    between = builds[min(new, old) : max(new, old)]
    changes = sum(len(build.changes) for build in between)
    direction = "newer" if new < old else "older"
    yield f"{count(len(between), 'build')} and {count(changes, 'change')} {direction} than {change.before}"


def _position(builds: Sequence[Build], image: Image) -> int | None:
    build = build_of(image, builds)
    return builds.index(build) if build else None


def _under_way(known: Sequence[Rollout]) -> Iterator[str]:
    for one in known:
        if not one.phase.final:
            yield f"{one.whose} is at it: {one.verb} {one.image}, {one.ready} of {one.wanted} ready."


def _last_failure(ports: Ports, known: Sequence[Rollout]) -> Iterator[str]:
    failed = max((r for r in known if r.phase is Phase.FAILED), key=lambda r: r.started, default=None)
    if failed:
        yield f"Last failure here, {ago(failed.started, ports.clock.now())}: {failed.image}. {failed.reason}"
