"""The tab that each person has: shown on opening, and again as things change; a button there answers in private."""

from collections.abc import Iterator, Sequence
from itertools import count
from queue import SimpleQueue

import pytest

from bot.chat.slack import Mode, SlackAccess
from bot.chat.slack.calls import Calls
from bot.chat.slack.home import BLOCKS, LETTERS, HomeTab, view
from bot.chat.slack.people import People
from bot.core.errors import Unavailable
from bot.core.model import Place, Reply, Table, Who
from bot.core.secret import Secret
from tests.contract.platform_kit import NOW, StillClock
from tests.contract.slack_gaps import serving
from tests.unit.slack_look import Json
from tests.unit.slack_stub import PATIENCE, SECRET, TOKEN, Slack, Stub, slack

ROOM = {"conversations.open": {"channel": {"id": "D1"}}}


def home(who: Who) -> Sequence[Reply]:
    return [Reply(title=f"{who.name} sees this")]


@pytest.fixture
def talk() -> Iterator[Slack]:
    with slack(home=home) as found:
        found.stub.says.update(ROOM)
        yield found


def open_tab(talk: Slack, tab: str = "home") -> None:
    talk.event({"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": tab})


def titles(shown: Json) -> list[str]:
    return [block["text"]["text"] for block in shown["view"]["blocks"] if block["type"] == "header"]


def test_who_opens_it_sees_it(talk: Slack) -> None:
    open_tab(talk, "messages")
    open_tab(talk)
    shown = talk.stub.asked_for("views.publish")
    assert (shown["user_id"], shown["view"]["type"], titles(shown)) == ("U1", "home", ["dev1 sees this"])
    assert "as of <!date^" in shown["view"]["blocks"][-1]["elements"][0]["text"]


def test_a_change_shows_it_again_to_those_who_may_be_looking(talk: Slack) -> None:
    open_tab(talk)
    talk.stub.asked_for("views.publish")
    talk.platform.renew()
    assert talk.stub.asked_for("views.publish")["user_id"] == "U1"


def test_many_changes_show_it_once_and_nobody_who_did_not_open_it_is_bothered(talk: Slack) -> None:
    talk.platform.renew()
    open_tab(talk)
    talk.stub.asked_for("views.publish")
    for _ in range(50):
        talk.platform.renew()
    open_tab(talk)
    talk.stub.asked_for("views.publish")
    assert "views.publish" not in [talk.stub.asked.get()[0] for _ in range(talk.stub.asked.qsize())]


def test_what_breaks_for_one_is_shown_to_the_next() -> None:
    wrong = iter([Unavailable("The store is away."), ValueError("a bug")])
    asked: SimpleQueue[Who] = SimpleQueue()

    def fragile(who: Who) -> Sequence[Reply]:
        asked.put(who)
        for error in wrong:
            raise error
        return home(who)

    with slack(home=fragile) as talk:
        for _ in range(3):
            open_tab(talk)
            asked.get(timeout=PATIENCE)
        assert titles(talk.stub.asked_for("views.publish")) == ["dev1 sees this"]


def test_while_nothing_changes_it_sleeps() -> None:
    """It asked for the time as often as it could, and everything else of the bot waited for that."""
    stub, looks = Stub(), count(1_000)
    with serving(stub.answer) as url:
        access = SlackAccess(Mode.HTTP, Secret(TOKEN), signing_secret=Secret(SECRET), api_url=url)
        clock = StillClock()
        calls = Calls(access, clock)
        tab = HomeTab(calls, People(calls, clock), clock, lambda: float(next(looks)))
        tab.furnish(home)
        tab.start()
        for _ in range(50):
            calls.user("U1")
        tab.stop()
    assert next(looks) < 1_010


def test_a_button_there_is_an_order_in_the_direct_messages(talk: Slack) -> None:
    action = {"type": "button", "action_id": "order:0", "value": "why webapp in staging", "action_ts": "2.1"}
    box = {"type": "view", "view_id": "V1"}
    talk.interact({"type": "block_actions", "user": {"id": "U1"}, "container": box, "actions": [action]})
    request = talk.next()
    assert (request.text, request.place) == ("why webapp in staging", Place("slack", "D1"))


def test_a_page_that_is_too_long_ends_early() -> None:
    rows = tuple((f"service-{number}", "x" * 30) for number in range(200))
    parts = [Reply(title=f"part {number}", table=Table(("a", "b"), rows)) for number in range(60)]
    blocks = view(parts, NOW)["blocks"]
    assert 3 <= len(blocks) <= BLOCKS + 1
    assert sum(len(str(block.get("text", {}).get("text", ""))) for block in blocks) <= LETTERS
