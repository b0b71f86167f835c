"""What GitHub tells of pushes and merges: what is of a release, in UTC, and nothing else."""

import json
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import msgspec
import pytest

from bot.builds import Told
from bot.chat.console.text import plain
from bot.core.errors import Refused, Unverified
from bot.core.events import Commit
from bot.core.thread import commit_notice
from tests.contract.builds_kit import KITS, NOW, SECRET, signed
from tests.contract.mutations import WEIRD, mutated, paths, put

PAYLOADS = Path(__file__).parents[1] / "payloads" / "commits" / "github"
MUTATIONS = 10_000
SHA = "3f2a91c4b7d05e8a6619f0c2d3e4b5a697887766"
PAGE = "https://github.com/team/adderservice"
AT = datetime(2026, 11, 20, 11, 58, tzinfo=UTC)
PUSHED = Commit("github", "team/adderservice", SHA, AT, "Round half to even", "Dev Two", "main", f"{PAGE}/commit/{SHA}")
RECORDED = {
    "push": [PUSHED],
    "push_of_a_tag": [msgspec.structs.replace(PUSHED, branch="", tag="v1.4.0")],
    "merged": [
        msgspec.structs.replace(PUSHED, author="dev2", pull_request=12, pull_request_url=f"{PAGE}/pull/12", by="lead")
    ],
    "push_of_a_branch": [],
    "branch_deleted": [],
    "closed": [],
    "opened": [],
    "merged_elsewhere": [],
}


def read(text: bytes, secret: str = SECRET) -> list[Told]:
    kind = "pull_request" if b'"pull_request"' in text else "push"
    headers = {"X-GitHub-Event": kind, "X-Hub-Signature-256": signed(text, secret)}
    return list(KITS["github"].source.read(headers, text))


def test_every_recorded_payload_has_its_line_here() -> None:
    assert sorted(RECORDED) == sorted(path.stem for path in PAYLOADS.glob("*.json"))


@pytest.mark.parametrize("name", RECORDED)
def test_what_is_recorded_is_read(name: str) -> None:
    assert read((PAYLOADS / f"{name}.json").read_bytes()) == RECORDED[name]


def test_who_is_unknown_is_told_nothing() -> None:
    for name in RECORDED:
        with pytest.raises(Unverified):
            read((PAYLOADS / f"{name}.json").read_bytes(), "guessed")


@pytest.mark.parametrize("name", ["push", "merged"])
def test_a_wrong_type_in_any_field_is_refused_or_ignored(name: str) -> None:
    text = (PAYLOADS / f"{name}.json").read_bytes()
    for path in paths(json.loads(text)):
        for value in WEIRD:
            document = json.loads(text)
            put(document, path, deepcopy(value))
            survives(json.dumps(document).encode())


@pytest.mark.fuzz
def test_whatever_is_sent_nothing_breaks() -> None:
    random = Random(20261120)
    texts = [path.read_bytes() for path in sorted(PAYLOADS.glob("*.json"))]
    for _ in range(MUTATIONS):
        survives(mutated(random, random.choice(texts)))


def survives(text: bytes) -> None:
    with suppress(Refused):
        for commit in read(text):
            assert isinstance(commit, Commit)
            kept = msgspec.json.decode(msgspec.json.encode(commit), type=Commit)
            shown = plain(commit_notice(kept), NOW)
            assert shown.replace("\n", "").isprintable()
            assert len(shown) < 5_000
