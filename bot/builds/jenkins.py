"""Jenkins' notification plugin: JSON without a signature, so a user name and password in the address of the hook.

It tells QUEUED and STARTED together, and COMPLETED and FINALIZED with one result: by the build's key each pair is one.
Parameters and the log are never read: they may hold anything.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import unquote

from msgspec import Struct

from bot.builds import fields
from bot.builds.fields import Count
from bot.core import verify
from bot.core.clock import Clock
from bot.core.events import Build, BuildPhase, BuildResult
from bot.core.secret import Secret

PHASES = {
    "QUEUED": BuildPhase.QUEUED,
    "STARTED": BuildPhase.STARTED,
    "COMPLETED": BuildPhase.FINISHED,
    "FINALIZED": BuildPhase.FINISHED,
}
RESULTS = {
    "SUCCESS": BuildResult.SUCCESS,
    "UNSTABLE": BuildResult.UNSTABLE,
    "FAILURE": BuildResult.FAILURE,
    "ABORTED": BuildResult.ABORTED,
    "NOT_BUILT": BuildResult.NOT_BUILT,
}
_FOLDERS = re.compile(r"(?:^|/)job/([^/]+)")


class Scm(Struct, frozen=True):
    branch: str | None = None
    commit: str | None = None
    changes: list[str] | None = None
    culprits: list[str] | None = None


class Run(Struct, frozen=True):
    number: Count
    phase: str
    full_url: str | None = None
    url: str | None = None
    timestamp: Count | None = None
    duration: Count | None = None
    status: str | None = None
    display_name: str | None = None
    scm: Scm | None = None
    test_summary: fields.Tests | None = None


class Job(Struct, frozen=True):
    name: str
    build: Run
    url: str | None = None


_read = verify.reader(Job)


@dataclass(frozen=True, slots=True, repr=False)
class JenkinsSource:
    name: str
    username: str
    password: Secret
    clock: Clock

    def read(self, headers: Mapping[str, str], body: bytes) -> list[Build]:
        verify.bounded(body)
        verify.require_basic(headers, self.username, self.password)
        job = _read(body)
        phase = PHASES.get(job.build.phase)
        return [self._build(job, job.build, phase)] if phase else []

    def _build(self, job: Job, run: Run, phase: BuildPhase) -> Build:
        scm, tests = run.scm or Scm(), run.test_summary or fields.Tests()
        branch, tag = fields.branch_and_tag(scm.branch)
        done = phase is BuildPhase.FINISHED
        took = fields.seconds(run.duration / 1000) if done and run.duration is not None else None
        return Build(
            source=self.name,
            job=_full_name(job),
            number=run.number,
            phase=phase,
            started=_started(run, took or 0.0) or self.clock.now(),
            result=RESULTS.get(run.status or "") if done else None,
            revision=fields.revision(scm.commit),
            branch=branch,
            url=fields.address(run.full_url),
            seconds=took,
            display_name=fields.line(run.display_name),
            culprits=fields.lines(scm.culprits),
            files=len(scm.changes or ()),
            passed=tests.passed,
            failed=tests.failed,
            skipped=tests.skipped,
            failed_tests=fields.lines(tests.failed_tests),
            tag=tag,
        )


def _started(run: Run, took: float) -> datetime | None:
    """Its time is that of the phase: of one that is over, the end."""
    told = fields.of_milliseconds(run.timestamp)
    return told - timedelta(seconds=took) if told else None


def _full_name(job: Job) -> str:
    """With its folders, from the address: two folders may hold jobs of one name."""
    parts = [unquote(part) for part in _FOLDERS.findall((job.url or "").partition("?")[0])]
    return fields.name("/".join(parts) or job.name)
