"""Whatever is said, Slack takes it, and nothing of it becomes a mention, a link or markup."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.letters import letters
from bot.chat.slack.blocks import ROOM, noted, render
from bot.chat.slack.body import body
from bot.chat.slack.grid import PHONE, grid
from bot.chat.slack.literal import visible
from bot.core.model import Button, Field, Reply, Table, Tone, When
from tests.e2e import scene
from tests.unit.slack_look import markup, objections
from tests.unit.world import NOON

GOLDEN = Path(__file__).parents[1] / "golden"
SAID = sorted(p.relative_to(GOLDEN).with_suffix("").as_posix() for p in GOLDEN.rglob("*.txt"))
MODELS = {
    "starting": scene.STARTING,
    "under-way": scene.progress(4, 38),
    "watching": scene.WATCHING,
    "done": scene.DONE,
    "failed": scene.FAILED,
    "no-image": scene.NO_IMAGE,
    "status": scene.STATUS,
    "why": scene.WHY_REPLY,
    "history": scene.HISTORY,
    "release": scene.RELEASE,
    "linked": Reply(
        "myhero_app - #418 Success after 2 min 3 sec (Open)",
        Tone.GOOD,
        (Field("Open", "https://ci.example.com/job/myhero_app/418/"), Field("Tests", "https://ci.example.com/t/418")),
        body="branch main",
    ),
    **{f"release-{number}": reply for number, reply in enumerate(scene.THREAD)},
}
AWKWARD = (
    "<!channel>",
    "<@U1>",
    "<http://x|y>",
    "*b* _i_ ~s~ `c` ```f```",
    "&lt;",
    ":fire:",
    "http://a.b",
    "\u202e\0\ud800",
)

words = st.one_of(st.text(max_size=60), st.sampled_from(AWKWARD), st.text(alphabet="`<>&*_~@#:|! \n", max_size=40))
cells = st.one_of(words, st.datetimes().map(lambda at: When(at.replace(tzinfo=NOON.tzinfo))))
buttons = st.builds(Button, words, words.filter(bool), st.sampled_from(Tone), st.none() | words)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    columns = draw(st.lists(words, min_size=1, max_size=7))
    row = st.tuples(*(cells for _ in columns))
    return Table(
        tuple(columns), tuple(draw(st.lists(row, max_size=8))), frozenset(draw(st.sets(st.sampled_from(columns))))
    )


replies = st.builds(
    Reply,
    words,
    st.sampled_from(Tone),
    st.lists(st.builds(Field, words, words), max_size=30).map(tuple),
    st.none() | tables(),
    st.lists(st.builds(str.__add__, st.sampled_from(["", "    "]), words), max_size=30).map("\n".join),
    st.lists(buttons, max_size=30).map(tuple),
    code=st.sampled_from(["", "not_found", "<!here>"]),
)


@given(replies)
def test_nothing_that_is_said_becomes_more_than_text(reply: Reply) -> None:
    said = render(reply, NOON)
    assert markup(said) == []
    assert objections(said) == []


@given(replies, words)
def test_neither_does_what_is_noted_at_its_end(reply: Reply, note: str) -> None:
    said = noted(render(reply, NOON), note)
    assert markup(said) == []
    assert objections(said) == []


@pytest.mark.parametrize("size", [1, 700, 5_000, 60_000])
def test_nothing_is_too_long(size: int) -> None:
    long = "é&`" * size
    reply = Reply(
        long,
        Tone.BAD,
        tuple(Field(long, long) for _ in range(60)),
        Table(tuple(f"c{n}" for n in range(30)), tuple((long,) * 30 for _ in range(150))),
        f"{long}\n    {long}\n" * 40,
        tuple(Button(long, "status", confirm=long) for _ in range(60)),
    )
    assert objections(render(reply, NOON)) == []


def test_a_command_that_is_too_long_is_no_button() -> None:
    said = render(Reply("t", buttons=(Button("a", "x" * 2_001), Button("b", "status"))), NOON)
    actions = next(block for block in said.blocks if block["type"] == "actions")
    assert [element["value"] for element in actions["elements"]] == ["status"]
    assert said.blocks[-1]["elements"][0]["text"] == "… 1 more"


def test_of_a_long_log_the_end_is_shown_and_all_of_it_is_in_a_file() -> None:
    lines = [f"line {number} {'x' * 80}" for number in range(200)]
    said = render(Reply("logs", body="\n".join(f"    {line}" for line in lines)), NOON)
    code = [block["text"]["text"] for block in said.blocks if block["type"] == "section"]
    assert "earlier lines" in code[0].split("\n")[1]
    assert "line 199 " in code[-1]
    assert said.file.split("\n") == lines
    hidden = int(code[0].split("\n")[1].split()[1])
    assert sum(text.count("line ") for text in code) + hidden == len(lines)


def test_what_fits_needs_no_file() -> None:
    assert render(Reply("t", body="    one\n    two\nthree"), NOON).file == ""


@given(st.lists(st.builds(str.__add__, st.sampled_from(["", "    "]), words), max_size=200).map("\n".join))
def test_a_body_stays_within_its_room(text: str) -> None:
    said = body(text, ROOM)
    assert len(said.pieces) <= 32
    assert sum(len(piece.text) for piece in said.pieces) <= ROOM + 200


@given(tables())
def test_the_lines_of_a_table_line_up_and_fit_a_phone_but_for_their_free_words(table: Table) -> None:
    shown = grid(table, NOON, 100)
    assert len(shown) == len(table.rows) + 1


def test_a_folded_table_lines_up() -> None:
    assert scene.STATUS.table
    rows = grid(scene.STATUS.table, scene.NOW, 100)
    first = {row.split("\n")[0].index(word) for row, word in zip(rows[1:], ("77be", "9ab0", "9ab0"), strict=False)}
    assert first == {17}
    assert all(letters(row.split("\n")[0]) <= PHONE for row in rows)


def test_what_cannot_be_seen_is_named() -> None:
    assert visible("a\u202eb\0c\ud800") == "a\\u202eb\\x00c\\ud800"


@pytest.fixture(params=[*SAID, *(f"models/{name}" for name in MODELS)])
def said(request: pytest.FixtureRequest) -> Iterator[tuple[str, Reply]]:
    """Every answer that is held letter by letter, and the models."""
    folder, _, name = request.param.partition("/")
    if folder == "models":
        yield request.param, MODELS[name]
    else:
        held = (GOLDEN / f"{request.param}.txt").read_text().partition("\n---\n")[2]
        yield request.param, msgspec.json.decode(held, type=Reply)


def test_as_slack_gets_it(said: tuple[str, Reply]) -> None:
    """`make golden` writes them anew: read the difference."""
    name, reply = said
    shown = render(reply, scene.NOW if name.startswith("models/") else NOON)
    assert objections(shown) == []
    text = json.dumps(msgspec.to_builtins(shown), indent=1, ensure_ascii=False) + "\n"
    path = GOLDEN / "slack" / f"{name}.json"
    if os.environ.get("QUARTERDECK_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert path.read_text() == text


def test_nothing_is_held_for_slack_that_nobody_says() -> None:
    held = {p.relative_to(GOLDEN / "slack").with_suffix("").as_posix() for p in (GOLDEN / "slack").rglob("*.json")}
    assert held == {*SAID, *(f"models/{name}" for name in MODELS)}
