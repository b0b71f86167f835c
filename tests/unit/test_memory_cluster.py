"""What the simulated cluster promises beyond the port: time, story, chance, and trouble on demand."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Barrier, Thread

import pytest

from bot.cluster import Sight
from bot.cluster.memory import Behaviour, MemoryCluster, Past, Spec, Trouble, by_words, single
from bot.cluster.memory.behaviour import no_opinion
from bot.cluster.memory.spec import ALPHABET, surge, template_hash, unavailable
from bot.cluster.memory.watchers import MOST, Watcher, Watchers
from bot.cluster.memory.world import World
from bot.core.errors import Unavailable
from bot.core.workload import Pod
from tests.contract.cluster_kit import Ear, ManualClock
from tests.unit.memory_room import NS, Room


@pytest.fixture
def room() -> Iterator[Room]:
    made = Room()
    yield made
    made.cluster.stop()


@pytest.mark.parametrize(
    ("image", "behaviour"),
    [
        ("r.local/adder:1.4.2", Behaviour()),
        ("r.local/missing-link-team/adder:1", Behaviour()),
        ("r.local/zoomer:1", Behaviour()),
        ("adder:missing@sha256:00", Behaviour(Trouble.MISSING)),
        ("adder:crash-3", Behaviour(Trouble.CRASH, exit_code=3, last_words=("panic: no database",))),
        ("adder:2-crash-0-after-20", Behaviour(Trouble.CRASH, 0, after=20.0, last_words=("panic: no database",))),
        ("adder:slow-9", Behaviour(ready=9.0)),
    ],
)
def test_an_image_behaves_as_its_words_say(image: str, behaviour: Behaviour) -> None:
    assert by_words(image) == behaviour


def test_a_template_hash_is_ten_letters_that_kubernetes_uses() -> None:
    hashes = {template_hash(single(f"adder:{n}")) for n in range(50)}
    assert len(hashes) == 50
    assert all(len(h) == 10 and set(h) <= set(ALPHABET) for h in hashes)


@pytest.mark.parametrize(
    ("replicas", "up", "down", "expected"),
    [(6, "25%", None, (2, 1)), (3, "25%", "25%", (1, 0)), (4, 0, 0, (0, 1)), (1, 0, "25%", (0, 1)), (10, 3, 2, (3, 2))],
)
def test_percents_round_as_kubernetes_rounds(
    replicas: int, up: int | str, down: int | str | None, expected: tuple[int, int]
) -> None:
    spec = Spec("adder", single("adder:1"), replicas=replicas, max_surge=up, max_unavailable=down)
    assert (surge(spec), unavailable(spec, replicas)) == expected


def test_a_seeded_one_has_lived_through_its_past(room: Room) -> None:
    now = room.clock.now()
    room.cluster.seed(
        NS,
        Spec("adder", single("adder:3"), replicas=2),
        since=now - timedelta(hours=1),
        cause="deploy adder 3",
        past=[Past(single(f"adder:{n}"), now - timedelta(days=9 - n), f"deploy adder {n}") for n in (1, 2)],
    )
    found = room.look()
    assert (found.revision, found.ready, found.created) == (3, 2, now - timedelta(days=8))
    assert found.changed == now - timedelta(hours=1)
    revisions = room.cluster.revisions(found)
    assert [(r.number, r.cause) for r in revisions] == [(n, f"deploy adder {n}") for n in (1, 2, 3)]
    assert {p.created for p in room.pods()} == {now - timedelta(hours=1)}


def test_only_ten_old_revisions_are_kept(room: Room) -> None:
    room.put(replicas=1)
    for n in range(2, 15):
        room.cluster.kubectl_set_image(NS, "adder", f"adder:{n}")
        room.pass_time(30)
    assert [r.number for r in room.cluster.revisions(room.look())] == list(range(4, 15))


def test_a_crash_loop_takes_the_time_it_takes_on_a_node(room: Room) -> None:
    """Measured: CrashLoopBackOff hardly shows before the fourth back-off."""
    room.cluster.create(NS, Spec("adder", single("adder:crash-3")))
    shown: dict[int, set[str]] = {}
    for _ in range(400):
        room.pass_time(1)
        container = room.pods()[0].containers[0]
        shown.setdefault(container.restarts, set()).add(container.now.reason or container.now.state)
    assert "CrashLoopBackOff" in shown[1]
    assert "CrashLoopBackOff" not in shown[2] | shown[3]
    assert "CrashLoopBackOff" in shown[4]
    assert max(shown) == 6


def test_a_back_off_of_more_than_a_minute_is_written_as_go_writes_it(room: Room) -> None:
    room.cluster.create(NS, Spec("adder", single("adder:oom")))
    said = set()
    for _ in range(400):
        room.pass_time(1)
        said.add(room.pods()[0].containers[0].now.message.partition(" restarting")[0])
    assert said == {"", "back-off 10s", "back-off 1m20s", "back-off 2m40s"}


def test_it_may_be_rolled_out_and_fail_then(room: Room) -> None:
    room.put()
    room.cluster.kubectl_set_image(NS, "adder", "adder:crash-1-after-20")
    room.pass_time(15)
    assert room.look().updated_ready == 3
    room.pass_time(15)
    assert room.look().ready < 3
    died = next(p for p in room.pods() if p.restarts)
    assert room.cluster.logs(died, "app", previous=True)[-1] == "panic: no database"


def test_a_jump_and_small_steps_tell_the_same_story() -> None:
    jump, walk = Room(), Room()
    for one in (jump, walk):
        one.put()
        one.cluster.kubectl_set_image(NS, "adder", "adder:crash")
    jump.pass_time(90)
    for _ in range(180):
        walk.pass_time(0.5)
    assert jump.pods() == walk.pods()
    assert jump.look() == walk.look()
    assert jump.cluster.events(jump.look()) == walk.cluster.events(walk.look())


def test_two_clusters_of_one_name_tell_one_story_and_others_another() -> None:
    told = []
    for name in ("main", "main", "edge"):
        one = Room(name)
        one.cluster.create(NS, Spec("adder", single("adder:1"), replicas=2))
        one.pass_time(10)
        told.append([p.name for p in one.pods()])
    assert told[0] == told[1] != told[2]


def test_behave_overrides_the_words() -> None:
    clock = ManualClock()
    cluster = MemoryCluster("main", clock, lambda image: Behaviour(Trouble.OOM, 137) if image == "adder:1" else None)
    cluster.create(NS, Spec("adder", single("adder:1")))
    clock.move(4)
    last = cluster.pods(cluster.find("staging", NS, "adder"))[0].containers[0].last
    assert last is not None
    assert last.reason == "OOMKilled"


def test_a_fault_meets_the_next_calls_and_then_no_more(room: Room) -> None:
    room.put()
    room.cluster.fail(Unavailable("The cluster does not answer.", retry_after=2), times=2)
    for _ in range(2):
        with pytest.raises(Unavailable):
            room.look()
    assert room.look().ready == 3


def test_after_a_gap_everything_is_told_again_and_the_gone_ones_too(room: Room) -> None:
    room.put()
    ear = Ear()
    room.cluster.watch({"staging": NS}, ear.notice)
    told, old = len(ear.heard), room.pods()[0].name
    with room.cluster._engine.present():
        room.cluster.kubectl_delete_pod(NS, old)
        room.pass_time(30)
        room.cluster.break_off()
    ear.until(lambda: len(ear.heard) >= told + 5)
    again = ear.heard[told:]
    assert [s.what for s in again] == [Sight.GONE] + [Sight.SEEN] * 4
    assert ear.gone() == {old}
    assert {p.name for p in room.pods()} <= {s.thing.name for s in again if isinstance(s.thing, Pod)}


def test_a_listener_that_lags_too_far_behind_gets_the_list_anew(room: Room) -> None:
    room.put(replicas=1)
    ear = Ear()
    room.cluster.watch({"staging": NS}, ear.notice)
    old = room.pods()[0].name
    with room.cluster._engine.present():
        target = room.look().target
        for n in range(MOST + 1):
            room.cluster.annotate(target, {"n": str(n)})
        room.cluster.kubectl_delete_pod(NS, old)
        room.pass_time(30)
    ear.until(lambda: ear.workloads()[-1].annotations.get("n") == str(MOST))
    ear.until(lambda: old in ear.gone())
    assert len(ear.heard) < MOST


def test_where_nothing_happened_nobody_is_woken() -> None:
    world = World("main", ManualClock().now(), no_opinion)
    watchers, watcher = Watchers("main"), Watcher({"staging": NS}, Ear().notice)
    watcher.listening = True
    watchers.add(watcher)
    assert watchers.pending(world) == []


def test_its_own_thread_lets_time_pass(room: Room) -> None:
    ear = Ear()
    room.cluster.watch({"staging": NS}, ear.notice)
    room.cluster.create(NS, Spec("adder", single("adder:1")))
    room.clock.move(30)
    ear.until(lambda: any(w.ready == 1 for w in ear.workloads()))


def test_what_many_threads_do_is_heard_in_order(room: Room) -> None:
    room.put(replicas=1)
    ear = Ear()
    room.cluster.watch({"staging": NS}, ear.notice)
    target, start = room.look().target, Barrier(4)

    def note(who: int) -> None:
        start.wait(30)
        for n in range(50):
            room.cluster.annotate(target, {f"w{who}": str(n)})

    threads = [Thread(target=note, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    ear.until(lambda: all(ear.workloads()[-1].annotations.get(f"w{who}") == "49" for who in range(4)))
    versions = [int(w.resource_version) for w in ear.workloads()]
    assert versions == sorted(versions)
