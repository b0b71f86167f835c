"""A tag that is pushed again between what was shown and what is done: on registries that are real, too."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.core.model import Field, Reply
from bot.registry.oci import Access, OciRegistry
from tests.servers.registry import Registry
from tests.servers.require import or_skip
from tests.unit.talk import DEV, LEAD, Talk, talking

pytestmark = pytest.mark.server("registry")

SERVICE = """
  fleet:
    repository: {home}
    default_environment: staging
    watch: {{tags: sha, every: 1h{auto}}}
"""
ROLES = """
roles:
  deployers: {verbs: ["*"], people: [dev1@example.com]}
  releasers: {verbs: [approve], people: [lead@example.com]}
"""
PRODUCTION = "deploy fleet abcdef1 to production"
Push = Callable[[str], str]


@contextmanager
def fleet(folder: Path, auto: str = "", production: str = "") -> Iterator[tuple[Talk, Push]]:
    """Its repository is not there before the first push."""
    with or_skip(), Registry() as real:
        registry, home = OciRegistry({real.host: Access(plain_http=True)}), f"{real.host}/team/fleet"
        more = SERVICE.format(home=home, auto=auto) + ROLES
        with talking(folder, more=more, registry=registry, production=production) as bot:
            bot.pass_time(lambda: bot.store.tags_seen(home) == {})
            yield bot, lambda tag: real.push("team/fleet", tag, created=datetime.now(UTC))


@pytest.fixture
def pushing(tmp_path: Path) -> Iterator[tuple[Talk, Push]]:
    with fleet(tmp_path) as both:
        yield both


def told(bot: Talk, title: str) -> Reply:
    bot.until(lambda: any(m.reply.title == title for m in bot.messages()))
    return next(m.reply for m in bot.messages() if m.reply.title == title)


def runs(bot: Talk, environment: str = "staging") -> str:
    namespace = bot.bot.ports.catalogue.environment(environment).namespace
    return bot.cluster.find(environment, namespace, "fleet").containers[0].image


def test_the_first_image_is_told_and_its_button_means_what_was_told(pushing: tuple[Talk, Push]) -> None:
    bot, push = pushing
    bot.restart()
    first = push("abcdef1")
    bot.bot.poller.look("fleet")
    announced = told(bot, "New image abcdef1 of fleet")
    assert first[:14] in announced.body
    button = next(b.command for b in announced.buttons if b.label == "Deploy to staging")
    assert button == f"deploy fleet abcdef1@{first[:14]} to staging"
    second = push("abcdef1")
    refused = bot.say(button)
    assert refused.title == "abcdef1 of fleet is another image now: it was pushed again."
    assert refused.body == (
        f"It was {first[:14]}, and is {second[:14]}. Nothing was changed.\n    deploy fleet abcdef1 to staging"
    )
    assert [b.command for b in refused.buttons] == [
        f"deploy fleet abcdef1@{second[:14]} to staging",
        "images fleet",
    ]
    assert first not in runs(bot)
    assert bot.say(refused.buttons[0].command).title == "fleet → abcdef1 in staging · done"
    assert runs(bot).endswith(f":abcdef1@{second}")


def test_a_whole_digest_is_taken_whatever_its_tag_is_now(pushing: tuple[Talk, Push]) -> None:
    bot, push = pushing
    first = push("abcdef1")
    push("abcdef1")
    assert bot.say(f"deploy fleet abcdef1@{first} to staging").code == ""
    assert runs(bot).endswith(f"@{first}")


def test_a_whole_name_is_taken_for_its_tag(pushing: tuple[Talk, Push]) -> None:
    """As people copy it from a manifest."""
    bot, push = pushing
    digest = push("abcdef1")
    home = bot.bot.ports.service("fleet").repositories["*"]
    for name in (f"{home}:abcdef1", f"{home}:abcdef1@{digest}", f"{home}@{digest}"):
        assert f"@{digest}" in bot.say(f"deploy fleet {name} to staging --dry-run").body
    other = bot.say("deploy fleet registry.local:5000/other:abcdef1 to staging")
    assert other.title == "No image registry.local:5000/other:abcdef1 of fleet."


def test_a_dry_run_is_done_as_it_was_shown_or_not_at_all(pushing: tuple[Talk, Push]) -> None:
    bot, push = pushing
    first = push("abcdef1")
    shown = bot.say("deploy fleet abcdef1 to staging --dry-run")
    assert shown.title == "fleet → abcdef1 in staging · dry run, nothing changed"
    (button,) = shown.buttons
    assert button.command == f"deploy fleet abcdef1@{first[:14]} to staging"
    push("abcdef1")
    assert bot.say(button.command).code == "conflict"
    assert first not in runs(bot)


def test_who_types_a_tag_means_what_it_is_then_and_reads_which(pushing: tuple[Talk, Push]) -> None:
    bot, push = pushing
    push("abcdef1")
    bot.say("deploy fleet abcdef1 to staging")
    second = push("abcdef1")
    done = bot.say("deploy fleet abcdef1 to staging")
    assert done.title == "fleet → abcdef1 in staging · done"
    assert Field("digest", second[:14]) in done.fields
    assert runs(bot).endswith(f":abcdef1@{second}")


def test_what_is_confirmed_is_what_was_shown(tmp_path: Path) -> None:
    with fleet(tmp_path, production=", confirm: true") as (bot, push):
        first = push("abcdef1")
        key = bot.begin(PRODUCTION, DEV)
        bot.until(lambda: f"{first[:14]} · Deployment" in bot.shown(key).body)
        second = push("abcdef1")
        bot.say("confirm 1", DEV)
        bot.until(lambda: "confirm 2" in bot.shown(key).body)
        again = bot.shown(key).body
        assert f"abcdef1 is another image now: it was pushed again. It was {first[:14]}, and is {second[:14]}." in again
        bot.say("confirm 2", DEV)
        assert bot.answer(key).title == "fleet → abcdef1 in production · done"
        assert runs(bot, "production").endswith(f"@{second}")


def test_an_approval_is_for_what_was_shown_alone(tmp_path: Path) -> None:
    with fleet(tmp_path, production=", approvals: {role: releasers}") as (bot, push):
        first = push("abcdef1")
        key = bot.begin(PRODUCTION, DEV)
        bot.until(lambda: f"{first[:14]} · Deployment" in bot.shown(key).body)
        second = push("abcdef1")
        bot.say("approve 1", LEAD)
        void = bot.answer(key)
        assert void.title == "fleet → abcdef1 in production · changed meanwhile, not carried out"
        assert void.body == (
            f"abcdef1 is another image now: it was pushed again. It was {first[:14]}, and is {second[:14]}.\n"
            f"Nothing was changed.\n    {PRODUCTION}"
        )
        assert second not in runs(bot, "production")


def test_what_goes_by_itself_is_what_was_told(tmp_path: Path) -> None:
    with fleet(tmp_path, ", auto: staging") as (bot, push):
        push("0000001")
        bot.bot.poller.look("fleet")
        assert "Nobody can tell whether it is newer" in told(bot, "New image 0000001 of fleet").body
        bot.say("deploy fleet 0000001 to staging")
        digest = push("abcdef1")
        bot.bot.poller.look("fleet")
        told(bot, "fleet → abcdef1 in staging · done")
        assert runs(bot).endswith(f":abcdef1@{digest}")
        assert bot.store.audit()[0].text == f"deploy fleet abcdef1@{digest[:14]} to staging"
