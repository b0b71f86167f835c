"""What an alert may watch: in the format that every reader takes, for those alone who may, and never waited for."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import Busy, Unavailable
from bot.core.model import Message, Place, Reply, Request
from bot.core.secret import Secret
from bot.doors import Doors
from bot.web.metrics import Family, Kind, Read, metrics_routes, render
from tests.contract.builds_kit import KITS, SECRET
from tests.unit.exposition import Scrape, read
from tests.unit.talk import OPERATOR, ROOM, Talk, talking
from tests.unit.test_web import serving

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
EXPLAINED = re.findall(r"^\| `((?:quarterdeck|process)_\w+)` \|", PAGE.read_text(), re.MULTILINE)
TOKEN = "a-long-random-token"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
HOOKS = f"""
web: {{metrics_token: {TOKEN}}}
builds: {{house: {{kind: generic, secret: {SECRET}}}}}
pushes: {{quay: {{kind: generic, registry: quay.io, secret: another-secret}}}}
"""


def family(name: str = "pets_total", kind: Kind = Kind.COUNTER, **pets: float) -> Family:
    return Family(name, kind, "How many.", {(pet,): number for pet, number in pets.items()}, ("pet",))


def test_it_is_written_as_prometheus_reads_it() -> None:
    text = render([family(dog=2, cat=0.5), Family("up", Kind.GAUGE, "A \\ and\na line.", {(): True})])
    assert text.splitlines() == [
        "# HELP pets_total How many.",
        "# TYPE pets_total counter",
        'pets_total{pet="cat"} 0.5',
        'pets_total{pet="dog"} 2',
        r"# HELP up A \\ and\na line.",
        "# TYPE up gauge",
        "up 1",
    ]


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.floats(0, 1e15) | st.integers(0, 10**15)))
def test_whatever_a_name_is_made_of_is_read_as_it_was(values: dict[str, float]) -> None:
    text = render([Family("a", Kind.GAUGE, "b", {(name,): value for name, value in values.items()}, ("name",))])
    found = read(text.encode().decode())
    assert found.values == {("a", frozenset({("name", name)})): value for name, value in values.items()}


@contextmanager
def metrics(*reads: Read, timeout: float = 10.0) -> Iterator[httpx.Client]:
    checks = {"store": lambda: "It is away.", "chat": lambda: None}
    with serving(*metrics_routes(Secret(TOKEN), checks, reads, timeout=timeout)) as client:
        yield client


def scraped(client: httpx.Client) -> Scrape:
    answer = client.get("/metrics", headers=BEARER)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return read(answer.text)


def test_who_does_not_prove_themselves_is_told_nothing() -> None:
    with metrics(lambda: [family(dog=1)]) as client:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
            answer = client.get("/metrics", headers=headers)
            assert (answer.status_code, answer.text) == (401, "")
        assert client.post("/metrics", headers=BEARER).status_code == 405
        assert scraped(client)("pets_total", pet="dog") == 1


def sent(token: str, wanted: str) -> int:
    with serving(*metrics_routes(Secret(wanted), {}, [])) as client:
        return client.get("/metrics", headers={b"Authorization": f"Bearer {token}".strip().encode()}).status_code


def test_a_token_is_known_whatever_it_is_made_of_and_however_its_secret_was_written() -> None:
    assert [sent(token, "zwölf-bären\n") for token in ("zwölf-bären", "zwolf-baren", "")] == [200, 401, 401]
    assert sent("", "\n") == 401


def test_without_a_token_there_is_no_such_door() -> None:
    with serving(*metrics_routes(None, {}, [lambda: [family(dog=1)]])) as client:
        assert client.get("/metrics", headers=BEARER).status_code == 404


def test_each_part_is_well_or_not_as_readyz_says() -> None:
    with metrics() as client:
        found = scraped(client)
    assert (found("quarterdeck_ready", part="store"), found("quarterdeck_ready", part="chat")) == (0, 1)


def test_what_hangs_or_is_away_is_left_out_and_there_again_afterwards() -> None:
    free = Event()

    def slow() -> list[Family]:
        free.wait(30)
        return [family("slow_total", dog=1)]

    def away() -> list[Family]:
        raise Unavailable("The store does not answer.")

    with metrics(slow, away, lambda: [family(dog=1)], timeout=1.0) as client:
        try:
            assert any("pets_total" in scraped(client).types for _ in range(20))
            assert not any("slow_total" in scraped(client).types for _ in range(3))
        finally:
            free.set()
        assert any("slow_total" in scraped(client).types for _ in range(20))


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Talk]:
    with talking(tmp_path, more=HOOKS) as found:
        yield found


@contextmanager
def edge(bot: Talk) -> Iterator[httpx.Client]:
    """All doors of a whole bot, as `run` opens them."""
    doors = Doors(bot.parts.settings, bot.parts.clock, bot.bot, [bot.room, bot.slack], lambda: True)
    with serving(*doors.routes()) as client:
        yield client


def whole(client: httpx.Client) -> Scrape:
    """Nothing was left out of it, however busy the machine is."""
    for _ in range(20):
        found = scraped(client)
        if len(found.types) == len(EXPLAINED):
            return found
    raise AssertionError(f"there is only {sorted(found.types)}")


def test_every_family_is_explained_in_operations_and_no_other(bot: Talk) -> None:
    with edge(bot) as client:
        assert sorted(whole(client).types) == sorted(EXPLAINED)


def test_what_a_whole_bot_knows_of_itself(bot: Talk) -> None:
    with edge(bot) as client:
        bot.pass_time(lambda: whole(client)("quarterdeck_leader") == 1)
        bot.pass_time(lambda: whole(client)("quarterdeck_ready", part="store") == 1)
        registries = {"registry": "registry.local:5000"}
        bot.pass_time(lambda: whole(client)("quarterdeck_registry_failing_repositories", **registries) == 0)
        found = whole(client)
        assert found("quarterdeck_config_refused") == 1
        assert found("quarterdeck_environment_seen", environment="production") == 1
        assert found("quarterdeck_rollouts", phase="stuck") is not None
        assert found("quarterdeck_orders_total", verb="deploy", outcome="broken") == 0
        assert found("quarterdeck_orders_total", verb="unknown", outcome="broken") == 0
        assert (found("process_cpu_seconds_total") or 0) > 0
        bot.cluster.break_off("The API server is away.")
        bot.pass_time(lambda: whole(client)("quarterdeck_environment_seen", environment="staging") == 0)


def test_orders_are_counted_by_what_became_of_them_and_never_by_what_was_typed(bot: Talk) -> None:
    def counted(verb: str, outcome: str) -> float | None:
        return whole(client)("quarterdeck_orders_total", verb=verb, outcome=outcome)

    with edge(bot) as client:
        bot.say("scale webapp 3 in staging")
        bot.say("scale hunter2 3 in staging")
        bot.begin("hunter3 hunter4")
        bot.pass_time(lambda: counted("scale", "applied") == 1)
        bot.pass_time(lambda: counted("scale", "not_found") == 1)
        bot.pass_time(lambda: counted("unknown", "usage") == 1)
        assert "hunter" not in client.get("/metrics", headers=BEARER).text


def test_an_order_that_nobody_had_time_for_is_counted_too(bot: Talk) -> None:
    with edge(bot) as client:
        before = whole(client)("quarterdeck_orders_total", verb="unknown", outcome="busy")
        bot.bot.stop()
        with pytest.raises(Busy):
            bot.bot.dispatcher.receive(Request("late", OPERATOR, ROOM, "status", bot.parts.clock.now()))
        after = bot.bot.dispatcher.orders.all()
    assert (before, after["unknown", "busy"]) == (None, 1)


def test_an_order_that_waits_for_people_is_counted_as_asked_and_as_what_became_of_it(tmp_path: Path) -> None:
    with talking(tmp_path, production=", confirm: true", more=HOOKS) as bot, edge(bot) as client:
        bot.begin("scale webapp 3 in production")
        bot.pass_time(lambda: whole(client)("quarterdeck_orders_total", verb="scale", outcome="asked") == 1)
        bot.say("cancel 1")
        bot.pass_time(lambda: whole(client)("quarterdeck_orders_total", verb="scale", outcome="cancelled") == 1)


def test_a_forged_delivery_is_counted_from_0_on(bot: Talk) -> None:
    house = {"kind": "builds", "name": "house"}
    with edge(bot) as client:
        before = whole(client)
        assert before("quarterdeck_deliveries_total", outcome="forged", **house) == 0
        assert before("quarterdeck_deliveries_total", kind="registry", name="quay", outcome="accepted") == 0
        assert client.post("/hooks/builds/house", content=b"{}").status_code == 401
        headers, body = KITS["generic"].sent(KITS["generic"].life[0])
        assert client.post("/hooks/builds/house", headers=headers, content=body).status_code == 202
        assert client.post("/hooks/builds/nobody", content=b"{}").status_code == 404
        after = whole(client)
        assert after("quarterdeck_deliveries_total", outcome="forged", **house) == 1
        assert after("quarterdeck_deliveries_total", outcome="accepted", **house) == 1
        assert "nobody" not in client.get("/metrics", headers=BEARER).text


def test_messages_that_a_chat_does_not_take_are_late(bot: Talk) -> None:
    bot.slack.faults = [("before", Unavailable("It is away."))] * 1_000
    with edge(bot) as client:
        bot.bot._outbox.put(Message("late", Place("slack", "C1"), Reply("late")))
        bot.pass_time(lambda: whole(client)("quarterdeck_outbox_messages", chat="slack") == 1)
        bot.pass_time(lambda: (whole(client)("quarterdeck_outbox_oldest_seconds", chat="slack") or 0) > 1)
        bot.slack.faults = []
        bot.pass_time(lambda: whole(client)("quarterdeck_outbox_messages", chat="slack") == 0)
