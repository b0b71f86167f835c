"""Every card as Microsoft's own renderer reads it, capped at the version that Webex draws, in a real browser."""

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from playwright.sync_api import Page, sync_playwright

from bot.chat.webex.cards import card
from bot.chat.webex.form import Filled, filled, images_card, objections, services_card
from bot.core.model import Button, Tone
from bot.core.workload import Image
from tests.contract.platform_kit import NOW
from tests.servers.find import server
from tests.servers.require import or_skip

GOLDEN = Path(__file__).parents[1] / "golden" / "webex"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
AWKWARD = r"web_app_2 *bold* <b>&amp; `code` [a](b)"
DRAW = """given => {
  const capped = new AdaptiveCards.SerializationContext(new AdaptiveCards.Version(1, 3));
  const card = new AdaptiveCards.AdaptiveCard();
  card.version = new AdaptiveCards.Version(1, 3);
  const pressed = [];
  card.parse(given, capped);
  card.onExecuteAction = action => pressed.push(action.data);
  const drawn = card.render();
  document.body.replaceChildren(drawn);
  const outer = Array.from(document.querySelectorAll("button"));
  let text = "";
  for (const button of outer) {
    button.click();
    text += drawn.innerText;
    const asked = Array.from(document.querySelectorAll("button")).filter(one => !outer.includes(one));
    asked.forEach(one => one.click());
  }
  const events = Array.from({length: capped.eventCount}, (_, n) => capped.getEventAt(n).message);
  return {events, text, pressed};
}"""


pytestmark = pytest.mark.server("chromium", "adaptivecards")


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with or_skip():
        chromium, renderer = server("chromium"), server("adaptivecards")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 460, "height": 300})
        page.set_content("<style>body { font: 14px sans-serif; margin: 12px }</style>")
        page.add_script_tag(path=renderer)
        yield page
        browser.close()


def cards() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(GOLDEN.rglob("*.md")):
        found = json.loads(path.read_text().rpartition("\n---\n")[2])
        if found:
            yield path.relative_to(GOLDEN).with_suffix("").as_posix(), found["content"]


def forms() -> dict[str, dict[str, Any]]:
    images = [Image("r/adderservice", f"{n}ab01de", created=NOW - timedelta(hours=n)) for n in range(1, 9)]
    chosen = Filled("deploy", "root", "web_app_2", "", "")
    awkward = replace(chosen, service=AWKWARD, version=AWKWARD)
    wrong = objections(replace(awkward, environment=""))
    where = ["staging", "production"]
    return {
        "form-service": services_card(["adderservice", "web_app_2", AWKWARD], "root"),
        "form-images": images_card(chosen, images, where, NOW, {}),
        "form-wrong": images_card(awkward, images, where, NOW, wrong),
        "form-typed": images_card(chosen, [], ["staging"], NOW, {}),
        "approval": card(
            "adderservice → 9ab01de in production · waits for approval",
            [
                Button("Approve", "approve 7", Tone.GOOD, "Approve adderservice → 9ab01de in production?"),
                Button("Reject", "reject 7", Tone.BAD),
                Button("Diff", "diff adderservice 9ab01de to production"),
            ],
            "root",
        ),
    }


@pytest.mark.parametrize("name", forms())
def test_every_form_is_drawn_without_a_complaint(page: Page, name: str) -> None:
    found = page.evaluate(DRAW, forms()[name]["content"])
    assert found["events"] == []
    if folder := os.environ.get("QUARTERDECK_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_a_form_names_the_field_that_is_missing_and_can_be_left(page: Page) -> None:
    """Deploy sends nothing while the environment is not chosen; Cancel needs nothing to be chosen."""
    found = page.evaluate(DRAW, forms()["form-images"]["content"])
    assert "Choose an environment." in found["text"]
    assert [data["form"] for data in found["pressed"]] == ["cancel"]


def test_what_is_chosen_comes_back_as_the_order_it_is(page: Page) -> None:
    chosen = Filled("deploy", "root", "web_app_2", "2ab01de", "production")
    images = [Image("r/web_app_2", "2ab01de")]
    made = images_card(chosen, images, ["staging", "production"], NOW, {})
    pressed = page.evaluate(DRAW, made["content"])["pressed"]
    back = [filled(one) for one in pressed]
    assert back[0] == chosen
    assert chosen.order == "deploy web_app_2 2ab01de to production"


@pytest.mark.parametrize("name", [name for name, _ in cards()])
def test_every_card_is_drawn_without_a_complaint(page: Page, name: str) -> None:
    found = page.evaluate(DRAW, dict(cards())[name])
    assert found["events"] == []
    wanted = json.dumps(dict(cards())[name]["actions"], ensure_ascii=False)
    assert [data for data in found["pressed"] if json.dumps(data["order"], ensure_ascii=False) not in wanted] == []
    assert len({data["order"] for data in found["pressed"]}) == wanted.count('"order"')
    if folder := os.environ.get("QUARTERDECK_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name.replace('/', '-')}.png")


def test_a_name_with_markup_in_it_is_drawn_as_it_is(page: Page) -> None:
    button = Button(AWKWARD, "rollback web_app_2", Tone.BAD, f"Roll back {AWKWARD}?")
    found = page.evaluate(DRAW, card(f"{AWKWARD} failed", [button], "root")["content"])
    assert found["events"] == []
    assert f"{AWKWARD} failed" in found["text"]
    assert f"Roll back {AWKWARD}?" in found["text"]
    assert found["pressed"] == [{"order": "rollback web_app_2", "under": "root", "decides": "yes"}]
