"""A form with one field: JSON, and beside it a signature over exactly its bytes."""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from msgspec import Struct

from bot.builds import fields
from bot.builds.fields import Count
from bot.builds.travis.keys import Key
from bot.core import verify
from bot.core.clock import Clock
from bot.core.errors import Unverified
from bot.core.events import Build, BuildPhase, BuildResult

PHASES = {
    "created": BuildPhase.QUEUED,
    "queued": BuildPhase.QUEUED,
    "received": BuildPhase.QUEUED,
    "started": BuildPhase.STARTED,
    "passed": BuildPhase.FINISHED,
    "failed": BuildPhase.FINISHED,
    "errored": BuildPhase.FINISHED,
    "canceled": BuildPhase.FINISHED,
}
RESULTS = {
    "passed": BuildResult.SUCCESS,
    "failed": BuildResult.FAILURE,
    "errored": BuildResult.ERRORED,
    "canceled": BuildResult.ABORTED,
}


class Repository(Struct, frozen=True):
    name: str
    owner_name: str


class Payload(Struct, frozen=True):
    """`config` and the matrix are never read: they may hold anything."""

    id: Count
    repository: Repository
    number: Count | str | None = None
    type: str | None = None
    state: str | None = None
    started_at: str | None = None
    finished_at: str | None = None
    duration: float | None = None
    build_url: str | None = None
    commit: str | None = None
    head_commit: str | None = None
    branch: str | None = None
    tag: str | None = None
    message: str | None = None
    compare_url: str | None = None
    author_name: str | None = None
    pull_request: bool | None = None
    pull_request_number: Count | None = None


_read = verify.reader(Payload)


@dataclass(frozen=True, slots=True, repr=False)
class TravisSource:
    name: str
    key: Key
    clock: Clock

    def read(self, headers: Mapping[str, str], body: bytes) -> list[Build]:
        verify.bounded(body)
        signature = _signature(verify.header(headers, "signature"))
        text = verify.form_field(body, b"payload")
        if not self.key.current().signed(text, signature) and not self.key.renewed().signed(text, signature):
            raise Unverified("signed with another key, or changed since")
        told = _read(text)
        phase = PHASES.get(told.state or "")
        return [self._build(told, phase)] if phase else []

    def _build(self, told: Payload, phase: BuildPhase) -> Build:
        started, finished = fields.of_text(told.started_at), fields.of_text(told.finished_at)
        repository = fields.name(f"{told.repository.owner_name}/{told.repository.name}")
        took = told.duration if told.duration is not None else fields.between(started, finished)
        author, compared = fields.line(told.author_name), fields.address(told.compare_url)
        tag = fields.line(told.tag) or None
        return Build(
            source=self.name,
            job=repository,
            number=_number(told),
            phase=phase,
            started=started or finished or self.clock.now(),
            result=RESULTS.get(told.state or ""),
            revision=fields.revision(told.head_commit) or fields.revision(told.commit),
            branch=tag or fields.line(told.branch) or None,
            url=fields.address(told.build_url),
            seconds=fields.seconds(took) if phase is BuildPhase.FINISHED else None,
            changes=fields.change(told.message, author),
            tool="travis",
            repository=repository,
            author=author or None,
            compare_url=compared,
            tag=tag,
            pull_request=told.pull_request_number,
            pull_request_url=_pull_request_url(compared, told.pull_request_number),
        )


def _signature(given: str) -> bytes:
    try:
        return b64decode("".join(given.split()), validate=True)
    except ValueError:
        raise Unverified("its signature cannot be read") from None


def _number(told: Payload) -> int:
    """Its own where that is a number, as it always was so far."""
    text = str(told.number or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else told.id


def _pull_request_url(compare_url: str | None, number: int | None) -> str | None:
    """Made of the address it is compared at, as Travis makes it."""
    if not compare_url or not number:
        return None
    parts = urlsplit(compare_url)
    owner_and_name = "/".join(parts.path.split("/")[:3])
    return f"{parts.scheme}://{parts.netloc}{owner_and_name}/pull/{number}"
