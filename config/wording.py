"""The section `words` of a route: titles of a team's own. What a text may hold depends on the kind of event."""

from collections.abc import Iterator
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, Field

from bot.core.catalogue import Happening
from bot.core.nearest import nearest
from bot.core.routes import ALWAYS, OCCASIONS
from bot.core.wording import objection
from config.mistakes import Found
from config.readers import or_empty
from config.scalars import Context, Scalar, Wrong, text
from config.section import Section
from config.tree import items, sections

Occasion = TypeVar("Occasion")
Title = TypeVar("Title")
MERGE, BUILD, IMAGE = Happening.MERGE, Happening.BUILD, Happening.IMAGE
ROLLOUT, INCIDENT, ALERT = Happening.ROLLOUT, Happening.INCIDENT, Happening.ALERT


def _titled(kind: Happening) -> Scalar:
    def parse(value: object, _: Context) -> str:
        written = text(value)
        if wrong := objection(kind, written):
            raise Wrong(wrong)
        return written

    return Scalar("text", parse)


def _occasion(kind: Happening) -> Scalar:
    known = sorted(OCCASIONS[kind])
    words = f"one of {', '.join(known)}"

    def parse(value: object, _: Context) -> str:
        if value in known:
            return str(value)
        close = nearest(str(value)[:64], known, most=1)
        raise Wrong(f"{words}; did you mean {close[0]}?" if close else words)

    return Scalar(words, parse)


def _or_always(value: object) -> object:
    """One text where no occasions are told apart."""
    return {ALWAYS: value} if isinstance(value, str) else or_empty(value)


Titles = Annotated[dict[Occasion, Title], "a text, or texts by occasion", BeforeValidator(_or_always)]


class Words(Section):
    """The rest of the message stays as it is."""

    merge: Titles[Annotated[str, _occasion(MERGE)], Annotated[str, _titled(MERGE)]] = Field(
        default_factory=dict, description="Of a commit that came in.", examples=["{change} by {author}"]
    )
    build: Titles[Annotated[str, _occasion(BUILD)], Annotated[str, _titled(BUILD)]] = Field(
        default_factory=dict, description="Of a build.", examples=['{broken: "{job} #{number} is broken by {author}"}']
    )
    image: Titles[Annotated[str, _occasion(IMAGE)], Annotated[str, _titled(IMAGE)]] = Field(
        default_factory=dict, description="Of a new image.", examples=["{service} {tag} can be deployed"]
    )
    rollout: Titles[Annotated[str, _occasion(ROLLOUT)], Annotated[str, _titled(ROLLOUT)]] = Field(
        default_factory=dict,
        description="Of a rollout.",
        examples=['{success: "{service} {image} is live in {environment}"}'],
    )
    incident: Titles[Annotated[str, _occasion(INCIDENT)], Annotated[str, _titled(INCIDENT)]] = Field(
        default_factory=dict, description="Of trouble outside a rollout.", examples=['{failure: "{service}: {reason}"}']
    )
    alert: Titles[Annotated[str, _occasion(ALERT)], Annotated[str, _titled(ALERT)]] = Field(
        default_factory=dict,
        description="Of a group of alerts.",
        examples=['{failure: "{service}: {alert}, {summary}"}'],
    )

    def by_kind(self) -> dict[Happening, dict[str, str]]:
        return {kind: said for kind in Happening if (said := getattr(self, kind))}


def never_said(tree: object) -> Iterator[Found]:
    """Words for events that the route does not take."""
    for place, route in items(tree, "routes"):
        events = route.get("events")
        for steps, written in sections(route, "words"):
            foreign = [kind for kind in written if isinstance(events, list) and events and kind not in events]
            yield from (Found((*place, *steps, kind), "is never said: it is not among events") for kind in foreign)
