"""The form and the home of each person, in a workspace that is looked at with a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.test_page import FLAGS
from tests.e2e.test_slack import Ann, Office, running
from tests.servers.find import server
from tests.servers.require import or_skip
from tests.unit.test_slack_form import chosen

SUBMIT = """values => new Promise(done => {
  const line = new WebSocket(`ws://${location.host}/ui`);
  line.onopen = () => { line.send(JSON.stringify({ t: "view_submit", user: "U01ANN", values })); done(); };
})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with or_skip():
        chromium = server("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with running(tmp_path) as office:
        yield office


@pytest.fixture
def page(browser: Browser, office: Office) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1100, "height": 900})
    page.goto(office.kit.slack.server.url)
    expect(page.get_by_text("ui live")).to_be_visible()
    yield page
    page.close()


def test_deploy_alone_opens_a_form_that_becomes_the_order(office: Office, page: Page) -> None:
    """The page draws no typeahead, so what is chosen there goes over its line."""
    ann = Ann(office.kit)
    ann.slash("/deploy", "")
    submit = page.get_by_role("button", name="Deploy", exact=True)
    expect(submit).to_be_visible()
    service, environment = page.locator(".modal-overlay select").all()
    assert service.locator("option").all_inner_texts()[1:] == ["adderservice", "eventservice", "webapp", "mongo"]
    assert environment.locator("option").all_inner_texts()[1:] == ["staging", "production"]
    page.evaluate(SUBMIT, chosen(service="webapp", version="two words", environment="staging"))
    expect(page.get_by_text("An image is one word: a tag, a SHA or a digest.")).to_be_visible()
    page.evaluate(SUBMIT, chosen(service="webapp", version="9ab01de", environment="staging"))
    ann.sees("webapp → 9ab01de in staging · done")
    expect(submit).to_be_hidden()


def test_the_home_shows_what_runs_and_what_was_ordered_and_keeps_up(office: Office, page: Page) -> None:
    ann = Ann(office.kit)
    page.locator("button", has_text="bot").last.click()
    expect(page.get_by_text("2 environments · 4 services")).to_be_visible()
    expect(page.get_by_text("You gave no order yet")).to_be_visible()
    ann.mention("deploy webapp 9ab01de to staging")
    expect(page.get_by_text("Your last orders")).to_be_visible(timeout=30_000)
    ann.sees("webapp → 9ab01de in staging · done")
