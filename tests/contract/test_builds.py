"""What every source of builds does with what is sent to it: true, forged, garbled, late, twice, or gone mad."""

import json
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, datetime
from itertools import permutations
from random import Random
from typing import Any

import msgspec
import pytest

from bot.chat.console.text import plain
from bot.core.errors import Refused, Unverified
from bot.core.events import Build, BuildPhase, BuildResult
from bot.core.news import build_notice
from bot.core.verify import LARGEST
from bot.store import Store
from tests.contract.builds_kit import KITS, NOW, SECRET, BuildsKit
from tests.contract.mutations import WEIRD, mutated, paths, put

MUTATIONS = 10_000
PLANTED = "hunter2-do-not-show"
Q, S, W, F = BuildPhase
SHA = "3f2a91c4b7d05e8a6619f0c2d3e4b5a697887766"

# Source, payload → phase, result, job, number, branch, tag, pull request, fork.
RECORDED: dict[tuple[str, str], tuple[Any, ...]] = {
    ("jenkins", "queued"): (Q, None, "team/adderservice", 418, "main", None, None, False),
    ("jenkins", "started"): (S, None, "team/adderservice", 418, "main", None, None, False),
    ("jenkins", "completed"): (F, BuildResult.SUCCESS, "team/adderservice", 418, "main", None, None, False),
    ("jenkins", "finalized"): (F, BuildResult.SUCCESS, "team/adderservice", 418, "main", None, None, False),
    ("jenkins", "failure"): (F, BuildResult.FAILURE, "team/adderservice", 418, "main", None, None, False),
    ("jenkins", "unstable"): (F, BuildResult.UNSTABLE, "team/adderservice", 418, "main", None, None, False),
    ("jenkins", "aborted"): (F, BuildResult.ABORTED, "team/adderservice", 418, "main", None, None, False),
    ("jenkins", "not_built"): (F, BuildResult.NOT_BUILT, "team/adderservice", 418, "main", None, None, False),
    ("jenkins", "pipeline"): (F, BuildResult.SUCCESS, "web/feature%2Frounding", 7, None, None, None, False),
    ("jenkins", "tag"): (F, BuildResult.SUCCESS, "team/adderservice", 418, "v1.4.0", "v1.4.0", None, False),
    ("travis", "created"): (Q, None, "team/adderservice", 12, "main", None, None, False),
    ("travis", "started"): (S, None, "team/adderservice", 12, "main", None, None, False),
    ("travis", "passed"): (F, BuildResult.SUCCESS, "team/adderservice", 12, "main", None, None, False),
    ("travis", "failed"): (F, BuildResult.FAILURE, "team/adderservice", 12, "main", None, None, False),
    ("travis", "errored"): (F, BuildResult.ERRORED, "team/adderservice", 12, "main", None, None, False),
    ("travis", "canceled"): (F, BuildResult.ABORTED, "team/adderservice", 12, "main", None, None, False),
    ("travis", "pull_request"): (F, BuildResult.SUCCESS, "team/adderservice", 12, "main", None, 7, False),
    ("travis", "tag"): (F, BuildResult.SUCCESS, "team/adderservice", 12, "v1.4.0", "v1.4.0", None, False),
    ("github", "requested"): (Q, None, "team/adderservice/CI", 31, "main", None, None, False),
    ("github", "in_progress"): (S, None, "team/adderservice/CI", 31, "main", None, None, False),
    ("github", "success"): (F, BuildResult.SUCCESS, "team/adderservice/CI", 31, "main", None, None, False),
    ("github", "failure"): (F, BuildResult.FAILURE, "team/adderservice/CI", 31, "main", None, None, False),
    ("github", "cancelled"): (F, BuildResult.ABORTED, "team/adderservice/CI", 31, "main", None, None, False),
    ("github", "timed_out"): (F, BuildResult.FAILURE, "team/adderservice/CI", 31, "main", None, None, False),
    ("github", "skipped"): (F, BuildResult.NOT_BUILT, "team/adderservice/CI", 31, "main", None, None, False),
    ("github", "second_attempt"): (F, BuildResult.SUCCESS, "team/adderservice/CI", 31, "main", None, None, False),
    ("github", "pull_request"): (F, BuildResult.SUCCESS, "team/adderservice/CI", 31, "rounding", None, 7, False),
    ("github", "fork"): (F, BuildResult.SUCCESS, "team/adderservice/CI", 31, "octocat:main", None, None, True),
    ("github", "fork_gone"): (F, BuildResult.SUCCESS, "team/adderservice/CI", 31, "unknown:main", None, None, True),
    ("github", "release"): (F, BuildResult.SUCCESS, "team/adderservice/CI", 31, "v1.4.0", "v1.4.0", None, False),
    ("github", "check_suite"): (
        F, BuildResult.FAILURE, "team/adderservice/House Builder", 4711, "main", None, None, False,
    ),
    ("gitlab", "created"): (Q, None, "team/adderservice", 31, "main", None, None, False),
    ("gitlab", "pending"): (Q, None, "team/adderservice", 31, "main", None, None, False),
    ("gitlab", "running"): (S, None, "team/adderservice", 31, "main", None, None, False),
    ("gitlab", "manual"): (W, None, "team/adderservice", 31, "main", None, None, False),
    ("gitlab", "success"): (F, BuildResult.SUCCESS, "team/adderservice", 31, "main", None, None, False),
    ("gitlab", "failed"): (F, BuildResult.FAILURE, "team/adderservice", 31, "main", None, None, False),
    ("gitlab", "canceled"): (F, BuildResult.ABORTED, "team/adderservice", 31, "main", None, None, False),
    ("gitlab", "skipped"): (F, BuildResult.NOT_BUILT, "team/adderservice", 31, "main", None, None, False),
    ("gitlab", "merge_request"): (F, BuildResult.SUCCESS, "team/adderservice", 31, "rounding", None, 7, False),
    ("gitlab", "fork"): (F, BuildResult.SUCCESS, "team/adderservice", 31, "fork:rounding", None, 7, True),
    ("gitlab", "tag"): (F, BuildResult.SUCCESS, "team/adderservice", 31, "v1.4.0", "v1.4.0", None, False),
    ("gitlab", "iso_dates"): (F, BuildResult.SUCCESS, "team/adderservice", 31, "main", None, None, False),
    ("generic", "queued"): (Q, None, "qa-worker", 28, None, None, None, False),
    ("generic", "started"): (S, None, "qa-worker", 28, "main", None, None, False),
    ("generic", "success"): (F, BuildResult.SUCCESS, "qa-worker", 28, "main", None, 7, False),
    ("generic", "failed"): (F, BuildResult.FAILURE, "qa-worker", 29, None, None, None, False),
    ("generic", "not_built"): (F, BuildResult.NOT_BUILT, "qa-worker", 30, None, None, None, False),
    ("generic", "tag"): (F, BuildResult.SUCCESS, "qa-worker", 31, "v1.4.0", "v1.4.0", None, False),
}  # fmt: skip
IGNORED = {(name, kit.unknown) for name, kit in KITS.items() if kit.unknown}
ALL = [(name, payload) for name, kit in KITS.items() for payload in kit.names]


