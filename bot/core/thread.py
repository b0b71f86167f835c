"""The words of a release's thread: the parent that shows where it stands, its builds in one message, its merge."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.core.catalogue import Catalogue
from bot.core.events import Build, BuildChanged, BuildPhase, Commit
from bot.core.model import Field, Reply, Tone
from bot.core.news import build_notice
from bot.core.references import short_commit
from bot.core.release import BUILD, IMAGE, MERGE, Part, Release
from bot.core.transitions import occasions, transition

MARKS = {Tone.WORKING: "…", Tone.GOOD: "✓", Tone.BAD: "✗", Tone.WARNING: "!", Tone.PLAIN: "·"}
WORST = (Tone.BAD, Tone.WARNING, Tone.WORKING, Tone.PLAIN, Tone.GOOD)
WORDS = {Tone.BAD: "failed", Tone.WARNING: "not well", Tone.WORKING: "under way", Tone.GOOD: "passed"}
STATES = ("failed", "not well", "waiting", "under way", "passed")
FIRST = (MERGE, BUILD, IMAGE)


def parent(release: Release, catalogue: Catalogue) -> Reply:
    """`adderservice 3f2a91c · build ✓ · image ✓ · staging ✓ · production …`"""
    stages = [(stage, newest(release, stage)) for stage in stages_of(release, catalogue)]
    said = [f"{stage} {mark(parts)}" for stage, parts in stages]
    return Reply(
        title=" · ".join([f"{release.service} {release.label}", *said]),
        tone=worst([part.tone for _, parts in stages for part in parts]),
        body=next((part.subject for part in sorted(release.parts, key=_telling) if part.subject), ""),
    )


def led_on(release: Release, into: Release) -> Reply:
    """The parent of a release that turned out to be another one."""
    return Reply(title=f"{release.service} {release.label} · goes on as {into.service} {into.label}")


def build_led_on(build: Build, into: Release) -> Reply:
    """A build that stood by itself before it named its commit."""
    return Reply(title=f"{build.job} - #{build.number} · goes on as {into.service} {into.label}")


def at_rest(release: Release, catalogue: Catalogue) -> bool:
    stages = stages_of(release, catalogue)
    return all(part.tone is not Tone.WORKING for stage in stages for part in newest(release, stage))


def stages_of(release: Release, catalogue: Catalogue) -> list[str]:
    """In the order a release passes through them; environments in promotion order."""
    there = {part.stage for part in release.parts}
    return [stage for stage in (*FIRST, *catalogue.environments) if stage in there]


def newest(release: Release, stage: str) -> list[Part]:
    """What counts: of one job or workload only the newest."""
    return list({part.of: part for part in release.parts if part.stage == stage}.values())


def worst(tones: Iterable[Tone]) -> Tone:
    return min(tones, key=WORST.index, default=Tone.PLAIN)


def builds_told(service: str, builds: Iterable[Build], known: Iterable[Build]) -> list[tuple[BuildChanged, Reply]]:
    """Of each job the newest, in the words of its tool."""
    known = list(known)
    latest = {(b.source, b.job): b for b in sorted(builds, key=lambda b: (b.number, b.attempt))}
    turned = [(b, transition(b, known)) for b in sorted(latest.values(), key=_begun)]
    return [(BuildChanged(b, service, occasions(turn)), build_notice(b, turn)) for b, turn in turned]


def builds_notice(release: Release, told: Sequence[tuple[BuildChanged, Reply]]) -> Reply:
    """The only one by itself; several of one commit in one message, each on its line."""
    if len(told) == 1:
        return told[0][1]
    words = Counter(_state(event.build, notice) for event, notice in told)
    said = ", ".join(f"{words[state]} {state}" for state in STATES if words[state])
    return Reply(
        title=f"{release.service} {release.label} · {len(told)} builds · {said}",
        tone=worst(notice.tone for _, notice in told),
        body="\n".join(line for _, notice in told for line in _lines(notice)),
        fields=tuple(Field(f"{e.build.job} #{e.build.number}", e.build.url) for e, _ in told if e.build.url),
    )


def commit_notice(commit: Commit) -> Reply:
    """As Travis says it of a build: what, which, of what, by whom."""
    short = short_commit(commit.revision)
    what = f"PR #{commit.pull_request}" if commit.pull_request else f"Tag {commit.tag}" if commit.tag else "Commit"
    where = f"{commit.repository}@{commit.branch}" if commit.branch else commit.repository
    merged = " merged" if commit.pull_request else ""
    links = (Field(f"#{commit.pull_request}", commit.pull_request_url or ""), Field(short, commit.url or ""))
    by = f" by {commit.author}" if commit.author else ""
    merger = f" by {commit.by}" if merged and commit.by and commit.by != commit.author else ""
    return Reply(
        title=f"{what} ({short}) of {where}{by}{merged}{merger}: {commit.title}",
        fields=tuple(link for link in links if link.is_link),
    )


def bare(notice: Reply) -> str:
    """Its title, for where its link stands elsewhere."""
    return notice.title.removesuffix(" (Open)")


def telling(commit: Commit) -> tuple[bool, bool, str]:
    """A pull request says more of a commit than the push that came with it, and that more than its tag."""
    return commit.pull_request is not None, commit.tag is None, commit.key


def mark(parts: Sequence[Part]) -> str:
    """The word comes with the mark where it is not well: nobody has to know what a mark means."""
    if back := list(dict.fromkeys(part.back for part in parts if part.back)):
        return f"↩ {'/'.join(back)}"
    tone = worst(part.tone for part in parts)
    words = dict.fromkeys(part.word for part in parts if part.tone is tone and part.word)
    return " ".join([MARKS[tone], *(["/".join(words)] if words else [])])


def _telling(part: Part) -> tuple[bool, str, str]:
    return part.stage != MERGE, part.of, part.key


def _begun(build: Build) -> tuple[datetime, str]:
    return build.started, build.key


def _state(build: Build, notice: Reply) -> str:
    return build.phase.value if build.phase is BuildPhase.WAITING else WORDS[notice.tone]


def _lines(notice: Reply) -> list[str]:
    """Of what is well one line is enough."""
    title = bare(notice)
    return [title, *notice.body.splitlines()] if notice.tone in (Tone.BAD, Tone.WARNING) else [title]
