"""Whatever people do to the simulated cluster, in whatever order, the rules of Kubernetes hold."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cluster.memory import Spec, single
from bot.cluster.memory.spec import surge, unavailable
from bot.core.workload import Action, Image, Kind, Pause, Restart, Resume, Scale, SetImage, Undo
from tests.unit.memory_room import NS, Room

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ACTIONS: list[Action] = [
    *(SetImage("app", Image("adder", tag)) for tag in ("1", "2", "missing", "crash-2", "unready")),
    *(Scale(n) for n in (0, 1, 4, 7)),
    Undo(1),
    Restart(NOON),
    Pause(),
    Resume(),
]


@settings(max_examples=60)
@given(
    kind=st.sampled_from(Kind),
    story=st.lists(st.tuples(st.sampled_from(ACTIONS), st.sampled_from([0, 1, 5, 40, 700])), max_size=8),
    up=st.sampled_from([0, 1, "50%"]),
    quota=st.sampled_from([None, 4]),
)
def test_whatever_is_done_the_counts_stay_true(
    kind: Kind, story: list[tuple[Action, int]], up: int | str, quota: int | None
) -> None:
    room = Room()
    room.put(kind=kind, max_surge=up)
    room.cluster.set_quota(NS, quota)
    for action, seconds in story:
        room.try_to(action)
        room.pass_time(seconds)
        now, pods = room.look(), [p for p in room.pods() if not p.deleting]
        new = [p for p in pods if p.template == now.template]
        assert (now.current, now.updated) == (len(pods), len(new))
        assert (now.ready, now.updated_ready) == (sum(p.ready for p in pods), sum(p.ready for p in new))
        assert now.observed == now.generation
        assert now.paused or [r.template for r in room.cluster.revisions(now) if r.current] == [now.template]


GOOD: list[Action] = [
    *(SetImage("app", Image("adder", tag)) for tag in ("1", "2", "slow-4")),
    *(Undo(1), Undo(2), Restart(NOON), Pause(), Resume()),
]


@settings(max_examples=60)
@given(
    replicas=st.integers(1, 9),
    story=st.lists(st.tuples(st.sampled_from(GOOD), st.integers(0, 20)), max_size=8),
    up=st.sampled_from([0, 1, "25%", "100%"]),
    down=st.sampled_from([None, 0, 1, "100%"]),
)
def test_good_images_never_cost_more_than_was_allowed_and_all_arrive(
    replicas: int, story: list[tuple[Action, int]], up: int | str, down: int | str | None
) -> None:
    room = Room()
    spec = Spec("adder", single("adder:1"), replicas=replicas, max_surge=up, max_unavailable=down)
    room.cluster.seed(NS, spec)
    for action, seconds in [*story, (Resume(), 0)]:
        room.try_to(action)
        for _ in range(4):
            room.pass_time(seconds / 4)
            now = room.look()
            assert now.current <= replicas + surge(spec)
            assert now.available >= replicas - unavailable(spec, replicas)
    room.pass_time(300)
    end = room.look()
    assert end.current == end.updated == end.available == replicas
    progressing = end.condition("Progressing")
    assert progressing is not None
    assert progressing.reason == "NewReplicaSetAvailable"
