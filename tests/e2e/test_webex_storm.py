"""A hundred rollouts in a room that now and then takes nothing: one message, ten edits, each verdict right."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.app import Bot
from bot.clock import ScaledClock
from bot.cluster.memory import MemoryCluster
from bot.core.model import Place
from bot.core.quiet import LOUD
from bot.core.workload import Kind, Phase, Target
from bot.parts import Parts, make_parts
from commands import load as load_commands
from config import load
from tests.contract.webex_kit import Talk, talking
from tests.servers.process import until
from tests.servers.webex import buttons
from tests.servers.webex_faults import Fault
from tests.servers.webex_rules import EDITS
from tests.servers.webex_world import Message, Room
from tests.unit.crowd import CATALOGUED, MICRO, NAMES, bring, seed
from tests.unit.talk import CONFIG

SPEED = 3.0
"""Whoever is slow to look must not take what goes on for what has stopped."""
AGAIN = {"Retry-After": "4"}
TAKES_NOTHING = (
    Fault("POST", "messages", 429, AGAIN),
    *(Fault("PUT", "messages", status, AGAIN if status == 429 else {}) for status in (429, 502, 429, 429, 503, 429)),
)
MESSAGES = 6
"""The table; what failed with its release, its last lines and its rollback; and a verdict in a reply at most."""
DIGEST, OWN = "100 rollouts in production", "crowd-000 → crash-3 in production"


class Loud:
    """Everything is told in the one room."""

    def __init__(self, parts: Parts, talk: Talk) -> None:
        self.parts = parts
        self.webex = talk.webex
        self.room: Room = talk.webex.room(talk.ann)
        told = {Place("webex", self.room.id): LOUD}
        self.bot = Bot(parts, [talk.platform()], lambda _event: told, commands=load_commands(), lead=True)

    @property
    def cluster(self) -> MemoryCluster:
        found = self.parts.clusters["test"]
        assert isinstance(found, MemoryCluster)
        return found

    def said(self) -> list[Message]:
        return [m for m in self.webex.messages(self.room) if not buttons(m)]

    def wait_for(self, title: str, words: str) -> Message:
        """The one message of that title, once it says so."""

        def found() -> list[Message]:
            return [m for m in self.said() if title in str(m.content["text"]).partition("\n")[0]]

        until(lambda: any(words in str(m.content["text"]).partition("\n")[0] for m in found()), words)
        (only,) = found()
        return only

    def verdicts(self) -> Counter[Phase]:
        """Of what each was brought to: what failed was taken back by a rollout of its own."""
        store = self.parts.store
        known = (store.recent_rollouts(Target("", "test", MICRO, Kind.DEPLOYMENT, name), limit=5) for name in NAMES)
        return Counter(rollout.phase for rollouts in known for rollout in rollouts if not rollout.mends)


@contextmanager
def loud(folder: Path) -> Iterator[Loud]:
    config = folder / "storm.yaml"
    config.write_text(CONFIG.format(folder=folder, more=CATALOGUED, settle="2s", production=""))
    parts = make_parts(load(config, {}), ScaledClock(SPEED))
    with talking(parts.clock) as talk:
        made = Loud(parts, talk)
        seed(made.cluster, deadline=60)
        made.bot.start()
        yield made
        made.bot.stop()
        assert [r for r in made.webex.faults.refused if not r.startswith("404")] == []
    parts.close()


def test_a_hundred_rollouts_are_one_message_and_each_has_its_verdict(tmp_path: Path) -> None:
    with loud(tmp_path) as made:
        made.webex.inject(*TAKES_NOTHING)
        bring(made.cluster, "slow-9", NAMES[1:])
        bring(made.cluster, "crash-3", NAMES[:1])
        digest = made.wait_for(DIGEST, "99 done, 1 failed")
        own = made.wait_for(OWN, "failed")
        until(lambda: made.verdicts() == {Phase.PROVEN: 99, Phase.FAILED: 1}, "a hundred verdicts")
        assert [0 < m.edits <= EDITS for m in (digest, own)] == [True, True]
        assert [m for m in made.said() if m.content["text"].startswith("\n")] == []
        assert len(made.said()) <= MESSAGES
        assert made.webex.faults.waiting == 0
