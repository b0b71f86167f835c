"""Which builds, images and rollouts are of one release: those of a service that share a revision.

Told from names alone, so it does not matter what comes first. Where a late one shows that two releases are one,
the one that was opened first goes on and the other leads to it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from bot.core import references
from bot.core.events import Build, BuildPhase, Commit, Rollout
from bot.core.model import Tone
from bot.core.news import STATUS
from bot.core.workload import Image, Phase, short_digest

MERGE, BUILD, IMAGE = "merge", "build", "image"

_HEX = re.compile(r"[0-9a-f]{7,64}", re.ASCII)
_WORD = re.compile(r"[0-9a-z]+", re.ASCII)
_NUMBERED = re.compile(r"(?:.*\+|[0-9]+(?:\.[0-9]+)+-|v|(?:.*[-+.])?b(?:uild)?[-._]?)?([0-9]{1,9})", re.ASCII)
_TONES = {Phase.PROVEN: Tone.GOOD, Phase.FAILED: Tone.BAD, Phase.STUCK: Tone.BAD, Phase.PAUSED: Tone.WARNING}
_ENDED = {Phase.SUPERSEDED: Tone.WARNING, Phase.RECORDED: Tone.WARNING}


class Names(Struct, frozen=True):
    """What something is known by. A commit is certain; a tag may be it, hold it, or hold a build's number."""

    commit: str = ""
    tags: frozenset[str] = frozenset()
    numbers: frozenset[int] = frozenset()
    digests: frozenset[str] = frozenset()

    @property
    def open(self) -> bool:
        """Enough to begin a release with: a build's number alone is every job's, a digest says nothing to people."""
        return bool(self.commit or self.tags)

    def index(self) -> frozenset[str]:
        """Where to look for what may be the same: two that are share at least one of these."""
        held = {references.short_commit(part) for tag in self.tags for part in _commits_in(tag)}
        counted = {f"#{number}" for number in (*self.numbers, *_numbers_in(self.tags))}
        return frozenset({references.short_commit(self.commit)} - {""} | held | counted | self.tags | self.digests)

    def __or__(self, other: "Names") -> "Names":
        return Names(
            max(self.commit, other.commit, key=len),
            self.tags | other.tags,
            self.numbers | other.numbers,
            self.digests | other.digests,
        )


class Part(Struct, frozen=True):
    """One thing of a release, as much of it as its parent message and the timeline show.

    `of` tells parts of one stage apart: a job, a workload. Of those that have it in common the newest counts.
    `subject` is what the commit says of itself; `back` is what stands there again since it was rolled back.
    """

    key: str
    stage: str
    names: Names
    at: datetime
    tone: Tone
    of: str = ""
    word: str = ""
    text: str = ""
    subject: str = ""
    back: str = ""


class Release(Struct, frozen=True):
    """`into` is the key of the release that this one turned out to be."""

    key: str
    service: str
    opened: datetime
    parts: tuple[Part, ...] = ()
    into: str = ""

    @property
    def names(self) -> Names:
        found = Names()
        for part in self.parts:
            found |= part.names
        return found

    @property
    def label(self) -> str:
        """What people call it: the image's tag, else its short commit."""
        commit, tags = self.names.commit, self.tags
        short = references.short_commit(commit)
        if not tags:
            return short
        return tags[0] if not short or short in tags[0] else f"{tags[0]} ({short})"

    @property
    def tags(self) -> list[str]:
        """What is deployed by these names comes before what is only built."""
        shown = {tag: not _deployed(part) for part in sorted(self.parts, key=_deployed) for tag in part.names.tags}
        return sorted(shown, key=lambda tag: (shown[tag], len(tag), tag))

    def having(self, part: Part) -> "Release":
        others = [p for p in self.parts if p.key != part.key]
        return replace(self, parts=tuple(sorted([*others, part], key=_placed)))

    def keys(self, stage: str) -> frozenset[str]:
        return frozenset(p.key for p in self.parts if p.stage == stage)

    def index(self) -> frozenset[str]:
        return self.names.index() | {p.key for p in self.parts}


class Joined(Struct, frozen=True):
    """Where a part stands now, and which releases turned out to be the same, now or before."""

    release: Release
    gone: tuple[Release, ...] = ()


def join(known: Sequence[Release], service: str, part: Part, now: datetime, *, opens: bool = True) -> Joined | None:
    """None for what belongs to none of them and cannot, or may not, begin one."""
    found = sorted((r for r in known if not r.into and _belongs(part, r)), key=lambda r: (r.opened, r.key))
    if not found:
        return Joined(Release(_key(known, service, part), service, now, (part,))) if opens and part.names.open else None
    first = found[0].having(part)
    gone = [r for r in known if r.into == first.key]
    for other in found[1:]:
        if not _differ(first.names, other.names):
            gone.append(replace(other, into=first.key))
            first = replace(first, parts=_merged(first, other))
    return Joined(first, tuple(gone))


def same(one: Names, other: Names) -> bool:
    """Two commits that differ are two releases, whatever else they share."""
    if one.commit and other.commit:
        return not _differ(one, other)
    shared = one.tags & other.tags or one.digests & other.digests
    return bool(shared) or _holds(one, other) or _holds(other, one)


