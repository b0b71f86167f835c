"""The judge says done exactly when `kubectl rollout status` does, and never while a pod is missing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.rollout import judge, was_available
from bot.core.workload import Condition, Kind, Phase, Target, Workload
from tests.unit.kubelet import workload

_EXCEEDED = 'ReplicaSet "rapp-7d9c8" has timed out progressing.'


def _target(kind: Kind) -> Target:
    return Target(environment="production", cluster="main", namespace="micro", kind=kind, name="app")


def _stands(kind: Kind = Kind.DEPLOYMENT, **changes: Any) -> Workload:
    counts = {"wanted": 3, "current": 3, "updated": 3, "ready": 3, "available": 3}
    return workload(target=_target(kind), **counts | changes)


@pytest.mark.parametrize("kind", Kind)
def test_all_new_and_available_is_done(kind: Kind) -> None:
    judged = judge(_stands(kind))
    assert (judged.phase, judged.ready, judged.wanted) == (Phase.DONE, 3, 3)


@pytest.mark.parametrize("kind", Kind)
def test_a_change_its_controller_has_not_seen_is_not_done(kind: Kind) -> None:
    assert judge(_stands(kind, generation=3)).reason == "not yet seen by its controller"
    assert judge(_stands(kind, generation=3)).phase is Phase.PROGRESSING


def test_what_its_controller_said_before_a_change_is_not_about_the_new_template() -> None:
    said = (Condition("Progressing", True, "NewReplicaSetAvailable"),)
    assert was_available(_stands(ready=2, conditions=said))
    assert not was_available(_stands(generation=3, conditions=said))


@pytest.mark.parametrize(
    ("changes", "ready", "reason"),
    [
        ({"updated": 1, "current": 4, "ready": 3, "available": 3}, 0, "1 waiting for readiness"),
        ({"updated": 1, "current": 4, "ready": 4, "available": 4}, 1, "2 still to be replaced"),
        ({"current": 4, "available": 4, "ready": 4}, 3, "1 old pod still ending"),
        ({"available": 2}, 2, "1 waiting for readiness"),
        ({"updated": 1, "current": 4, "available": 3, "updated_ready": 1}, 1, "2 still to be replaced"),
    ],
)
def test_a_deployment_on_its_way(changes: dict[str, Any], ready: int, reason: str) -> None:
    judged = judge(_stands(**changes))
    assert (judged.phase, judged.ready, judged.reason) == (Phase.PROGRESSING, ready, reason)


def test_nothing_wanted_and_nothing_there_is_done() -> None:
    none: dict[str, Any] = {"wanted": 0, "updated": 0, "ready": 0, "available": 0}
    assert judge(_stands(current=0, **none)).phase is Phase.DONE
    assert judge(_stands(current=2, **none)).phase is Phase.PROGRESSING


def test_the_deadline_is_the_end() -> None:
    conditions = (
        Condition(type="Available", status=True, reason="MinimumReplicasAvailable"),
        Condition(type="Progressing", status=False, reason="ProgressDeadlineExceeded", message=_EXCEEDED),
    )
    judged = judge(_stands(current=4, updated=1, deadline=60, conditions=conditions))
    assert (judged.phase, judged.reason) == (Phase.FAILED, "No progress within 1 min.")
    assert judged.detail == _EXCEEDED


def test_a_refused_pod_is_stuck_with_the_reason() -> None:
    said = 'pods "a" is forbidden: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1'
    refused = (Condition(type="ReplicaFailure", status=True, reason="FailedCreate", message=said),)
    judged = judge(_stands(updated=1, conditions=refused))
    assert judged.phase is Phase.STUCK
    assert (
        judged.reason == "No pod may be made: quota small is used up (requested pods=1, used pods=1, limited pods=1)."
    )
    assert judge(_stands(conditions=refused)).phase is Phase.DONE


def test_paused_is_neither_done_nor_stuck_unless_it_is_complete() -> None:
    assert judge(_stands(paused=True, updated=0)).phase is Phase.PAUSED
    assert judge(_stands(paused=True, generation=3)).phase is Phase.PAUSED
    assert judge(_stands(paused=True)).phase is Phase.DONE


def test_a_stateful_set_is_done_when_the_pods_from_the_partition_on_are() -> None:
    staged = _stands(Kind.STATEFUL_SET, partition=2, updated=1)
    judged = judge(staged)
    assert (judged.phase, judged.ready, judged.wanted) == (Phase.DONE, 1, 1)
    assert judged.reason == "2 pods below partition 2 left as before"
    assert judge(_stands(Kind.STATEFUL_SET, partition=2, updated=1, ready=2)).phase is Phase.PROGRESSING
    assert judge(_stands(Kind.STATEFUL_SET, partition=5, updated=0)).phase is Phase.DONE


def test_a_partition_means_nothing_to_other_kinds() -> None:
    assert judge(_stands(Kind.DAEMON_SET, partition=2, updated=1)).phase is Phase.PROGRESSING


@pytest.mark.parametrize("kind", [Kind.STATEFUL_SET, Kind.DAEMON_SET])
def test_on_delete_is_recorded_instead_of_waiting_for_ever(kind: Kind) -> None:
    judged = judge(_stands(kind, strategy="OnDelete", updated=1))
    assert (judged.phase, judged.reason) == (Phase.RECORDED, "recorded, 2 pods still old")
    assert judge(_stands(kind, strategy="OnDelete")).phase is Phase.DONE


_COUNTS = st.integers(min_value=0, max_value=6)


@given(
    kind=st.sampled_from(Kind),
    strategy=st.sampled_from(["RollingUpdate", "OnDelete", "Recreate"]),
    counts=st.fixed_dictionaries(dict.fromkeys(["wanted", "current", "updated", "ready", "available"], _COUNTS)),
    new=st.none() | _COUNTS,
    partition=_COUNTS,
    paused=st.booleans(),
    observed=st.integers(min_value=1, max_value=3),
)
def test_never_done_while_a_wanted_pod_is_not_ready(
    kind: Kind, strategy: str, counts: dict[str, int], new: int | None, partition: int, paused: bool, observed: int
) -> None:
    there = _stands(
        kind, strategy=strategy, updated_ready=new, partition=partition, paused=paused, observed=observed, **counts
    )
    judged = judge(there)
    assert 0 <= judged.ready <= judged.wanted <= there.wanted
    if judged.phase is Phase.DONE:
        assert judged.ready == judged.wanted
        assert (there.ready if kind is Kind.STATEFUL_SET else there.available) >= there.wanted
        assert there.observed >= there.generation
