"""Which build an image came from."""

from collections.abc import Iterable

from bot.core.events import Build, BuildPhase
from bot.core.references import image, looks_like_sha


def build_of(images: Iterable[str], builds: Iterable[Build]) -> Build | None:
    """The newest ended one that names the image, or whose commit its tag is; `builds` come newest first."""
    references = list(images)
    ended = [b for b in builds if b.phase is BuildPhase.FINISHED]
    return next((b for b in ended if any(_made(b, reference) for reference in references)), None)


def _made(build: Build, reference: str) -> bool:
    tag = image(reference).tag or ""
    if reference.partition("@")[0] in build.images:
        return True
    commit = build.revision or ""
    return looks_like_sha(tag) and bool(commit) and (commit.startswith(tag) or tag.startswith(commit))
