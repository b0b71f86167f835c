"""What an answer offers next: about what was asked, and nothing that would be refused."""

import re

import pytest

from bot.core.model import Tone
from tests.unit.talk import Talk


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
