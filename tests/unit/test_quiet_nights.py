"""Quiet hours, as the channel hears them: nothing new in the night, one message in the morning."""

from pathlib import Path

import pytest

from bot.core.events import BuildResult
from bot.core.workload import Image, Pause
from tests.unit.crowd import CATALOGUED, NAMES, restart, seed
from tests.unit.night import ELEVEN, EVENING, MORNING, QUIET, Night, night


def image(bot: Night) -> None:
    repository = "registry.local:5000/adderservice"
    bot.bot.poller.look("adderservice")
    bot.pass_time(lambda: bot.store.tags_seen(repository))
    bot.registry.push(Image(repository, "abcdef1", created=bot.parts.clock.now()))
    bot.bot.poller.look("adderservice")


def keeps(bot: Night, *words: str) -> bool:
    """The last word on each of them is kept."""
    titles = [m.reply.title for m in bot.kept().values() if m.final]
    return all(any(word in title for title in titles) for word in words)


def rows(bot: Night) -> list[tuple[object, ...]]:
    (digest,) = [m for m in bot.channel() if m.key.startswith("digest:")]
    assert digest.reply.table
    return list(digest.reply.table.rows)


@pytest.mark.parametrize("restarts", [False, True])
def test_a_night_is_one_message_in_the_morning(tmp_path: Path, restarts: bool) -> None:
    with night(tmp_path) as bot:
        for number in (416, 417):
            bot.built(number)
        bot.built(418, BuildResult.FAILURE)
        bot.brings("webapp", "9ab01de")
        image(bot)
        words = ("#416 Success", "#417", "#418", "webapp → 9ab01de in production · done", "New image abcdef1")
        bot.pass_time(lambda: keeps(bot, *words, "adderservice → abcdef1 in staging · done"))
        if restarts:
            bot.restart()
        assert bot.heard() == []
        bot.turn_to(MORNING)
        if restarts:
            bot.restart()
        bot.pass_time(lambda: bot.heard())
        assert bot.heard() == ["Quiet hours are over · 4 things happened · 1 failed"]
        worst, *others = rows(bot)
        assert worst == ("3", "✗ adderservice - #418 Failure after 2 min 3 sec")
        assert set(others) == {
            ("1", "· New image abcdef1 of adderservice"),
            ("1", "✓ webapp → 9ab01de in production · done"),
            ("1", "✓ adderservice → abcdef1 in staging · done"),
        }
        assert bot.kept() == {}
        bot.restart()
        bot.built(419)
        bot.pass_time(lambda: bot.heard()[1:2] == ["adderservice 00001a3 · build ✓"])
        bot.pass_time(lambda: bot.heard()[2:] and bot.heard()[2].startswith("adderservice - #419 Back to normal"))
        assert len(bot.heard()) == 3


def test_what_calls_people_is_said_in_the_night_with_its_evidence(tmp_path: Path) -> None:
    with night(tmp_path) as bot:
        bot.brings("eventservice", "crash-3")
        bot.pass_time(lambda: [m for m in bot.channel() if m.reply.mentions])
        (live,) = [m for m in bot.channel() if m.key.startswith("rollout:") and not m.key.endswith(":evidence")]
        assert live.reply.title.startswith("eventservice → crash-3 in production · ")
        bot.pass_time(lambda: [m for m in bot.channel() if m.key.endswith(":evidence")])
        assert not [m for m in bot.kept().values() if m.key.startswith("rollout:")]
        bot.turn_to(MORNING)
        bot.pass_time(lambda: not bot.kept())
        assert not [m for m in bot.channel() if m.key.startswith("digest:")]
        assert len({m.key for m in bot.channel()}) == len(bot.channel())


def test_who_orders_in_the_channel_is_answered_there_and_once(tmp_path: Path) -> None:
    with night(tmp_path) as bot:
        answered, restarted = bot.order("status webapp in production"), bot.order("restart webapp in production")
        bot.pass_time(lambda: [m for m in bot.channel() if m.key == restarted and m.final])
        bot.pass_time(lambda: [m for m in bot.channel() if m.key == answered and m.final])
        assert {m.key for m in bot.channel()} == {answered, restarted}
        assert bot.slack.shown(restarted) == ["webapp restart in production · done"]
        assert bot.kept() == {}


def test_what_began_before_goes_on_in_its_message_since_edits_make_no_sound(tmp_path: Path) -> None:
    """Its deadline passes in the night."""
    with night(tmp_path, EVENING) as bot:
        bot.brings("webapp", "slow-99", "micro-staging")
        bot.pass_time(lambda: [m for m in bot.channel() if m.reply.title.endswith(" ready")])
        bot.turn_to(ELEVEN)
        told = ["webapp slow-99 · staging ✗ failed", "webapp → slow-99 in staging · failed"]
        bot.pass_time(lambda: bot.heard() == told)
        assert bot.kept() == {}


def test_what_is_under_way_in_the_morning_is_said_live_and_a_single_piece_of_news_as_it_is(tmp_path: Path) -> None:
    with night(tmp_path) as bot:
        bot.built(418)
        bot.cluster.kubectl("micro", "webapp", Pause())
        bot.brings("webapp", "9ab01de")
        paused = "webapp → 9ab01de in production · paused at 0 of 4"
        bot.pass_time(lambda: keeps(bot, "#418") and paused in [m.reply.title for m in bot.kept().values()])
        assert bot.heard() == []
        bot.turn_to(MORNING)
        told = {
            "adderservice - #418 Success after 2 min 3 sec (Open)",
            "adderservice 00001a2 · build ✓",
            "webapp 9ab01de · production ! paused",
            paused,
        }
        bot.pass_time(lambda: set(bot.heard()) == told)
        assert len(bot.heard()) == len(told)


def test_another_route_speaks_in_the_same_channel_also_at_night(tmp_path: Path) -> None:
    with night(tmp_path) as bot:
        bot.cluster.kubectl_set_image("micro", "mongo", "mongo:7")
        bot.brings("webapp", "9ab01de")
        bot.pass_time(lambda: "mongo → 7 in production · done" in bot.heard())
        bot.pass_time(lambda: keeps(bot, "webapp → 9ab01de in production · done"))
        bot.pass_time(lambda: bot.heard() == ["mongo 7 · production ✓", "mongo → 7 in production · done"])


def test_a_storm_in_the_night_is_one_row_of_the_morning(tmp_path: Path) -> None:
    quiet = CATALOGUED + f"routes: [{{to: {{slack: C0PROD}}, {QUIET}}}]"
    with night(tmp_path, routes=quiet) as bot:
        seed(bot.cluster, 600)
        bot.order("restart mongo in staging")
        bot.pass_time(lambda: bot.heard() == ["mongo restart in staging · done"])
        restart(bot.cluster, NAMES[:20])
        bot.built(418)
        bot.pass_time(lambda: keeps(bot, "20 rollouts in production · 20 done", "#418"))
        assert len(bot.heard()) == 1
        bot.turn_to(MORNING)
        bot.pass_time(lambda: len(bot.heard()) == 2)
        assert {row[1] for row in rows(bot)} == {
            "✓ 20 rollouts in production · 20 done",
            "✓ adderservice - #418 Success after 2 min 3 sec",
        }
