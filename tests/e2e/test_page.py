"""The page in a real browser: what people see, press and type there."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from bot.core.errors import Busy
from bot.core.model import Button, Field, Message, Reply, Request, Table, Tone
from tests.e2e.scene import DONE, OPERATOR, ROOM, Demo, answer, play, progress
from tests.servers.find import server
from tests.servers.require import or_skip

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
Scheme = Literal["light", "dark"]
expect.set_options(timeout=30_000)


def top(one: Locator) -> float:
    box = one.bounding_box()
    assert box
    return box["y"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with or_skip():
        chromium = server("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def demo() -> Iterator[Demo]:
    demo = Demo()
    yield demo
    demo.stop()


@pytest.fixture
def page(browser: Browser, demo: Demo) -> Iterator[Page]:
    """Any error that the page itself reports, a policy violation among them, fails the test."""
    page, wrong = browser.new_page(viewport={"width": 1400, "height": 900}), list[str]()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
    page.goto(demo.url)
    expect(page.locator("#state")).to_have_text("live")
    yield page
    page.close()
    assert wrong == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1400])
def test_it_fits_the_screen(browser: Browser, demo: Demo, width: int, scheme: Scheme, tmp_path: Path) -> None:
    play(demo.room, demo.clock)
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(demo.url)
    expect(page.locator("article")).to_have_count(12)
    page.screenshot(path=tmp_path / f"{width}-{scheme}.png")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate("document.getElementById('room').scrollWidth <= document.getElementById('room').clientWidth")
    shades = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert shades == ("rgb(246, 246, 243)" if scheme == "light" else "rgb(18, 22, 26)")
    table = page.locator(".scroll:has(table)").first
    assert table.evaluate("e => e.scrollWidth > e.clientWidth") == (width == 400)
    page.close()


def test_a_live_message_changes_where_it_stands(demo: Demo, page: Page) -> None:
    place = answer(demo.room, "deploy adderservice 3f2a91c to production", progress(2, 9), live=True)
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "2")
    demo.room.edit(place, Message("a", ROOM, progress(5, 41), final=False))
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "5")
    demo.room.edit(place, Message("a", ROOM, DONE))
    expect(page.locator("article h2")).to_have_text(["✓adderservice → 3f2a91c in production · done"])
    expect(page.locator("#announce p").last).to_have_text("adderservice → 3f2a91c in production · done")


def test_whoever_reads_above_is_not_moved(demo: Demo, page: Page) -> None:
    live = answer(demo.room, "deploy a", progress(1, 1), live=True)
    for _ in range(4):
        play(demo.room, demo.clock)
    expect(page.locator("article")).to_have_count(49)
    room = page.locator("#room")
    read = page.get_by_role("heading", name="production · 6 services").nth(1)
    read.scroll_into_view_if_needed()
    before = top(read)
    demo.room.edit(live, Message("a", ROOM, Reply("deploy a · failed", Tone.BAD, body="line\n" * 30)))
    demo.room.post(Message("new", ROOM, Reply("something new")))
    expect(page.locator("#newer")).to_be_visible()
    expect(page.locator("#newer")).to_contain_text("1 newer")
    assert top(read) == pytest.approx(before, abs=1)
    page.locator("#newer").click()
    assert room.evaluate("e => e.scrollHeight - e.scrollTop - e.clientHeight < 2")
    expect(page.locator("#newer")).to_be_hidden()


def test_what_people_wrote_stays_text(demo: Demo, page: Page) -> None:
    attack = "<img src=x onerror=\"document.title='broken in'\"><b>_web_app_</b> \u202ereversed\x1b[31m"
    table = Table((attack,), ((attack,),))
    reply = Reply(attack, body=f"{attack}\n    {attack}", table=table, buttons=(Button(attack, attack),))
    demo.room.post(Message("a", ROOM, reply))
    demo.room.say(attack, OPERATOR)
    article = page.locator("article")
    literal = "<img src=x onerror=\"document.title='broken in'\"><b>_web_app_</b> \\u202ereversed\\u001b[31m"
    for part in ("h2", "p", "pre", "th", "td", ".actions button"):
        expect(article.locator(part)).to_have_text(literal)
    expect(page.locator(".order code")).to_have_text(literal)
    assert page.locator("#messages img, #messages b").count() == 0
    assert page.title() == "Quarterdeck"


def test_a_title_leads_where_it_says(demo: Demo, page: Page) -> None:
    url = "https://ci.example.com/job/a/418/"
    answer(
        demo.room, "builds", Reply("Open_api - #418 Success · 2 min (Open)", Tone.GOOD, fields=(Field("Open", url),))
    )
    title = page.locator("article h2").last
    expect(title).to_contain_text("Open_api - #418 Success · 2 min (Open)")
    expect(title.get_by_role("link", name="Open", exact=True)).to_have_attribute("href", url)
    expect(title.get_by_role("link")).to_have_count(1)


def test_a_button_types_its_order_and_asks_where_it_should(demo: Demo, page: Page) -> None:
    answer(demo.room, "status", progress(4, 38), live=True)
    assert demo.order() == "status"
    page.get_by_role("button", name="Why").click()
    assert demo.order() == "why adderservice in production"
    page.get_by_role("button", name="Roll back").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Roll adderservice in production back to 9ab01de?")
    expect(dialog).to_contain_text("rollback adderservice in production")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    assert demo.received.empty()
    page.get_by_role("button", name="Roll back").click()
    dialog.get_by_role("button", name="Roll back").click()
    assert demo.order() == "rollback adderservice in production"


def test_the_keyboard_is_enough(demo: Demo, page: Page) -> None:
    expect(page.locator("#order")).to_be_focused()
    page.keyboard.type("sta")
    expect(page.get_by_role("option")).to_have_text(["status"])
    page.keyboard.press("Tab")
    expect(page.locator("#order")).to_have_value("status ")
    page.keyboard.type("a")
    expect(page.get_by_role("option")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[aria-selected=true]")).to_have_text("auditservice")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert demo.order() == "status auditservice"
    expect(page.locator("#order")).to_have_value("")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#order")).to_have_value("status auditservice")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#order")).to_have_value("")


def test_tab_goes_back_to_the_newest_buttons_and_slash_comes_home(demo: Demo, page: Page) -> None:
    demo.room.post(Message("a", ROOM, DONE))
    expect(page.locator("article")).to_have_count(1)
    page.keyboard.press("Shift+Tab")
    history = page.get_by_role("button", name="History")
    expect(history).to_be_focused()
    assert history.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert demo.order() == "history adderservice in production"
    page.keyboard.press("/")
    expect(page.locator("#order")).to_be_focused()


def test_focus_never_slips_to_another_button_when_its_own_goes(demo: Demo, page: Page) -> None:
    place = demo.room.post(Message("a", ROOM, progress(2, 9), final=False))
    page.get_by_role("button", name="Pause").focus()
    demo.room.edit(place, Message("a", ROOM, progress(3, 19), final=False))
    expect(page.locator("article h2")).to_contain_text("3 of 6")
    expect(page.get_by_role("button", name="Pause")).to_be_focused()
    demo.room.edit(place, Message("a", ROOM, DONE))
    expect(page.locator("article h2")).to_contain_text("done")
    expect(page.locator(".content:has(article)")).to_be_focused()


def test_exact_times_come_with_the_pointer_and_with_focus(demo: Demo, page: Page) -> None:
    demo.room.post(Message("a", ROOM, Reply("a")))
    page.locator("article time").hover()
    expect(page.get_by_role("tooltip")).to_contain_text("2026-11-03")
    page.locator("#order").hover()
    expect(page.locator("#tip")).to_be_hidden()
    page.locator("article time").focus()
    expect(page.get_by_role("tooltip")).to_contain_text("2026-11-03")


def test_threads_open_and_stay_open_while_they_grow(demo: Demo, page: Page) -> None:
    play(demo.room, demo.clock)
    thread = page.locator("details:visible")
    expect(thread).to_have_count(1)
    expect(thread.locator("article").first).to_be_hidden()
    thread.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(thread.locator("article").last).to_be_visible()
    demo.room.post(Message("more", ROOM, Reply("one more"), parent="release:adderservice:3f2a91c"))
    expect(thread.locator("summary")).to_contain_text("5 replies")
    expect(thread.get_by_text("one more").last).to_be_visible()


def test_a_refusal_to_take_an_order_is_read_and_the_order_kept(demo: Demo, page: Page) -> None:
    def full(request: Request) -> None:
        raise Busy("50 orders are waiting.")

    demo.room.start(full)
    page.keyboard.type("status")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("50 orders are waiting.")
    expect(page.locator("#order")).to_have_value("status")


def test_a_lost_connection_is_shown_and_comes_back(demo: Demo, page: Page) -> None:
    demo.room.post(Message("a", ROOM, Reply("before")))
    expect(page.locator("article")).to_have_count(1)
    demo.stop()
    expect(page.locator("#state")).to_have_text("connection lost, trying again")
    again = Demo(demo.port)
    try:
        again.room.post(Message("b", ROOM, Reply("after")))
        expect(page.locator("#state")).to_have_text("live", timeout=15_000)
    finally:
        again.stop()


def test_the_server_ends_though_a_page_is_open(demo: Demo, page: Page, caplog: pytest.LogCaptureFixture) -> None:
    serving = [thread for thread in threading.enumerate() if thread.name == "web"]
    demo.server.stop()
    expect(page.locator("#state")).to_have_text("connection lost, trying again")
    ended = [thread for thread in serving if not thread.is_alive()]
    assert len(ended) == 1
    assert caplog.text == ""
