"""What every registry's word of a push means: where to look, and nothing where nobody proves who he is."""

from contextlib import suppress
from random import Random

import pytest

from bot.core.errors import Refused, Unverified
from bot.core.references import canonical
from bot.core.verify import LARGEST
from bot.registry import Pushed
from bot.registry.hooks import KINDS
from config.pushes import SPEAKS_FOR_ITSELF, Pusher
from tests.contract.mutations import mutated
from tests.contract.pushes_kit import KITS, SECRET, PushesKit

MUTATIONS = 10_000
ADDER = "team/adderservice"
RECORDED: dict[tuple[str, str], list[Pushed]] = {
    ("dockerhub", "push"): [Pushed("docker.io", "svendowideit/testhook")],
    ("dockerhub", "no_tag"): [],
    ("distribution", "push"): [Pushed("reg:5000", ADDER)],
    ("distribution", "index"): [Pushed("reg:5000", ADDER)],
    ("distribution", "burst"): [Pushed("reg:5000", ADDER), Pushed("reg:5000", "team/webapp")],
    ("distribution", "layer"): [],
    ("distribution", "untagged"): [],
    ("distribution", "pull"): [],
    ("distribution", "mount"): [],
    ("distribution", "delete"): [],
    ("harbor", "push"): [Pushed("harbor.example.com", ADDER)],
    ("harbor", "old_push"): [Pushed("harbor.example.com", ADDER)],
    ("harbor", "cloud_event"): [Pushed("harbor.example.com", ADDER)],
    ("harbor", "untagged"): [],
    ("harbor", "pull"): [],
    ("harbor", "delete"): [],
    ("harbor", "scanned"): [],
    ("harbor", "quota"): [],
    ("ghcr", "package"): [Pushed("ghcr.io", ADDER)],
    ("ghcr", "registry_package"): [Pushed("ghcr.io", ADDER)],
    ("ghcr", "untagged"): [],
    ("ghcr", "npm"): [],
    ("ghcr", "no_version"): [],
    ("generic", "repository"): [Pushed("quay.io", ADDER)],
    ("generic", "quay"): [Pushed("quay.io", ADDER)],
    ("generic", "path"): [Pushed("quay.io", ADDER)],
    ("generic", "azure"): [Pushed("quay.io")],
}


@pytest.fixture(params=KITS)
def kit(request: pytest.FixtureRequest) -> PushesKit:
    return KITS[request.param]


def test_every_kind_is_proven_here_and_can_be_configured() -> None:
    assert set(KITS) == set(KINDS) == set(Pusher)
    assert {name for name, kind in KINDS.items() if kind.registry} | {"generic"} == set(SPEAKS_FOR_ITSELF)


def test_every_recorded_payload_has_its_line_here() -> None:
    assert set(RECORDED) == {(name, payload) for name, kit in KITS.items() for payload in kit.names}


@pytest.mark.parametrize(("source", "payload"), RECORDED)
def test_what_is_recorded_is_read(source: str, payload: str) -> None:
    kit = KITS[source]
    for sign in kit.signs:
        headers, body = sign(kit.text(payload), SECRET)
        for change in (str.lower, str.upper):
            cased = {change(name): value for name, value in headers.items()}
            assert kit.source.read(cased, body) == RECORDED[source, payload]


def test_who_is_unknown_is_told_nothing(kit: PushesKit) -> None:
    for sign in kit.signs:
        headers, body = sign(kit.text(kit.push), SECRET)
        forged = [
            sign(body, "guessed"),
            sign(body, ""),
            ({}, body),
            (dict.fromkeys(headers, ""), body),
            (dict.fromkeys(headers, "sha256=zz é\x00"), body),
            ({name: f"{value}0" for name, value in headers.items() if "github" not in name.lower()}, body),
        ]
        for wrong, sent in forged:
            with pytest.raises(Unverified) as caught:
                kit.source.read(wrong, sent)
            assert SECRET not in caught.value.fact


def test_what_was_signed_cannot_be_changed_on_the_way() -> None:
    headers, body = KITS["ghcr"].sign(KITS["ghcr"].text("package"))
    for position in range(10, len(body), 97):
        with pytest.raises(Unverified):
            KITS["ghcr"].source.read(headers, body[:position] + bytes([body[position] ^ 1]) + body[position + 1 :])


def test_other_events_of_github_are_of_no_concern() -> None:
    headers, body = KITS["ghcr"].sign(b'{"zen": "Keep it logically awesome."}')
    assert KITS["ghcr"].source.read({**headers, "X-GitHub-Event": "ping"}, body) == []


@pytest.mark.parametrize(
    "text",
    [b"", b"null", b"[]", b"{", b"{}", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000, b"x" * (LARGEST + 1)],
    ids=["empty", "null", "list", "open", "nothing", "text", "bytes", "deep", "deeper", "oversized"],
)
def test_what_cannot_be_read_is_refused(kit: PushesKit, text: bytes) -> None:
    """Only the generic hook needs no body: then all of its registry is meant."""
    with suppress(Refused):
        told = kit.source.read(*kit.sign(text))
        assert (kit.source.name, told) in (("generic", [Pushed("quay.io")]), ("ghcr", []))


@pytest.mark.fuzz
def test_whatever_is_sent_nothing_breaks(kit: PushesKit) -> None:
    random = Random(20261120)
    texts = [kit.text(name) for name in kit.names]
    for _ in range(MUTATIONS):
        with suppress(Refused):
            for told in kit.source.read(*kit.sign(mutated(random, random.choice(texts)))):
                canonical(f"{told.registry}/{told.repository}")
