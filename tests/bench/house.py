"""The house: how fast it starts, answers, and how little it holds.

python -m tests.bench.house
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from threading import Event
from time import perf_counter

from bot.app import Bot, spare_the_collector
from bot.chat.console.entry import Entry
from bot.chat.console.room import Room
from bot.clock import SystemClock
from bot.core.model import CONSOLE, Place, Who
from bot.core.quiet import LOUD
from bot.parts import Parts, make_parts
from commands import load as load_commands
from config import DEMO, load

RUNS = 7
ORDERS = 2000
OPERATOR = Who(CONSOLE, "bench", "bench")


def main() -> None:
    print(f"quarterdeck version           median {median(_times(_version)) * 1000:7.0f} ms   (at most 150)")
    print(f"demo ready for an order       median {median(_times(_first_answer)) * 1000:7.0f} ms   (at most 1500)")
    print(f"idle memory of the demo              {_idle_memory():7.0f} MiB  (at most 90)")
    blinks = _opening_lines()
    cuts = quantiles(blinks, n=100)
    print(f"order to opening line, {ORDERS}   p50 {cuts[49] * 1000:7.2f} ms", end="")
    print(f"   p99 {cuts[98] * 1000:.2f} ms   (p99 at most 5)")


def _times(run: Callable[[], None]) -> list[float]:
    run()
    times = []
    for _ in range(RUNS):
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    return times


def _version() -> None:
    subprocess.run([sys.executable, "-m", "bot", "version"], check=True, capture_output=True)


def _first_answer() -> None:
    """From the start of the process to the answer to its first order, then cut off."""
    with _demo("--no-web") as process:
        assert process.stdin and process.stdout
        process.stdin.write("help\n")
        process.stdin.flush()
        while "by what you want" not in process.stdout.readline():
            pass


def _demo(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bot", "demo", *arguments]
    return _Ended(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


class _Ended(subprocess.Popen[str]):
    def __exit__(self, *_: object) -> None:
        self.kill()
        self.communicate()


def _idle_memory() -> float:
    with _demo("--port", "0") as process:
        assert process.stdin and process.stdout
        process.stdin.write("help\n")
        process.stdin.flush()
        while "by what you want" not in process.stdout.readline():
            pass
        Event().wait(5)
        status = Path(f"/proc/{process.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", status)
    assert found
    return int(found[1]) / 1024


def _opening_lines() -> list[float]:
    """In process: from the moment the order is typed to the moment its opening line stands there.

    The orders name a tag that does not exist, so that each has an opening line and none starts a rollout. The next
    one is typed when the last one is over and noted: this is how fast one order is, not how many fit.
    """
    with TemporaryDirectory() as folder:
        settings = load(DEMO, {**os.environ, "QUARTERDECK_DEMO_FOLDER": folder})
        parts = make_parts(settings, SystemClock())
        room = Room(parts.clock)
        bot = Bot(parts, [room], lambda _event: {Place(CONSOLE, CONSOLE): LOUD}, commands=load_commands(), lead=True)
        bot.start()
        spare_the_collector()
        try:
            return [_blink(room, parts, n) for n in range(ORDERS)]
        finally:
            bot.stop()
            parts.close()


def _blink(room: Room, parts: Parts, number: int) -> float:
    stands = Event()
    begun = perf_counter()
    ended = [begun]

    def look(entry: Entry) -> None:
        message = entry.message
        if message.key.startswith("order:") and not stands.is_set():
            ended[0] = perf_counter()
            stands.set()

    unsubscribe = room.subscribe(look)
    request = room.say(f"deploy webapp {number + 0xF00000:x} to staging", OPERATOR)
    stands.wait(5)
    unsubscribe()
    room.wait_for(f"order:{request.id}", 5)
    while parts.store.next_due(CONSOLE):
        Event().wait(0.001)
    return ended[0] - begun


if __name__ == "__main__":
    main()
