"""How long the store's calls take: `python -m tests.bench.store [url]`. Those of the opening line come first."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from bot.store.sql import SqlStore
from tests.contract.store_nouns import CHANNEL, NOW, SECOND, change, entry, message, order, request, rollout

ROUNDS = 2000
STANDS = replace(CHANNEL, message="1763640000.000100")


def opening_line(store: SqlStore, number: int) -> None:
    store.open_order(order(-number), "a")
    store.put_message(message(f"order:-{number}", "opening"))


CALLS: dict[str, Callable[[SqlStore, int], object]] = {
    "claim_request": lambda s, n: s.claim_request(request(n)),
    "open_order": lambda s, n: s.open_order(order(n), "a"),
    "put_message, first": lambda s, n: s.put_message(message(f"order:{n}", "one")),
    "put_message, edit": lambda s, n: s.put_message(message(f"order:{n}", "two")),
    "put_message, same": lambda s, n: s.put_message(message(f"order:{n}", "two")),
    "waiting_messages of 2000": lambda s, _: s.waiting_messages("slack", CHANNEL.channel, NOW, 10),
    "next_due of 2000": lambda s, _: s.next_due("slack"),
    "message_sent": lambda s, n: s.message_sent(replace(message(f"order:{n}"), version=2), STANDS, edited=False),
    "waiting_messages of none": lambda s, _: s.waiting_messages("slack", CHANNEL.channel, NOW),
    "opening line, all of it": opening_line,
    "messages": lambda s, n: s.messages(f"order:{n}"),
    "save_change": lambda s, n: s.save_change(change(n)),
    "claim": lambda s, n: s.claim("adderservice", str(n), NOW + n * SECOND, NOW + n * SECOND),
    "save_rollout": lambda s, n: s.save_rollout(rollout(str(n))),
    "close_order": lambda s, n: s.close_order(order(n).key, "done"),
    "record": lambda s, n: s.record(entry(at=NOW + n * SECOND)),
    "audit of 2000": lambda s, _: s.audit(by="dev1"),
    "lead": lambda s, _: s.lead("a", NOW, NOW),
}


def main() -> None:
    with TemporaryDirectory() as folder:
        store = SqlStore(sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{Path(folder) / 'bench.db'}")
        store.migrate()
        print(f"{'ms':28}{'p50':>9}{'p99':>9}{'most':>9}")
        for name, call in CALLS.items():
            took = [_measure(call, store, number) for number in range(ROUNDS)]
            percentiles = quantiles(took, n=100)
            print(f"{name:28}{percentiles[49]:9.3f}{percentiles[98]:9.3f}{max(took):9.3f}")
        store.close()


def _measure(call: Callable[[SqlStore, int], object], store: SqlStore, number: int) -> float:
    start = time.perf_counter()
    call(store, number)
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main()
