"""When trouble begins and ends, on pods as a real node wrote them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.core.events import Incident
from bot.core.incident import BELIEVED, RECENT, begin, breaks, goes_on, incident_notice, recovering, trouble
from bot.core.workload import ContainerStatus, Pod, Run
from tests.unit.kubelet import NOW, cases, events, pod, recorded_pod, statuses, workload

UTC_ZONE = ZoneInfo("UTC")
TOLD = {
    "missing-tag": "image_pull",
    "missing-repo": "image_pull",
    "registry-auth": "image_pull",
    "bad-image-name": "image_pull",
    "never-pull": "image_pull",
    "crash": "crash",
    "crash-fallback": "crash",
    "no-command": "start",
    "oom": "oom",
    "oom-child": "oom",
    "post-start": "hook",
    "unlive": "liveness",
    "no-configmap-env": "config",
    "init-crash": "init",
}
# A registry that does not answer is told once the node backs off: the recording ends before.
RUNS = Run("running", started=NOW - timedelta(minutes=3))
HEALTHY = pod(ContainerStatus("app", 0, RUNS), ready=True)


def codes(case: str) -> set[str]:
    """What is told of it in any of its recorded states."""
    told = [trouble(workload(), [recorded_pod(case, n)], events(case), NOW) for n in range(max(1, len(statuses(case))))]
    return {found.code for found in told if found}


@pytest.mark.parametrize("case", [c for c in cases() if c != "job-fails"])
def test_what_a_node_wrote_is_told_or_is_nobodys_night(case: str) -> None:
    assert codes(case) <= {TOLD.get(case, ""), "crash"} - {""}
    assert bool(codes(case)) is (case in TOLD)


def died(seconds_ago: float, *, restarts: int = 1, reason: str = "Error") -> Pod:
    dead = Run("terminated", reason, exit_code=1, finished=NOW - timedelta(seconds=seconds_ago))
    return pod(ContainerStatus("app", restarts, RUNS, dead), ready=True)


def test_a_healthy_pod_is_passed_over() -> None:
    assert not breaks(HEALTHY, NOW)
    assert not recovering(HEALTHY, NOW)


def test_one_death_after_weeks_is_no_crash_loop_whatever_its_count() -> None:
    assert not breaks(died(5, restarts=40), NOW)


def test_one_kill_for_memory_is_told() -> None:
    killed = died(5, reason="OOMKilled")
    assert breaks(killed, NOW)
    found = trouble(workload(), [killed], [], NOW)
    assert found is not None
    assert found.code == "oom"


def test_it_is_not_calm_between_two_deaths() -> None:
    assert recovering(died(60), NOW)
    assert not recovering(died(RECENT.total_seconds() + 1), NOW)


def begun() -> Incident:
    crashing = recorded_pod("crash", -1)
    found = trouble(workload(), [crashing], events("crash"), NOW)
    if found is None:
        found = trouble(workload(), [recorded_pod("crash", 2)], events("crash"), NOW)
    assert found is not None
    return begin(workload(), "app", found, NOW)


def later(incident: Incident, minutes: float, *pods: Pod) -> Incident:
    now = NOW + timedelta(minutes=minutes)
    return goes_on(incident, trouble(workload(), pods, [], now), workload(), pods, now)


def test_it_ends_calms_and_is_believed() -> None:
    calm = later(begun(), 25, HEALTHY)
    assert calm.calm_since is not None
    assert not calm.over
    assert not later(calm, 40, HEALTHY).over
    assert later(calm, 25 + BELIEVED.total_seconds() / 60, HEALTHY).over


def test_a_workload_whose_pods_were_not_seen_yet_is_not_calm() -> None:
    assert later(begun(), 25).calm_since is None


def test_what_comes_back_is_the_same_one_and_counted() -> None:
    calm = later(begun(), 25, HEALTHY)
    waiting = Run("waiting", "CrashLoopBackOff", "back-off")
    dead = Run("terminated", "Error", exit_code=3, finished=NOW + timedelta(minutes=29))
    again = later(calm, 30, pod(ContainerStatus("app", 9, waiting, dead)))
    assert (again.key, again.times, again.calm_since) == (calm.key, 2, None)
    assert "2 times so far" in incident_notice(again, UTC_ZONE).body


@given(st.lists(st.sampled_from(["bad", "good", "nothing"]), max_size=30))
def test_whatever_is_seen_it_is_one_and_ends_once(seen: list[str]) -> None:
    """Its key and its beginning stay, it is over only after it was calm, and then nothing changes it any more."""
    incident = begun()
    waiting = pod(ContainerStatus("app", 9, Run("waiting", "CrashLoopBackOff", "b"), Run("terminated", exit_code=1)))
    pods = {"bad": (waiting,), "good": (HEALTHY,), "nothing": ()}
    counted = 1
    for number, what in enumerate(seen):
        before, incident = incident, later(incident, 10.0 * (number + 1), *pods[what])
        assert (incident.key, incident.started) == (before.key, before.started)
        assert incident.times >= counted
        assert not incident.over or incident.calm_since
        counted = incident.times
        if incident.over:
            break


def test_words_that_only_count_change_once_a_minute() -> None:
    incident = begun()
    again = replace(recorded_pod("crash", -1))
    soon = NOW + timedelta(seconds=20)
    found = trouble(workload(), [again], events("crash"), soon)
    assert goes_on(incident, found, workload(), [again], soon) == incident


def test_the_end_says_how_long_it_lasted() -> None:
    calm = replace(begun(), calm_since=datetime.fromisoformat("2026-11-20T12:25:00+00:00"))
    assert incident_notice(calm, UTC_ZONE).title.endswith("· calm again since 12:25 UTC, after 25 min")
