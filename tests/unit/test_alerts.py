"""Alerts from the wire to the room: one message a group, edited, joined to status and why."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import permutations
from pathlib import Path

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.alerts.alertmanager import Alertmanager
from bot.core.alerts import FLAPS, Alert, AlertGroup, concerning, merge, where
from bot.core.catalogue import Catalogue, Environment
from bot.core.errors import Unavailable
from bot.core.model import Message, Tone
from bot.core.secret import Secret
from bot.web.hooks import Accept, hook_routes
from bot.web.server import WebServer
from tests.contract.builds_kit import SECRET
from tests.unit.talk import Talk

PAYLOADS = Path(__file__).parents[1] / "payloads" / "alerts"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CATALOGUE = Catalogue(
    {"staging": Environment("staging", "m", "micro-staging"), "production": Environment("production", "m", "micro")}
)


def alert(name: str = "a", starts: int = 0, ends: int | None = None, service: str = "adderservice") -> Alert:
    return Alert(
        name, "HighErrorRate", NOON + starts * MINUTE, None if ends is None else NOON + ends * MINUTE, service=service
    )


def told(*alerts: Alert, heard: int = 0, whole: bool = True) -> AlertGroup:
    return AlertGroup("main", "group", "HighErrorRate", alerts, NOON + heard * MINUTE, whole=whole)


def after(*groups: AlertGroup) -> AlertGroup:
    merged = None
    for group in groups:
        merged = merge(merged, group)
    assert merged is not None
    return merged


def test_the_same_again_changes_nothing_but_when_it_was_heard() -> None:
    once = after(told(alert()))
    assert replace(after(told(alert()), told(alert(), heard=5)), heard=once.heard) == once


def test_a_late_delivery_opens_nothing_again() -> None:
    fires, resolved = told(alert()), told(alert(ends=10), heard=10)
    assert after(fires, resolved, fires).firing == ()


def test_what_is_left_out_of_a_whole_group_was_silenced() -> None:
    both = told(alert("a"), alert("b"))
    assert [a.fingerprint for a in after(both, told(alert("a"))).firing] == ["a"]
    assert len(after(both, told(alert("a"), whole=False)).firing) == 2
    assert len(after(both, told(alert("a")), both).firing) == 2


def test_one_that_comes_back_soon_is_the_same_and_counted() -> None:
    soon = 10 + int(FLAPS / MINUTE)
    again = after(told(alert()), told(alert(ends=10), heard=10), told(alert(starts=soon), heard=soon))
    assert (again.key, again.times) == (after(told(alert())).key, 2)


def test_one_that_comes_back_late_is_another_message() -> None:
    late = 11 + int(FLAPS / MINUTE)
    another = after(told(alert()), told(alert(ends=10), heard=10), told(alert(starts=late), heard=late))
    assert another.key != after(told(alert())).key
    assert another.times == 1
    assert [a.starts for a in another.told] == [NOON + late * MINUTE]


def test_in_whatever_order_the_end_is_the_same() -> None:
    """Deliveries about other alerts of one group, each cut short, in any order and twice."""
    deliveries = [
        told(alert("a"), whole=False),
        told(alert("a", ends=5), whole=False),
        told(alert("b", starts=2), whole=False),
        told(alert("c", starts=3, ends=4), whole=False),
    ]
    ends = {tuple((a.fingerprint, a.ends) for a in after(*order, *order).alerts) for order in permutations(deliveries)}
    assert len(ends) == 1


@example([("b", 0, 0), ("b", 1, None), ("a", 0, None), ("b", 0, None)])
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 200), st.none() | st.integers(0, 100)), min_size=1))
def test_whatever_is_told_what_was_resolved_stays_so(deliveries: list[tuple[str, int, int | None]]) -> None:
    merged: AlertGroup | None = None
    ended: dict[tuple[str, datetime], bool] = {}
    for minute, (name, starts, lasts) in enumerate(deliveries):
        one = alert(name, starts, None if lasts is None else starts + lasts)
        merged = merge(merged, told(one, heard=minute))
        ended[one.fingerprint, one.starts] = ended.get((one.fingerprint, one.starts), False) or not one.fires
        for each in merged.firing:
            assert not ended.get((each.fingerprint, each.starts), False) or minute > 24 * 60
        assert merged.times >= 1
        assert len({a.fingerprint for a in merged.alerts}) == len(merged.alerts)


def test_its_environment_is_by_label_or_by_namespace() -> None:
    assert where(replace(alert(), environment="staging", namespace="micro"), CATALOGUE) == "staging"
    assert where(replace(alert(), environment="live", namespace="micro"), CATALOGUE) == "production"
    assert where(alert(), CATALOGUE) is None


def test_what_was_not_heard_of_for_a_day_is_not_said_to_fire() -> None:
    groups = [after(told(alert()))]
    assert concerning(groups, CATALOGUE, NOON + timedelta(hours=23), "adderservice", None)
    assert not concerning(groups, CATALOGUE, NOON + timedelta(hours=25), "adderservice", None)
    assert not concerning(groups, CATALOGUE, NOON, "webapp", None)


class Edge:
    def __init__(self, port: int, counted: Counter[str]) -> None:
        self.counted = counted
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False)

    def post(self, payload: str, token: str = SECRET) -> int:
        body = (PAYLOADS / f"{payload}.json").read_bytes()
        return self.send(body, token)

    def send(self, body: bytes, token: str = SECRET) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return self._client.post("/hooks/alerts/main", headers=headers, content=body).status_code

    def close(self) -> None:
        self._client.close()


@contextmanager
def edge(bot: Talk, accept: Accept[AlertGroup] | None = None) -> Iterator[Edge]:
    counted: Counter[str] = Counter()
    sources = {"main": Alertmanager("main", Secret(SECRET), bot.parts.clock)}
    routes = hook_routes("alerts", sources, accept or bot.bot.alerts, lambda _name, word: counted.update([word]))
    server = WebServer(routes, "127.0.0.1", 0)
    made = Edge(server.start(), counted)
    try:
        yield made
    finally:
        made.close()
        server.stop()


def alerts(bot: Talk) -> list[Message]:
    return list({m.key: m for m in bot.messages() if m.key.startswith("alert:")}.values())


def title(bot: Talk) -> str:
    found = alerts(bot)
    return found[0].reply.title if found else ""


def reads(bot: Talk, said: str) -> bool:
    return title(bot) == said


def test_a_group_is_one_message_from_its_first_alert_to_its_last_word(bot: Talk) -> None:
    with edge(bot) as hooks:
        for payload, said in (
            ("firing", "adderservice in production · HighErrorRate fires"),
            ("two_firing", "HighErrorRate fires, 2 of 2"),
            ("one_resolved", "HighErrorRate fires, 1 of 2"),
            ("all_resolved", "HighErrorRate resolved after 22 min 55 s"),
        ):
            assert hooks.post(payload) == 202
            assert hooks.post(payload) == 202
            bot.until(partial(reads, bot, said))
    assert len(alerts(bot)) == 1
    assert alerts(bot)[0].reply.tone is Tone.GOOD
    assert hooks.counted == {"accepted": 8}


def test_it_is_joined_to_status_and_why(bot: Talk) -> None:
    body = (PAYLOADS / "firing.json").read_text()
    with edge(bot) as hooks:
        assert hooks.send(body.encode()) == 202
    line = "HighErrorRate fires for "
    for order in ("status", "status in production", "status adderservice in production", "why adderservice"):
        assert line in bot.say(order).body, order
    assert line not in bot.say("status in staging").body
    assert line not in bot.say("status webapp in production").body
    assert bot.say("why adderservice").title.endswith("that the cluster knows of, but there is more")


def test_forged_and_garbled_ones_are_a_bare_number(bot: Talk) -> None:
    with edge(bot) as hooks:
        assert hooks.post("firing", "guessed") == 401
        assert hooks.send(b"{}") == 400
    assert hooks.counted == {"forged": 1, "refused": 1}
    assert bot.store.firing_alerts() == []


def test_what_cannot_be_kept_is_sent_again(bot: Talk) -> None:
    def away(_told: AlertGroup) -> None:
        raise Unavailable("The store does not answer.")

    with edge(bot, away) as hooks:
        assert hooks.post("firing") == 503


def test_a_crash_between_kept_and_said_is_healed_by_the_next_delivery(bot: Talk) -> None:
    """Alertmanager sends again what was not answered."""
    source = Alertmanager("main", Secret(SECRET), bot.parts.clock)
    headers = {"Authorization": f"Bearer {SECRET}"}
    (group,) = source.read(headers, (PAYLOADS / "firing.json").read_bytes())
    bot.store.merge_alerts(group)
    bot.restart()
    with edge(bot) as hooks:
        assert hooks.post("firing") == 202
    bot.until(lambda: title(bot) == "adderservice in production · HighErrorRate fires")


@pytest.mark.parametrize("payload", ["nameless", "truncated"])
def test_odd_groups_are_said_too(bot: Talk, payload: str) -> None:
    with edge(bot) as hooks:
        assert hooks.post(payload) == 202
    bot.until(lambda: title(bot))
    assert json.loads((PAYLOADS / f"{payload}.json").read_text())["alerts"]
