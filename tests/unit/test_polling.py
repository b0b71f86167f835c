"""New tags: announced once, deployed by policy, never a step back."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.core.errors import Busy
from bot.core.events import Build, BuildPhase, BuildResult
from bot.core.workload import Image, short_digest
from bot.engine.looks import Looks
from bot.engine.watched import watched
from bot.registry import Pushed
from bot.workers import Job
from tests.unit.talk import Talk, talking

REPOSITORY = "registry.local:5000/adderservice"
TWINS = """
  twin:
    repository: 192.168.1.2:5000/adderservice
    default_environment: staging
    watch: {tags: sha, every: 5s}
registries:
  registry.local:5000: {aliases: ["192.168.1.2:5000"]}
"""


def look(bot: Talk) -> None:
    """The schedule says once an hour; here it is now."""
    bot.bot.poller.look("adderservice")


def news(bot: Talk) -> list[str]:
    return [m.reply.title for m in bot.messages() if m.reply.title.startswith("New image")]


def seen(bot: Talk) -> bool:
    return bot.store.tags_seen(REPOSITORY) is not None


def test_what_is_there_at_first_sight_is_no_news(bot: Talk) -> None:
    look(bot)
    bot.pass_time(lambda: seen(bot))
    assert news(bot) == []


def test_a_new_tag_is_announced_once_and_goes_where_the_policy_says(bot: Talk) -> None:
    look(bot)
    bot.pass_time(lambda: seen(bot))
    bot.registry.push(Image(REPOSITORY, "abcdef1", created=bot.parts.clock.now()))
    look(bot)
    bot.until(lambda: any(m.reply.title == "adderservice → abcdef1 in staging · done" for m in bot.messages()))
    look(bot)
    assert news(bot) == ["New image abcdef1 of adderservice"]
    announced = next(m for m in bot.messages() if m.reply.title.startswith("New image"))
    deployed = next(m for m in bot.messages() if "→ abcdef1 in staging" in m.reply.title)
    assert deployed.place.thread == announced.place.thread is not None
    assert bot.store.audit()[0].who.name == "quarterdeck"


def test_a_lock_holds_the_automatic_deploy_too(bot: Talk) -> None:
    look(bot)
    bot.pass_time(lambda: seen(bot))
    bot.say('lock adderservice in staging "by hand"')
    bot.registry.push(Image(REPOSITORY, "abcdef1", created=bot.parts.clock.now()))
    look(bot)
    bot.until(lambda: news(bot))
    bot.pass_time(lambda: bot.store.audit()[0].outcome == "locked")
    assert "abcdef1" not in bot.cluster.find("staging", "micro-staging", "adderservice").containers[0].image


def test_an_older_build_pushed_late_is_no_news(bot: Talk) -> None:
    look(bot)
    bot.pass_time(lambda: seen(bot))
    running = bot.registry.image(REPOSITORY, "3f2a91c")
    assert running.created
    bot.registry.push(Image(REPOSITORY, "0000001", created=running.created.replace(year=2020)))
    look(bot)
    bot.pass_time(lambda: "0000001" in (bot.store.tags_seen(REPOSITORY) or {}))
    assert news(bot) == []


def test_a_later_build_of_an_older_version_is_no_news(tmp_path: Path) -> None:
    """What runs is pinned to a digest, and known by the tag beside it."""
    versions = "registry.local:5000/auditservice"
    watch = "{semver: '*', every: 1h, auto: staging}"
    more = f"  auditservice: {{repository: {versions}, default_environment: staging, watch: {watch}}}\n"
    with talking(tmp_path, more=more) as bot:
        bot.pass_time(lambda: bot.store.tags_seen(versions) is not None)
        at = bot.parts.clock.now()
        bot.registry.push(Image(versions, "1.14.2", created=at))
        bot.say("deploy auditservice 1.14.2 to staging")
        bot.registry.push(Image(versions, "1.13.9", created=at + timedelta(minutes=1)))
        bot.bot.poller.look("auditservice")
        bot.pass_time(lambda: "1.13.9" in (bot.store.tags_seen(versions) or {}))
        bot.registry.push(Image(versions, "1.15.0", created=at))
        bot.bot.poller.look("auditservice")
        bot.until(lambda: news(bot))
        assert news(bot) == ["New image 1.15.0 of auditservice"]


def test_a_registry_that_is_down_decides_nothing(bot: Talk) -> None:
    look(bot)
    bot.pass_time(lambda: seen(bot))
    before = bot.store.tags_seen(REPOSITORY)
    bot.registry.break_down("The registry does not answer.")
    look(bot)
    bot.registry.break_down(None)
    assert bot.store.tags_seen(REPOSITORY) == before


def test_a_shell_beside_a_bot_polls_nothing(tmp_path: Path) -> None:
    with talking(tmp_path, lead=False) as bot:
        assert not bot.bot.poller.looking


def test_an_image_says_what_it_is_and_the_build_that_made_it(bot: Talk) -> None:
    look(bot)
    bot.pass_time(lambda: seen(bot))
    bot.bot.build(build("abcdef1"))
    bot.registry.push(Image(REPOSITORY, "abcdef1", created=bot.parts.clock.now(), size=84_000_000))
    look(bot)
    bot.until(lambda: news(bot))
    announced = next(m.reply for m in bot.messages() if m.reply.title.startswith("New image"))
    assert "made by adderservice #900: Round half to even [dev2]" in announced.body
    assert "It goes to staging by itself." in announced.body
    assert "\n    deploy adderservice abcdef1 to production" in announced.body
    digest = short_digest(bot.registry.image(REPOSITORY, "abcdef1").digest)
    assert [b.command for b in announced.buttons] == [f"deploy adderservice abcdef1@{digest} to production"]


def test_one_build_under_several_tags_is_told_once(bot: Talk) -> None:
    look(bot)
    bot.pass_time(lambda: seen(bot))
    now, digest = bot.parts.clock.now(), f"sha256:{'7' * 64}"
    bot.registry.push(Image(REPOSITORY, "abcdef1", digest, created=now))
    look(bot)
    bot.until(lambda: news(bot))
    bot.registry.push(Image(REPOSITORY, "main-abcdef1", digest, created=now))
    look(bot)
    bot.pass_time(lambda: "main-abcdef1" in (bot.store.tags_seen(REPOSITORY) or {}))
    assert len(news(bot)) == 1


def test_the_first_image_of_an_empty_repository_is_news(bot: Talk) -> None:
    """It has only what nobody wants, until something comes."""
    bot.pass_time(lambda: seen(bot))
    bot.store.save_tags(REPOSITORY, {})
    bot.registry.push(Image(REPOSITORY, "abcdef1", created=bot.parts.clock.now()))
    look(bot)
    bot.until(lambda: news(bot))
    assert news(bot) == ["New image abcdef1 of adderservice"]


@pytest.mark.parametrize("hooked", [False, True])
def test_the_first_image_of_a_repository_that_was_not_there_is_news(tmp_path: Path, *, hooked: bool) -> None:
    """The catalogue knew it before anybody pushed to it; a restart in between forgets nothing."""
    new = "registry.local:5000/newservice"
    more = f"  newservice: {{repository: {new}, default_environment: staging, watch: {{tags: sha, every: 1h}}}}\n"
    with talking(tmp_path, more=more, lead=False) as bot:
        bot.registry.drop(new)
        bot.bot.poller.look("newservice")
        bot.pass_time(lambda: bot.store.tags_seen(new) is not None)
        bot.restart()
        bot.registry.push(Image(new, "abcdef1", created=bot.parts.clock.now()))
        if hooked:
            bot.bot.poller.pushed(Pushed("registry.local:5000", "newservice"))
        else:
            bot.bot.poller.look("newservice")
        bot.until(lambda: news(bot))
        assert news(bot) == ["New image abcdef1 of newservice"]


def test_what_failed_there_is_told_and_not_tried_again(bot: Talk) -> None:
    look(bot)
    bot.pass_time(lambda: seen(bot))
    bad = bot.registry.image(REPOSITORY, "77be001")
    key = bot.begin("deploy adderservice 77be001 to staging")
    bot.until(lambda: any("failed" in title for title in bot.titles(key)))
    bot.say("rollback adderservice in staging")
    bot.registry.push(replace(bad, tag="77be001-again", created=bot.parts.clock.now()))
    look(bot)
    bot.until(lambda: news(bot))
    announced = next(m.reply for m in bot.messages() if m.reply.title.startswith("New image"))
    assert "Not deployed to staging by itself: it failed there before." in announced.body
    assert [b.label for b in announced.buttons] == ["Deploy to staging", "Deploy to production"]
    assert not [entry for entry in bot.store.audit() if "77be001-again" in entry.text]


def test_what_a_person_took_back_is_not_deployed_again(bot: Talk) -> None:
    look(bot)
    bot.pass_time(lambda: seen(bot))
    good = bot.registry.image(REPOSITORY, "9ab01de")
    bot.registry.push(replace(good, tag="ffffff1", digest=f"sha256:{'7' * 64}", created=good.created))
    bot.say("deploy adderservice ffffff1 to staging")
    bot.say("rollback adderservice in staging")
    bot.registry.push(replace(good, tag="ffffff2", digest=f"sha256:{'7' * 64}", created=bot.parts.clock.now()))
    look(bot)
    bot.until(lambda: news(bot))
    announced = next(m.reply for m in bot.messages() if m.reply.title.startswith("New image"))
    assert "Not deployed to staging by itself: it was rolled back there before." in announced.body


def test_one_look_serves_all_who_watch_a_repository_by_whatever_name(tmp_path: Path) -> None:
    with talking(tmp_path, more=TWINS) as bot:
        (repository,) = (r for r, services in watched(bot.bot.ports.catalogue).items() if len(services) > 1)
        assert repository == REPOSITORY
        look(bot)
        bot.pass_time(lambda: seen(bot))
        bot.registry.push(Image(REPOSITORY, "abcdef1", created=bot.parts.clock.now()))
        look(bot)
        bot.until(lambda: len(news(bot)) == 2)
        assert sorted(news(bot)) == ["New image abcdef1 of adderservice", "New image abcdef1 of twin"]


def test_a_push_that_is_told_of_is_looked_at_now(tmp_path: Path) -> None:
    with talking(tmp_path, more=TWINS.replace("every: 5s", "every: 1h")) as bot:
        look(bot)
        bot.pass_time(lambda: seen(bot))
        bot.registry.push(Image(REPOSITORY, "abcdef1", created=bot.parts.clock.now()))
        for elsewhere in ("team/adderservice", "mongo", "\x00", "a" * 5000):
            bot.bot.poller.pushed(Pushed("registry.local:5000", elsewhere))
        bot.bot.poller.pushed(Pushed("registry.other"))
        bot.bot.poller.pushed(Pushed(None, "adderservice"))
        assert news(bot) == []
        bot.bot.poller.pushed(Pushed("192.168.1.2:5000", "adderservice"))
        bot.until(lambda: len(news(bot)) == 2)


@pytest.mark.parametrize("told", [Pushed(), Pushed("registry.local:5000"), Pushed(None, REPOSITORY)])
def test_who_says_less_has_more_looked_at(bot: Talk, told: Pushed) -> None:
    look(bot)
    bot.pass_time(lambda: seen(bot))
    bot.registry.push(Image(REPOSITORY, "abcdef1", created=bot.parts.clock.now()))
    bot.bot.poller.pushed(told)
    bot.until(lambda: news(bot))


def test_a_burst_is_two_looks_and_a_full_house_is_said() -> None:
    jobs: list[Job] = []
    looked: list[str] = []

    def look(name: str) -> None:
        looked.append(name)
        looks.ask(name)
        looks.ask(name)

    looks = Looks(look, jobs.append)
    for _ in range(100):
        looks.ask("a")
    looks.ask("b")
    assert len(jobs) == 2
    jobs.pop(0)()
    assert (looked, len(jobs)) == (["a"], 2)

    def full(_job: Job) -> None:
        raise Busy("Too much is waiting.")

    looks = Looks(looked.append, full)
    for _ in range(2):
        with pytest.raises(Busy):
            looks.ask("c")


def build(revision: str) -> Build:
    at = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    return Build(
        "jenkins", "adderservice", 900, BuildPhase.FINISHED, at, BuildResult.SUCCESS, revision,
        changes=("Round half to even [dev2]",),
    )  # fmt: skip


def test_in_a_freeze_it_waits_and_then_the_newest_goes_alone(bot: Talk) -> None:
    look(bot)
    bot.pass_time(lambda: seen(bot))
    bot.say('freeze staging "load test"')
    for tag in ("abcdef1", "abcdef2"):
        bot.registry.push(Image(REPOSITORY, tag, created=bot.parts.clock.now()))
        look(bot)
        bot.until(lambda tag=tag: f"New image {tag} of adderservice" in news(bot))  # type: ignore[misc]
    told = next(m.reply for m in bot.messages() if m.reply.title == "New image abcdef2 of adderservice")
    assert "It waits and then goes to staging by itself: load test." in told.body
    bot.restart()
    bot.say("unfreeze staging")
    bot.until(lambda: any(m.reply.title == "adderservice → abcdef2 in staging · done" for m in bot.messages()))
    assert not any("→ abcdef1 in staging" in m.reply.title for m in bot.messages())
    bot.pass_time(lambda: not bot.store.waiting_deploys())
