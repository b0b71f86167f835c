"""How soon Slack gets its acknowledgement, and how long a message takes to draw: `python -m tests.bench.slack`."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from queue import SimpleQueue
from statistics import quantiles

from bot.chat.slack.blocks import render
from bot.core.model import Request
from tests.e2e import scene
from tests.unit.slack_stub import Slack, slack

ROUNDS, IN_FLIGHT, PATIENCE = 4_000, 100, 10.0


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
