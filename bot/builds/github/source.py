"""`workflow_run` for Actions, `check_suite` for other builders, signed over the raw body.

A check suite of Actions is told by its workflow run already. A fork's branch is never taken for ours of that name.
"""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from bot.builds import Told, fields
from bot.builds.fields import Count
from bot.builds.github.commits import Commits
from bot.core import verify
from bot.core.clock import Clock
from bot.core.events import Build, BuildPhase, BuildResult
from bot.core.secret import Secret

EVENT = "x-github-event"
ACTIONS = "github-actions"
RESULTS = {
    "success": BuildResult.SUCCESS,
    "neutral": BuildResult.SUCCESS,
    "failure": BuildResult.FAILURE,
    "cancelled": BuildResult.ABORTED,
    "timed_out": BuildResult.FAILURE,
    "startup_failure": BuildResult.FAILURE,
    "skipped": BuildResult.NOT_BUILT,
}
"""A `stale` one was given up by GitHub after two weeks: nobody knows how it ended."""
APPROVAL = "action_required"
PHASES = {
    "requested": BuildPhase.QUEUED,
    "in_progress": BuildPhase.STARTED,
    "completed": BuildPhase.FINISHED,
}


class Repository(Struct, frozen=True):
    full_name: str = ""
    html_url: str | None = None


class Author(Struct, frozen=True):
    name: str | None = None


class Commit(Struct, frozen=True):
    message: str | None = None
    author: Author | None = None


class Pull(Struct, frozen=True):
    number: Count


class App(Struct, frozen=True):
    name: str = ""
    slug: str = ""


class Run(Struct, frozen=True):
    """What workflow runs and check suites have in common, and what one of them has."""

    id: Count
    created_at: str | None = None
    updated_at: str | None = None
    run_started_at: str | None = None
    name: str | None = None
    run_number: Count | None = None
    run_attempt: Count | None = None
    event: str | None = None
    conclusion: str | None = None
    head_branch: str | None = None
    head_sha: str | None = None
    head_commit: Commit | None = None
    head_repository: Repository | None = None
    html_url: str | None = None
    pull_requests: list[Pull] | None = None
    app: App | None = None


class Workflow(Struct, frozen=True):
    name: str | None = None


class WorkflowRun(Struct, frozen=True):
    action: str
    workflow_run: Run
    repository: Repository
    workflow: Workflow | None = None


class CheckSuite(Struct, frozen=True):
    action: str
    check_suite: Run
    repository: Repository


_read_workflow_run = verify.reader(WorkflowRun)
_read_check_suite = verify.reader(CheckSuite)


class GithubSource:
    def __init__(self, name: str, secret: Secret, clock: Clock) -> None:
        self._name = name
        self._secret = secret
        self._clock = clock
        self._kinds: Mapping[str, Callable[[bytes], Sequence[Told]]] = {
            "workflow_run": self._workflow_run,
            "check_suite": self._check_suite,
            **Commits(name, clock).kinds,
        }

    @property
    def name(self) -> str:
        return self._name

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Told]:
        verify.bounded(body)
        verify.require_hmac(headers, body, self._secret)
        kind = self._kinds.get(verify.header(headers, EVENT))
        if kind is None:
            return []
        form = verify.header(headers, "content-type").startswith("application/x-www-form-urlencoded")
        return kind(verify.form_field(body, b"payload") if form else body)

    def _workflow_run(self, text: bytes) -> list[Build]:
        told = _read_workflow_run(text)
        run = told.workflow_run
        title = (told.workflow.name if told.workflow else None) or run.name
        number = run.id if run.run_number is None else run.run_number
        return self._build(told.action, run, told.repository, title, number, run.html_url)

    def _check_suite(self, text: bytes) -> list[Build]:
        told = _read_check_suite(text)
        suite = told.check_suite
        app = suite.app or App()
        if app.slug == ACTIONS or told.action != "completed":
            return []
        url = f"{told.repository.html_url}/commit/{suite.head_sha}/checks?check_suite_id={suite.id}"
        return self._build(told.action, suite, told.repository, app.name or app.slug, suite.id, url)

    def _build(
        self, action: str, run: Run, home: Repository, title: str | None, number: int, url: str | None
    ) -> list[Build]:
        phase = BuildPhase.WAITING if run.conclusion == APPROVAL else PHASES.get(action)
        if phase is None:
            return []
        done = phase is BuildPhase.FINISHED
        repository = fields.name(home.full_name)
        commit = run.head_commit or Commit()
        pull = run.pull_requests[0].number if run.pull_requests else None
        page = fields.address(home.html_url)
        revision = fields.revision(run.head_sha)
        started = fields.of_text(run.run_started_at) or fields.of_text(run.created_at)
        build = Build(
            source=self._name,
            job=fields.name("/".join(part for part in (repository, fields.line(title)) if part)),
            number=number,
            phase=phase,
            started=started or self._clock.now(),
            result=RESULTS.get(run.conclusion or "") if done else None,
            revision=revision,
            branch=_branch(run, repository),
            url=fields.address(url),
            seconds=fields.between(started, fields.of_text(run.updated_at)),
            changes=fields.change(commit.message, _author(commit)),
            tool="github",
            attempt=run.run_attempt or 1,
            repository=repository,
            author=_author(commit) or None,
            compare_url=f"{page}/commit/{revision}" if page and revision else None,
            tag=_branch(run, repository) if run.event == "release" else None,
            pull_request=pull,
            pull_request_url=f"{page}/pull/{pull}" if page and pull else None,
            fork=_is_fork(run, repository),
        )
        return [build]


def _is_fork(run: Run, repository: str) -> bool:
    """Also where the fork is gone since: then only its pull request is left."""
    if run.head_repository is None:
        return (run.event or "").startswith("pull_request")
    return run.head_repository.full_name.lower() != repository.lower()


def _branch(run: Run, repository: str) -> str | None:
    """`octocat:main` for a fork, as GitHub writes it."""
    branch = fields.line(run.head_branch)
    if branch and _is_fork(run, repository):
        owner = run.head_repository.full_name if run.head_repository else "unknown"
        return f"{fields.line(owner).partition('/')[0]}:{branch}"
    return branch or None


def _author(commit: Commit) -> str:
    return fields.line(commit.author.name) if commit.author else ""
