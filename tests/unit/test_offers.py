"""What an answer offers next: about what was asked, and nothing that would be refused."""

import re

import pytest
from hypothesis import given
from hypothesis.strategies import booleans, integers, none, text
from msgspec.structs import replace

from bot.cluster.memory import Around
from bot.core.again import with_flags
from bot.core.live import live
from bot.core.model import Tone, Words
from bot.core.parse import parse
from bot.core.shape import Shape
from bot.core.surroundings import Autoscaler
from bot.core.workload import Phase
from tests.unit.talk import Talk
from tests.unit.test_golden import DONE
from tests.unit.world import NOON


def test_why_names_what_was_scaled_away(bot: Talk) -> None:
    bot.say("scale webapp 0 in staging")
    reply = bot.say("why webapp")
    assert (reply.title, reply.tone) == (
        "webapp: nothing is wrong that the cluster knows of, but there is more",
        Tone.WARNING,
    )
    assert "webapp is scaled to 0 in staging: nothing serves there." in reply.body


def test_why_remembers_what_was_rolled_back_until_the_next_day(bot: Talk) -> None:
    assert bot.say("deploy eventservice 77be001 to production").title.endswith("failed")
    reply = bot.say("why eventservice in production")
    assert reply.title == "eventservice: nothing is wrong that the cluster knows of"
    assert re.search("77be001 failed in production .*: Crashes at start: exit 3", reply.body)
    assert "    panic: no database" in reply.body


def test_history_offers_no_way_back_to_what_failed(bot: Talk) -> None:
    bot.say("deploy eventservice 77be001 to production")
    assert [b.command for b in bot.say("history eventservice").buttons] == [
        "rollback eventservice in staging",
        "rollback eventservice to 1 in production",
    ]


def test_the_way_back_of_a_scale_names_what_was_there(bot: Talk) -> None:
    reply = bot.say("scale webapp 3 in production")
    assert "before: 4" in reply.body
    assert [(b.label, b.command) for b in reply.buttons] == [("Scale back", "scale webapp 4 in production")]
    assert bot.say(reply.buttons[0].command).title == "webapp → 4 replicas in production · done"


def test_a_scale_that_an_autoscaler_would_undo_has_no_way_back(bot: Talk) -> None:
    bot.cluster.surround("micro-staging", "webapp", Around(autoscaler=Autoscaler("webapp-hpa", least=1, most=12)))
    assert bot.say("scale webapp 3 in staging --force").buttons == ()


def test_what_had_several_numbers_is_not_offered_one_of_them() -> None:
    one = replace(DONE, phase=Phase.PROVEN, verb="scale", were=2)
    assert [b.label for b in live([one, one], NOON, 30.0).buttons] == ["Scale back"]
    assert live([one, replace(one, were=3)], NOON, 30.0).buttons == ()


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("scale adderservice three in production", "scale adderservice 3 in production"),
        ("logs adderservice --lines 999", "logs adderservice in staging --lines 200"),
        ("deploy eventservice", "deploy eventservice 3f2a91c to staging"),
        ("status Webapp.,", "status webapp in staging"),
        ("scale 3 adderservice", "scale adderservice 3 in staging"),
        ("deploy adderservice:9ab01de", "deploy adderservice 9ab01de"),
        ("deploy adderservice@9ab01de to production", "deploy adderservice 9ab01de to production"),
        ("rollback adderservice to production", "rollback adderservice in production"),
        ("rollback adderservice to 2", "runs revision 2 in staging."),
        ("rollback adderservice 1 --dry-run", "rollback adderservice to 1 --dry-run"),
        ("rollback adderservice last-good", "rollback adderservice to last-good"),
        ("promote adderservice from production", "status adderservice"),
        ("promote adderservice to staging", "images adderservice"),
        ("every weekday 09:00", "every weekday 09:00 status"),
        ("status adderservice in production extra", "status adderservice in production"),
        ("set adderservice A=1 A=2", "A is given twice."),
        ("set adderservice A=1 A-", "A is given twice."),
        ("''", "There is no order in that."),
    ],
)
def test_what_is_offered_is_about_the_service_that_was_named(bot: Talk, text: str, hint: str) -> None:
    reply = bot.say(text)
    offered = [reply.title, *reply.body.splitlines(), *(b.command for b in reply.buttons)]
    assert hint in "\n".join(offered)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("scale adderservice to 3 --dry-run", "adderservice → 3 replicas in staging"),
        ("scale adderservice to 3 in production --dry-run", "adderservice → 3 replicas in production"),
        ("`scale webapp 2 in staging --dry-run`", "webapp → 2 replicas in staging"),
        ("“scale webapp 2 in staging --dry-run”", "webapp → 2 replicas in staging"),
        ("status, please", "2 environments"),
        ("help please", "Orders, by what you want"),
    ],
)
def test_what_cannot_mean_anything_else_is_understood(bot: Talk, text: str, title: str) -> None:
    assert bot.say(text).title.startswith(title)


@pytest.mark.parametrize("flag", ["--dry-run", "--DRY-RUN", "—dry-run", "–dry-run", "−−dry-run"])
def test_what_a_dry_run_offers_is_no_dry_run(bot: Talk, flag: str) -> None:
    reply = bot.say(f'restart webapp in staging --override "a  —  b" {flag}')
    assert [b.command for b in reply.buttons] == ['restart webapp in staging --override "a  —  b"']


