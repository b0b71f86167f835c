"""What a new image is compared with: the container that it would go to, as it runs, as far as anybody knows."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from bot.cluster.memory.spec import Spec, Template, single
from bot.core.model import Field, Reply
from bot.core.workload import Image, short_digest
from tests.unit.talk import Talk, talking

FLEET = "registry.local:5000/fleet"
SERVICE = """
  fleet:
    repository: {repository}
    default_environment: staging
    workloads: [{{kind: Deployment, name: fleet-main}}]
    watch: {{{watch}, every: 1h, auto: staging}}
"""


def running(folder: Path, watch: str, *images: str) -> Iterator[Talk]:
    """Its containers stand in this order, each of another image."""
    with talking(folder, more=SERVICE.format(repository=FLEET, watch=watch)) as bot:
        containers = tuple(single(image, name=f"c{n}").containers[0] for n, image in enumerate(images))
        bot.cluster.seed("micro-staging", Spec("fleet-main", Template(containers)), since=bot.parts.clock.now())
        bot.pass_time(lambda: bot.store.tags_seen(FLEET) is not None)
        yield bot


@pytest.fixture
def beside_a_proxy(tmp_path: Path) -> Iterator[Talk]:
    yield from running(tmp_path, "semver: '*'", "docker.io/envoy:v1.29.1", f"{FLEET}:1.2.0")


@pytest.fixture
def unpinned(tmp_path: Path) -> Iterator[Talk]:
    yield from running(tmp_path, "digest: latest", f"{FLEET}:latest")


@pytest.fixture
def hotfix(tmp_path: Path) -> Iterator[Talk]:
    yield from running(tmp_path, "tags: sha", f"{FLEET}:hotfix")


def found(bot: Talk, tag: str, created: datetime | None) -> Reply:
    bot.registry.push(Image(FLEET, tag, created=created))
    bot.bot.poller.look("fleet")
    title = f"New image {tag} of fleet"
    bot.until(lambda: any(m.reply.title == title for m in bot.messages()))
    return next(m.reply for m in bot.messages() if m.reply.title == title)


def goes(bot: Talk, tag: str) -> bool:
    return any(m.reply.title == f"fleet → {tag} in staging · done" for m in bot.messages())


def test_what_stands_beside_it_is_not_what_runs(beside_a_proxy: Talk) -> None:
    bot = beside_a_proxy
    assert "It goes to staging by itself." in found(bot, "1.3.0", bot.parts.clock.now()).body
    bot.until(lambda: goes(bot, "1.3.0"))
    assert Field("image", image_of(bot)) in bot.say("status fleet in staging").fields
    table = bot.say("images fleet").table
    assert table
    assert next(row for row in table.rows if row[0] == "1.3.0")[-1] == "staging"


def image_of(bot: Talk) -> str:
    return f"1.3.0 ({short_digest(bot.registry.image(FLEET, '1.3.0').digest)})"


def test_a_tag_that_moves_is_news_to_what_runs_it_without_a_digest(unpinned: Talk) -> None:
    """As kubectl applied it. From then on it is pinned."""
    bot = unpinned
    for digest in ("1", "2"):
        bot.registry.push(Image(FLEET, "latest", f"sha256:{digest * 64}", created=bot.parts.clock.now()))
        bot.bot.poller.look("fleet")
        bot.pass_time(lambda digest=digest: (bot.store.tags_seen(FLEET) or {}).get("latest") == f"sha256:{digest * 64}")  # type: ignore[misc]
        bot.until(lambda digest=digest: f"sha256:{digest * 64}" in image(bot))  # type: ignore[misc]


def image(bot: Talk) -> str:
    return bot.cluster.find("staging", "micro-staging", "fleet-main").containers[0].image


def test_what_the_registry_forgot_is_not_compared_and_left_to_people(hotfix: Talk) -> None:
    said = found(hotfix, "abcdef1", hotfix.parts.clock.now()).body
    why = "Nobody can tell whether it is newer than hotfix, which runs in staging. It does not go to staging by itself."
    assert why in said
    assert "deploy fleet abcdef1 to staging" in said


def test_a_build_without_a_date_is_told_and_left_to_people(hotfix: Talk) -> None:
    """Reproducible builds have none, and would never be heard of."""
    assert "It bears no date of its build, and nobody can tell whether it is newer than hotfix" in (
        found(hotfix, "abcdef1", None).body
    )
