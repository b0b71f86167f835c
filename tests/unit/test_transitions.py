"""What a build means after those before it, in whatever order, and however often, it was told."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.core.events import Build, BuildPhase, BuildResult
from bot.core.transitions import Transition, Turn, occasions, retold, transition

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LETTERS = {
    "S": BuildResult.SUCCESS,
    "F": BuildResult.FAILURE,
    "U": BuildResult.UNSTABLE,
    "A": BuildResult.ABORTED,
    "N": BuildResult.NOT_BUILT,
    "E": BuildResult.ERRORED,
}
TOOLS = ("jenkins", "travis", "github", "gitlab", "generic")


def build(number: int, result: BuildResult | None = BuildResult.SUCCESS, tool: str = "jenkins") -> Build:
    """One every ten minutes, each of which takes one."""
    started = NOON + timedelta(minutes=10 * number)
    return Build("ci", "adder", number, BuildPhase.FINISHED, started, result, branch="main", seconds=60.0, tool=tool)


def history(letters: str, tool: str = "jenkins") -> list[Build]:
    return [build(number, LETTERS[letter], tool) for number, letter in enumerate(letters, 1)]


def last(letters: str, tool: str = "jenkins") -> Transition:
    builds = history(letters, tool)
    return transition(builds[-1], builds)


@pytest.mark.parametrize(
    ("letters", "turn"),
    [
        ("S", Turn.SUCCESS),
        ("SS", Turn.SUCCESS),
        ("F", Turn.FAILURE),
        ("SF", Turn.BROKEN),
        ("SFF", Turn.STILL_FAILING),
        ("SFAF", Turn.STILL_FAILING),
        ("SFS", Turn.FIXED),
        ("SUS", Turn.FIXED),
        ("SFAAS", Turn.FIXED),
        ("FS", Turn.SUCCESS),
        ("FFS", Turn.SUCCESS),
        ("SFNS", Turn.SUCCESS),
        ("SUF", Turn.FAILURE),
        ("SU", Turn.UNSTABLE),
        ("SUU", Turn.UNSTABLE),
        ("SFA", Turn.ABORTED),
        ("SN", Turn.NOT_BUILT),
    ],
)
def test_as_jenkins_tells_it(letters: str, turn: Turn) -> None:
    assert last(letters).turn is turn


@pytest.mark.parametrize(
    ("letters", "turn"),
    [
        ("S", Turn.SUCCESS),
        ("F", Turn.FAILURE),
        ("SF", Turn.BROKEN),
        ("FF", Turn.STILL_FAILING),
        ("FS", Turn.FIXED),
        ("ES", Turn.SUCCESS),
        ("EF", Turn.FAILURE),
        ("SFE", Turn.ERRORED),
        ("SFAF", Turn.FAILURE),
        ("SFA", Turn.ABORTED),
    ],
)
def test_as_travis_tells_it(letters: str, turn: Turn) -> None:
    """It compares with the one before, whatever became of that."""
    assert last(letters, "travis").turn is turn


def test_where_runs_are_cancelled_by_the_next_one_they_are_looked_past() -> None:
    assert last("SFAF", "github").turn is Turn.STILL_FAILING
    assert last("SFNS", "gitlab").turn is Turn.FIXED


def test_time_broken_is_from_the_end_of_the_first_failure_to_the_end_of_this() -> None:
    assert last("SFFS").broken == 2 * 600
    assert last("SUFAS").broken == 3 * 600
    assert last("FSFS").broken == 600
    assert last("SS").broken is None


def test_more_or_other_failing_tests_are_a_regression() -> None:
    one = replace(build(1, BuildResult.UNSTABLE), failed=1, failed_tests=("a",))
    two = build(2, BuildResult.UNSTABLE)
    same, more = replace(two, failed=1, failed_tests=("a",)), replace(two, failed=2, failed_tests=("a", "b"))
    other = replace(two, failed=1, failed_tests=("b",))
    assert transition(same, [one]).turn is Turn.UNSTABLE
    assert transition(more, [one]).turn is Turn.REGRESSION
    assert transition(other, [one]).turn is Turn.REGRESSION
    assert last("SF").worse
    assert not last("SA").worse


def test_what_is_not_over_compares_with_nothing() -> None:
    running = replace(build(2, None), phase=BuildPhase.STARTED)
    assert transition(running, [build(1, BuildResult.FAILURE)]) == Transition(Turn.STARTED)
    assert transition(build(3), [build(1), running]).turn is Turn.SUCCESS
    assert transition(build(2, None), []).turn is Turn.UNKNOWN


def test_each_branch_job_source_and_pull_request_has_its_own_line() -> None:
    failed = build(1, BuildResult.FAILURE, "travis")
    again = build(2, BuildResult.FAILURE, "travis")
    for other in (
        replace(again, branch="rounding"),
        replace(again, job="other"),
        replace(again, source="other"),
        replace(again, pull_request=7),
        replace(again, branch="v1", tag="v1"),
    ):
        assert transition(other, [failed]).turn is Turn.FAILURE
    assert transition(again, [failed]).turn is Turn.STILL_FAILING


def test_tags_are_compared_with_the_tags_of_their_job() -> None:
    first = replace(build(1, BuildResult.FAILURE, "travis"), branch="v1", tag="v1")
    second = replace(build(2, BuildResult.SUCCESS, "travis"), branch="v2", tag="v2")
    assert transition(second, [first]).turn is Turn.FIXED


def test_a_failure_before_the_checkout_belongs_to_whatever_is_built_next() -> None:
    lost = replace(build(2, BuildResult.FAILURE), branch=None)
    assert transition(build(3), [build(1), lost]).turn is Turn.FIXED
    assert transition(lost, [build(1)]).turn is Turn.BROKEN


def test_a_second_attempt_comes_after_the_first() -> None:
    first = build(1, BuildResult.FAILURE, "github")
    second = replace(build(1, BuildResult.SUCCESS, "github"), attempt=2)
    assert second.key != first.key
    assert transition(second, [first, second]).turn is Turn.FIXED


def test_routes_ask_by_name() -> None:
    broken, fixed, started = last("SF"), last("SFS"), Transition(Turn.STARTED)
    assert occasions(broken) == {"always", "broken", "failure", "change", "regression"}
    assert occasions(fixed) == {"always", "fixed", "success", "change"}
    assert occasions(last("SFF")) == {"always", "still failing", "failure"}
    assert occasions(started) == {"always", "started"}


HISTORIES = st.text(st.sampled_from("SFUANE"), min_size=1, max_size=9)


@given(HISTORIES, st.sampled_from(TOOLS), st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_changes_a_word(letters: str, tool: str, random: Random) -> None:
    builds = history(letters, tool)
    expected = {b.key: transition(b, builds) for b in builds}
    told = [*builds, *builds]
    random.shuffle(told)
    assert {b.key: transition(b, told) for b in told} == expected


@given(HISTORIES, st.sampled_from(TOOLS), st.randoms(use_true_random=False))
def test_what_is_said_is_right_in_the_end_if_retold_is_heeded(letters: str, tool: str, random: Random) -> None:
    """As the announcer does it: each is said as it comes, and those are said again that it changes."""
    builds = [replace(b, branch=random.choice(["main", "dev", None])) for b in history(letters, tool)]
    arriving = [*builds, *builds[::2]]
    random.shuffle(arriving)
    known: dict[str, Build] = {}
    said: dict[str, Transition] = {}
    for each in arriving:
        if each.key in known:
            continue
        known[each.key] = each
        for b in (each, *retold(each, known.values())):
            said[b.key] = transition(b, known.values())
    assert said == {b.key: transition(b, builds) for b in builds}


@given(HISTORIES, st.sampled_from(TOOLS))
def test_what_comes_later_never_changes_what_came_before(letters: str, tool: str) -> None:
    builds = history(letters, tool)
    for number, each in enumerate(builds):
        assert transition(each, builds) == transition(each, builds[: number + 1])
    assert retold(builds[-1], builds) == []
