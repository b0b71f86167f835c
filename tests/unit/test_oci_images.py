"""What a tag is: read once, verified, and told in few questions."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.core.errors import Invalid, NotFound, QuarterdeckError, Unavailable
from bot.registry.oci import OciRegistry
from tests.unit.oci_server import INDEX, MANIFEST, OciServer, Said, digest_of, reach, says

LABEL = "org.opencontainers.image."
LABELS = {f"{LABEL}revision": "3f2a91c0ffee", f"{LABEL}version": "1.4.2", f"{LABEL}source": "https://example.com/app"}
CONFIG = {
    "created": "2026-11-20T12:00:00.123456789Z",
    "os": "linux",
    "architecture": "amd64",
    "config": {"Labels": LABELS},
}


@pytest.fixture
def server() -> Iterator[OciServer]:
    with OciServer() as server:
        yield server


@pytest.fixture
def registry(server: OciServer) -> Iterator[OciRegistry]:
    with reach(server) as registry:
        yield registry


def test_labels_age_size_and_platform_come_from_the_config(server: OciServer, registry: OciRegistry) -> None:
    digest = server.holds("app", "one", CONFIG)
    image = registry.image(f"{server.host}/app", "one")
    assert (image.digest, image.revision, image.version) == (digest, "3f2a91c0ffee", "1.4.2")
    assert image.source == "https://example.com/app"
    assert image.created == datetime(2026, 11, 20, 12, 0, 0, 123457, tzinfo=UTC)
    assert image.platforms == ("linux/amd64",)
    assert image.size is not None
    assert image.size > 1000


def test_a_known_image_costs_one_conditional_question(server: OciServer, registry: OciRegistry) -> None:
    digest = server.holds("app", "one", CONFIG)
    first = registry.image(f"{server.host}/app", "one")
    asked = len(server.lines)
    assert registry.image(f"{server.host}/app", "one") == first
    assert server.lines[asked:] == ["HEAD /v2/app/manifests/one"]
    assert server.asked[-1].headers["if-none-match"] == f'"{digest}"'
    assert INDEX in server.asked[-1].headers["accept"]


def test_a_tag_that_moves_to_a_known_digest_is_known(server: OciServer, registry: OciRegistry) -> None:
    old, new = server.holds("app", "latest", CONFIG), server.holds("app", "next", {**CONFIG, "created": None})
    registry.describe(f"{server.host}/app", ["latest", "next"])
    asked = len(server.lines)
    server.on("/v2/app/manifests/latest", says(None, docker_content_digest=new))
    moved = registry.image(f"{server.host}/app", "latest")
    assert (moved.digest, moved.created) == (new, None)
    assert new != old
    assert server.lines[asked:] == ["HEAD /v2/app/manifests/latest"]


def test_a_tag_that_was_deleted_is_not_remembered(server: OciServer, registry: OciRegistry) -> None:
    server.holds("app", "one", CONFIG)
    registry.image(f"{server.host}/app", "one")
    server.on("/v2/app/manifests/one", says({"errors": [{"code": "MANIFEST_UNKNOWN"}]}, 404))
    with pytest.raises(NotFound, match="not found, or not logged in"):
        registry.image(f"{server.host}/app", "one")
    assert registry.describe(f"{server.host}/app", ["one"]) == []


def _index(server: OciServer, *platforms: str) -> str:
    children = []
    for n, platform in enumerate(platforms):
        system, architecture = platform.split("/")
        config = {**CONFIG, "os": system, "architecture": architecture}
        digest = server.holds("app", f"child{n}", config)
        described = {"os": system, "architecture": architecture}
        children.append({"mediaType": MANIFEST, "digest": digest, "size": 1, "platform": described})
    return server.serves("app", "one", {"schemaVersion": 2, "mediaType": INDEX, "manifests": children}, INDEX)


def test_an_index_is_pinned_itself_and_read_through_its_commonest_image(
    server: OciServer, registry: OciRegistry
) -> None:
    digest = _index(server, "unknown/unknown", "linux/arm64", "linux/amd64")
    image = registry.image(f"{server.host}/app", "one")
    assert (image.digest, image.revision) == (digest, "3f2a91c0ffee")
    assert image.platforms == ("linux/arm64", "linux/amd64")
    assert len(server.lines) == 3


def test_an_empty_index_is_an_image_nobody_knows_much_of(server: OciServer, registry: OciRegistry) -> None:
    digest = _index(server)
    image = registry.image(f"{server.host}/app", "one")
    assert (image.digest, image.platforms, image.created) == (digest, (), None)


def test_a_chart_has_a_digest_and_nothing_to_read(server: OciServer, registry: OciRegistry) -> None:
    described = {"mediaType": "application/vnd.cncf.helm.config.v1+json", "digest": digest_of(b"x"), "size": 1}
    digest = server.holds("app", "one", {}, config=described, annotations={f"{LABEL}version": "0.1.0"})
    image = registry.image(f"{server.host}/app", "one")
    assert (image.digest, image.version, image.revision) == (digest, "0.1.0", None)


@pytest.mark.parametrize("created", ["0001-01-01T00:00:00Z", "1980-01-01T00:00:01Z", "yesterday", "", None, 5])
def test_a_date_that_no_build_has_is_none(server: OciServer, registry: OciRegistry, created: object) -> None:
    server.holds("app", "one", {**CONFIG, "created": created})
    found = registry.describe(f"{server.host}/app", ["one"])
    assert [image.created for image in found] in ([None], [])


def test_labels_cannot_draw_on_a_screen(server: OciServer, registry: OciRegistry) -> None:
    labels = {f"{LABEL}revision": "3f2a\x1b[2J\n\u202e91c" + "x" * 9000}
    server.holds("app", "one", {**CONFIG, "config": {"Labels": labels}})
    revision = registry.image(f"{server.host}/app", "one").revision
    assert revision is not None
    assert revision.isprintable()
    assert len(revision) <= 200


BIG = Said(b"[" * (4 * 1024**2 + 1), headers={"content-type": MANIFEST})


@pytest.mark.parametrize(
    ("answer", "kind", "sentence"),
    [
        (says({"schemaVersion": 2}, docker_content_digest=digest_of(b"")), Invalid, "than it promised"),
        (BIG, Unavailable, "more than 4 MiB"),
        (says({"schemaVersion": 1, "name": "app"}), Invalid, "nobody can run any more"),
        (says({"schemaVersion": "2"}), Invalid, "manifest that cannot be read"),
        (Said(b"<html>", headers={"content-type": "text/html"}), Unavailable, "something that is not a manifest"),
        (Said(b"{", cut=100), Unavailable, "does not answer"),
        (says({"errors": [{"code": "TOO\x1bBAD"}]}, 400), Invalid, "refuses the question: it answers 400."),
        (says({"errors": [{"code": "DENIED"}]}, 503), Unavailable, "it answers 503 DENIED."),
    ],
)
def test_a_manifest_that_cannot_be_right_is_said_to_be_wrong(
    server: OciServer, registry: OciRegistry, answer: Said, kind: type[QuarterdeckError], sentence: str
) -> None:
    server.on("/v2/app/manifests/one", answer)
    with pytest.raises(kind) as caught:
        registry.image(f"{server.host}/app", "one")
    assert sentence in caught.value.sentence


def test_a_digest_is_what_was_asked_for(server: OciServer, registry: OciRegistry) -> None:
    asked = digest_of(b"asked for")
    server.on(f"/v2/app/manifests/{asked}", says({"schemaVersion": 2}))
    with pytest.raises(Invalid, match="something else than it promised"):
        registry.image(f"{server.host}/app", asked)


@pytest.mark.parametrize(
    "config",
    [
        {"digest": "sha256:../../etc", "size": 1},
        {"digest": digest_of(b"{}"), "size": 2**40},
        {"digest": digest_of(b"another"), "size": 2},
    ],
)
def test_one_broken_image_does_not_hide_the_others(
    server: OciServer, registry: OciRegistry, config: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    server.holds("app", "fine", CONFIG)
    kind = "application/vnd.oci.image.config.v1+json"
    server.holds("app", "broken", {}, config={**config, "mediaType": kind})
    server.on(f"/v2/app/blobs/{digest_of(b'another')}", Said(b"{}"))
    found = registry.describe(f"{server.host}/app", ["broken", "fine"])
    assert [image.tag for image in found] == ["fine"]
    assert "app:broken is left out" in caplog.text


def test_many_are_described_in_their_order(server: OciServer, registry: OciRegistry) -> None:
    names = [f"t{n}" for n in range(50)]
    for name in names:
        server.holds("app", name, {**CONFIG, "config": {"Labels": {f"{LABEL}revision": name}}})
    found = registry.describe(f"{server.host}/app", names)
    assert [(image.tag, image.revision) for image in found] == [(name, name) for name in names]
    assert len(server.connections) <= 8
