"""What a team's own words may name of an event, where it is read from, and what is said where it is not known."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from msgspec import Struct

from bot.core.alerts import AlertGroup, name_of, severities
from bot.core.catalogue import Happening
from bot.core.events import (
    AlertRaised,
    Build,
    BuildChanged,
    BuildPhase,
    Commit,
    Committed,
    Event,
    Incident,
    IncidentChanged,
    Rollout,
    RolloutChanged,
    TagFound,
)
from bot.core.news import STATUS, authors, minutes
from bot.core.references import short_commit
from bot.core.workload import Image, short_digest

T = TypeVar("T")
TITLE, SERVICE = "title", "service"


class Placeholder(Struct, Generic[T], frozen=True):
    """Without a word for what is missing it is never missing."""

    what: str
    read: Callable[[T], str | None]
    missing: str = ""


def _result(build: Build) -> str | None:
    return STATUS[build.result][0] if build.result else "waiting" if build.phase is BuildPhase.WAITING else None


_MERGE: dict[str, Placeholder[Commit]] = {
    "change": Placeholder("the first line of the commit", lambda c: c.title, "no words"),
    "author": Placeholder("who wrote it", lambda c: c.author, "somebody"),
    "branch": Placeholder("the branch", lambda c: c.branch, "no branch"),
    "revision": Placeholder("the short commit", lambda c: short_commit(c.revision)),
    "repository": Placeholder("the source repository", lambda c: c.repository),
}
_BUILD: dict[str, Placeholder[Build]] = {
    "job": Placeholder("the job", lambda b: b.job),
    "number": Placeholder("the number of the build", lambda b: str(b.number)),
    "result": Placeholder("Success, Failure, Unstable …", _result, "under way"),
    "took": Placeholder(
        "how long it was built", lambda b: None if b.took is None else minutes(b.took), "an unknown time"
    ),
    "author": Placeholder("who wrote the changes", lambda b: b.author or authors(b), "somebody"),
    "change": Placeholder("the first of the changes", lambda b: "".join(b.changes[:1]), "no change"),
    "branch": Placeholder("the branch, or the tag", lambda b: b.branch, "no branch"),
    "revision": Placeholder("the short commit", lambda b: short_commit(b.revision), "no commit"),
}
_IMAGE: dict[str, Placeholder[Image]] = {
    "tag": Placeholder("the tag", lambda i: i.label),
    "repository": Placeholder("the repository in the registry", lambda i: i.repository),
    "digest": Placeholder("the short digest", lambda i: short_digest(i.digest), "no digest"),
    "revision": Placeholder("the short commit of its label", lambda i: short_commit(i.revision), "no commit"),
}
_ROLLOUT: dict[str, Placeholder[Rollout]] = {
    "environment": Placeholder("the environment", lambda r: r.target.environment),
    "image": Placeholder("the tag that is rolled out", lambda r: r.image),
    "before": Placeholder("the tag before it", lambda r: r.previous, "nothing"),
    "verb": Placeholder("deploy, rollback, scale …", lambda r: r.verb),
    "by": Placeholder("who ordered it, or what did it", lambda r: r.whose, "somebody"),
    "reason": Placeholder("why it failed", lambda r: r.reason.rstrip("."), "no reason known"),
}
_INCIDENT: dict[str, Placeholder[Incident]] = {
    "environment": Placeholder("the environment", lambda i: i.target.environment),
    "image": Placeholder("the tag that runs", lambda i: i.image, "no image"),
    "reason": Placeholder("the diagnosis, in a sentence", lambda i: i.sentence.rstrip(".")),
    "times": Placeholder("how often it has come", lambda i: str(i.times)),
}
_ALERT: dict[str, Placeholder[AlertGroup]] = {
    "alert": Placeholder("the name of the alert", name_of),
    "severity": Placeholder("how severe it is", lambda g: ", ".join(severities(g)), "no severity"),
    "summary": Placeholder(
        "what the first of its alerts says", lambda g: "".join(a.summary for a in g.told[:1]), "no summary"
    ),
    "firing": Placeholder("how many of its alerts fire", lambda g: str(len(g.firing))),
    "times": Placeholder("how often it has come", lambda g: str(g.times)),
}
PLACEHOLDERS: dict[Happening, dict[str, Placeholder[Any]]] = {
    Happening.MERGE: _MERGE,
    Happening.BUILD: _BUILD,
    Happening.IMAGE: _IMAGE,
    Happening.ROLLOUT: _ROLLOUT,
    Happening.INCIDENT: _INCIDENT,
    Happening.ALERT: _ALERT,
}
EVERYWHERE = {
    TITLE: Placeholder("the title as it is without `words`", str),
    SERVICE: Placeholder("the service", str, "no service"),
}


def usable(kind: Happening) -> dict[str, Placeholder[Any]]:
    return PLACEHOLDERS[kind] | EVERYWHERE


def noun(event: Event) -> object:
    """What the placeholders of its kind are read from."""
    match event:
        case BuildChanged(noun) | RolloutChanged(noun) | IncidentChanged(noun) | AlertRaised(noun):
            return noun
        case Committed(noun):
            return noun
        case TagFound(image=noun):
            return noun
