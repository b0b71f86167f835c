"""Whatever a registry writes, what we raise is ours."""

import json
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import QuarterdeckError
from bot.registry.oci import challenge
from bot.registry.oci.failures import judge, retry_after
from bot.registry.oci.manifest import Config, Manifest, best_child, facts, read_config, read_manifest, verified
from bot.registry.oci.message import Answer, Request, joined, origin
from bot.registry.oci.pace import Pace
from bot.registry.oci.redirects import redirected

WORDS = st.sampled_from(
    ["schemaVersion", "config", "layers", "manifests", "annotations", "digest", "size", "platform", "os", "created"]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
JSON = st.recursive(LEAVES, lambda deeper: st.lists(deeper, max_size=3) | st.dictionaries(WORDS, deeper, max_size=5))
BODIES = st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode())
HEADERS = st.dictionaries(
    st.sampled_from(["location", "retry-after", "ratelimit-limit", "ratelimit-remaining", "content-type"]), st.text()
)


@given(BODIES, HEADERS)
def test_bodies(body: bytes, headers: dict[str, str]) -> None:
    answer = Answer(200, "", headers, body)
    image, config = Manifest(2), Config()
    with suppress(QuarterdeckError):
        image = read_manifest("r", answer)
    with suppress(QuarterdeckError):
        config = read_config("r", body)
    best_child(image)
    told = facts(image, image, config)
    assert (told.revision or "").isprintable()
    with suppress(QuarterdeckError):
        assert verified("r", body, headers.get("location", ""))


@given(st.integers(100, 999), BODIES, HEADERS)
def test_answers(status: int, body: bytes, headers: dict[str, str]) -> None:
    answer = Answer(status, "http://r/", headers, body)
    with suppress(QuarterdeckError):
        judge("r", answer)
    with suppress(QuarterdeckError):
        following = redirected(Request("GET", "http://r/v2/"), answer)
        assert origin(following.url)
    seconds = retry_after(answer)
    assert seconds is None or seconds >= 0
    pace = Pace("r")
    pace.answered(answer)


@given(st.text())
def test_headers(text: str) -> None:
    challenge.read(text)
    origin(text)
    origin(joined("http://r/v2/", text))
