"""One thread per release and channel, whatever comes first, twice, or before a crash."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.clock import ScaledClock
from bot.core import events
from bot.core.catalogue import Catalogue, Environment, Service
from bot.core.events import Build, BuildPhase, BuildResult, Commit, Rollout, RolloutChanged, TagFound
from bot.core.model import Place
from bot.core.quiet import LOUD, Quiet
from bot.core.workload import Image, Kind, Phase, Target
from bot.engine.announce import Announcer
from bot.engine.outbox import Outbox
from bot.ports import Ports
from bot.registry.memory import MemoryRegistry
from bot.store import Store
from bot.store.sql import SqlStore
from tests.unit.strict import StrictPlatform

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
SHA = "3f2a91c4b7d05e8a6619f0c2d3e4b5a697887766"
CATALOGUE = Catalogue(
    {name: Environment(name, "main", name) for name in ("staging", "production")},
    {
        name: Service(name, builds=(name, f"team/mono/{name}"), channels={"strict": name})
        for name in ("adderservice", "webapp")
    },
)
WRITES = frozenset({"write_book", "put_message", "hand_over", "save_build", "save_rollout", "save_commit"})

Happened = Commit | Build | TagFound | Rollout


class Died(Exception):
    """The process went away at this point."""


class Mortal:
    """A store whose process dies before or after one of its writes."""

    def __init__(self, store: SqlStore, after: int | None) -> None:
        self._store = store
        self._left = after

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._store, name)
        return self._counted(real) if name in WRITES else real

    def _counted(self, real: Callable[..., object]) -> Callable[..., object]:
        def write(*args: Any, **words: Any) -> object:
            self._die()
            done = real(*args, **words)
            self._die()
            return done

        return write

    def _die(self) -> None:
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise Died


class Life:
    """One process on a store that others had before it."""

    def __init__(
        self, store: SqlStore, platform: StrictPlatform, after: int | None = None, *, until: datetime = LOUD.until
    ) -> None:
        self.store = cast(Store, Mortal(store, after))
        clock = ScaledClock(500)
        ports = Ports(lambda: CATALOGUE, {}, MemoryRegistry(), self.store, clock, {})
        self.outbox = Outbox(self.store, {platform.name: platform}, clock)
        self.announcer = Announcer(ports, self.outbox, lambda event: dict.fromkeys(channel(event), Quiet(until)))

    def hear(self, told: Happened) -> None:
        match told:
            case Commit():
                self.announcer.commit(told)
            case Build():
                self.store.save_build(told)
                self.announcer.build(told)
            case TagFound():
                self.announcer.tag(told)
            case Rollout():
                self.store.save_rollout(told)
                self.announcer.rollout(told)

    def deliver(self) -> None:
        self.outbox.start()
        for _ in range(2000):
            if self.store.next_due("strict") is None:
                break
            Event().wait(0.005)
        self.outbox.stop()


def channel(event: events.Event) -> dict[Place, Quiet]:
    name = event.rollout.service if isinstance(event, RolloutChanged) else getattr(event, "service", "")
    return {Place("strict", name or "everything"): LOUD}


def build(job: str, phase: BuildPhase, number: int = 418, *, result: BuildResult | None = None, **more: Any) -> Build:
    seconds = 60.0 if result else None
    return Build("jenkins", job, number, phase, AT, result=result, revision=SHA, seconds=seconds, **more)


def life_of(job: str, number: int = 418) -> list[Happened]:
    done = build(job, BuildPhase.FINISHED, number, result=BuildResult.SUCCESS)
    return [build(job, BuildPhase.QUEUED, number), build(job, BuildPhase.STARTED, number), done]


def rolled_out(environment: str, image: str, *phases: Phase, service: str = "adderservice") -> list[Happened]:
    target = Target(environment, "main", environment, Kind.DEPLOYMENT, service)
    key = f"rollout:main/{environment}-{service}/7"
    base = Rollout(key, target, service, "deploy", 42, "t", image, "9ab01de", phases[0], 0, 2, AT, AT, by="kubectl")
    return [replace(base, phase=phase, ready=number) for number, phase in enumerate(phases)]


def pushed(service: str, tag: str, revision: str | None) -> Happened:
    image = Image(f"registry/{service}", tag, f"sha256:{'4' * 64}", revision, created=AT)
    return TagFound(service, image)


COMMIT = Commit("github", "team/mono", SHA, AT - timedelta(minutes=1), "Round half to even", "Dev Two", "main")
MERGED = replace(COMMIT, title="Round half to even (#12)", pull_request=12)
GOING = (Phase.PROGRESSING, Phase.DONE, Phase.PROVEN)
STORIES: list[list[Happened]] = [
    [COMMIT],
    [MERGED],
    life_of("adderservice"),
    life_of("team/mono/adderservice", 77),
    [pushed("adderservice", "3f2a91c", None)],
    rolled_out("staging", "3f2a91c", *GOING),
    rolled_out("production", "3f2a91c", Phase.PROGRESSING, Phase.STUCK, Phase.FAILED),
    life_of("webapp", 9),
    rolled_out("staging", "3f2a91c", *GOING, service="webapp"),
]
PARENT = "adderservice 3f2a91c · merge ✓ · build ✓ · image ✓ · staging ✓ · production ✗ failed"
UNDER = {
    "PR #12 (3f2a91c) of team/mono@main by Dev Two merged: Round half to even (#12)",
    "adderservice 3f2a91c · 2 builds · 2 passed",
    "New image 3f2a91c of adderservice",
    "adderservice → 3f2a91c in staging · done",
    "adderservice → 3f2a91c in production · failed",
}


def shuffled(stories: Sequence[Sequence[Happened]], seed: int) -> list[Happened]:
    """Rollouts go their own way in order, as the follower tells them; all else comes as it likes, some of it twice."""
    random = Random(seed)
    order = [number for number, story in enumerate(stories) for _ in story]
    random.shuffle(order)
    left = [list(s) if isinstance(s[0], Rollout) else random.sample(list(s), len(s)) for s in stories]
    told: list[Happened] = []
    for number in order:
        told += [left[number].pop(0)] * random.choice([1, 1, 2])
    return told + [one for one in random.sample(told, len(told) // 3) if not isinstance(one, Rollout)]


def tell(folder: str, told: Sequence[Happened], deaths: Sequence[int] = ()) -> StrictPlatform:
    """Whoever sent it sends it again to the next process, as the follower does what it finds open."""
    store, platform = SqlStore(f"sqlite:///{folder}/threads.db"), StrictPlatform()
    store.migrate()
    ends = [*deaths]
    life = Life(store, platform, ends.pop(0) if ends else None)
    for one in told:
        while True:
            try:
                life.hear(one)
                break
            except Died:
                life = Life(store, platform, ends.pop(0) if ends else None)
    Life(store, platform).deliver()
    store.close()
    return platform


@pytest.mark.fuzz
@settings(max_examples=15)
@given(seed=st.integers(0, 2**32), deaths=st.lists(st.integers(0, 30), max_size=4))
def test_in_any_order_it_is_one_thread_with_the_same_parent(seed: int, deaths: list[int]) -> None:
    with TemporaryDirectory() as folder:
        platform = tell(folder, shuffled(STORIES, seed), deaths)
    ((title, under),) = platform.threads("adderservice").items()
    assert title == PARENT
    assert (len(under), set(under)) == (len(UNDER), UNDER)
    ((other, beneath),) = platform.threads("webapp").items()
    assert other == "webapp 3f2a91c · merge ✓ · build ✓ · staging ✓"
    assert len(beneath) == 3


LATE: list[list[Happened]] = [
    life_of("adderservice"),
    rolled_out("staging", "1.4.0", *GOING),
    [pushed("adderservice", "1.4.0", SHA)],
]


@pytest.mark.fuzz
@settings(max_examples=15)
@given(seed=st.integers(0, 2**32), deaths=st.lists(st.integers(0, 12), max_size=3))
def test_what_is_linked_late_goes_on_in_one_thread(seed: int, deaths: list[int]) -> None:
    """A tag that says no commit, until its image does: by then two parents may stand, and one leads to the other."""
    with TemporaryDirectory() as folder:
        threads = tell(folder, shuffled(LATE, seed), deaths).threads("adderservice")
    whole = "adderservice 1.4.0 (3f2a91c)"
    leads = {f"adderservice {name} · goes on as {whole}" for name in ("1.4.0", "3f2a91c")}
    assert [title for title in threads if title not in leads] == [f"{whole} · build ✓ · image ✓ · staging ✓"]
    assert sum(len(under) for under in threads.values()) == 3


@pytest.mark.fuzz
@settings(max_examples=15)
@given(seed=st.integers(0, 2**32), deaths=st.lists(st.integers(0, 12), max_size=3), stands=st.integers(0, 3))
def test_a_build_that_names_its_commit_late_leaves_at_most_a_word_of_where_it_went(
    seed: int, deaths: list[int], stands: int
) -> None:
    begun = [replace(b, revision=None) for b in life_of("adderservice")[:2] if isinstance(b, Build)]
    late: list[list[Happened]] = [[COMMIT], [*begun, life_of("adderservice")[2]]]
    with TemporaryDirectory() as folder:
        told = [*begun[:stands], *shuffled(late, seed)]
        threads = tell(folder, told, deaths).threads("adderservice")
    gone = "adderservice - #418 · goes on as adderservice 3f2a91c"
    assert [title for title in threads if title != gone] == ["adderservice 3f2a91c · merge ✓ · build ✓"]
    assert sum(len(under) for under in threads.values()) == 2


def test_the_evidence_beneath_what_stands_waits_for_the_end_of_quiet_hours(tmp_path: Path) -> None:
    """A new message makes a sound, in a thread too; what it is evidence of is edited, and holds the end of it."""
    store, platform = SqlStore(f"sqlite:///{tmp_path}/threads.db"), StrictPlatform()
    store.migrate()
    going, failed = rolled_out("staging", "3f2a91c", Phase.PROGRESSING, Phase.FAILED)
    assert isinstance(failed, Rollout)
    day, night = Life(store, platform), Life(store, platform, until=AT + timedelta(days=400))
    day.hear(going)
    day.deliver()
    night.hear(replace(failed, heading="Last lines of x4j:", evidence=("panic: no database",)))
    night.deliver()
    titles = [message.reply.title for message in dict(platform.stands).values()]
    assert titles == ["adderservice 3f2a91c · staging ✗ failed", "adderservice → 3f2a91c in staging · failed"]
    assert [m.reply.title for m in store.kept_messages(AT + timedelta(days=401))] == ["Last lines of x4j"]
    store.close()
