"""The four measures, each by its definition, told from rollouts and releases alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.core.events import Build, BuildPhase, Commit, Rollout
from bot.core.model import Table
from bot.core.release import Part, Release, build_part, commit_part, rollout_part
from bot.core.stats import Stats, measure
from bot.core.workload import Kind, Phase, Target
from tests.unit.talk import Talk

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TARGET = Target("production", "main", "micro", Kind.DEPLOYMENT, "adderservice")
COMMIT = Commit("github", "team/adder", "3f2a91c", AT - 60 * MINUTE, "Round")
BUILD = Build("jenkins", "adder", 418, BuildPhase.FINISHED, AT - 30 * MINUTE, revision="3f2a91c")


def rolled(minute: int, image: str = "3f2a91c", phase: Phase = Phase.PROVEN, **more: Any) -> Rollout:
    """From that minute on for two of them."""
    start = AT + minute * MINUTE
    end = start + 2 * MINUTE
    base = Rollout(f"r{minute}", TARGET, "adderservice", "deploy", 1, "t", image, "", phase, 1, 1, start, end)
    return replace(base, finished=end, **more)


def release(*parts: Part) -> dict[str, list[Release]]:
    return {"adderservice": [Release("r", "adderservice", AT, parts)]}


def test_what_became_healthy_or_failed_is_a_deployment_and_nothing_else() -> None:
    rollouts = [
        rolled(0),
        rolled(10, phase=Phase.FAILED),
        rolled(20, phase=Phase.PROGRESSING),
        rolled(30, phase=Phase.SUPERSEDED),
        rolled(40, verb="scale"),
        rolled(50, previous="3f2a91c"),
        rolled(60, verb="rollback"),
    ]
    assert (measure(rollouts, {}).deployments, measure(rollouts, {}).failed) == (2, 1)
    assert measure([], {}) == Stats()


def test_the_workloads_of_one_order_are_one_deployment_and_the_worst_of_them_counts() -> None:
    one, two = rolled(0, order="order:1"), rolled(1, phase=Phase.FAILED, order="order:1")
    assert (measure([one, two], {}).deployments, measure([one, two], {}).failed) == (1, 1)


def test_lead_time_is_from_the_merge_else_from_the_first_build() -> None:
    rollout = rolled(0)
    parts = (build_part(BUILD), rollout_part(rollout))
    assert measure([rollout], release(*parts)).leads == (32 * MINUTE,)
    assert measure([rollout], release(commit_part(COMMIT), *parts)).leads == (62 * MINUTE,)
    assert measure([rollout], release(rollout_part(rollout))).lead is None
    assert measure([rolled(0, phase=Phase.FAILED)], release(*parts)).leads == ()


def test_a_failure_is_restored_by_whatever_is_healthy_next() -> None:
    failed, mended = rolled(0, "bad", Phase.FAILED), rolled(10, "good", verb="rollback")
    assert measure([failed, mended], {}).restores == (10 * MINUTE,)
    assert measure([failed, rolled(5, "bad", Phase.FAILED)], {}).unrestored == 2
    other = replace(mended, service="webapp")
    assert measure([failed, other], {}).unrestored == 1


def test_what_was_healthy_and_rolled_back_failed_too() -> None:
    healthy, back = rolled(0, "bad"), rolled(30, "good", verb="rollback", previous="bad")
    found = measure([healthy, back], {})
    assert (found.deployments, found.failed, found.restores) == (1, 1, (2 * MINUTE,))
    other = measure([healthy, replace(back, previous="another")], {})
    assert other.failed == 0


def test_what_was_rolled_back_before_its_verdict_failed_too() -> None:
    """As people do it in the night: they do not wait until the bot is sure."""
    hasty, back = rolled(0, "bad", Phase.SUPERSEDED), rolled(1, "good", verb="rollback", previous="bad")
    found = measure([hasty, back], {})
    assert (found.deployments, found.failed, found.restores) == (1, 1, (2 * MINUTE,))
    assert measure([hasty, rolled(1, "better", previous="bad")], {}).deployments == 1
    beside = rolled(0, "bad", order="order:1")
    assert measure([beside, replace(hasty, order="order:1")], {}).failed == 0


PHASES = st.sampled_from([Phase.PROVEN, Phase.FAILED, Phase.SUPERSEDED])
MOVES = st.lists(st.tuples(st.integers(0, 500), PHASES, st.sampled_from(["deploy", "rollback"])), max_size=20)


@given(MOVES)
def test_no_measure_contradicts_another(moved: list[tuple[int, Phase, str]]) -> None:
    rollouts = [replace(rolled(at, phase=p, verb=v), key=f"{n}") for n, (at, p, v) in enumerate(moved)]
    found = measure(rollouts, {})
    assert 0 <= found.failed <= found.deployments <= len(rollouts)
    assert len(found.restores) + found.unrestored == found.failed
    assert all(length > timedelta(0) for length in found.restores)


def test_the_orders_tell_of_it(bot: Talk) -> None:
    bot.say("deploy adderservice 9ab01de to production")
    bot.say("deploy eventservice 77be001 to production")
    bot.pass_time(lambda: not bot.store.open_rollouts())
    told = bot.say("stats since 1d")
    assert told.title == "production · 2 deployments in 1 d, 1 failed"
    assert isinstance(told.table, Table)
    rows = {row[0]: row[1:] for row in told.table.rows}
    assert rows["deployment frequency"] == ("2.0 a day", "2 deployments")
    assert rows["change failure rate"] == ("50 %", "1 of 2 deployments")
    assert "(median)" in str(rows["lead time for changes"][0])
    assert bot.say("stats webapp").title == "webapp in production · no deployment was followed in the last 30 d"
    released = bot.say("releases eventservice")
    assert isinstance(released.table, Table)
    assert ("77be001", "production", "↩ 3f2a91c") in [row[:3] for row in released.table.rows]
