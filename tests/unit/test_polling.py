"""New tags: announced once, deployed by policy, never a step back."""

from pathlib import Path

from bot.core.workload import Image
from tests.unit.talk import Talk, talking

REPOSITORY = "registry.local:5000/adderservice"


def look(bot: Talk) -> None:
    """The schedule says once an hour; here it is now."""
    bot.bot.poller.look("adderservice")


def news(bot: Talk) -> list[str]:
    return [m.reply.title for m in bot.messages() if m.reply.title.startswith("New image")]


def seen(bot: Talk) -> bool:
    return bool(bot.store.tags_seen(REPOSITORY))


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
    assert deployed.place.thread == announced.place.message
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
    bot.pass_time(lambda: "0000001" in bot.store.tags_seen(REPOSITORY))
    assert news(bot) == []


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