@pytest.fixture(params=KITS)
def kit(request: pytest.FixtureRequest) -> BuildsKit:
    return KITS[request.param]


def test_every_recorded_payload_has_its_line_here() -> None:
    assert set(RECORDED) | IGNORED == set(ALL)


@pytest.mark.parametrize(("source", "payload"), RECORDED)
def test_what_is_recorded_is_read(source: str, payload: str) -> None:
    kit = KITS[source]
    (build,) = kit.read(*kit.sent(payload))
    found = (
        build.phase, build.result, build.job, build.number, build.branch, build.tag, build.pull_request, build.fork,
    )  # fmt: skip
    assert found == RECORDED[source, payload]
    assert build.source == source
    assert build.started.tzinfo is UTC
    assert msgspec.json.decode(msgspec.json.encode(build), type=Build) == build


GITLAB = {
    "created": Q, "waiting_for_resource": Q, "waiting_for_callback": Q, "preparing": Q, "pending": Q, "scheduled": Q,
    "running": S, "canceling": S, "manual": W, "success": F, "failed": F, "canceled": F, "skipped": F,
}  # fmt: skip
GITHUB = {
    "success": (F, BuildResult.SUCCESS),
    "neutral": (F, BuildResult.SUCCESS),
    "failure": (F, BuildResult.FAILURE),
    "timed_out": (F, BuildResult.FAILURE),
    "startup_failure": (F, BuildResult.FAILURE),
    "cancelled": (F, BuildResult.ABORTED),
    "skipped": (F, BuildResult.NOT_BUILT),
    "stale": (F, None),
    "action_required": (W, None),
    "of tomorrow": (F, None),
}


