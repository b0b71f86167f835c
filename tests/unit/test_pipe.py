"""Orders from a pipe are followed to their end, and the exit code says how they ended."""

import io
import json
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from bot.chat.console.pipe import run_pipe
from bot.chat.console.room import Room
from bot.core.errors import Busy
from bot.core.model import Field, Message, Place, Reply, Request, Table, Tone, When, Who

WHO = Who(platform="console", id="oncall", name="oncall")
HERE = Place("console", "console")
NOW = datetime(2026, 11, 3, 14, 32, tzinfo=UTC)
KEYS = ["order", "ok", "code", "title", "tone", "fields", "table", "body", "key", "final"]


class StillClock:
    def now(self) -> datetime:
        return NOW

    def real(self, seconds: float) -> float:
        return seconds


class Bot:
    """Answers on a thread of its own, as the engine does."""

    def __init__(self) -> None:
        self.room = Room(StillClock())
        self.pool = ThreadPoolExecutor(1)
        self.held = threading.Event()
        self.room.start(lambda request: void(self.pool.submit(self.answer, request)))

    def answer(self, request: Request) -> None:
        key = f"order:{request.id}"
        if request.text.startswith("refuse"):
            self.room.whisper(request, Reply("No.", Tone.WARNING, code="not_found"))
            return
        place = self.room.post(Message(key, HERE, Reply(f"{request.text} · starting", Tone.WORKING), final=False))
        if request.text.startswith("hang"):
            return
        if request.text.startswith("wait"):
            assert self.held.wait(30)
        for ready in (1, 1, 2):
            reply = Reply(f"{request.text} · {ready} of 2 ready", Tone.WORKING, body=f"{ready}/2")
            self.room.edit(place, Message(key, place, reply, final=False))
        failed = request.text.startswith("break")
        last = Reply(f"{request.text} · {'failed' if failed else 'done'}", code="failed" if failed else "")
        self.room.edit(place, Message(key, place, last))

    def pipe(self, lines: Iterable[str], *, as_json: bool = False, timeout: float = 30) -> tuple[int, list[str]]:
        out = io.StringIO()
        code = run_pipe(self.room, WHO, lines, out, json=as_json, timeout=timeout)
        self.pool.shutdown()
        return code, out.getvalue().splitlines()


def void(_: object) -> None:
    pass


def test_each_order_is_followed_to_its_end_before_the_next() -> None:
    code, lines = Bot().pipe(["# a comment\n", "\n", "deploy a\n", "deploy b\n"])
    assert code == 0
    assert lines == [
        "> deploy a",
        "… deploy a · starting",
        "… deploy a · 1 of 2 ready",
        "  1/2",
        "… deploy a · 2 of 2 ready",
        "  2/2",
        "· deploy a · done",
        "> deploy b",
        "… deploy b · starting",
        "… deploy b · 1 of 2 ready",
        "  1/2",
        "… deploy b · 2 of 2 ready",
        "  2/2",
        "· deploy b · done",
    ]


def test_a_refused_or_failed_order_is_one() -> None:
    assert Bot().pipe(["deploy a", "refuse b"])[0] == 1
    assert Bot().pipe(["break a", "deploy b"])[0] == 1


def test_an_order_that_nobody_takes_is_one() -> None:
    bot = Bot()

    def full(request: Request) -> None:
        raise Busy("50 orders are waiting.")

    bot.room.start(full)
    code, lines = bot.pipe(["status"])
    assert code == 1
    assert lines[:2] == ["> status", "! 50 orders are waiting."]


def test_an_order_in_the_background_is_awaited_at_the_end_only() -> None:
    bot = Bot()

    def orders() -> Iterator[str]:
        yield "wait a &"
        bot.held.set()
        yield "deploy b"

    code, lines = bot.pipe(orders())
    assert code == 0
    assert lines.index("> deploy b") > lines.index("> wait a")
    assert "· wait a · done" in lines


def test_what_somebody_else_started_is_followed_to_its_end_and_does_not_count() -> None:
    bot = Bot()
    theirs = bot.room.post(Message("rollout:1", HERE, Reply("webapp · 1 of 2 ready"), final=False))

    def orders() -> Iterator[str]:
        yield "deploy a"
        end = Message("rollout:1", theirs, Reply("webapp · failed", code="failed"))
        bot.pool.submit(bot.room.edit, theirs, end)

    code, lines = bot.pipe(orders())
    assert code == 0
    assert lines[-1] == "· webapp · failed"


def test_a_wait_that_is_too_long_says_so_and_the_next_order_is_taken() -> None:
    code, lines = Bot().pipe(["hang a"], timeout=0.05)
    assert code == 1
    assert "! hang a: no verdict within 0.05 s" in lines


def test_json_has_exactly_the_keys_that_programs_depend_on() -> None:
    code, lines = Bot().pipe(["deploy a", "refuse b"], as_json=True)
    told = [json.loads(line) for line in lines]
    assert code == 1
    assert all(list(one) == KEYS for one in told)
    assert [(one["order"], one["ok"], one["final"]) for one in told] == [
        *[("deploy a", None, False)] * 3,
        ("deploy a", True, True),
        ("refuse b", False, True),
    ]
    assert told[-1]["code"] == "not_found"
    assert told[0]["key"] == told[3]["key"]
    assert told[0]["key"].startswith("order:")


def test_json_of_fields_and_tables() -> None:
    bot = Bot()
    table = Table(("pod", "age"), (("a-1", When(NOW)),))
    reply = Reply("status", fields=(Field("image", "3f2a91c"),), table=table, body="b")
    bot.room.start(lambda request: void(bot.room.post(Message(f"order:{request.id}", HERE, reply))))
    _, lines = bot.pipe(["status"], as_json=True)
    told = json.loads(lines[0])
    assert told["fields"] == {"image": "3f2a91c"}
    assert told["table"] == {"columns": ["pod", "age"], "rows": [["a-1", "2026-11-03T14:32:00+00:00"]]}


def test_replies_in_a_thread_are_one_line_and_the_log_that_they_quote() -> None:
    bot = Bot()

    def orders() -> Iterator[str]:
        parent = bot.room.post(Message("release", HERE, Reply("adderservice 3f2a91c")))
        thread = Place("console", "console", parent.message)
        bot.room.post(Message("build", thread, Reply("#418 Success", body="long")))
        bot.room.post(Message("evidence", thread, Reply("Last lines of a-1", body="    panic: no database")))
        yield "deploy a"

    _, lines = bot.pipe(orders())
    assert lines[:4] == [
        "· adderservice 3f2a91c",
        "    └ · #418 Success",
        "    └ · Last lines of a-1",
        "        panic: no database",
    ]


def test_values_are_not_printed() -> None:
    for as_json in (False, True):
        _, lines = Bot().pipe(["refuse set a PASSWORD=hunter2"], as_json=as_json)
        assert "hunter2" not in "".join(lines)


def test_a_reader_that_goes_away_ends_it() -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    assert run_pipe(Bot().room, WHO, ["hang a", "hang b"], Gone(), json=False, timeout=30) == 1


def test_nobody_is_left_listening() -> None:
    Bot().pipe(["deploy a"])
    assert not [thread for thread in threading.enumerate() if thread.name == "console-pipe"]