def build_part(build: Build) -> Part:
    """Its revision, its Git tag, its number, and the tags of the images it says it made."""
    made = (references.image(image).tag for image in build.images)
    names = Names(build.revision or "", _tags([build.tag, *made]), frozenset({build.number}))
    tone, word = _build_tone(build)
    text = f"{build.display_name or f'#{build.number}'} of {build.job}"
    subject = build.changes[0] if build.changes else ""
    return Part(build.key, BUILD, names, build.started, tone, f"{build.source}/{build.job}", word, text, subject)


def image_part(key: str, image: Image, at: datetime) -> Part:
    return Part(key, IMAGE, image_names(image), image.created or at, Tone.GOOD, image.repository, text=image.label)


def rollout_part(rollout: Rollout, image: Image | None = None) -> Part:
    """`image` where an order of ours looked it up; else its tag is all that is known."""
    names = image_names(image) if image else _names_of_label(rollout.image)
    tone = _TONES.get(rollout.phase) or _ENDED.get(rollout.phase, Tone.WORKING)
    word = "" if tone in (Tone.GOOD, Tone.WORKING) else rollout.phase.value
    target = f"{rollout.target.kind}/{rollout.target.name}"
    text = f"by {rollout.whose}"
    return Part(rollout.key, rollout.target.environment, names, rollout.started, tone, target, word, text)


def left_part(rollout: Rollout) -> Part | None:
    """A rollback is news for the release that it takes away, too."""
    if rollout.verb != "rollback" or rollout.phase not in (Phase.DONE, Phase.PROVEN) or not rollout.previous:
        return None
    part = rollout_part(rollout)
    names = _names_of_label(rollout.previous)
    return replace(part, key=f"{part.key}:left", names=names, tone=Tone.WARNING, word="", back=rollout.image)


def moves(rollout: Rollout) -> bool:
    """Does it bring an image somewhere? Scaling, a restart and new variables are no part of a release."""
    return rollout.verb in ("deploy", "promote", "rollback") and rollout.image != rollout.previous


def commit_part(commit: Commit) -> Part:
    """A pull request says more of it than the push that came with it, and that more than its tag."""
    names = Names(commit.revision, _tags([commit.tag]))
    how = "merged" if commit.pull_request else "tagged" if commit.tag else "pushed"
    subject = f"{commit.title} [{commit.author}]" if commit.author else commit.title
    return Part(commit.key, MERGE, names, commit.at, Tone.GOOD, how, text=how, subject=subject)


def image_names(image: Image) -> Names:
    """Its label is certain, so a number in the tag is not looked at besides."""
    commit = (image.revision or "").lower()
    digests = frozenset({short_digest(image.digest)} - {""})
    return Names(commit if _HEX.fullmatch(commit) else "", _tags([image.tag]), digests=digests)


def _names_of_label(label: str) -> Names:
    return Names(digests=frozenset({label})) if ":" in label else Names(tags=_tags([label]))


def _tags(tags: Iterable[str | None]) -> frozenset[str]:
    """A tag without a digit is a name that moves on: latest, main, stable."""
    return frozenset(_plain(tag) for tag in tags if tag and any(c.isdigit() for c in tag))


def _plain(tag: str) -> str:
    """`v1.4.0` in Git is 1.4.0 in the registry, to most builders."""
    return tag[1:] if re.match(r"v[0-9]+\.", tag) else tag


def _key(known: Iterable[Release], service: str, part: Part) -> str:
    """By its tag, since that is what people see; a tag that was given to another commit before is told apart."""
    names = part.names
    called = min(names.tags, key=lambda tag: (len(tag), tag)) if names.tags else references.short_commit(names.commit)
    key = f"release:{service}:{called}"
    return key if all(r.key != key for r in known) else f"{key}:{names.commit}"


def _deployed(part: Part) -> bool:
    return part.stage not in (MERGE, BUILD)


def _differ(one: Names, other: Names) -> bool:
    if not (one.commit and other.commit):
        return False
    return not references.same_commit(one.commit, other.commit)


def _merged(first: Release, other: Release) -> tuple[Part, ...]:
    """What both have is as the first has it: it was told last."""
    found = {p.key: p for p in (*other.parts, *first.parts)}
    return tuple(sorted(found.values(), key=_placed))


def _placed(part: Part) -> tuple[datetime, str]:
    return part.at, part.key


def _belongs(part: Part, release: Release) -> bool:
    return any(p.key == part.key for p in release.parts) or same(part.names, release.names)


def _holds(one: Names, other: Names) -> bool:
    """A tag of one holds the other's commit, or the number of its build where no commit says better."""
    held = (part for tag in one.tags for part in _commits_in(tag))
    if any(references.same_commit(part, other.commit) for part in held):
        return True
    return not one.commit and not other.numbers.isdisjoint(_numbers_in(one.tags))


def _commits_in(tag: str) -> Iterator[str]:
    return (word for word in _WORD.findall(tag.lower()) if _HEX.fullmatch(word))


def _numbers_in(tags: Iterable[str]) -> set[int]:
    found = (_NUMBERED.fullmatch(tag.lower()) for tag in tags)
    return {int(match[1]) for match in found if match}


def _build_tone(build: Build) -> tuple[Tone, str]:
    if build.phase is BuildPhase.WAITING:
        return Tone.WARNING, build.phase.value
    if build.result is None:
        return Tone.WORKING, ""
    word, tone = STATUS[build.result]
    return tone, "" if tone is Tone.GOOD else word.lower()
