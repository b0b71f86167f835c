"""Talks to a whole bot the way a person does: says something, reads what stands in the room."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TypeVar

from bot.app import Bot
from bot.chat.console.room import Room
from bot.cluster.memory import MemoryCluster
from bot.core.model import CONSOLE, Message, Place, Reply, Who
from bot.core.quiet import LOUD
from bot.core.routes import FAILURE, occasions
from bot.core.workload import Image
from bot.parts import Parts, make_parts
from bot.ports import Command
from bot.registry import Registry
from bot.registry.memory import MemoryRegistry
from commands import load as load_commands
from config import load
from tests.databases import new_database
from tests.unit.patient import PatientClock
from tests.unit.strict import StrictPlatform

SPEED = 25.0
PATIENCE = 60.0
NO_COMMANDS: Mapping[str, Command] = {}
ROOM = Place(CONSOLE, CONSOLE)
OPERATOR = Who(CONSOLE, "operator", "operator")
DEV = Who("slack", "U0DEV", "dev1", "dev1@example.com")
LEAD = Who("slack", "U0LEAD", "lead", "lead@example.com")
STRANGER = Who("slack", "U0STRANGER", "stranger")

CONFIG = """
store: "sqlite:///{folder}/talk.db"
clusters: {{test: {{simulated: true}}}}
environments:
  staging: {{cluster: test, namespace: micro-staging, settle: {settle}}}
  production: {{cluster: test, namespace: micro, explicit: true, on_failure: rollback, settle: {settle}{production}}}
services:
  adderservice:
    repository: registry.local:5000/adderservice
    builds: [adderservice]
    default_environment: staging
    watch: {{tags: sha, every: 1h, auto: staging}}
  eventservice: {{repository: "registry.local:5000/eventservice", default_environment: staging}}
  webapp: {{repository: "registry.local:5000/webapp", default_environment: staging}}
  mongo: {{repository: mongo, default_environment: staging}}
{more}
"""
ROLES = """
roles:
  deployers: {verbs: [read, logs, deploy, scale], people: [dev1@example.com], environments: [staging]}
  releasers: {verbs: ["*"], people: [lead@example.com]}
"""


Talker = TypeVar("Talker", bound="Talk")


class Talk:
    def __init__(self, parts: Parts, room: Room, commands: Mapping[str, Command], *, lead: bool) -> None:
        self.room = room
        self.slack = StrictPlatform("slack")
        self.commands = commands
        self.parts = parts
        self.store = parts.store
        self._lead = lead
        self.called: tuple[str, ...] = ()
        self.bot = self._new()

    def _new(self) -> Bot:
        return Bot(
            self.parts,
            [self.room, self.slack],
            lambda _event: {ROOM: LOUD},
            commands=self.commands,
            lead=self._lead,
            calls=lambda event: {ROOM: self.called} if self.called and FAILURE in occasions(event) else {},
        )

    def restart(self) -> None:
        """Another bot on the same store, cluster and room, as after a crash of the process."""
        self.bot.stop()
        self.bot = self._new()
        self.bot.start()

    @property
    def registry(self) -> MemoryRegistry:
        assert isinstance(self.parts.registry, MemoryRegistry)
        return self.parts.registry

    @property
    def cluster(self) -> MemoryCluster:
        found = self.parts.clusters["test"]
        assert isinstance(found, MemoryCluster)
        return found

    def say(self, text: str, who: Who = OPERATOR) -> Reply:
        """Until the answer is final."""
        return self.answer(self.begin(text, who))

    def begin(self, text: str, who: Who = OPERATOR) -> str:
        """The key of the answer, which may still be to come."""
        return f"order:{self.room.say(text, who).id}"

    def answer(self, key: str) -> Reply:
        message = self.room.wait_for(key, PATIENCE)
        assert message.final, f"{key} has no end: {message.reply.title}"
        return message.reply

    def shown(self, key: str) -> Reply:
        """What stands under a key now; an empty reply before anything does."""
        return next((m.reply for m in reversed(self.messages()) if m.key == key), Reply(title=""))

    def push(self, service: str, tag: str) -> None:
        self.registry.push(Image(f"registry.local:5000/{service}", tag))

    def titles(self, key: str) -> list[str]:
        return [m.reply.title for m in self.messages() if m.key == key]

    def messages(self) -> list[Message]:
        return [entry.message for entry in self.room.entries()]

    def pass_time(self, holds: Callable[[], object]) -> None:
        """Wait for something outside the room."""
        for _ in range(int(PATIENCE / 0.02)):
            if holds():
                return
            Event().wait(0.02)
        raise AssertionError("it never happened")

    def until(self, holds: Callable[[], object]) -> None:
        """Wait for something in the room; the room itself wakes us."""
        moved = Event()
        unsubscribe = self.room.subscribe(lambda _entry: moved.set())
        try:
            for _ in range(int(PATIENCE / 0.1)):
                if holds():
                    return
                moved.wait(0.1)
                moved.clear()
        finally:
            unsubscribe()
        raise AssertionError("it never happened; the room says:\n" + "\n".join(m.reply.title for m in self.messages()))


@contextmanager
def started(talk: Talker) -> Iterator[Talker]:
    """Which bot it talks to may change meanwhile: the last one is stopped."""
    talk.bot.start()
    try:
        yield talk
    finally:
        talk.bot.stop()
        talk.parts.close()


@contextmanager
def talking(
    folder: Path,
    *,
    more: str = "",
    lead: bool = True,
    settle: str = "2s",
    production: str = "",
    commands: Mapping[str, Command] = NO_COMMANDS,
    speed: float = SPEED,
    registry: Registry | None = None,
) -> Iterator[Talk]:
    """`commands` join the ones that are there; `production` adds to that environment's keys.

    `registry` takes the place of the one in memory.
    """
    config = folder / "talk.yaml"
    if not (file := folder / "talk.db").exists():
        new_database(file)
    config.write_text(CONFIG.format(folder=folder, more=more, settle=settle, production=production))
    with PatientClock(speed) as clock:
        parts = make_parts(load(config, {}), clock)
        parts = replace(parts, registry=registry or parts.registry)
        with started(Talk(parts, Room(clock), {**load_commands(), **commands}, lead=lead)) as talk:
            yield talk
