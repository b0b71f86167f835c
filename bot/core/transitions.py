"""What a build means after those before it: broken, still failing, back to normal.

Told from what is stored, by number and not by arrival: deliveries come late, twice and out of order. When one fills
a gap, `retold` names the later builds whose words it changes.
"""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from bot.core.events import Build, BuildPhase, BuildResult


class Turn(StrEnum):
    STARTED = "started"
    WAITING = "waiting"
    SUCCESS = "success"
    FAILURE = "failure"
    BROKEN = "broken"
    STILL_FAILING = "still failing"
    FIXED = "fixed"
    UNSTABLE = "unstable"
    REGRESSION = "regression"
    ABORTED = "aborted"
    NOT_BUILT = "not built"
    ERRORED = "errored"
    UNKNOWN = "unknown"


class Transition(Struct, frozen=True):
    """`broken` is for how many seconds it was, where that has ended; `worse` than the one before, in any way."""

    turn: Turn
    broken: float | None = None
    worse: bool = False


class Rule(Struct, frozen=True):
    """How a tool compares: what it looks past, what can be mended, and whether it must have been well before."""

    skipped: frozenset[BuildResult]
    mended: frozenset[BuildResult]
    well_before: bool = False


FAILING = frozenset({BuildResult.FAILURE, BuildResult.UNSTABLE})
JENKINS = Rule(frozenset({BuildResult.ABORTED}), FAILING, well_before=True)
TRAVIS = Rule(frozenset(), frozenset({BuildResult.FAILURE}))
HOSTED = Rule(frozenset({BuildResult.ABORTED, BuildResult.NOT_BUILT}), frozenset({BuildResult.FAILURE}))
RULES = {"travis": TRAVIS, "github": HOSTED, "gitlab": HOSTED}

SEVERITY = (
    BuildResult.SUCCESS,
    BuildResult.UNSTABLE,
    BuildResult.FAILURE,
    BuildResult.ERRORED,
    BuildResult.NOT_BUILT,
    BuildResult.ABORTED,
)
OCCASIONS = {
    Turn.BROKEN: {"failure", "change"},
    Turn.STILL_FAILING: {"failure"},
    Turn.FIXED: {"success", "change"},
    Turn.REGRESSION: {"unstable", "change"},
    Turn.ERRORED: {"failure"},
}


NAMES = frozenset({"always", *Turn}.union(*OCCASIONS.values()))
"""Every occasion there is."""


def transition(build: Build, known: Iterable[Build]) -> Transition:
    """`known` may be anything that is stored; what does not come before it in its line is left out."""
    if build.phase is not BuildPhase.FINISHED:
        return Transition(Turn.WAITING if build.phase is BuildPhase.WAITING else Turn.STARTED)
    if build.result is None:
        return Transition(Turn.UNKNOWN)
    rule = RULES.get(build.tool, JENKINS)
    past = [b for b in _earlier(build, known) if b.result not in rule.skipped]
    turn = _turn(build, past, rule)
    broken = _broken(build, past, rule) if turn is Turn.FIXED else None
    return Transition(turn, broken, worse=bool(past) and _worse(build, past[0]))


def retold(build: Build, known: Iterable[Build]) -> list[Build]:
    """The later builds that mean something else now that this one is known, oldest first.

    Those after a success that is later, too, need no look: they are compared with that.
    """
    if not _ended(build):
        return []
    others = [b for b in known if b.key != build.key]
    changed: list[Build] = []
    well: list[Build] = []
    for each in sorted((b for b in others if _place(b) > _place(build) and same_line(b, build)), key=_place):
        if any(same_line(one, each) and _place(one) < _place(each) for one in well):
            continue
        if transition(each, others) != transition(each, [*others, build]):
            changed.append(each)
        if _ended(each) and each.result is BuildResult.SUCCESS:
            well.append(each)
    return changed


def occasions(build: Transition) -> frozenset[str]:
    """By which names a route may ask for it."""
    names = {"always", build.turn.value, *OCCASIONS.get(build.turn, ())}
    return frozenset(names | {"regression"} if build.worse else names)


def same_line(one: Build, other: Build) -> bool:
    """Builds that are compared: of one job and branch, of one pull request, or of the tags of one job.

    A build that ended before it knew its branch (the checkout failed) may have been of any.
    """
    if (one.source, one.job, one.pull_request) != (other.source, other.job, other.pull_request):
        return False
    if one.tag or other.tag:
        return bool(one.tag and other.tag)
    return one.branch == other.branch or None in (one.branch, other.branch)


def _earlier(build: Build, known: Iterable[Build]) -> list[Build]:
    """Ended ones, newest first, each once."""
    place = _place(build)
    before = {_place(b): b for b in known if _place(b) < place and _ended(b) and same_line(b, build)}
    return [before[at] for at in sorted(before, reverse=True)]


def _ended(build: Build) -> bool:
    return build.phase is BuildPhase.FINISHED and build.result is not None


def _place(build: Build) -> tuple[int, int]:
    return build.number, build.attempt


def _turn(build: Build, past: list[Build], rule: Rule) -> Turn:
    before = past[0] if past else None
    previous = before.result if before else None
    match build.result:
        case BuildResult.SUCCESS if previous in rule.mended and _was_well(past, rule):
            return Turn.FIXED
        case BuildResult.FAILURE if previous is BuildResult.FAILURE:
            return Turn.STILL_FAILING
        case BuildResult.FAILURE if previous is BuildResult.SUCCESS:
            return Turn.BROKEN
        case BuildResult.UNSTABLE if before and previous is BuildResult.UNSTABLE and _worse(build, before):
            return Turn.REGRESSION
        case result:
            return Turn(str(result))


def _was_well(past: list[Build], rule: Rule) -> bool:
    return not rule.well_before or any(b.result is BuildResult.SUCCESS for b in past)


def _broken(build: Build, past: list[Build], rule: Rule) -> float | None:
    """From the end of the first that failed to the end of this one."""
    first: Build | None = None
    for each in past:
        if each.result is BuildResult.SUCCESS:
            break
        first = each if each.result in rule.mended else first
    return max(0.0, (build.ended - first.ended).total_seconds()) if first else None


def _worse(build: Build, before: Build) -> bool:
    """A worse result, or other tests that fail, or more of them. What was not carried through is neither."""
    if build.result is None or before.result is None or build.result in HOSTED.skipped:
        return False
    if SEVERITY.index(build.result) != SEVERITY.index(before.result):
        return SEVERITY.index(build.result) > SEVERITY.index(before.result)
    new = set(build.failed_tests) - set(before.failed_tests)
    return (build.failed or 0) > (before.failed or 0) or bool(new and before.failed_tests)
