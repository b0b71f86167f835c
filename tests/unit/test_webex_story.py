"""A whole bot on Webex: an order given in a room, its verdict within ten edits, and the button that undoes it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from bot.app import Bot
from bot.cluster.memory import MemoryCluster
from bot.core.events import Build, BuildPhase, BuildResult
from bot.core.model import Place
from bot.core.quiet import LOUD
from bot.parts import Parts, make_parts
from commands import load as load_commands
from config import load
from tests.contract.webex_kit import Talk, talking
from tests.servers.webex import buttons
from tests.servers.webex_faults import Fault
from tests.servers.webex_world import Message, Room
from tests.unit.patient import PatientClock
from tests.unit.talk import CONFIG, SPEED
from tests.unit.webex_talk import until

MORE = 'roles: {releasers: {verbs: ["*"], people: [ann@example.com]}}'


class Scene:
    def __init__(self, parts: Parts, talk: Talk) -> None:
        self.parts = parts
        self.talk = talk
        self.webex = talk.webex
        self.room: Room = talk.webex.room(talk.ann)
        self.bot = self._new()

    def restart(self) -> None:
        self.bot.stop()
        self.bot = self._new()

    @property
    def cluster(self) -> MemoryCluster:
        found = self.parts.clusters["test"]
        assert isinstance(found, MemoryCluster)
        return found

    def says(self, text: str) -> Message:
        return self.webex.say(self.room, self.talk.ann, text)

    def live(self, *words: str) -> Message:
        """The message of the bot's in whose title all of them stand, once it is there."""
        until(lambda: bool(self._found(words)))
        return self._found(words)[-1]

    def card(self, message: Message) -> Message:
        return next(m for m in self.webex.messages(self.room) if m.parent == message.id and buttons(m))

    def _found(self, words: tuple[str, ...]) -> list[Message]:
        said = [m for m in self.webex.messages(self.room) if m.person is self.webex.world.bot and not buttons(m)]
        return [m for m in said if all(word in _title(m) for word in words)]

    def _new(self) -> Bot:
        place = Place("webex", self.room.id)
        made = Bot(self.parts, [self.talk.platform()], lambda _: {place: LOUD}, commands=load_commands(), lead=True)
        made.start()
        return made


def _title(message: Message) -> str:
    return str(message.content["text"]).partition("\n")[0]


@contextmanager
def scene(folder: Path, **more: frozenset[str]) -> Iterator[Scene]:
    config = folder / "talk.yaml"
    config.write_text(CONFIG.format(folder=folder, more=MORE, settle="2s", production=""))
    with PatientClock(SPEED) as clock:
        parts = make_parts(load(config, {}), clock)
        with talking(clock, **more) as talk:
            made = Scene(parts, talk)
            yield made
            made.bot.stop()
            assert [r for r in made.webex.faults.refused if r.startswith("400")] == []
        parts.close()


def test_a_deploy_is_one_message_within_ten_edits_and_a_button_undoes_it(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        made.says("deploy adderservice 9ab01de to production")
        done = made.live("adderservice → 9ab01de in production", "done")
        assert done.edits <= 10
        until(lambda: any(m.parent == done.id and buttons(m) for m in made.webex.messages(made.room)))
        card = made.card(done)
        undo = next(button for button in buttons(card) if button["title"] == "Roll back")
        made.webex.press(card, made.talk.ann, undo["data"])
        made.live("adderservice back to", "in production", "done")
        assert card not in made.webex.messages(made.room)


def test_a_restart_in_the_middle_ends_in_the_same_message(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        made.says("deploy adderservice 9ab01de to production")
        begun = made.live("adderservice → 9ab01de in production")
        made.restart()
        assert made.live("adderservice → 9ab01de in production", "done") is begun


def test_a_refusal_stands_under_the_order_or_in_place_of_its_opening_line(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        said = made.says("deplyo adderservice 9ab01de")
        assert made.live("There is no order deplyo").parent == said.id
        made.says("deploy adderservice 0000000 to production")
        assert made.live("No image 0000000").parent is None


def test_a_release_is_one_thread_whose_parent_stays_within_ten_edits(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        now = made.bot.ports.clock.now()
        started = Build("jenkins", "adderservice", 418, BuildPhase.STARTED, now, revision="9ab01de")
        made.bot.build(started)
        made.bot.build(replace(started, phase=BuildPhase.FINISHED, result=BuildResult.SUCCESS, seconds=9.0))
        parent = made.live("adderservice 9ab01de · build ✓")
        made.bot.build(replace(started, number=419, phase=BuildPhase.FINISHED, result=BuildResult.FAILURE))
        for environment in ("micro-staging", "micro"):
            made.cluster.kubectl_set_image(environment, "adderservice", "registry.local:5000/adderservice:9ab01de")
        done = made.live("adderservice → 9ab01de in production", "done")
        assert made.live("build ✗ failure", "staging ✓", "production ✓") is parent
        assert done.parent == parent.id
        assert parent.edits <= 10


def test_a_storm_while_it_rolls_out_loses_no_verdict(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        made.webex.inject(Fault("PUT", "messages", 429, {"Retry-After": "2"}, times=4))
        made.webex.inject(Fault("POST", "messages", 429, {"Retry-After": "1"}, times=2))
        made.webex.inject(Fault("GET", "messages", 429, {"Retry-After": "1"}))
        made.says("restart adderservice in production")
        made.live("adderservice restart in production", "done")
        assert len([m for m in made.webex.messages(made.room) if "restart in production" in _title(m)]) == 1
