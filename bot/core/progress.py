"""One rollout's next state, from what was seen. Pure: the follower hands in the sightings and the time."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec.structs import replace

from bot.core.catalogue import Environment, OnFailure
from bot.core.diagnosis import Diagnosis
from bot.core.events import Flaps, Rollout
from bot.core.rollout import Judgement
from bot.core.words import span
from bot.core.workload import Phase

FLAPPING = 3
FLAPS_WITHIN = timedelta(minutes=10)
"""A correction of a correction happens to people; a third within minutes is two hands at one workload."""
DELETED = "deleted"
MENDABLE = frozenset({"deploy", "promote", "set", "restart"})


def advance(
    rollout: Rollout, judged: Judgement, trouble: Diagnosis | None, now: datetime, settle: timedelta, deadline: int
) -> Rollout:
    """A final rollout stays as it is; `proven` needs an unbroken settle time."""
    if rollout.phase.final:
        return rollout
    seen = replace(rollout, ready=judged.ready, wanted=judged.wanted)
    if rollout.progressed is None or judged.ready != rollout.ready:
        seen = replace(seen, progressed=now)
    if judged.phase in (Phase.FAILED, Phase.RECORDED):
        return _end(seen, judged.phase, judged.reason if not trouble else trouble.sentence, trouble, now)
    if judged.phase is Phase.DONE:
        return _healthy(seen, trouble, now, settle)
    if rollout.phase is Phase.DONE:
        return _unsettled(seen, judged, trouble, now)
    if _too_long(seen, judged.phase, now, deadline):
        reason = trouble.sentence if trouble else f"No progress for {span(deadline)}."
        return _end(seen, Phase.FAILED, reason, trouble, now)
    return _under_way(seen, judged, trouble)


def due(rollout: Rollout, settle: timedelta, deadline: int) -> datetime | None:
    """When time alone will change this rollout, should nothing else be seen."""
    if rollout.phase.final or rollout.phase is Phase.PAUSED or rollout.unseen:
        return None
    if rollout.phase is Phase.DONE:
        return rollout.healthy_since + settle if rollout.healthy_since else None
    return (rollout.progressed or rollout.started) + timedelta(seconds=deadline)


def looked_at(rollout: Rollout, unseen: str, now: datetime) -> Rollout:
    """Time in which nobody saw it proves nothing, and is not held against it: what waits for time waits anew."""
    if unseen or not rollout.unseen:
        return replace(rollout, unseen=unseen)
    return replace(rollout, unseen="", progressed=now, healthy_since=now if rollout.healthy_since else None)


def supersede(rollout: Rollout, by: str, now: datetime) -> Rollout:
    ended = replace(rollout, phase=Phase.SUPERSEDED, reason=f"superseded by {by}", finished=now, changed=now)
    return replace(ended, unseen="")


def counted(newer: Rollout, older: Iterable[Rollout]) -> Rollout:
    """What nobody ordered here and supersedes the like of it goes on with its count."""
    lately = [r for r in older if not r.order and newer.started - r.started <= FLAPS_WITHIN]
    if newer.order or not lately:
        return newer
    last = lately[-1]
    flaps = last.flaps or Flaps(1, last.started, last.key)
    key = flaps.key if flaps.count >= FLAPPING else newer.key
    return replace(newer, flaps=Flaps(flaps.count + 1, flaps.since, key))


def flapping(rollout: Rollout) -> Flaps | None:
    return rollout.flaps if rollout.flaps and rollout.flaps.count >= FLAPPING else None


def mended_by_policy(rollout: Rollout, environment: Environment) -> bool:
    """Only what brought something new is taken back: never a scale, a rollback, or a deletion."""
    return (
        environment.on_failure is not OnFailure.LEAVE
        and rollout.phase is Phase.FAILED
        and rollout.verb in MENDABLE
        and rollout.code != DELETED
    )


def _healthy(rollout: Rollout, trouble: Diagnosis | None, now: datetime, settle: timedelta) -> Rollout:
    if trouble and trouble.certain:
        return _end(rollout, Phase.FAILED, trouble.sentence, trouble, now)
    since = rollout.healthy_since or now
    finished = rollout.finished or now
    calm = replace(rollout, healthy_since=since, finished=finished, was_done=True, reason="", detail="", code="")
    if now - since >= settle:
        return replace(calm, phase=Phase.PROVEN, changed=now)
    return replace(calm, phase=Phase.DONE)


def _unsettled(rollout: Rollout, judged: Judgement, trouble: Diagnosis | None, now: datetime) -> Rollout:
    """Rolled out and not called so now: a certain trouble is a failure, a moved pod starts the wait anew.

    A note written on the workload raises its generation: for a moment nobody has observed it, and nothing is wrong.
    """
    if trouble and trouble.certain:
        return _end(rollout, Phase.FAILED, trouble.sentence, trouble, now)
    return rollout if judged.ready >= judged.wanted else replace(rollout, healthy_since=None)


def _under_way(rollout: Rollout, judged: Judgement, trouble: Diagnosis | None) -> Rollout:
    if judged.phase is Phase.PROGRESSING and trouble and trouble.certain:
        return replace(rollout, phase=Phase.STUCK, reason=trouble.sentence, detail=judged.detail, code=trouble.code)
    return replace(rollout, phase=judged.phase, reason=judged.reason, detail=judged.detail, code="")


def _end(rollout: Rollout, phase: Phase, reason: str, trouble: Diagnosis | None, now: datetime) -> Rollout:
    code = trouble.code if trouble else rollout.code
    return replace(rollout, phase=phase, reason=reason, code=code, finished=now, changed=now)


def _too_long(rollout: Rollout, phase: Phase, now: datetime, deadline: int) -> bool:
    if phase is Phase.PAUSED or rollout.progressed is None:
        return False
    return now - rollout.progressed >= timedelta(seconds=deadline)
