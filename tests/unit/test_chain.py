"""Whatever is done to a chain of records, its seals tell."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.core.chain import Head, Link, seal, walk

Tamper = Callable[[list[Link], int, int], list[Link]]

TAMPERS: dict[str, Tamper] = {
    "edit": lambda chain, at, _: [*chain[:at], replace(chain[at], text=chain[at].text + "x"), *chain[at + 1 :]],
    "edit and seal": lambda chain, at, _: [*chain[:at], resealed(chain, at), *chain[at + 1 :]],
    "remove": lambda chain, at, _: [*chain[:at], *chain[at + 1 :]],
    "cut the end off": lambda chain, at, _: chain[:at],
    "put in": lambda chain, at, other: [*chain[:at], replace(chain[other], number=chain[at].number), *chain[at:]],
    "add at the end": lambda chain, at, _: [*chain, follow(chain[-1], chain[at].text)],
    "number anew": lambda chain, at, _: [
        *chain[:at],
        replace(chain[at], number=chain[at].number - 1),
        *chain[at + 1 :],
    ],
}


def follow(last: Link | None, text: str) -> Link:
    number, previous = (last.number + 1, last.seal) if last else (1, "")
    return Link(number, text, seal(previous, number, text))


def resealed(chain: list[Link], at: int) -> Link:
    """By somebody who knows how, for this one record."""
    before = chain[at - 1].seal if at else ""
    text = chain[at].text + "x"
    return replace(chain[at], text=text, seal=seal(before, chain[at].number, text))


def chained(texts: list[str]) -> list[Link]:
    chain: list[Link] = []
    for text in texts:
        chain.append(follow(chain[-1] if chain else None, text))
    return chain


def head(chain: list[Link]) -> Head:
    return Head(chain[-1].number, chain[-1].seal)


texts = st.lists(st.text(max_size=5), min_size=1, max_size=8)


@given(texts)
def test_an_untouched_chain_holds(found: list[str]) -> None:
    chain = chained(found)
    told = walk(chain, head(chain))
    assert (told.count, told.head, told.broken) == (len(chain), head(chain), None)


def test_no_record_at_all_is_a_chain() -> None:
    assert walk([], Head()).broken is None


@given(texts, st.sampled_from(sorted(TAMPERS)), st.data())
def test_whatever_is_done_is_found(found: list[str], how: str, data: st.DataObject) -> None:
    chain = chained(found)
    at, other = (data.draw(st.integers(0, len(chain) - 1)) for _ in range(2))
    told = walk(TAMPERS[how](chain, at, other), head(chain))
    assert told.broken is not None
    assert told.count >= at or how == "number anew"


@given(texts, st.data())
def test_another_order_is_found(found: list[str], data: st.DataObject) -> None:
    chain = chained(found)
    mixed = data.draw(st.permutations(chain))
    moved = [replace(link, number=position) for position, link in enumerate(mixed, start=1)]
    assert (walk(mixed, head(chain)).broken is None) == (mixed == chain)
    assert (walk(moved, head(chain)).broken is None) == (moved == chain)
