"""images: what is there, where it runs, and where something is that somebody only has a few letters of."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.core.workload import Image
from bot.registry.memory import MemoryRegistry
from tests.unit.talk import Talk, talking

RELEASES = "registry.local:5000/release/adderservice"
TWO = f"""
  auditservice:
    repository: {{"*": "registry.local:5000/auditservice", production: {RELEASES}}}
    default_environment: staging
"""


def rows(bot: Talk, text: str) -> list[tuple[str, ...]]:
    table = bot.say(text).table
    return [tuple(str(cell) for cell in row) for row in table.rows] if table else []


def test_a_revision_is_found_that_no_tag_names(bot: Talk) -> None:
    bot.registry.push(Image("registry.local:5000/webapp", "b42", revision="c0ffee1234", size=84_000_000))
    (row,) = rows(bot, "images --find c0ffee")
    assert row[:3] == ("webapp", "b42", "c0ffee1")


def test_what_latest_means_is_said_before_it_is_done(bot: Talk) -> None:
    bot.registry.push(Image("registry.local:5000/webapp", "latest", revision="c0ffee1234"))
    assert "\nrevision c0ffee1 · sha256:" in bot.say("deploy webapp latest to staging --dry-run").body


def test_a_digest_is_found_with_and_without_its_algorithm(bot: Talk) -> None:
    digest = f"sha256:44c1f0e{'0' * 57}"
    bot.registry.push(Image("registry.local:5000/webapp", "b42", digest))
    for text in ("sha256:44c1", "44C1F0E"):
        assert [row[0] for row in rows(bot, f"images --find {text}")] == ["webapp"]
    assert rows(bot, "images adderservice --find 44c1f0e") == []


def test_too_little_to_look_for_is_said(bot: Talk) -> None:
    assert bot.say("images --find 3f").title == "3f is too short to look for."


def test_a_large_repository_is_looked_at_by_name_and_says_so(bot: Talk) -> None:
    for n in range(120):
        bot.registry.push(Image("registry.local:5000/webapp", f"b{n:04}", revision=f"c0ffee{n:04}"))
    assert [row[:2] for row in rows(bot, "images --find b0042")] == [("webapp", "b0042")]
    reply = bot.say("images --find c0ffee0042")
    assert reply.title == "Nothing like c0ffee0042 in 4 services."
    assert "webapp: of 126 tags only the names were looked at." in reply.body


def test_a_registry_that_is_down_is_named_and_hides_nobody(bot: Talk) -> None:
    bot.registry.break_down("registry.local:5000 does not answer.")
    reply = bot.say("images --find 3f2a91c")
    assert "adderservice: registry.local:5000 does not answer." in reply.body


def test_the_columns_say_what_the_tag_does_not(bot: Talk) -> None:
    bot.registry.push(Image("registry.local:5000/webapp", "b42", revision="c0ffee1234", created=bot.parts.clock.now()))
    table = bot.say("images webapp").table
    assert table
    assert table.columns == ("tag", "revision", "built", "digest", "size", "runs in")
    assert table.rows[0][:2] == ("b42", "c0ffee1")


def test_a_repository_that_is_spelt_otherwise_is_found(tmp_path: Path) -> None:
    more = "  audit: {repository: registry.local:5000/adderservise, default_environment: staging}\n"
    with talking(tmp_path, more=more) as bot:
        bot.registry.drop("registry.local:5000/adderservise")
        for order in ("images audit", "deploy audit 3f2a91c to staging"):
            reply = bot.say(order)
            assert reply.code == "not_found"
            assert "Nearest: registry.local:5000/adderservice." in reply.body


def test_an_environment_with_a_repository_of_its_own_shows_it_too(tmp_path: Path) -> None:
    with talking(tmp_path, more=TWO) as bot:
        bot.registry.push(Image(RELEASES, "1.4.0", created=bot.parts.clock.now()))
        reply = bot.say("images auditservice")
        assert reply.title == f"auditservice · 13 images in registry.local:5000/auditservice and {RELEASES}"
        assert reply.table
        assert reply.table.rows[0][-1] == RELEASES


class Counting(MemoryRegistry):
    """Knows how many images were looked into."""

    def __init__(self, tags: int) -> None:
        super().__init__()
        self.looked = 0
        for n in range(tags):
            built = LONG_AGO + timedelta(minutes=n)
            self.push(Image(WEBAPP, f"b{n}", created=built, revision=f"{n:07x}c0ffee"))

    def describe(self, repository: str, tags: list[str]) -> list[Image]:
        if repository == WEBAPP:
            self.looked += len(tags)
        return super().describe(repository, tags)


WEBAPP = "registry.local:5000/webapp"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def huge(tmp_path: Path) -> Iterator[tuple[Talk, Counting]]:
    registry = Counting(3000)
    with talking(tmp_path, registry=registry, lead=False) as talk:
        yield talk, registry


def test_a_version_that_nobody_knows_costs_a_huge_repository_no_look_at_all_of_it(huge: tuple[Talk, Counting]) -> None:
    bot, registry = huge
    reply = bot.say("deploy webapp b29990 to staging")
    assert reply.title == "No image b29990 of webapp."
    assert reply.body.startswith(
        "Of 3,000 tags the last 300 were looked into; an older image goes by its tag. Nearest: b"
    )
    assert "Newest: b2999 (" in reply.body
    assert registry.looked <= 302
    assert bot.say("deploy webapp b7 to staging").code == ""


def test_a_commit_that_no_tag_names_is_found_among_the_last(huge: tuple[Talk, Counting]) -> None:
    bot, registry = huge
    assert "webapp → b2998 in staging" in bot.say(f"deploy webapp {2998:07x} to staging").title
    assert bot.say(f"deploy webapp {7:07x} to staging").code == "not_found"
    assert registry.looked <= 2 * 302


def test_the_newest_of_too_many_is_not_guessed(huge: tuple[Talk, Counting]) -> None:
    bot, _ = huge
    reply = bot.say("deploy webapp newest to staging")
    assert reply.title == "Nobody knows which of 3,000 tags of webapp is the newest."
    assert reply.body.startswith("Of the last 300 it is b2999 (")
    assert reply.buttons[0].command.startswith("deploy webapp b2999@sha256:")


def test_of_too_many_images_the_last_are_shown(huge: tuple[Talk, Counting]) -> None:
    bot, registry = huge
    reply = bot.say("images webapp")
    assert reply.table is not None
    assert reply.table.rows[0][0] == "b2999"
    assert "Of 3,000 tags the last 300 were looked into; an older image goes by its tag." in reply.body
    assert registry.looked <= 302
