"""What each command of the command line does, from its arguments to its exit code."""

import getpass
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event as Flag

import yaml

from bot.app import Bot, spare_the_collector
from bot.chat.console.keys import open_history
from bot.chat.console.page import page_routes
from bot.chat.console.pipe import run_pipe
from bot.chat.console.room import Room
from bot.chat.console.terminal import Terminal
from bot.chat.console.text import plain
from bot.clock import ScaledClock, SystemClock
from bot.core.catalogue import Catalogue
from bot.core.clock import Clock
from bot.core.model import CONSOLE, Place, Reply, Who
from bot.core.parse import complete
from bot.core.quiet import LOUD
from bot.core.verify import LARGEST
from bot.core.when import since as beginning
from bot.demo.life import Life
from bot.doors import Doors
from bot.engine.reach import told, unheard
from bot.parts import Parts, calling, make_parts, make_platforms, routed
from bot.ports import Command
from bot.record import exported, verified
from bot.registry.memory import MemoryRegistry
from bot.reload import Reloader
from bot.rights import rights
from bot.store.sql import SqlStore
from bot.web.server import WebServer
from bot.web.telemetry import log_to
from commands import load as load_commands
from config import DEMO, Settings, load

log = logging.getLogger(__name__)
ROOM = Place(CONSOLE, CONSOLE)
LONGEST_ORDER = 1800.0
HOSTS = ("127.0.0.1", "localhost", "[::1]")


def check(config: Path, *, live: bool) -> int:
    settings = load(config, os.environ)
    sys.stdout.write(f"{config}: no mistake found.\n")
    if not (settings.chat.slack or settings.chat.webex):
        sys.stdout.write(f"{_without_chat(config)}\n")
    return _check_live(settings) if live else 0


def _without_chat(config: Path) -> str:
    """It may be meant so; whoever forgot the chat would wait for a word of a bot that works in silence."""
    return (
        "No chat is configured: the bot follows, polls and deploys by policy, and tells nobody. "
        f"Orders are given with: quarterdeck shell --config {config}"
    )


def _check_live(settings: Settings) -> int:
    """Which orders the bot may carry out where, and where it cannot speak, by their own word. 1 where it lacks any."""
    clock = SystemClock()
    platforms = make_platforms(settings, clock, settings.catalogue)
    replies = [rights(settings, clock)]
    if platforms:
        replies.append(told(list(unheard(platforms, settings.catalogue()))))
    return max(_tell(reply, clock) for reply in replies)


def _tell(reply: Reply, clock: Clock) -> int:
    sys.stdout.write(f"{plain(reply, clock.now())}\n")
    return int(bool(reply.code))


def run(config: Path) -> int:
    told_to_stop = _told_to_stop()
    settings = load(config, os.environ)
    log_to(sys.stderr, level=logging.INFO)
    parts = make_parts(settings, SystemClock())
    head = parts.store.audit_head()
    log.info("audit %d %s stands at the start", head.number, head.seal)
    platforms = make_platforms(settings, parts.clock, parts.current)
    if not platforms:
        log.warning(_without_chat(config))
    routes, calls = routed(parts.current, platforms, parts.clock), calling(parts.current, platforms)
    bot = Bot(parts, platforms, routes, commands=load_commands(), lead=True, calls=calls)
    reloader = Reloader(config, parts.current, lambda: load(config, os.environ), bot.configured, bot.tell_admins)
    doors = Doors(settings, parts.clock, bot, platforms, lambda: reloader.refused)
    web = WebServer(doors.routes(), settings.web.host, settings.web.port, largest=LARGEST)
    with _running(bot, parts), _serving(web) as port, _reloading(reloader):
        log.info("listening on %s port %d", settings.web.host, port)
        told_to_stop.wait()
    return 0


def audit(action: str, config: Path, since: str | None = None) -> int:
    """The store is read as it is: nothing is set up or brought up to date beside a bot that may be running."""
    settings, clock = load(config, os.environ), SystemClock()
    store = SqlStore(settings.store.reveal())
    try:
        if action == "verify":
            return _tell(verified(store), clock)
        start = beginning(since, clock.now(), settings.time_zone, hint="--since 7d") if since else None
        sys.stdout.writelines(f"{line}\n" for line in exported(store, start))
        return 0
    finally:
        store.close()


