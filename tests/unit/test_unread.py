"""A registry that cannot be read for long is told where the bot speaks of itself: once, and its end."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.core.errors import NotFound, QuarterdeckError, Unavailable
from bot.core.model import Reply
from bot.engine.unread import LONG, SAME, Unread
from bot.engine.watched import Watchers
from bot.registry.oci.failures import login_refused
from tests.unit.night import Night, night
from tests.unit.talk import Talk

ADDER, EVENT = "registry.local:5000/adderservice", "registry.local:5000/eventservice"
ADMIN = """
  quiet-one: {repository: "other.local/quiet", watch: {tags: sha, every: 1h}}
  second: {repository: "registry.local:5000/eventservice", watch: {tags: sha, every: 1h}}
chat: {admin: {slack: C0ADMIN}}
"""
DOWN = Unavailable("registry.local:5000 does not answer.", fact="The connection is refused, or there is no way there.")
PACED = Unavailable("registry.local:5000 does not answer.", fact="It is asked again in 8 s.", retry_after=8)
REFUSED = login_refused("registry.local:5000", "bot", "repository registry.local:5000/adderservice")


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Night]:
    with night(tmp_path, routes=ADMIN) as talk:
        yield talk


class Ward:
    """The look-out alone, on a whole bot's store, with what it says."""

    def __init__(self, bot: Night) -> None:
        self._bot = bot
        self.said: dict[str, list[Reply]] = {}
        self.unread = self.restarted()

    def restarted(self, without: str = "") -> Unread:
        ports = self._bot.bot.ports
        services = {name: service for name, service in ports.catalogue.services.items() if name != without}
        catalogue = replace(ports.catalogue, services=services)
        made = Unread(ports, Watchers(lambda: catalogue), lambda k, r: self.said.setdefault(k, []).append(r))
        made.take_over()
        self.unread = made
        return made

    def later(self, length: timedelta) -> None:
        self._bot.turn_to(self._bot.parts.clock.now() + length)

    def fails(self, *repositories: str, error: QuarterdeckError = DOWN, after: timedelta = LONG) -> None:
        for repository in repositories:
            self.unread.failed(repository, error)
        self.later(after)
        for repository in repositories:
            self.unread.failed(repository, error)

    @property
    def titles(self) -> list[list[str]]:
        return [[reply.title.partition(" since")[0] for reply in replies] for replies in self.said.values()]


@pytest.fixture
def ward(bot: Night) -> Ward:
    return Ward(bot)


AWAY, BACK = "registry.local:5000 has been unreadable", "registry.local:5000 can be read again"


def test_an_outage_is_told_once_and_its_end(ward: Ward) -> None:
    ward.fails(ADDER, EVENT)
    ward.fails(ADDER, EVENT, error=PACED)
    assert ward.titles == [[AWAY]]
    ward.unread.read(ADDER)
    assert ward.titles == [[AWAY]]
    ward.unread.read(EVENT)
    ward.unread.read(EVENT)
    assert ward.titles == [[AWAY, BACK]]


def test_what_it_means_and_what_to_do_is_said(ward: Ward) -> None:
    ward.fails(ADDER, EVENT)
    ((told,),) = ward.said.values()
    assert told.body.splitlines() == [
        "registry.local:5000 does not answer. The connection is refused, or there is no way there.",
        "New images of adderservice and second are neither found nor deployed by themselves.",
        "deploy and promote fail for them too; rollback, restart and scale do not need it.",
        "    images adderservice",
    ]


def test_a_login_that_is_refused_says_where_it_is_configured(ward: Ward) -> None:
    ward.fails(ADDER, error=REFUSED)
    ((told,),) = ward.said.values()
    assert "Look at registries.registry.local:5000 in the configuration" in told.body


def test_how_soon_it_is_asked_next_is_not_told(ward: Ward) -> None:
    ward.fails(ADDER, error=PACED)
    ((told,),) = ward.said.values()
    assert "asked again" not in told.body


def test_who_leads_counts_each_registry_that_is_watched_well_or_not(ward: Ward) -> None:
    assert ward.unread.failing() == {"registry.local:5000": 0, "other.local": 0}
    ward.fails(ADDER, EVENT, "gone.local/nobody-watches-it")
    assert ward.unread.failing() == {"registry.local:5000": 2, "other.local": 0}
    ward.unread.read(ADDER)
    assert ward.unread.failing()["registry.local:5000"] == 1
    ward.unread.let_go()
    assert ward.unread.failing() == {}


def test_a_short_failure_is_not_worth_a_word(ward: Ward) -> None:
    for _ in range(10):
        ward.fails(ADDER, after=LONG / 2)
        ward.unread.read(ADDER)
    assert ward.said == {}


def test_one_that_comes_back_within_the_hour_is_the_same_outage(ward: Ward) -> None:
    for _ in range(3):
        ward.fails(ADDER)
        ward.unread.read(ADDER)
    assert ward.titles == [[AWAY, BACK] * 3]
    ward.later(SAME)
    ward.fails(ADDER)
    assert len(ward.titles) == 2


def test_a_restart_repeats_nothing(ward: Ward) -> None:
    ward.fails(ADDER, EVENT)
    ward.restarted()
    ward.fails(ADDER, EVENT)
    assert ward.titles == [[AWAY]]
    ward.restarted()
    ward.unread.read(ADDER)
    ward.restarted()
    assert ward.titles == [[AWAY]]
    ward.unread.read(EVENT)
    assert ward.titles == [[AWAY, BACK]]


def test_more_services_are_added_to_what_was_told_and_not_each_alone(ward: Ward) -> None:
    ward.fails(ADDER, error=REFUSED)
    ward.fails(EVENT)
    ((first, second),) = ward.said.values()
    assert "adderservice and second" not in first.body
    assert "adderservice and second" in second.body


def test_each_registry_is_told_of(ward: Ward) -> None:
    ward.fails(ADDER, "other.local/quiet", error=NotFound("Not found, or not logged in."))
    assert len(ward.said) == 2


def test_whoever_does_not_lead_tells_nothing(ward: Ward) -> None:
    ward.unread.let_go()
    ward.fails(ADDER)
    assert ward.said == {}
    ward.unread.take_over()
    ward.unread.failed(ADDER, DOWN)
    assert ward.said == {}


def test_what_nobody_watches_any_more_is_no_outage(ward: Ward) -> None:
    ward.fails("other.local/quiet")
    ward.restarted(without="quiet-one")
    assert ward.titles == [["other.local has been unreadable", "other.local is watched no more"]]


def test_the_admin_channel_of_a_whole_bot_hears_it(bot: Night) -> None:
    bot.pass_time(lambda: all(bot.store.tags_seen(name) is not None for name in (ADDER, EVENT, "other.local/quiet")))
    bot.registry.break_down("registry.local:5000 does not answer.")

    def looked() -> list[str]:
        bot.turn_to(bot.parts.clock.now() + timedelta(minutes=1))
        bot.bot.poller.look("adderservice")
        return heard(bot)

    bot.pass_time(looked)
    assert heard(bot)[0].startswith(AWAY)
    assert bot.say("rollback adderservice in staging").code == ""
    bot.registry.break_down(None)
    bot.bot.poller.look("adderservice")
    bot.pass_time(lambda: heard(bot) == [BACK])


def heard(bot: Talk) -> list[str]:
    return [m.reply.title for m in dict(bot.slack.stands).values() if m.place.channel == "C0ADMIN"]
