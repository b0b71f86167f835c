"""The words of builds and of new images."""

from datetime import datetime

from bot.core.catalogue import Catalogue
from bot.core.events import Build, BuildPhase, BuildResult, TagFound
from bot.core.model import Button, Reply, Tone
from bot.core.render import order_line
from bot.core.words import ago
from bot.core.workload import short_digest

STATUS = {
    BuildResult.SUCCESS: ("Success", Tone.GOOD),
    BuildResult.UNSTABLE: ("Unstable", Tone.WARNING),
    BuildResult.FAILURE: ("Failure", Tone.BAD),
    BuildResult.ABORTED: ("Aborted", Tone.WARNING),
    BuildResult.NOT_BUILT: ("Not built", Tone.WARNING),
}


def build_notice(build: Build) -> Reply:
    """In the words of the tool that built it: `adderservice - #418 Success after 2 min 3 sec`."""
    what = f"{build.job} - #{build.number}"
    if build.phase is not BuildPhase.FINISHED:
        cause = build.causes[0] if build.causes else "Started"
        return Reply(title=f"{what} {cause}", tone=Tone.WORKING, body=_changes(build))
    word, tone = STATUS[build.result] if build.result else ("Unknown", Tone.WARNING)
    after = f" after {minutes(build.seconds)}" if build.seconds is not None else ""
    return Reply(title=f"{what} {word}{after}", tone=tone, body=_changes(build))


def tag_found(found: TagFound, catalogue: Catalogue, now: datetime) -> Reply:
    """A new image, and the exact order that brings it somewhere."""
    image = found.image
    facts = [
        short_digest(image.digest),
        megabytes(image.size),
        f"built {ago(image.created, now)}" if image.created else "",
    ]
    orders = [f"deploy {found.service} {image.label} to {name}" for name in list(catalogue.environments)[:1]]
    return Reply(
        title=f"New image {image.label} of {found.service}",
        body="\n".join([" · ".join(f for f in facts if f), *(order_line(o) for o in orders)]),
        buttons=tuple(Button(f"Deploy to {o.rsplit(' ', 1)[1]}", o) for o in orders),
    )


def minutes(seconds: float) -> str:
    """`2 min 3 sec`, as the build tools write it."""
    whole = round(seconds)
    parts = ((whole // 3600, "hr"), (whole % 3600 // 60, "min"), (whole % 60, "sec"))
    said = [f"{n} {unit}" for n, unit in parts if n]
    return " ".join(said[:2]) or "0 sec"


def megabytes(size: int | None) -> str:
    return f"{size / 1_000_000:.0f} MB" if size else ""


def _changes(build: Build) -> str:
    took = f"branch {build.branch}" if build.branch else ""
    return "\n".join([*([took] if took else []), *(f"- {c}" for c in build.changes)])