def slack_manifest(config: Path) -> int:
    from bot.chat.slack import Mode, Slash, manifest

    settings = load(config, os.environ)
    mode = Mode(settings.chat.slack.mode) if settings.chat.slack else Mode.SOCKET
    orders = [Slash(command.name, command.usage, command.summary) for command in load_commands().values()]
    sys.stdout.write(
        yaml.safe_dump(manifest(orders, mode, settings.web.public_url), sort_keys=False, allow_unicode=True)
    )
    return 0


def shell(config: Path, *, json: bool, lead: bool) -> int:
    return _console(load(config, os.environ), SystemClock(), json=json, lead=lead)


def demo(*, port: int, web: bool, speed: float, json: bool) -> int:
    """The state of a game is not worth keeping: it goes with the temporary folder."""
    with TemporaryDirectory(prefix="quarterdeck-demo-") as folder:
        settings = load(DEMO, {**os.environ, "QUARTERDECK_DEMO_FOLDER": folder})
        clock = ScaledClock(speed)
        return _console(settings, clock, json=json, lead=True, life=True, port=port if web else None)


def _console(
    settings: Settings, clock: Clock, *, json: bool, lead: bool, life: bool = False, port: int | None = None
) -> int:
    log_to(sys.stderr, level=logging.ERROR)
    parts = make_parts(settings, clock)
    room, who = Room(clock), Who(CONSOLE, _user(), _user())
    commands = load_commands()
    bot = Bot(parts, [room], lambda _event: {ROOM: LOUD}, commands=commands, lead=lead)
    suggest = _suggester(parts.current, commands)
    with _running(bot, parts), _living(parts, bot, life=life):
        if port is None:
            return _talk(room, who, suggest, clock, json=json)
        web = WebServer(page_routes(room, who, suggest, allowed_hosts=HOSTS), "127.0.0.1", port)
        with _serving(web) as bound:
            if sys.stdin.isatty():
                sys.stdout.write(f"The same room is at http://127.0.0.1:{bound}/\n")
            return _talk(room, who, suggest, clock, json=json)


def _talk(room: Room, who: Who, suggest: Callable[[str], list[str]], clock: Clock, *, json: bool) -> int:
    if json or not sys.stdin.isatty():
        return run_pipe(room, who, sys.stdin, sys.stdout, json=json, timeout=clock.real(LONGEST_ORDER))
    sys.stdout.write("Quarterdeck. help shows the orders, status what runs; Ctrl-D ends it.\n")
    Terminal(room, who, suggest, history=open_history(os.environ)).run()
    return 0


def _suggester(current: Callable[[], Catalogue], commands: Mapping[str, Command]) -> Callable[[str], list[str]]:
    shapes = {name: command.shape for name, command in commands.items()}

    def suggest(text: str) -> list[str]:
        catalogue = current()
        known: dict[str, Iterable[str]] = {
            "service": catalogue.services,
            "environment": catalogue.environments,
            "order": commands,
        }
        return complete(text, shapes, lambda placeholder, _words: list(known.get(placeholder, ())))

    return suggest


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"


@contextmanager
def _running(bot: Bot, parts: Parts) -> Iterator[None]:
    bot.start()
    spare_the_collector()
    try:
        yield
    finally:
        bot.stop()
        parts.close()


@contextmanager
def _living(parts: Parts, bot: Bot, *, life: bool) -> Iterator[None]:
    """Only the demo has a life of its own: builds that finish, images that appear."""
    if not life or not isinstance(parts.registry, MemoryRegistry):
        yield
        return
    world = Life(parts.settings.catalogue(), parts.registry, parts.clock, bot.build)
    world.start()
    try:
        yield
    finally:
        world.stop()


@contextmanager
def _serving(web: WebServer) -> Iterator[int]:
    port = web.start()
    try:
        yield port
    finally:
        web.stop()


@contextmanager
def _reloading(reloader: Reloader) -> Iterator[None]:
    signal.signal(signal.SIGHUP, lambda *_: reloader.ask())
    reloader.start()
    try:
        yield
    finally:
        reloader.stop()


def _told_to_stop() -> Flag:
    """What comes in the middle of the start ends it in order."""
    stop = Flag()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
