"""What every source of alerts does with what is sent to it: true, forged, garbled, twice, or gone mad."""

import json
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from bot.alerts import AlertSource
from bot.alerts.alertmanager import Alertmanager
from bot.chat.console.text import plain
from bot.core.alerts import AlertGroup, alert_notice, merge
from bot.core.catalogue import Catalogue, Environment, Service
from bot.core.errors import Refused, Unverified
from bot.core.secret import Secret
from bot.core.verify import LARGEST
from tests.contract.builds_kit import NOW, SECRET, Still
from tests.contract.mutations import mutated
from tests.contract.test_builds import MUTATIONS, PLANTED

PAYLOADS = Path(__file__).parents[1] / "payloads" / "alerts"
CATALOGUE = Catalogue(
    {"production": Environment("production", "main", "micro")}, {"adderservice": Service("adderservice")}
)
HEADERS = {"Authorization": f"Bearer {SECRET}"}
NAMES = sorted(path.stem for path in PAYLOADS.glob("*.json"))


@pytest.fixture(scope="module", params=[Alertmanager], ids=["alertmanager"])
def source(request: pytest.FixtureRequest) -> AlertSource:
    made: AlertSource = request.param("main", Secret(SECRET), Still())
    return made


def text(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


def read(source: AlertSource, body: bytes) -> AlertGroup:
    (group,) = source.read(HEADERS, body)
    return group


@pytest.mark.parametrize(
    ("name", "firing", "ended", "services", "whole"),
    [
        ("firing", 1, 0, ["adderservice"], True),
        ("two_firing", 2, 0, ["adderservice", "eventservice"], True),
        ("one_resolved", 1, 1, ["adderservice", "eventservice"], True),
        ("resolved", 0, 1, ["adderservice"], True),
        ("all_resolved", 0, 2, ["adderservice", "eventservice"], True),
        ("truncated", 1, 0, ["adderservice"], False),
        ("nameless", 1, 0, ["webapp"], True),
    ],
)
def test_recorded(source: AlertSource, name: str, firing: int, ended: int, services: list[str], whole: bool) -> None:
    group = read(source, text(name))
    assert (len(group.firing), len(group.alerts) - len(group.firing)) == (firing, ended)
    assert (group.services, group.whole) == (services, whole)


def test_all_of_one_alert_is_read(source: AlertSource) -> None:
    (alert,) = read(source, text("firing")).alerts
    assert (alert.name, alert.severity, alert.namespace) == ("HighErrorRate", "critical", "micro")
    assert alert.summary == "5.2 % of the requests of adderservice fail."
    assert alert.page is not None
    assert alert.page.startswith("http://prometheus.example.com:9090/graph?")
    assert alert.starts.isoformat().startswith("2026-11-20T11:35:04.12345")


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": SECRET}, {"Authorization": f"Basic {SECRET}"}, {"Authorization": "Bearer guessed"}],
)
def test_without_the_token_nothing_is_read(source: AlertSource, headers: dict[str, str]) -> None:
    with pytest.raises(Unverified) as caught:
        source.read(headers, b"{")
    assert SECRET not in str(caught.value.fact)


def test_a_source_without_a_token_believes_nobody() -> None:
    for headers in ({}, {"Authorization": "Bearer "}):
        with pytest.raises(Unverified):
            Alertmanager("main", Secret(""), Still()).read(headers, text("firing"))


def test_the_name_of_the_header_may_be_written_in_any_case(source: AlertSource) -> None:
    assert source.read({"authorization": f"bearer {SECRET}"}, text("firing"))


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"null", b'"x"', b"[" * 100_000, b"x" * (LARGEST + 1)])
def test_what_is_no_group_is_refused(source: AlertSource, body: bytes) -> None:
    with pytest.raises(Refused):
        source.read(HEADERS, body)


def test_another_version_is_refused_and_grafanas_is_read(source: AlertSource) -> None:
    told = json.loads(text("firing"))
    assert read(source, json.dumps(told | {"version": "1", "orgId": 1}).encode()).firing
    with pytest.raises(Refused):
        source.read(HEADERS, json.dumps(told | {"version": "5"}).encode())


def test_a_group_without_alerts_does_not_concern_us(source: AlertSource) -> None:
    assert source.read(HEADERS, json.dumps(json.loads(text("firing")) | {"alerts": []}).encode()) == []


@pytest.mark.parametrize("value", [1, None, [], {}, True, "x"])
def test_a_wrong_type_anywhere_is_read_or_refused(source: AlertSource, value: object) -> None:
    told = json.loads(text("two_firing"))
    for key in told:
        with suppress(Refused):
            source.read(HEADERS, json.dumps(told | {key: value}).encode())
    for key in told["alerts"][0]:
        changed = deepcopy(told)
        changed["alerts"][0][key] = value
        with suppress(Refused):
            source.read(HEADERS, json.dumps(changed).encode())


def test_a_login_in_an_address_is_not_kept(source: AlertSource) -> None:
    told = json.loads(text("firing"))
    told["externalURL"] = told["alerts"][0]["generatorURL"] = f"https://me:{PLANTED}@prometheus.example.com/"
    assert PLANTED not in msgspec.json.encode(read(source, json.dumps(told).encode())).decode()


def test_more_alerts_than_anybody_reads_are_bounded(source: AlertSource) -> None:
    told: dict[str, Any] = json.loads(text("firing"))
    (one,) = told["alerts"]
    told["alerts"] = [one | {"fingerprint": f"{n:016x}"} for n in range(1_000)]
    group = read(source, json.dumps(told).encode())
    assert not group.whole
    assert len(plain(alert_notice(merge(None, group), CATALOGUE), NOW)) < 5_000


@pytest.mark.fuzz
def test_whatever_is_sent_nothing_breaks(source: AlertSource) -> None:
    random = Random(20261120)
    texts = [text(name) for name in NAMES]
    before: AlertGroup | None = None
    for _ in range(MUTATIONS):
        with suppress(Refused):
            for told in source.read(HEADERS, mutated(random, random.choice(texts))):
                before = merge(before, told)
                kept = msgspec.json.decode(msgspec.json.encode(before), type=AlertGroup)
                assert "\x00" not in kept.key
                shown = plain(alert_notice(kept, CATALOGUE), NOW)
                assert len(shown) < 20_000
                assert shown.replace("\n", "").isprintable()
