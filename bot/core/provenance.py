"""Which build an image was made by: by the names the build gave its images, else by the commit of both."""

from collections.abc import Iterable

from bot.core import references
from bot.core.events import Build, BuildPhase, BuildResult
from bot.core.tags.policy import shas
from bot.core.workload import Image

GOOD = (BuildResult.SUCCESS, BuildResult.UNSTABLE)


def maker(image: Image, builds: Iterable[Build]) -> Build | None:
    """A build that failed may have made an image too, but none that it would be announced with."""
    return build_of(image, (build for build in builds if build.result in GOOD))


def build_of(image: Image, builds: Iterable[Build]) -> Build | None:
    """The first that fits: give them newest first."""
    ended = [build for build in builds if build.phase is BuildPhase.FINISHED]
    named = (build for build in ended if any(_is(image, name) for name in build.images))
    same = (build for build in ended if not build.fork and build.revision and holds(image, build.revision))
    return next(named, None) or next(same, None)


def holds(image: Image, revision: str) -> bool:
    """Is it of this commit: by its label, which is certain, else by its tag."""
    commits = [image.revision.lower()] if image.revision else shas(image.tag or "")
    return any(references.same_commit(commit, revision) for commit in commits)


def _is(image: Image, name: str) -> bool:
    """A builder may know the registry by another name, so the last part of the repository has to do."""
    made = references.image(name)
    if made.digest and image.digest:
        return made.digest == image.digest
    return made.tag == image.tag and _leaf(made) == _leaf(image)


def _leaf(image: Image) -> str:
    return image.repository.rpartition("/")[2]