@pytest.mark.parametrize(("status", "phase"), GITLAB.items())
def test_gitlab_knows_these_statuses(status: str, phase: BuildPhase) -> None:
    document = KITS["gitlab"].document("success")
    document["object_attributes"]["status"] = status
    assert _read("gitlab", document).phase is phase


@pytest.mark.parametrize(("conclusion", "ends"), GITHUB.items())
def test_github_knows_these_conclusions(conclusion: str, ends: tuple[BuildPhase, BuildResult | None]) -> None:
    document = KITS["github"].document("success")
    document["workflow_run"]["conclusion"] = conclusion
    build = _read("github", document)
    assert (build.phase, build.result) == ends


def test_a_pipeline_that_waited_goes_on_when_somebody_pressed_and_not_when_its_start_is_told_late(store: Store) -> None:
    before, waits, goes_on = (_pipeline(*at) for at in (("running", 1), ("manual", 2), ("running", 9)))
    assert waits.phase is W
    assert [store.save_build(b) for b in (waits, before, waits, goes_on, waits, before)] == [
        True, False, False, True, False, False,
    ]  # fmt: skip
    assert store.save_build(_pipeline("success", 11))
    assert not any(store.save_build(b) for b in (waits, goes_on))


def _pipeline(status: str, minute: int) -> Build:
    document = KITS["gitlab"].document("running")
    document["object_attributes"]["status"] = status
    document["builds"][0]["started_at"] = f"2026-11-20 12:{minute:02}:00 UTC"
    return _read("gitlab", document)


def _read(source: str, document: dict[str, Any]) -> Build:
    kit = KITS[source]
    (build,) = kit.read(*kit.sign(json.dumps(document).encode(), SECRET))
    return build


def test_times_are_read_in_utc_whatever_the_tool_writes() -> None:
    for source in ("jenkins", "travis", "github", "gitlab", "generic"):
        kit = KITS[source]
        for payload in {*kit.life[1:], *({"iso_dates"} if source == "gitlab" else ())}:
            (build,) = kit.read(*kit.sent(payload))
            late = (build.started - datetime(2026, 11, 20, 12, 0, tzinfo=UTC)).total_seconds()
            assert 0 <= late <= (1 if payload == "finalized" else 0), (source, payload)


def test_who_is_unknown_is_told_nothing(kit: BuildsKit) -> None:
    headers, body = kit.sent(kit.life[-1])
    forged = [
        kit.sent(kit.life[-1], secret="guessed"),
        kit.sent(kit.life[-1], secret=""),
        ({}, body),
        (dict.fromkeys(headers, ""), body),
        (dict.fromkeys(headers, "sha256=zz é\x00"), body),
        ({name: f"{value}0" for name, value in headers.items() if "event" not in name.lower()}, body),
    ]
    for wrong, sent in forged:
        with pytest.raises(Unverified) as caught:
            kit.read(wrong, sent)
        assert str(caught.value) == ""
        assert SECRET not in caught.value.fact


@pytest.mark.parametrize("name", ["github", "generic", "travis"])
def test_what_was_changed_on_the_way_is_not_believed(name: str) -> None:
    headers, body = KITS[name].sent(KITS[name].life[-1])
    for position in range(10, len(body), 97):
        changed = body[:position] + bytes([body[position] ^ 1]) + body[position + 1 :]
        with pytest.raises(Unverified):
            KITS[name].read(headers, changed)


def test_the_case_of_headers_does_not_matter(kit: BuildsKit) -> None:
    headers, body = kit.sent(kit.life[-1])
    for change in (str.lower, str.upper):
        assert kit.read({change(name): value for name, value in headers.items()}, body)


