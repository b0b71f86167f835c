"""A whole bot with a route that is quiet at night, and a clock that is turned by hand."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app import Bot
from bot.chat import Platform
from bot.chat.console.room import Room
from bot.core.events import Build, BuildPhase, BuildResult
from bot.core.model import Message, Place, Request
from bot.parts import calling, make_parts, routed
from bot.ports import Command
from commands import load as load_commands
from config import load
from tests.unit.patient import PatientClock
from tests.unit.talk import CONFIG, LEAD, NO_COMMANDS, ROLES, SPEED, Talk, started

EVENING = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)  # half past nine in Madrid
ELEVEN = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
CHANNEL = Place("slack", "C0PROD")
QUIET = 'quiet: {hours: "22:00-07:00", time_zone: Europe/Madrid}'
ROUTES = f"""
routes:
  - {{services: [adderservice, webapp], to: {{slack: C0PROD}}, {QUIET}}}
  - {{services: [eventservice], to: {{slack: C0PROD}}, {QUIET}, mention: {{failure: "slack:U0ANN"}}}}
  - {{services: [mongo], to: {{slack: C0PROD}}}}
"""


class HandClock(PatientClock):
    def turn_to(self, moment: datetime) -> None:
        self._began += moment - self.now()


class Night(Talk):
    """What stands in the channel, in the order in which it came."""

    def _new(self) -> Bot:
        platforms: list[Platform] = [self.room, self.slack]
        routes = routed(self.parts.current, platforms, self.parts.clock)
        calls = calling(self.parts.current, platforms)
        return Bot(self.parts, platforms, routes, commands=self.commands, lead=self._lead, calls=calls)

    def turn_to(self, moment: datetime) -> None:
        assert isinstance(self.parts.clock, HandClock)
        self.parts.clock.turn_to(moment)

    def channel(self) -> list[Message]:
        return [message for message in dict(self.slack.stands).values() if message.place.channel == CHANNEL.channel]

    def heard(self) -> list[str]:
        return [message.reply.title for message in self.channel()]

    def order(self, text: str) -> str:
        """Given in the channel itself; the key of its answer."""
        request = Request(f"C0PROD:{text}", LEAD, CHANNEL, text, self.parts.clock.now())
        self.bot.dispatcher.receive(request)
        return f"order:{request.id}"

    def kept(self) -> dict[str, Message]:
        far = self.parts.clock.now() + timedelta(days=2)
        return {message.key: message for message in self.store.kept_messages(far)}

    def built(self, number: int, result: BuildResult = BuildResult.SUCCESS, job: str = "adderservice") -> None:
        began = self.parts.clock.now()
        sha, url = f"{number:07x}" * 5, f"https://ci.example.com/{job}/{number}"
        build = Build("jenkins", job, number, BuildPhase.STARTED, began, revision=sha, url=url)
        self.bot.build(build)
        self.bot.build(Build("jenkins", job, number, BuildPhase.FINISHED, began, result, sha, seconds=123.0, url=url))

    def brings(self, service: str, tag: str, namespace: str = "micro") -> None:
        """With kubectl."""
        self.cluster.kubectl_set_image(namespace, service, f"registry.local:5000/{service}:{tag}")


@contextmanager
def night(
    folder: Path,
    at: datetime = ELEVEN,
    *,
    routes: str = ROUTES,
    roles: str = ROLES,
    production: str = "",
    commands: Mapping[str, Command] = NO_COMMANDS,
) -> Iterator[Night]:
    config = folder / "night.yaml"
    config.write_text(CONFIG.format(folder=folder, more=routes + roles, settle="2s", production=production))
    with HandClock(SPEED) as clock:
        clock.turn_to(at)
        parts = make_parts(load(config, {}), clock)
        with started(Night(parts, Room(clock), {**load_commands(), **commands}, lead=True)) as bot:
            yield bot
