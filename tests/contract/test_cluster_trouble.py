"""The Cluster port: what goes wrong on a node or in a namespace, in the cluster's own words."""

from collections.abc import Iterator

import pytest

from bot.core.errors import NotFound
from bot.core.workload import ClusterEvent, Image, Kind, SetImage, Undo
from tests.contract.cluster_kit import IMPLEMENTATIONS, Bench, Wanted, bench

NEVER_A_LOG_LINE = "unable to retrieve container logs"


@pytest.fixture(params=IMPLEMENTATIONS)
def bot(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with bench(request.param) as made:
        yield made


def deploy(bot: Bench, tag: str, wanted: Wanted | None = None) -> None:
    bot.do(bot.running(wanted or Wanted()), SetImage("app", Image("registry.local/adder", tag)))


def event(bot: Bench, reason: str, words: str = "") -> ClusterEvent:
    def found() -> list[ClusterEvent]:
        return [e for e in bot.cluster.events(bot.look()) if e.reason == reason and words in e.message]

    return bot.kit.until(found, f"event {reason}")[0]


def log(bot: Bench, *, previous: bool) -> list[str]:
    return bot.cluster.logs(bot.new_pods()[0], "app", previous=previous)


def test_a_missing_image_says_so_in_the_runtimes_words(bot: Bench) -> None:
    deploy(bot, "missing")
    image = "registry.local/adder:missing"
    cause = f'failed to pull and unpack image "{image}": failed to resolve image: {image}: not found'
    assert cause in bot.trouble("ErrImagePull").containers[0].now.message
    pod = bot.trouble("ImagePullBackOff")
    assert pod.containers[0].now.message.startswith(f'Back-off pulling image "{image}": ErrImagePull: ')
    assert cause in pod.containers[0].now.message
    assert (pod.phase, pod.ready) == ("Pending", False)
    assert bot.look().available == 3


def test_a_missing_image_shows_in_the_events(bot: Bench) -> None:
    deploy(bot, "missing")
    assert event(bot, "Failed", "Failed to pull image").warning
    assert not event(bot, "BackOff", "Back-off pulling image").warning
    assert event(bot, "Failed", "Error: ErrImagePull").container == "app"


def test_a_container_that_never_ran_has_no_log_yet(bot: Bench) -> None:
    deploy(bot, "missing")
    pod = bot.trouble("ImagePullBackOff")
    assert bot.cluster.logs(pod, "app") == []
    with pytest.raises(NotFound):
        bot.cluster.logs(pod, "app", previous=True)


def test_a_crash_loop_counts_its_restarts_and_names_its_exit(bot: Bench) -> None:
    deploy(bot, "crash-3")
    bot.kit.until(lambda: any(p.restarts >= 2 for p in bot.new_pods()), "two restarts")
    bot.kit.until(lambda: any(p.containers[0].now.state != "running" for p in bot.new_pods()), "it lies dead")
    pod = max(bot.new_pods(), key=lambda p: p.restarts)
    runs = [run for run in (pod.containers[0].now, pod.containers[0].last) if run and run.state == "terminated"]
    assert {(run.reason, run.exit_code) for run in runs} == {("Error", 3)}
    assert all(run.started and run.finished and run.started <= run.finished for run in runs)
    assert (pod.phase, pod.ready) == ("Running", False)


def test_a_crash_loop_says_crash_loop_only_now_and_then(bot: Bench) -> None:
    deploy(bot, "crash-3")
    pod = bot.trouble("CrashLoopBackOff")
    now, last = pod.containers[0].now, pod.containers[0].last
    assert f"restarting failed container=app pod={pod.name}_{pod.namespace}(" in now.message
    assert last is not None
    assert (last.state, last.exit_code) == ("terminated", 3)
    backoff = event(bot, "BackOff", "Back-off restarting failed container app in pod")
    assert (backoff.kind, backoff.warning) == ("Pod", True)


def test_both_logs_of_a_crash_loop_come_in_every_state(bot: Bench) -> None:
    """A node keeps one dead container; whoever asks for the previous one means the last that died."""
    deploy(bot, "crash-3")
    bot.kit.until(lambda: any(p.restarts >= 1 for p in bot.new_pods()), "a restart")
    seen: set[str] = set()

    def in_every_state() -> bool:
        seen.update(p.containers[0].now.state for p in bot.new_pods())
        lines = log(bot, previous=True)
        assert lines[0] == "starting"
        assert lines[-1] == "panic: no database"
        assert not any(NEVER_A_LOG_LINE in line for line in log(bot, previous=False))
        return {"terminated", "running", "waiting"} <= seen

    bot.kit.until(in_every_state, "terminated, waiting and running again")
    bot.kit.until(lambda: "panic: no database" in log(bot, previous=False), "the log of the one that just died")


def test_killed_for_memory_says_oomkilled(bot: Bench) -> None:
    deploy(bot, "oom")
    run = bot.trouble("OOMKilled").containers[0].now
    assert (run.state, run.exit_code) == ("terminated", 137)


def test_killed_by_its_liveness_probe_backs_off_at_once_and_only_events_say_why(bot: Bench) -> None:
    deploy(bot, "unlive")
    assert event(bot, "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 404").warning
    killing = event(bot, "Killing", "Container app failed liveness probe, will be restarted")
    assert (killing.container, killing.warning) == ("app", False)
    pod = bot.trouble("CrashLoopBackOff")
    last = pod.containers[0].last
    assert last is not None
    assert (last.reason, last.exit_code, pod.restarts > 0) == ("Error", 137, True)
    assert event(bot, "BackOff", "Back-off restarting failed container app in pod")


def test_what_cannot_be_mounted_stands_in_an_event_of_the_pod_alone(bot: Bench) -> None:
    deploy(bot, "unmounted")
    mount = event(bot, "FailedMount", 'MountVolume.SetUp failed for volume "settings" : configmap "settings" not found')
    assert (mount.kind, mount.container, mount.warning) == ("Pod", None, True)
    pod = bot.trouble("ContainerCreating")
    assert (pod.phase, pod.containers[0].now.message) == ("Pending", "")


def test_a_binary_for_another_processor_says_so_in_its_log_alone(bot: Bench) -> None:
    deploy(bot, "foreign")
    run = bot.trouble("Error").containers[0].now
    assert (run.exit_code, run.message) == (255, "")
    assert log(bot, previous=False) == ["exec /app: exec format error"]


def test_never_ready_runs_until_the_deadline(bot: Bench) -> None:
    deploy(bot, "unready", Wanted(deadline=2))
    assert "Readiness probe failed: HTTP probe failed" in event(bot, "Unhealthy").message
    said = bot.condition("Progressing", "ProgressDeadlineExceeded")
    assert said.startswith('ReplicaSet "adder-')
    assert said.endswith('" has timed out progressing.')
    workload, pod = bot.look(), bot.new_pods()[0]
    assert (workload.current, workload.updated, workload.available) == (4, 1, 3)
    assert pod.containers[0].now.state == "running"
    ready = next(c for c in pod.conditions if c.type == "Ready")
    assert (ready.status, ready.reason) == (False, "ContainersNotReady")
    assert ready.message == "containers with unready status: [app]"


def test_going_back_heals_a_missed_deadline(bot: Bench) -> None:
    deploy(bot, "unready", Wanted(deadline=2))
    bot.condition("Progressing", "ProgressDeadlineExceeded")
    bot.do(bot.look(), Undo(1))
    bot.condition("Progressing", "NewReplicaSetAvailable")
    assert bot.rolled_out().revision == 3


def test_without_a_readiness_probe_a_crash_counts_as_rolled_out(bot: Bench) -> None:
    deploy(bot, "crash", Wanted(readiness=False, replicas=1))
    said = bot.condition("Progressing", "NewReplicaSetAvailable")
    assert said.endswith("has successfully progressed.")
    bot.kit.until(lambda: any(p.restarts >= 1 for p in bot.new_pods()), "a restart")
    bot.condition("Available", "MinimumReplicasUnavailable")
    progressing = bot.look().condition("Progressing")
    assert progressing is not None
    assert (progressing.status, progressing.reason) == (True, "NewReplicaSetAvailable")


def test_a_quota_refuses_the_surge(bot: Bench) -> None:
    bot.running(Wanted())
    bot.kit.set_quota(3)
    bot.do(bot.look(), SetImage("app", Image("registry.local/adder", "2")))
    said = bot.condition("ReplicaFailure", "FailedCreate")
    assert "is forbidden: exceeded quota: " in said
    assert said.endswith("requested: pods=1, used: pods=3, limited: pods=3")
    assert event(bot, "FailedCreate", "exceeded quota").kind == "ReplicaSet"
    assert bot.look().available == 3
    bot.kit.set_quota(4)
    bot.rolled_out()
    assert bot.look().condition("ReplicaFailure") is None


def test_the_log_of_a_healthy_container_is_bounded(bot: Bench) -> None:
    workload = bot.running(Wanted(replicas=1))
    pod = bot.cluster.pods(workload)[0]
    bot.kit.until(lambda: len(bot.cluster.logs(pod, "app")) >= 2, "two lines")
    assert len(bot.cluster.logs(pod, "app", lines=1)) == 1
    with pytest.raises(NotFound):
        bot.cluster.logs(pod, "app", previous=True)
    with pytest.raises(NotFound):
        bot.cluster.logs(pod, "nope")


def test_events_tell_the_rollout_in_order(bot: Bench) -> None:
    deploy(bot, "2", Wanted(replicas=1))
    events = bot.cluster.events(bot.rolled_out())
    assert [e.at for e in events] == sorted(e.at for e in events)
    kinds = {(e.kind, e.reason) for e in events}
    assert {("Deployment", "ScalingReplicaSet"), ("ReplicaSet", "SuccessfulCreate"), ("Pod", "Started")} <= kinds


def test_a_stateful_set_goes_from_the_highest_down_and_waits_there(bot: Bench) -> None:
    deploy(bot, "missing", Wanted(kind=Kind.STATEFUL_SET))
    bot.kit.until(lambda: bot.new_pods() and bot.new_pods()[0].containers[0].now.reason == "ErrImagePull", "trouble")
    assert [p.name for p in bot.new_pods()] == ["adder-2"]
    assert bot.look().updated == 1
    assert {p.workload for p in bot.cluster.pods(bot.look())} == {"adder"}


def test_a_broken_pod_of_a_stateful_set_holds_up_going_back_until_it_is_deleted(bot: Bench) -> None:
    """Kubernetes waits for the broken pod to become ready, whatever is wanted instead."""
    deploy(bot, "missing", Wanted(kind=Kind.STATEFUL_SET, replicas=2))
    broken = bot.trouble("ImagePullBackOff").name
    bot.do(bot.look(), Undo(1))
    bot.kit.until(lambda: bot.look().revision == 3, "going back seen by its controller")
    assert [p.name for p in bot.cluster.pods(bot.look()) if not p.ready] == [broken]
    bot.kit.delete_pod(broken)
    assert bot.rolled_out().ready == 2


def test_a_partition_leaves_the_lower_ones_as_they_were(bot: Bench) -> None:
    deploy(bot, "2", Wanted(kind=Kind.STATEFUL_SET, partition=2))
    bot.kit.until(lambda: bot.look().updated == 1 and bot.look().ready == 3, "the highest one replaced")
    assert [p.name for p in bot.new_pods()] == ["adder-2"]
    assert bot.look().partition == 2


def test_on_delete_only_records(bot: Bench) -> None:
    deploy(bot, "2", Wanted(kind=Kind.DAEMON_SET, strategy="OnDelete"))
    bot.kit.until(lambda: bot.look().observed == bot.look().generation, "seen by its controller")
    found = bot.look()
    assert (found.strategy, found.updated, found.available) == ("OnDelete", 0, found.wanted)


def test_recreate_ends_the_old_ones_first(bot: Bench) -> None:
    deploy(bot, "2", Wanted(strategy="Recreate"))
    bot.kit.until(lambda: bot.look().available == 0, "all old ones gone")
    assert bot.rolled_out().strategy == "Recreate"
