"""What an answer offers next: about what was asked, and nothing that would be refused."""

import re

import pytest
from msgspec.structs import replace

from bot.cluster.memory import Around
from bot.core.live import live
from bot.core.model import Tone
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
    ],
)
def test_what_is_offered_is_about_the_service_that_was_named(bot: Talk, text: str, hint: str) -> None:
    assert hint in "\n".join([bot.say(text).body, *(b.command for b in bot.say(text).buttons)])
