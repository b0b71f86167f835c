"""The facts that go against what everybody believes about a node, each with the words that were recorded."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from bot.core.diagnosis import Diagnosis, diagnose, is_log, refine
from bot.core.rollout import judge
from bot.core.workload import ClusterEvent, Condition, ContainerStatus, Phase, Pod, Run
from tests.unit.kubelet import NOW, events, pod, recorded_pod, run, statuses, workload

GONE = "unable to retrieve container logs for containerd://0d3a"


def _why(*pods: Pod, case: str = "crash", **changes: object) -> Diagnosis | None:
    return diagnose(workload(**changes), pods, events(case), NOW)


def _found(*pods: Pod, case: str = "crash", **changes: object) -> Diagnosis:
    found = _why(*pods, case=case, **changes)
    assert found is not None
    return found


def _event(reason: str, message: str, name: str = "app-7d9c8-x2x4j", **changes: object) -> ClusterEvent:
    event = ClusterEvent(kind="Pod", name=name, reason=reason, message=message, at=NOW - timedelta(seconds=5))
    return replace(event, **changes)


def test_1_a_crash_loop_is_one_without_the_word() -> None:
    for state, status in enumerate(statuses("crash")):
        found = _found(recorded_pod("crash", state))
        assert found.code == "crash"
        assert found.certain == (status.restarts > 0)


def test_1_a_process_that_cannot_start_waits_for_run_container() -> None:
    found = _found(recorded_pod("no-command", 1), case="no-command")
    assert (found.code, found.certain) == ("start", True)


def test_1_what_crashed_long_ago_and_is_ready_is_well() -> None:
    calm = ContainerStatus(name="app", restarts=3, now=run("running", {}, ago=0, lived=86400), last=_ended(86400))
    assert _why(pod(calm, ready=True)) is None


def test_1_what_crashed_a_moment_ago_is_not_well_though_ready() -> None:
    status = statuses("crash")[3]
    assert _found(pod(status, ready=True)).code == "crash"
    assert diagnose(workload(), [pod(status, ready=True)], []) is None


@pytest.mark.parametrize(("state", "previous"), [(0, False), (1, False), (2, False), (3, True)])
def test_2_the_previous_log_is_asked_for_only_while_it_runs(state: int, previous: bool) -> None:
    assert _found(recorded_pod("crash", state)).previous is previous


def test_2_the_answer_for_a_log_that_is_gone_is_no_log_line() -> None:
    assert not is_log(GONE)
    assert is_log("panic: unable to retrieve container logs for tests")


def test_3_a_crash_without_a_readiness_probe_is_seen_though_kubectl_calls_it_rolled_out() -> None:
    progress = Condition(type="Progressing", status=True, reason="NewReplicaSetAvailable")
    available = Condition(type="Available", status=False, reason="MinimumReplicasUnavailable")
    there = workload(wanted=1, current=1, updated=1, ready=0, available=0, conditions=(progress, available))
    assert judge(there).phase is Phase.PROGRESSING
    assert judge(replace(there, ready=1, available=1)).phase is Phase.DONE
    found = diagnose(there, [recorded_pod("crash", 1)], [], NOW)
    assert found is not None
    assert found.certain


def test_4_a_missing_tag_and_a_missing_repository_both_read_not_found() -> None:
    for case in ("missing-tag", "missing-repo"):
        found = _found(recorded_pod(case, 0), case=case)
        assert found.sentence.endswith(": not found.")
        assert "rpc error" not in found.sentence


def test_5_an_older_node_says_the_cause_in_an_event_only() -> None:
    waiting = Run(state="waiting", reason="ImagePullBackOff", message='Back-off pulling image "127.0.0.1:15000/app:9"')
    bare = pod(ContainerStatus(name="app", restarts=0, now=waiting))
    assert _found(bare, case="missing-tag").sentence == "Cannot pull 127.0.0.1:15000/app:9: not found."
    assert _found(bare, case="crash").sentence == "Cannot pull 127.0.0.1:15000/app:9."


def test_5_either_of_the_two_waiting_reasons_is_enough() -> None:
    first, second = (_found(recorded_pod("missing-tag", i), case="missing-tag") for i in (0, 1))
    assert first == second


def test_5_a_registry_that_is_away_is_certain_once_the_node_backs_off() -> None:
    first = recorded_pod("registry-down")
    assert not _found(first, case="registry-down").certain
    status = first.containers[0]
    later = replace(status, now=replace(status.now, reason="ImagePullBackOff"))
    assert _found(pod(later), case="registry-down").certain


def test_6_a_missing_volume_stands_in_the_event_alone() -> None:
    there = recorded_pod("no-configmap-vol")
    assert _found(there, case="no-configmap-vol").code == "mount"
    assert diagnose(workload(), [there], [], NOW) is None
    assert _found(recorded_pod("no-configmap-env"), case="no-configmap-env").code == "config"


def test_7_a_readiness_failure_stands_in_the_event_alone_and_its_count_means_nothing() -> None:
    there = recorded_pod("unready-404")
    assert diagnose(workload(), [there], [], NOW) is None
    often = [replace(e, count=25) for e in events("unready-404")]
    assert diagnose(workload(), [there], often, NOW) == _found(there, case="unready-404")
    young = pod(ContainerStatus(name="app", restarts=0, now=run("running", {}, ago=0, lived=5)))
    assert not _found(young, case="unready-404").certain


def test_8_a_killed_child_leaves_the_exit_code_of_its_parent() -> None:
    assert "exit 5" in _found(recorded_pod("oom-child"), case="oom-child").sentence
    assert "exit" not in _found(recorded_pod("oom"), case="oom").sentence


def test_9_a_scheduler_event_without_a_count_is_enough() -> None:
    there = recorded_pod("too-big")
    silent = replace(there, conditions=(Condition(type="PodScheduled", status=False, reason="Unschedulable"),))
    assert "1 Insufficient cpu" in _found(silent, case="too-big").sentence


def test_9_room_may_still_be_made() -> None:
    young = recorded_pod("too-big", created=NOW - timedelta(seconds=5))
    assert not _found(young, case="too-big").certain
    assert _found(recorded_pod("no-pvc", created=NOW), case="no-pvc").certain
    growing = [*events("too-big"), _event("TriggeredScaleUp", "pod triggered scale-up")]
    found = diagnose(workload(), [recorded_pod("too-big")], growing, NOW)
    assert found is not None
    assert not found.certain


def test_10_an_evicted_pod_has_no_log_and_counts_only_while_pods_are_missing() -> None:
    dead = ContainerStatus(name="app", restarts=0, now=Run(state="terminated", reason="Error", exit_code=137))
    message = "The node was low on resource: memory. Threshold quantity: 100Mi, available: 84Mi. "
    evicted = pod(dead, phase="Failed", reason="Evicted", message=message)
    found = _found(evicted)
    assert found.sentence == "Evicted from node1: The node was low on resource: memory."
    assert (found.code, found.previous) == ("evicted", None)
    well = pod(ContainerStatus(name="app", restarts=0, now=run("running", {})), name="app-7d9c8-new", ready=True)
    assert _why(evicted, well, wanted=1) is None


def test_11_a_pod_without_a_node_has_no_log() -> None:
    assert _found(recorded_pod("no-node"), case="no-node").previous is None


def test_12_a_quota_leaves_no_pod_but_a_condition() -> None:
    said = 'pods "app-7d9c8-x" is forbidden: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1'
    failure = Condition(type="ReplicaFailure", status=True, reason="FailedCreate", message=said)
    found = _found(conditions=(failure,))
    assert (found.code, found.pods_affected, found.pod) == ("quota", 3, "")
    assert judge(workload(conditions=(failure,))).phase is Phase.STUCK
    combined = _event("FailedCreate", f"(combined from similar events): Error creating: {said}", kind="ReplicaSet")
    by_event = diagnose(workload(), [], [combined], NOW)
    assert by_event is not None
    assert by_event.sentence == found.sentence


def test_12_a_quota_that_was_widened_is_no_longer_a_cause() -> None:
    refused = events("no-account")
    made = replace(refused[0], reason="SuccessfulCreate", message="Created pod: app-7d9c8-x", at=NOW)
    assert diagnose(workload(), [], [*refused, made], NOW) is None


def test_13_only_the_events_know_that_a_probe_killed_it() -> None:
    there = recorded_pod("unlive", 1)
    assert _found(there, case="unlive").code == "liveness"
    by_status = diagnose(workload(), [there], [], NOW)
    assert by_status is not None
    assert by_status.sentence == "Crashes at start: exit 137 (SIGKILL), restarted 4 times."


def test_13_a_probe_that_killed_it_long_ago_is_not_the_cause() -> None:
    assert diagnose(workload(), [recorded_pod("unlive", 1)], events("unlive", ago=1800), NOW) != _found(
        recorded_pod("unlive", 1), case="unlive"
    )


def test_14_pods_that_are_ending_are_nobodys_trouble() -> None:
    assert _why(recorded_pod("crash", deleting=True)) is None


def test_15_events_name_their_container_outside_the_message() -> None:
    proxy = ContainerStatus(name="proxy", restarts=0, now=run("running", {}, ago=120))
    app = replace(proxy, name="app")
    found = _found(pod(proxy, app), case="unready-404")
    assert (found.container, found.sentence) == ("app", "Container app: not ready: readiness probe answers HTTP 404.")


def test_16_a_lost_node_shows_in_the_condition_alone() -> None:
    running = ContainerStatus(name="app", restarts=0, now=run("running", {}, ago=600))
    wordless = pod(running, conditions=(Condition(type="Ready", status=False),))
    found = diagnose(workload(), [wordless, replace(wordless, name="app-7d9c8-2")], [], NOW)
    assert found is not None
    assert (found.code, found.sentence) == ("node_lost", "Lost with its node: node1 does not answer.")
    assert (found.pods_affected, found.previous, found.certain) == (2, None, True)
    told = diagnose(workload(), [pod(running)], [_event("NodeNotReady", "Node is not ready")], NOW)
    assert told is not None
    assert told.code == "node_lost"


def test_17_lines_that_the_node_kept_are_kept_in_the_order_they_came() -> None:
    assert _found(recorded_pod("crash-fallback", 0)).lines == ("starting", "panic: no database")
    assert _found(recorded_pod("crash-fallback", 3)).lines == ("panic: no database", "starting")


@pytest.mark.parametrize(
    ("code", "words"), [(139, "exit 139 (SIGSEGV)"), (137, "exit 137 (SIGKILL)"), (128, "exit 128"), (200, "exit 200")]
)
def test_18_exit_codes_above_128_are_signals(code: int, words: str) -> None:
    dead = run("terminated", {"exitCode": code, "reason": "Error"}, lived=90)
    found = _found(pod(ContainerStatus(name="app", restarts=1, now=dead)))
    assert found.sentence == f"Crashes: {words} after 1 min 30 s, restarted once."


def test_a_container_that_ends_well_does_not_stay_up_either() -> None:
    dead = run("terminated", {"exitCode": 0, "reason": "Completed"})
    assert _found(pod(ContainerStatus(name="app", restarts=2, now=dead))).sentence.startswith("Ends by itself: exit 0")


def test_a_binary_for_another_processor_is_named() -> None:
    found = _found(recorded_pod("crash", 1))
    assert refine(found, ["starting"]) == found
    assert refine(found, ["exec /app: exec format error"]).code == "architecture"
    said = 'failed to pull and unpack image "r.io/a:1": no match for platform in manifest: not found'
    waiting = Run(state="waiting", reason="ErrImagePull", message=said)
    pulling = pod(ContainerStatus(name="app", restarts=0, now=waiting))
    assert _found(pulling).sentence == "r.io/a:1 is not built for the node's architecture."


def test_only_the_newest_template_counts() -> None:
    assert _why(recorded_pod("crash", template="old")) is None


def test_what_most_pods_suffer_from_is_told_first() -> None:
    crashing = [recorded_pod("crash", 1, name=f"app-7d9c8-{i}") for i in range(3)]
    found = _found(recorded_pod("oom", 0, name="app-7d9c8-a"), *crashing)
    assert (found.code, found.pods_affected) == ("crash", 3)


def _ended(ago: float) -> Run:
    return run("terminated", {"exitCode": 3, "reason": "Error"}, ago=ago)
