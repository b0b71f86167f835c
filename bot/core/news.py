"""The words of builds and of new images. A build is said in the words of the tool it comes from."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.core.catalogue import Catalogue, Service
from bot.core.events import Build, BuildPhase, BuildResult, TagFound
from bot.core.model import Button, Field, Reply, Tone
from bot.core.references import commit, exact, same_repository, short_commit
from bot.core.render import order_line
from bot.core.transitions import Transition, Turn, transition
from bot.core.words import ago
from bot.core.workload import Image, short_digest

STATUS = {
    BuildResult.SUCCESS: ("Success", Tone.GOOD),
    BuildResult.UNSTABLE: ("Unstable", Tone.WARNING),
    BuildResult.FAILURE: ("Failure", Tone.BAD),
    BuildResult.ABORTED: ("Aborted", Tone.WARNING),
    BuildResult.NOT_BUILT: ("Not built", Tone.WARNING),
    BuildResult.ERRORED: ("Errored", Tone.WARNING),
}
JENKINS = {
    Turn.STILL_FAILING: "Still Failing",
    Turn.FIXED: "Back to normal",
    Turn.REGRESSION: "Regression",
    Turn.UNKNOWN: "Unknown",
}
TRAVIS = {
    BuildResult.SUCCESS: "passed",
    BuildResult.UNSTABLE: "passed with warnings",
    BuildResult.FAILURE: "failed",
    BuildResult.ABORTED: "canceled",
    BuildResult.NOT_BUILT: "skipped",
    BuildResult.ERRORED: "errored",
}
PULLS = {"travis": ("PR", "#"), "github": ("PR", "#"), "gitlab": ("MR", "!")}
SAID = frozenset({Turn.BROKEN, Turn.STILL_FAILING, Turn.FIXED})
WAITS = {"github": "waits for approval", "gitlab": "waits for a manual job"}
LISTED = 8
JOINED = 4
PLACES = 5

_UNITS = (("yr", 365 * 86400), ("mo", 30 * 86400), ("day", 86400), ("hr", 3600), ("min", 60), ("sec", 1))


def build_notice(build: Build, turned: Transition | None = None) -> Reply:
    """`adderservice - #418 Success after 2 min 3 sec (Open)`; `turned` is what it means after those before it."""
    turned = turned or transition(build, ())
    title, links = _travis(build, turned) if build.tool in PULLS else _jenkins(build, turned)
    tone = STATUS[build.result][1] if build.result else Tone.WARNING
    if turned.turn is Turn.STARTED:
        tone = Tone.WORKING
    return Reply(title=title, tone=tone, body="\n".join(_body(build)), fields=tuple(links))


def tag_found(found: TagFound, catalogue: Catalogue, now: datetime, build: Build | None = None) -> Reply:
    """A new image, the build that made it, and the exact orders that bring it somewhere, in promotion order."""
    image = found.image
    service = catalogue.services.get(found.service) or Service(found.service)
    auto = service.watch.auto if service.watch and not found.held else None
    places = [name for name in _places(image, service, catalogue) if name != auto]
    says = [
        " · ".join(_image_facts(image, now)),
        _made_by(build) if build else "",
        found.held or (f"It goes to {auto} by itself." if auto else ""),
    ]
    return Reply(
        title=f"New image {image.label} of {found.service}",
        body="\n".join(
            [*(line for line in says if line), *(order_line(_order(found, name, image.label)) for name in places)]
        ),
        fields=(Field("Build", build.url),) if build and build.url else (),
        buttons=tuple(Button(f"Deploy to {name}", _order(found, name, exact(image))) for name in places),
    )


def _order(found: TagFound, environment: str, version: str) -> str:
    """A button means what stands above it, whatever was pushed under the tag since; who types a tag means the tag."""
    return f"deploy {found.service} {version} to {environment}"


def minutes(seconds: float) -> str:
    """`2 min 3 sec`, as Jenkins writes it: the smaller unit only beside less than ten of the larger one."""
    if seconds < 1:
        return f"{seconds:.2g} sec" if seconds >= 0.1 else f"{max(0, int(seconds * 1000))} ms"
    if seconds < 10:
        return f"{int(seconds * 10) / 10:g} sec"
    place = next(n for n, (_, size) in enumerate(_UNITS) if seconds >= size)
    (unit, size), left = _UNITS[place], int(seconds)
    large = f"{left // size} {unit}"
    if size == 1 or left // size >= 10:
        return large
    smaller, part = _UNITS[place + 1]
    return f"{large} {left % size // part} {smaller}"


def minutes_seconds(seconds: float) -> str:
    """`0 min 52 sec`, `61 min 5 sec`: as Travis writes it, never hours."""
    return f"{int(seconds) // 60} min {int(seconds) % 60} sec"


def megabytes(size: int | None) -> str:
    if not size:
        return ""
    return f"{size / 1_000_000:.0f} MB" if size >= 10_000_000 else f"{max(0.1, size / 1_000_000):.1f} MB"


def _image_facts(image: Image, now: datetime) -> Iterator[str]:
    if revision := commit(image):
        yield f"revision {revision}"
    yield from (fact for fact in (short_digest(image.digest), megabytes(image.size)) if fact)
    if image.created:
        yield f"built {ago(image.created, now)}"


def _places(image: Image, service: Service, catalogue: Catalogue) -> list[str]:
    """Where it could go: an environment may take its images from another repository."""
    homes = {name: service.repository(name) for name in catalogue.environments}
    fits = [n for n, home in homes.items() if not home or same_repository(home, image.repository, catalogue.aliases)]
    return fits[:PLACES]


def _made_by(build: Build) -> str:
    change = f": {build.changes[0]}" if build.changes else ""
    return f"made by {build.job} {build.display_name or f'#{build.number}'}{change}"


def _jenkins(build: Build, turned: Transition) -> tuple[str, list[Field]]:
    shown = " ".join([build.display_name or f"#{build.number}", *build.images])
    state = _start(build) if turned.turn in (Turn.STARTED, Turn.WAITING) else _status(build, turned)
    title = f"{build.job} - {shown} {state}"
    return (f"{title} (Open)", [Field("Open", build.url)]) if build.url else (title, [])


def _start(build: Build) -> str:
    """By its cause; by what it is made of; or as the plugin says it of a trigger without a change."""
    if build.phase is BuildPhase.WAITING:
        return "Waiting for somebody"
    if build.causes:
        return build.causes[0]
    if build.culprits:
        return f"Started by changes from {authors(build)}{_files(build)}"
    return f"Starting... after {minutes(build.seconds)} and counting" if build.seconds else "Starting..."


def _status(build: Build, turned: Transition) -> str:
    """Back to normal counts how long it was broken, all else how long it was built."""
    plain = STATUS[build.result][0] if build.result else "Unknown"
    took = build.seconds if turned.broken is None else turned.broken
    after = f" after {minutes(took)}" if took is not None else ""
    return f"{JENKINS.get(turned.turn, plain)}{after}"


def _travis(build: Build, turned: Transition) -> tuple[str, list[Field]]:
    """The addresses stand behind the number, the commit and the pull request."""
    kind, sign = PULLS[build.tool]
    pull = f"{sign}{build.pull_request}" if build.pull_request else ""
    commit = short_commit(build.revision)
    parts = [
        (f"Build #{build.number}", f"#{build.number}", build.url),
        (f" ({commit})" if commit else "", commit, build.compare_url),
        (f" of {build.repository or build.job}", "", None),
        (f"@{build.branch}" if build.branch else "", "", None),
        (f" in {kind} {pull}" if pull else "", pull, build.pull_request_url),
        (f" by {build.author}" if build.author else "", "", None),
        (f" {_state(build, turned)}", "", None),
    ]
    links = [Field(label, url) for text, label, url in parts if text and label and url]
    return "".join(text for text, _, _ in parts), links


def _state(build: Build, turned: Transition) -> str:
    if turned.turn is Turn.STARTED:
        return "is pending" if build.phase is BuildPhase.QUEUED else "started"
    if turned.turn is Turn.WAITING:
        return WAITS.get(build.tool, "waits for somebody")
    state = TRAVIS[build.result] if build.result else "ended"
    took = f" in {minutes_seconds(build.seconds)}" if build.seconds is not None else ""
    return f"{state}{took}" + (f" · {turned.turn.value}" if turned.turn in SAID else "")


def _body(build: Build) -> Iterator[str]:
    if build.branch and build.tool not in PULLS:
        yield f"branch {build.branch}"
    if build.phase is BuildPhase.FINISHED:
        yield from _tests(build)
        if build.culprits and not build.changes:
            yield f"Changes from {authors(build)}{_files(build)}"
    if build.changes:
        yield from _listed("Changes:", build.changes)


def _tests(build: Build) -> Iterator[str]:
    if build.passed is not None or build.failed is not None:
        counts = f"Passed: {build.passed or 0}, Failed: {build.failed or 0}, Skipped: {build.skipped or 0}"
        yield f"Test Status: {counts}"
    if build.failed_tests:
        many = max(build.failed or 0, len(build.failed_tests))
        yield from _listed(f"{many} Failed Tests:", build.failed_tests, many)


def _listed(head: str, lines: Sequence[str], many: int = 0) -> Iterator[str]:
    yield head
    yield from (f"- {line}" for line in lines[:LISTED])
    if (more := max(many, len(lines)) - LISTED) > 0:
        yield f"… {more:,} more"


def authors(build: Build) -> str:
    more = len(build.culprits) - JOINED
    return ", ".join(build.culprits[:JOINED]) + (f" and {more:,} more" if more > 0 else "")


def _files(build: Build) -> str:
    return f" ({build.files} file(s) changed)" if build.files else ""
