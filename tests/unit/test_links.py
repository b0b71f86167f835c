"""The words of a title that name a link lead there."""

import pytest

from bot.core.links import links, titled
from bot.core.model import Field, Reply

OPEN = Field("Open", "https://ci.example.com/job/a/418/")


def test_the_word_in_brackets_is_the_link() -> None:
    parts, others = titled("Open_api - #418 Success after 2 min 3 sec (Open)", [OPEN])
    assert [part.text for part in parts if part.url] == ["Open"]
    assert parts[0].text == "Open_api - #418 Success after 2 min 3 sec ("
    assert parts[-1].text == ")"
    assert others == []


def test_several_links_stand_where_they_are_named() -> None:
    found = [Field("#2", "https://ci/2"), Field("3f2a91c", "https://git/c"), Field("#7", "https://git/7")]
    parts, others = titled("Build #2 (3f2a91c) of dev/adder in PR #7 by dev1 passed", found)
    assert [(part.text, part.url) for part in parts if part.url] == [(f.name, f.value) for f in found]
    assert "".join(part.text for part in parts) == "Build #2 (3f2a91c) of dev/adder in PR #7 by dev1 passed"
    assert others == []


def test_what_the_title_does_not_name_comes_after_it() -> None:
    more = Field("Console", "https://ci/console")
    assert titled("adder - #1 Success", [more])[1] == [more]
    assert titled("Build #2 started", [Field("#2", "https://a"), Field("#2", "https://b")])[1] != []


@pytest.mark.parametrize(
    "value", ["javascript:alert(1)", "https://a b", "https://a|b", "http://", "3f2a91c", "https://<x>"]
)
def test_only_an_address_that_is_safe_as_it_is_becomes_a_link(value: str) -> None:
    assert links(Reply("t", fields=(Field("Open", value),))) == []