@pytest.mark.parametrize(
    ("text", "again"),
    [
        (
            'deploy adderservice 3f2a91d to production --override "the till is down" --dry-run',
            'deploy adderservice 3f2a91c to production --override "the till is down" --dry-run',
        ),
        (
            'deploy adderservice --override "the till is down"',
            'deploy adderservice 3f2a91c to staging --override "the till is down"',
        ),
        (
            "deploy webapp 9ab01de to production --partition 1 --override now",
            "deploy webapp 9ab01de to production --override now",
        ),
        (
            "deploy mongo 7.0.15 to production --partition 9 --dry-run",
            "deploy mongo 7.0.15 to production --dry-run --partition 2",
        ),
        (
            "deploy webapp 9ab01de to production --partition 1 --template --dry-run",
            "deploy webapp 9ab01de to production --dry-run --template",
        ),
        (
            'promote adderservice from staging --override "the till is down"',
            'promote adderservice from staging to production --override "the till is down"',
        ),
        ("scale webapp lots in staging --force --dry-run", "scale webapp 3 in staging --dry-run --force"),
        ("rollback adderservice to 99 --dry-run", "rollback adderservice to 1 in staging --dry-run"),
        ("rollback adderservice to production --dry-run", "rollback adderservice in production --dry-run"),
        ("logs adderservice --lines 999 --previous", "logs adderservice in staging --lines 200 --previous"),
        ("deploy webapp 3f2a91c to staging --dry-run", "restart webapp in staging --dry-run"),
        ("deploy webapp 9ab01de 5 to staging --dry-run", "deploy webapp 9ab01de to staging --dry-run"),
        ("deploy webapp 9ab01de to staging --loud --dry-run", "deploy webapp 9ab01de to staging --dry-run"),
        ("deploy webapp 9ab01de --override --dry-run", "deploy webapp 9ab01de to staging --dry-run"),
        ("logs adderservice in staging --lines --previous", "logs adderservice in staging --previous"),
    ],
)
def test_what_is_to_be_typed_next_has_the_flags_that_were_typed(bot: Talk, text: str, again: str) -> None:
    reply = bot.say(text)
    assert reply.code
    assert reply.body.splitlines()[-1] == f"    {again}"


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("may promote webapp", "may promote webapp to production"),
        ("at 23:00 promote webapp", "at 23:00 promote webapp to production"),
        ("at 23:00 promote webapp from production", "status webapp"),
        ("at 23:00 rollback adderservice to 99 in staging", "at 23:00 rollback adderservice to 1 in staging"),
        ("every day at 09:00 scale webapp lots in staging", "every day at 09:00 scale webapp 3 in staging"),
    ],
)
def test_what_is_put_right_inside_an_order_stays_inside(bot: Talk, text: str, again: str) -> None:
    assert bot.say(text).body.splitlines()[-1] == f"    {again}"


def test_an_image_that_is_offered_for_later_is_not_deployed_now(bot: Talk) -> None:
    reply = bot.say("at 23:00 deploy adderservice 3f2a91d to production")
    assert [b.command for b in reply.buttons if "deploy" in b.command] == [
        "at 23:00 deploy adderservice 3f2a91c to production"
    ]


def test_a_flag_is_no_reason(bot: Talk) -> None:
    reply = bot.say("deploy webapp 9ab01de to staging --override --dry-run")
    assert reply.title == "--override needs a value after it."


def test_the_image_that_was_meant_is_offered_with_the_flags(bot: Talk) -> None:
    reply = bot.say('deploy adderservice 3f2a91d to production --override "the till is down"')
    assert [b.command for b in reply.buttons if b.command.startswith("deploy ")] == [
        'deploy adderservice 3f2a91c to production --override "the till is down"'
    ]


def test_force_joins_the_flags_that_were_typed(bot: Talk) -> None:
    bot.cluster.surround("micro-staging", "webapp", Around(autoscaler=Autoscaler("webapp-hpa", least=1, most=12)))
    reply = bot.say('scale webapp 3 in staging --override "the till is down"')
    again = 'scale webapp 3 in staging --force --override "the till is down"'
    assert reply.body.endswith(f"    {again}")
    assert bot.say(again).code == ""


def test_what_a_flag_swallowed_may_be_a_secret(bot: Talk) -> None:
    reply = bot.say("set webapp --override PASSWORD=hunter2 in staging")
    assert reply.code == "usage"
    assert "hunter2" not in reply.title + reply.body


ORDER = Shape.read("deploy <service> <version> [to <environment>] [--partition N] [--override reason] [--dry-run]")


@given(text("ab =-—.:\\\"'“”‘’`", max_size=12), booleans(), none() | integers(0, 99))
def test_a_flag_that_is_typed_again_means_the_same(reason: str, dry_run: bool, partition: int | None) -> None:
    flags = frozenset({"dry-run"}) if dry_run else frozenset()
    values = {"override": reason} | ({} if partition is None else {"partition": str(partition)})
    again = with_flags("deploy webapp 9ab01de", Words("deploy", values, flags=flags))
    found = parse(again, {"deploy": ORDER})
    assert (found.flags, found.values) == (flags, {"service": "webapp", "version": "9ab01de", **values})