def test_what_does_not_concern_us_is_no_build(kit: BuildsKit) -> None:
    if kit.unknown:
        assert kit.read(*kit.sent(kit.unknown)) == []
    headers, body = kit.sent(kit.life[-1])
    other = {name: "Issue Hook" if "event" in name.lower() else value for name, value in headers.items()}
    if other != headers:
        assert kit.read(other, body) == []


def test_what_a_tool_adds_later_is_skipped(kit: BuildsKit) -> None:
    document = kit.document(kit.life[-1]) | {"new": {"deep": [1, {"x": None}]}}
    headers, body = kit.sign(json.dumps(document).encode(), SECRET)
    assert kit.read(headers, body) == kit.read(*kit.sent(kit.life[-1]))


@pytest.mark.parametrize(
    "text",
    [b"", b"null", b"[]", b"{", b"{}", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000, b"x" * (LARGEST + 1)],
    ids=["empty", "null", "list", "open", "nothing", "text", "bytes", "deep", "deeper", "oversized"],
)
def test_what_is_no_build_is_refused_without_repeating_it(kit: BuildsKit, text: bytes) -> None:
    """GitLab alone is answered as if it were of no concern."""
    headers, body = kit.sign(text, SECRET)
    with suppress(Refused):
        assert kit.read(headers, body) == []
        assert kit.source.name == "gitlab"


def test_a_wrong_type_in_any_field_is_refused_or_ignored(kit: BuildsKit) -> None:
    for path in paths(kit.document(kit.life[-1])):
        for value in WEIRD:
            document = kit.document(kit.life[-1])
            put(document, path, deepcopy(value))
            _survives(kit, json.dumps(document).encode())


def test_what_may_be_secret_is_never_kept(kit: BuildsKit) -> None:
    told = b"".join(kit.text(name) for name in kit.names)
    assert PLANTED.encode() in told or kit.source.name in ("github", "generic")
    for name in kit.names:
        for build in kit.read(*kit.sent(name)):
            assert PLANTED.encode() not in msgspec.json.encode(build)


def test_a_password_in_an_address_is_left_out() -> None:
    kit = KITS["generic"]
    document = kit.document("success") | {"url": "https://dev:pass@builds.example.com/28?x=1"}
    (build,) = kit.read(*kit.sign(json.dumps(document).encode(), SECRET))
    assert build.url == "https://builds.example.com/28?x=1"
    for wrong in ("javascript:alert(1)", "file:///etc/passwd", "https://h/<x>", "https://h/a|b", "https://", "x"):
        document["url"] = wrong
        (build,) = kit.read(*kit.sign(json.dumps(document).encode(), SECRET))
        assert build.url is None


def test_late_and_twice_and_out_of_order_it_is_one_build_that_ended(kit: BuildsKit, store: Store) -> None:
    lives = [kit.read(*kit.sent(name))[0] for name in kit.life]
    assert len({build.key for build in lives}) == 1
    for number, order in enumerate(permutations(lives)):
        told = [store.save_build(msgspec.structs.replace(b, number=number)) for each in order for b in (each, each)]
        ends = [n for n, b in enumerate(order) if b.phase is F]
        assert told.count(True) <= len({b.phase for b in order})
        assert not any(told[2 * ends[0] + 1 :])
    assert all(build.phase is F for build in store.builds(limit=100))


@pytest.mark.fuzz
def test_whatever_is_sent_nothing_breaks(kit: BuildsKit) -> None:
    random = Random(20261120)
    texts = [kit.text(name) for name in kit.names]
    for _ in range(MUTATIONS):
        _survives(kit, mutated(random, random.choice(texts)))


def _survives(kit: BuildsKit, text: bytes) -> None:
    """Refused, ignored, or builds that can be kept and said."""
    with suppress(Refused):
        for build in kit.read(*kit.sign(text, SECRET)):
            kept = msgspec.json.decode(msgspec.json.encode(build), type=Build)
            assert "\x00" not in kept.key
            shown = plain(build_notice(kept), NOW)
            assert len(shown) < 20_000
            assert shown.replace("\n", "").isprintable()
