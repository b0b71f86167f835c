"""A reply in plain text: nothing lost, nothing that a terminal would obey."""

import unicodedata
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.chat.console.text import plain, visible, wrap
from bot.chat.letters import letters
from bot.core.model import Button, Field, Reply, Table, Tone, When

NOW = datetime(2026, 11, 3, 14, 32, tzinfo=UTC)


def test_a_reply_as_people_read_it() -> None:
    reply = Reply(
        "production · 2 services, 1 in trouble",
        Tone.BAD,
        fields=(Field("cluster", "main"), Field("", "revision 41")),
        table=Table(
            ("service", "ready", "age", "last change"),
            (
                ("eventservice", "2/3", When(NOW - timedelta(minutes=4)), "deploy by @dev1"),
                ("webapp", "12/12", When(NOW - timedelta(days=2)), "auto from staging"),
            ),
            numeric=frozenset({"ready", "age"}),
        ),
        body="Last lines:\n    panic: no   database",
        buttons=(Button("Roll back", "rollback eventservice"), Button("Why", "why eventservice")),
    )
    assert plain(reply, NOW).split("\n") == [
        "✗ production · 2 services, 1 in trouble",
        "  cluster main · revision 41",
        "  service       ready  age  last change",
        "  eventservice    2/3  4 m  deploy by @dev1",
        "  webapp        12/12  2 d  auto from staging",
        "  Last lines:",
        "    panic: no   database",
        "  [Roll back]  rollback eventservice",
        "  [Why]        why eventservice",
    ]


def test_fields_that_do_not_fit_stand_below_each_other() -> None:
    reply = Reply("t", fields=(Field("image", "9ab01de → 3f2a91c"), Field("ordered by", "@oncall")))
    assert plain(reply, NOW, width=30).split("\n")[1:] == [
        "  image       9ab01de →",
        "              3f2a91c",
        "  ordered by  @oncall",
    ]


def test_free_words_at_the_end_of_a_row_go_on_below_themselves() -> None:
    table = Table(("service", "last change"), (("adderservice", "deployed by somebody on a quiet afternoon"),))
    assert plain(Reply("t", table=table), NOW, width=40).split("\n")[2:] == [
        "  adderservice  deployed by somebody on",
        "                a quiet afternoon",
    ]


def test_an_empty_table_is_its_head() -> None:
    assert plain(Reply("t", table=Table(("a", "b"), ())), NOW) == "· t\n  a  b"


def test_what_lies_ahead_says_so() -> None:
    table = Table(("at",), ((When(NOW + timedelta(hours=2)),),))
    assert plain(Reply("t", table=table), NOW).endswith("  in 2 h")


def test_verbatim_lines_are_never_wrapped() -> None:
    line = "    " + "word " * 40 + "end"
    assert plain(Reply("t", body=line), NOW, width=20).split("\n")[1] == line


def test_what_a_terminal_would_obey_is_made_visible() -> None:
    assert visible("\x1b[31mred\x9b0m\u202eevil\x00\ud800") == "\\x1b[31mred\\x9b0m\\u202eevil\\x00\\ud800"
    assert visible("two\nlines") == "two\\nlines"
    assert plain(Reply("\x1b]0;title\x07", body="a\rb"), NOW) == "· \\x1b]0;title\\x07\n  a\\rb"


def test_wide_letters_count_twice() -> None:
    table = Table(("name", "n"), (("日本", "1"), ("abcde", "2")))
    lines = plain(Reply("t", table=table), NOW).split("\n")[2:]
    assert {letters(line) for line in lines} == {10}


@given(st.text(), st.text(), st.integers(1, 200))
def test_no_text_breaks_it_or_gets_through_raw(title: str, body: str, width: int) -> None:
    shown = plain(Reply(title, body=body, fields=(Field(title, body),)), NOW, width)
    assert all(unicodedata.category(c) not in ("Cc", "Cf", "Cs") for c in shown if c != "\n")
    shown.encode()


@given(st.text(alphabet=st.characters(categories=["L", "N", "Zs"]), max_size=200), st.integers(1, 60))
def test_wrapping_loses_no_word(text: str, width: int) -> None:
    assert " ".join(wrap(text, width)).split() == text.split()
