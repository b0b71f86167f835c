"""Whatever comes in which order, whoever dies and however the clock leaps: each is told in one digest or by itself."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any, cast

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.core.catalogue import Catalogue, Happening, Route
from bot.core.digest import has_row, heard
from bot.core.events import Build, Rollout, TagFound
from bot.core.model import Message
from bot.core.windows import weekly
from bot.engine.announce import Announcer
from bot.engine.digests import tell_what_was_kept
from bot.engine.outbox import Outbox
from bot.ports import Ports
from bot.registry.memory import MemoryRegistry
from bot.store import Store
from bot.store.sql import SqlStore
from tests.contract.cluster_kit import ManualClock
from tests.unit.strict import StrictPlatform
from tests.unit.test_threads import CATALOGUE, GOING, Died, Happened, Mortal, life_of, pushed, rolled_out

HOURS = weekly("daily 22:00-07:00", "Europe/Madrid")
TO: dict[str, tuple[str, ...]] = {"strict": ("C1",)}
ROUTES = (Route(TO, quiet=HOURS), Route(TO, (Happening.BUILD,), ("webapp",)))
QUIET = Catalogue(CATALOGUE.environments, CATALOGUE.services, routes=ROUTES)
STORIES: list[list[Happened]] = [
    life_of("adderservice"),
    life_of("webapp", 9),
    life_of("nobody's", 3),
    [pushed("adderservice", "3f2a91c", None)],
    [pushed("webapp", "1.4.0", None)],
    rolled_out("staging", "3f2a91c", *GOING),
    rolled_out("production", "3f2a91c", *GOING),
    rolled_out("staging", "1.4.0", *GOING, service="webapp"),
]
LAST = {
    "adderservice - #418 Success after 1 min 0 sec",
    "webapp - #9 Success after 1 min 0 sec",
    "nobody's - #3 Success after 1 min 0 sec",
    "New image 3f2a91c of adderservice",
    "New image 1.4.0 of webapp",
    "adderservice → 3f2a91c in staging · done",
    "adderservice → 3f2a91c in production · done",
    "webapp → 1.4.0 in staging · done",
}


class Reading(Mortal):
    """Notes what each digest told."""

    def __init__(self, store: SqlStore, after: int | None, told: list[Message]) -> None:
        super().__init__(store, after)
        self._told = told

    def tell_together(self, digest: Message | None, told: Sequence[Message], alone: Sequence[Message]) -> bool:
        self._die()
        done = self._store.tell_together(digest, told, alone)
        if done:
            self._told.extend(message for message in told if has_row(message))
        self._die()
        return done


class World:
    """One store and one channel at eleven in the night; processes come and go."""

    def __init__(self, folder: str, deaths: Sequence[int]) -> None:
        self.real = SqlStore(f"sqlite:///{folder}/quiet.db")
        self.real.migrate()
        self.platform, self.clock = StrictPlatform(), ManualClock()
        self.clock.move(10 * 3600)
        self.told: list[Message] = []
        self._deaths = list(deaths)
        self.begin()

    def begin(self) -> None:
        after = self._deaths.pop(0) if self._deaths else None
        self.store = cast(Store, Reading(self.real, after, self.told))
        self.ports = Ports(lambda: QUIET, {}, MemoryRegistry(), self.store, self.clock, {})
        self.outbox = Outbox(self.store, {"strict": self.platform}, self.clock)
        self.announcer = Announcer(
            self.ports, self.outbox, lambda event: heard(event, QUIET, ["strict"], self.clock.now())
        )

    def does(self, step: Any) -> None:
        """Whoever sent it sends it again to the next process."""
        while True:
            try:
                return self._does(step)
            except Died:
                self.begin()

    def _does(self, step: Any) -> None:
        match step:
            case timedelta():
                self.clock.move(step.total_seconds())
            case "looks":
                tell_what_was_kept(self.ports, self.outbox)
            case "speaks":
                self.speak()
            case "restarts":
                self.begin()
            case Build():
                self.store.save_build(step)
                self.announcer.build(step)
            case TagFound():
                self.announcer.tag(step)
            case Rollout():
                self.store.save_rollout(step)
                self.announcer.rollout(step)

    def speak(self) -> None:
        """By an outbox of its own, so that no thread dies of a death."""
        outbox = Outbox(self.real, {"strict": self.platform}, self.clock)
        outbox.start()
        for _ in range(10_000):
            if self.real.next_due("strict") is None:
                break
            Event().wait(0.005)
        outbox.stop()

    def ends(self) -> None:
        for _ in range(2):
            self.does(timedelta(hours=36))
            self.does("looks")
        self.speak()


def shuffled(seed: int, moves: Sequence[int]) -> list[Any]:
    """Each story in its order, some of it twice, and in between the clock leaps, on and back."""
    random = Random(seed)
    left = [list(story) for story in STORIES]
    order = [number for number, story in enumerate(left) for _ in story]
    random.shuffle(order)
    steps: list[Any] = []
    for number in order:
        steps += [left[number].pop(0)] * random.choice([1, 1, 2])
        steps += random.choices(["looks", "speaks", "restarts", None], [4, 1, 1, 4])
    for minutes in moves:
        steps.insert(random.randrange(len(steps)), timedelta(minutes=minutes))
    return [step for step in steps if step]


def subjects(world: World) -> Counter[str]:
    """How often the last word on each was told, in a digest or by itself."""
    alone = [m.reply.title for m in world.platform.stands.values() if not m.key.startswith(("digest:", "release:"))]
    return Counter(title.removesuffix(" (Open)") for title in [*alone, *(m.reply.title for m in world.told)])


@pytest.mark.fuzz
@settings(max_examples=15)
@given(
    seed=st.integers(0, 2**32),
    moves=st.lists(st.integers(-900, 900), min_size=1, max_size=5),
    deaths=st.lists(st.integers(0, 40), max_size=4),
)
@example(seed=1, moves=[600, 540, -30, 60], deaths=[])
def test_each_is_told_in_one_digest_or_by_itself(seed: int, moves: list[int], deaths: list[int]) -> None:
    with TemporaryDirectory() as folder:
        world = World(str(Path(folder)), deaths)
        for step in shuffled(seed, moves):
            world.does(step)
        world.ends()
        assert subjects(world) == Counter(LAST)
        assert world.real.kept_messages(world.clock.now() + timedelta(days=9)) == []
        assert world.real.next_due("strict") is None
        said = [m.reply.table for m in world.platform.stands.values() if m.key.startswith("digest:")]
        assert sum(int(str(row[0])) for table in said if table for row in table.rows) == len(world.told)
        world.real.close()
