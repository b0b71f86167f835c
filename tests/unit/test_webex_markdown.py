"""What is said comes out in Webex as it was meant, letter by letter, and always within its limits."""

import json
import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.webex.cards import card, fallback, fitting
from bot.chat.webex.literal import visible
from bot.chat.webex.markdown import render, whole
from bot.chat.webex.marker import bears, marker
from bot.chat.webex.page import LIMIT
from bot.core.model import Button, Field, Reply, Table, Tone
from tests.servers.webex_rules import require_card
from tests.servers.webex_text import drawn, html_of, text_of
from tests.unit.world import NOON

GOLDEN = Path(__file__).parents[1] / "golden"
SAID = sorted(p.relative_to(GOLDEN) for p in GOLDEN.rglob("*.txt") if "slack" not in p.parts)
PLAIN_TAGS = {"p", "strong", "br", "pre", "code"}
WORDS = st.text(
    alphabet=st.one_of(st.sampled_from("\\`*_{}[]()<>#+-.!|~&=:@/ \t\n0aZ"), st.characters(exclude_categories=["Cs"])),
    max_size=80,
)


@pytest.mark.parametrize("path", SAID, ids=lambda path: path.with_suffix("").as_posix())
def test_golden(path: Path) -> None:
    """The same answers that the terminal is held to. `make golden` writes them anew: read the difference."""
    reply = msgspec.json.decode((GOLDEN / path).read_text().rpartition("\n---\n")[2], type=Reply)
    said = render(reply, "key", NOON)
    drawn_up = card(reply.title.partition(" · ")[0], reply.buttons, "root") if fitting(reply.buttons) else None
    text = f"{said.markdown.replace(marker('key'), '')}\n---\n{json.dumps(drawn_up, indent=1, ensure_ascii=False)}\n"
    held = GOLDEN / "webex" / path.with_suffix(".md")
    if os.environ.get("QUARTERDECK_GOLDEN") == "write":
        held.parent.mkdir(parents=True, exist_ok=True)
        held.write_text(text)
    assert held.read_text() == text
    if drawn_up:
        require_card(drawn_up)


def test_no_golden_file_is_left_over() -> None:
    held = {p.relative_to(GOLDEN / "webex").with_suffix("") for p in (GOLDEN / "webex").rglob("*.md")}
    assert held == {path.with_suffix("") for path in SAID}


@settings(max_examples=300)
@given(title=WORDS, name=WORDS, cell=WORDS, body=WORDS)
def test_nothing_anybody_says_becomes_markup(title: str, name: str, cell: str, body: str) -> None:
    reply = Reply(title, fields=(Field("by", name),), table=Table(("name",), ((cell,),)), body=body)
    text, tags = drawn(html_of(render(reply, "key", NOON).markdown))
    assert tags <= PLAIN_TAGS
    for part in (title, name, cell, body):
        assert _letters(visible(part)) in _letters(text)


@settings(max_examples=200)
@given(st.lists(WORDS, max_size=8))
def test_verbatim_lines_keep_their_spaces(lines: list[str]) -> None:
    log = [f"x  {visible(line)}" for text in lines for line in text.split("\n")]
    text, tags = drawn(html_of(render(Reply("logs", body="\n".join(f"    {line}" for line in log)), "", NOON).markdown))
    assert tags <= PLAIN_TAGS
    for line in log:
        assert line in text.replace("\u200b", "")


@settings(max_examples=60)
@given(WORDS, st.integers(1, 400), st.sampled_from(list(Tone)))
def test_it_is_never_longer_than_webex_takes(word: str, times: int, tone: Tone) -> None:
    long = word * times
    body = "\n".join((long, "    " + long, long))
    reply = Reply(long, tone, (Field(word, long),), Table(("a", word), ((long, word),) * 120), body)
    said = render(reply, "key", NOON)
    assert len(said.markdown.encode()) <= LIMIT
    assert bears(said.markdown, "key")
    assert said.file or _letters(visible(long)) in _letters(text_of(html_of(said.markdown)))


@pytest.mark.parametrize(
    "line", ["- a", "+ a", "1. a", "12) a", "=====", "---", "> a", "# a", "    a", "~~~", "```", "a  ", "[a]: b", "a\\"]
)
def test_what_begins_a_line_begins_nothing_else(line: str) -> None:
    text, tags = drawn(html_of(render(Reply("t", body=f"before\n  {line.strip()}\n{line.strip()}"), "", NOON).markdown))
    assert tags <= PLAIN_TAGS
    assert text.count(line.strip()) == 2


def test_a_mention_is_made_nowhere() -> None:
    reply = Reply("<@all>", body="<@personEmail:ann@example.com>\n    <@all> in a log")
    assert "<@" not in render(reply, "key", NOON).markdown


def test_nobody_can_say_the_key_of_another_message() -> None:
    said = render(Reply(f"a{marker('order:2')}", body=f"    {marker('order:2')}"), "order:1", NOON)
    assert bears(said.markdown, "order:1")
    assert not bears(said.markdown, "order:2")


def test_what_has_no_room_is_in_the_file_and_the_end_of_the_prose_is_not_lost() -> None:
    log = "\n".join(f"    line {number}" for number in range(5_000))
    said = render(Reply("failed", body=f"Crashes at start.\n{log}\nRolled back to 9ab01de."), "key", NOON)
    assert "line 4999" in said.markdown
    assert "earlier lines" in said.markdown
    assert "Rolled back to 9ab01de." in said.markdown
    assert "line 0\n" in said.file


def test_the_whole_is_plain_text() -> None:
    reply = Reply("a_b", Tone.BAD, (Field("by", "@ann"),), Table(("n", "m"), (("1", "22"),)), "c_d\n    e")
    assert whole(reply, NOON) == "✗ a_b\nby: @ann\nn  m\n1  22\nc_d\ne\n"


@settings(max_examples=100)
@given(st.lists(st.tuples(WORDS, WORDS, WORDS), max_size=9))
def test_every_card_is_one_that_webex_takes(said: list[tuple[str, str, str]]) -> None:
    buttons = [Button(label, command, confirm=confirm or None) for label, command, confirm in said if label.strip()]
    if buttons:
        require_card(card("title", buttons, "root"))
        assert len(fallback(buttons).encode()) <= LIMIT


def _letters(text: str) -> str:
    """White space is the client's own affair in prose."""
    return "".join(text.split()).replace("\u200b", "")
