"""How soon Slack gets its acknowledgement, and how long a message takes to draw: `python -m tests.bench.slack`.

All of it is our own time: the Slack here answers at once and refuses nothing. The real one takes as long as it takes,
and one post a second in a channel, so each order stands in a channel of its own.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from statistics import quantiles
from tempfile import TemporaryDirectory
from threading import Event

from bot.app import spare_the_collector
from bot.chat.slack.blocks import render
from bot.clock import SystemClock
from bot.core.model import Request
from bot.parts import make_parts
from config import load
from tests.e2e import scene
from tests.unit.slack_stub import Slack, slack
from tests.unit.talk import CONFIG
from tests.unit.test_slack_replay import ROLES, replica

ROUNDS, IN_FLIGHT, PATIENCE = 4_000, 100, 10.0
IDLE = 5.0
DRY_RUN = "<@U0BOT> deploy webapp 9ab01de to staging --dry-run"
SERIAL = count()


def main() -> None:
    print(f"{'ms':44}{'p50':>9}{'p99':>9}{'most':>9}")
    show("a rollout's message drawn", [timed(lambda: render(scene.progress(4, 38), scene.NOW)) for _ in range(ROUNDS)])
    show("a status of six services drawn", [timed(lambda: render(scene.STATUS, scene.NOW)) for _ in range(ROUNDS)])
    received: SimpleQueue[Request] = SimpleQueue()
    with slack(receive=received.put) as talk:
        numbers = count()
        show("one mention acknowledged", [timed_alone(talk, received, next(numbers)) for _ in range(ROUNDS)])
        start = time.perf_counter()
        with ThreadPoolExecutor(IN_FLIGHT) as crowd:
            took = list(crowd.map(lambda number: timed(lambda: order(talk, number)), range(ROUNDS, ROUNDS + IN_FLIGHT)))
        show(f"the same, {IN_FLIGHT} in flight", took)
        for _ in range(IN_FLIGHT):
            received.get(timeout=PATIENCE)
        print(f"{IN_FLIGHT} heard and handed over in {(time.perf_counter() - start) * 1000:.0f} ms")
    with TemporaryDirectory() as folder, whole_bot(Path(folder)) as talk:
        idle()
        for bot in ("a whole bot's first", "the next"):
            carried_out(talk, bot)


def idle() -> None:
    before = time.process_time()
    Event().wait(IDLE)
    print(f"a whole bot, idle: {(time.process_time() - before) / IDLE * 100:.1f} % of a processor")


def carried_out(talk: Slack, bot: str) -> None:
    """As many again are heard one after the other while those that came at once are carried out."""
    start, processor = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(IN_FLIGHT) as crowd:
        at_once = list(crowd.map(lambda _: timed(lambda: say(talk)), range(IN_FLIGHT)))
    meanwhile = [timed(lambda: say(talk)) for _ in range(IN_FLIGHT)]
    orders = 2 * IN_FLIGHT
    for _ in range(orders):
        talk.stub.asked_for("chat.postMessage")
    seconds, processor = time.perf_counter() - start, time.process_time() - processor
    show(f"{bot} {IN_FLIGHT} at once acknowledged", at_once)
    show(f"{IN_FLIGHT} more while those are carried out", meanwhile)
    print(f"{orders} planned and answered in {seconds * 1000:.0f} ms: {orders / seconds:.0f} a second", end="")
    print(f", of the processor {processor / orders * 1000:.1f} ms each")


def say(talk: Slack) -> None:
    number = next(SERIAL)
    talk.mention(DRY_RUN, ts=f"18000{number:05}.000001", channel=f"C{number}")


@contextmanager
def whole_bot(folder: Path) -> Iterator[Slack]:
    config = folder / "bench.yaml"
    config.write_text(CONFIG.format(folder=folder, more=ROLES, settle="2s", production=""))
    parts = make_parts(load(config, {}), SystemClock())
    try:
        with replica(parts) as talk:
            spare_the_collector()
            yield talk
    finally:
        parts.close()


def order(talk: Slack, number: int) -> None:
    answer = talk.mention("<@U0BOT> status", ts=f"17000{number:05}.000001")
    if answer.status != 200:
        raise RuntimeError(answer)


def timed_alone(talk: Slack, received: SimpleQueue[Request], number: int) -> float:
    """The next only when this one was handed over: a full intake would be another figure."""
    took = timed(lambda: order(talk, number))
    received.get(timeout=PATIENCE)
    return took


def timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def show(what: str, took: list[float]) -> None:
    percentiles = quantiles(took, n=100)
    print(f"{what:44}{percentiles[49]:9.3f}{percentiles[98]:9.3f}{max(took):9.3f}")


if __name__ == "__main__":
    main()
