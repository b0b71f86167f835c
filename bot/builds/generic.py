"""Any other builder: our own JSON (docs/ci.md), signed as GitHub signs. From a build script it is one line of curl.

Here a mistake is refused, so that whoever writes the script learns of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from bot.builds import fields
from bot.builds.fields import Count
from bot.core import verify
from bot.core.clock import Clock
from bot.core.errors import Refused
from bot.core.events import Build, BuildPhase, BuildResult
from bot.core.secret import Secret

RESULTS = {
    "success": BuildResult.SUCCESS,
    "passed": BuildResult.SUCCESS,
    "unstable": BuildResult.UNSTABLE,
    "failure": BuildResult.FAILURE,
    "failed": BuildResult.FAILURE,
    "errored": BuildResult.FAILURE,
    "aborted": BuildResult.ABORTED,
    "canceled": BuildResult.ABORTED,
    "cancelled": BuildResult.ABORTED,
    "not built": BuildResult.NOT_BUILT,
    "skipped": BuildResult.NOT_BUILT,
}


class Tests(fields.Tests, frozen=True, forbid_unknown_fields=True):
    """A key that is misspelt is a mistake, too."""


class Told(Struct, frozen=True):
    job: str
    number: Count
    phase: str | None = None
    result: str | None = None
    display_name: str | None = None
    url: str | None = None
    revision: str | None = None
    branch: str | None = None
    tag: str | None = None
    started: str | None = None
    seconds: float | None = None
    attempt: Count | None = None
    causes: list[str] | None = None
    changes: list[str] | None = None
    culprits: list[str] | None = None
    files: Count | None = None
    images: list[str] | None = None
    tests: Tests | None = None
    repository: str | None = None
    author: str | None = None
    compare_url: str | None = None
    pull_request: Count | None = None
    pull_request_url: str | None = None


_read = verify.reader(Told)


@dataclass(frozen=True, slots=True, repr=False)
class GenericSource:
    name: str
    secret: Secret
    clock: Clock

    def read(self, headers: Mapping[str, str], body: bytes) -> list[Build]:
        verify.bounded(body)
        verify.require_hmac(headers, body, self.secret)
        told = _read(body)
        phase, result = _phase(told), _result(told.result)
        return [self._build(told, phase, result if phase is BuildPhase.FINISHED else None)]

    def _build(self, told: Told, phase: BuildPhase, result: BuildResult | None) -> Build:
        branch, tag = fields.branch_and_tag(told.branch)
        tag = fields.line(told.tag) or tag
        tests = told.tests or Tests()
        return Build(
            source=self.name,
            job=fields.name(told.job),
            number=told.number,
            phase=phase,
            started=_moment(told.started) or self.clock.now(),
            result=result,
            revision=fields.revision(told.revision),
            branch=tag or branch,
            url=fields.address(told.url),
            seconds=fields.seconds(told.seconds),
            causes=fields.lines(told.causes),
            changes=fields.lines(told.changes),
            tool="generic",
            attempt=told.attempt or 1,
            display_name=fields.line(told.display_name),
            images=fields.lines(told.images),
            culprits=fields.lines(told.culprits),
            files=told.files or 0,
            passed=tests.passed,
            failed=tests.failed,
            skipped=tests.skipped,
            failed_tests=fields.lines(tests.failed_tests),
            repository=fields.line(told.repository) or None,
            author=fields.line(told.author) or None,
            compare_url=fields.address(told.compare_url),
            tag=tag,
            pull_request=told.pull_request,
            pull_request_url=fields.address(told.pull_request_url),
        )


def _phase(told: Told) -> BuildPhase:
    """What has a result is over, unless it says otherwise."""
    try:
        return BuildPhase(told.phase or ("finished" if told.result else "started"))
    except ValueError:
        raise Refused("The build hook sent an unknown phase.", fact="queued, started, waiting or finished.") from None


def _result(text: str | None) -> BuildResult | None:
    if not text:
        return None
    found = RESULTS.get(text.strip().lower().replace("_", " "))
    if found is None:
        raise Refused("The build hook sent an unknown result.", fact=f"{', '.join(RESULTS)}.")
    return found


def _moment(text: str | None) -> datetime | None:
    found = fields.of_text(text)
    if text and found is None:
        raise Refused("The build hook sent an unknown time.", fact="started is as 2026-11-20T12:00:00Z.")
    return found
