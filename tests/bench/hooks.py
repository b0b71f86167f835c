"""Builds by webhook: how many are kept a second, and how long it takes until they stand in the outbox.

python -m tests.bench.hooks
"""

import asyncio
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from bot.app import Bot
from bot.chat.console.room import Room
from bot.clock import SystemClock
from bot.core.events import Build
from bot.core.model import CONSOLE, Place
from bot.core.quiet import LOUD
from bot.engine.announce import Announcer
from bot.engine.outbox import Outbox
from bot.parts import Parts, make_parts
from bot.web.hooks import hook_routes
from bot.web.server import WebServer
from commands import load as load_commands
from config import DEMO, load
from tests.contract.builds_kit import KITS, SECRET

RATE, SECONDS, LINES = 500, 30, 8
EVENTS = 1_000
ROOM = Place(CONSOLE, CONSOLE)
KIT = KITS["generic"]


def main() -> None:
    with TemporaryDirectory() as folder:
        parts = make_parts(load(DEMO, {"QUARTERDECK_DEMO_FOLDER": str(Path(folder))}), SystemClock())
        _until_the_outbox(parts)
        _flood(parts)
        parts.close()


def _until_the_outbox(parts: Parts) -> None:
    room = Room(parts.clock)
    bot = Bot(parts, [room], lambda _: {ROOM: LOUD}, commands=load_commands(), lead=False)
    outbox = Outbox(parts.store, {room.name: room}, parts.clock)
    announcer = Announcer(bot.ports, outbox, lambda _: {ROOM: LOUD})
    took, busy = [], process_time()
    for number in range(EVENTS):
        (build,) = KIT.read(*_sent(100_000 + number // 2, "success" if number % 2 else None))
        start = perf_counter()
        parts.store.save_build(build)
        announcer.build(build)
        took.append((perf_counter() - start) * 1000)
    cuts = quantiles(took, n=100)
    print(f"a build's event to outbox, {EVENTS}   p50 {cuts[49]:6.2f} ms   p99 {cuts[98]:6.2f} ms", end="")
    print(f"   of the processor {(process_time() - busy) / EVENTS * 1000:.2f} ms each   (p50 at most 5)")


def _flood(parts: Parts) -> None:
    """At a steady rate, over a few lines that stay open, as builders behind a proxy send: from another process."""
    room = Room(parts.clock)
    bot = Bot(parts, [room], lambda _: {ROOM: LOUD}, commands=load_commands(), lead=True)
    counted: list[str] = []
    routes = hook_routes("builds", {"generic": KIT.source}, bot.build, lambda _name, word: counted.append(word))
    web = WebServer(routes, "127.0.0.1", 0)
    bot.start()
    port = web.start()
    busy = process_time()
    with ProcessPoolExecutor(1, get_context("spawn")) as builders:
        took, lasted = builders.submit(_sent_all, port).result(timeout=10 * SECONDS)
    busy = process_time() - busy
    web.stop()
    bot.stop()
    kept = [b for b in parts.store.builds(limit=10**6) if b.number < RATE * SECONDS and b.source == "generic"]
    cuts = quantiles(took, n=100)
    print(f"{len(took)} webhooks in {lasted:.1f} s ({len(took) / lasted:.0f} a second, {RATE} wanted)", end="")
    print(f"   p50 {cuts[49] * 1000:.1f} ms   p99 {cuts[98] * 1000:.1f} ms", end="")
    print(f"   of the processor {busy / len(took) * 1000:.2f} ms each")
    print(f"accepted {counted.count('accepted')}, kept {_different(kept)}, lost {len(took) - _different(kept)}")


def _different(builds: list[Build]) -> int:
    return len({build.key for build in builds})


def _sent_all(port: int) -> tuple[list[float], float]:
    return asyncio.run(_send(port))


async def _send(port: int) -> tuple[list[float], float]:
    start = perf_counter()
    lines = [asyncio.create_task(_line(port, start, first)) for first in range(LINES)]
    took = [one for line in lines for one in await line]
    return took, perf_counter() - start


async def _line(port: int, start: float, first: int) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    took = []
    for number in range(first, RATE * SECONDS, LINES):
        await asyncio.sleep(max(0.0, start + number / RATE - perf_counter()))
        headers, body = _sent(number, "success")
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        sent = perf_counter()
        writer.write(
            f"POST /hooks/builds/generic HTTP/1.1\r\nHost: h\r\nContent-Length: {len(body)}\r\n{head}\r\n".encode()
            + body
        )
        answer = await reader.readuntil(b"\r\n\r\n")
        took.append(perf_counter() - sent)
        if not answer.startswith(b"HTTP/1.1 202"):
            print(answer.partition(b"\r\n")[0].decode())
    writer.close()
    return took


def _sent(number: int, result: str | None) -> tuple[dict[str, str], bytes]:
    ended = f', "result": "{result}"' if result else ""
    body = f'{{"job": "adderservice", "number": {number}, "revision": "{number:07x}{"ab" * 16}"{ended}}}'
    return KIT.sign(body.encode(), SECRET)


if __name__ == "__main__":
    main()
