"""GitLab's `Pipeline Hook`, told on every change of its status, with a token.

GitLab switches a hook off after repeated 4xx: what has the token and cannot be read is ignored, never refused.
The variables of a pipeline may hold secrets; they are not even decoded.
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

EVENTS = frozenset({"Pipeline Hook", "System Hook"})
QUEUED = frozenset({"created", "waiting_for_resource", "waiting_for_callback", "preparing", "pending", "scheduled"})
STARTED = frozenset({"running", "canceling"})
MANUAL = "manual"
RESULTS = {
    "success": BuildResult.SUCCESS,
    "failed": BuildResult.FAILURE,
    "canceled": BuildResult.ABORTED,
    "skipped": BuildResult.NOT_BUILT,
}


class Pipeline(Struct, frozen=True):
    id: Count
    status: str
    ref: str | None = None
    tag: bool = False
    sha: str | None = None
    before_sha: str | None = None
    created_at: str | None = None
    finished_at: str | None = None
    duration: float | None = None
    url: str | None = None


class Project(Struct, frozen=True):
    path_with_namespace: str
    web_url: str | None = None


class MergeRequest(Struct, frozen=True):
    iid: Count
    source_branch: str | None = None
    source_project_id: Count | None = None
    target_project_id: Count | None = None
    url: str | None = None


class Job(Struct, frozen=True):
    started_at: str | None = None
    finished_at: str | None = None


class Author(Struct, frozen=True):
    name: str | None = None


class Commit(Struct, frozen=True):
    message: str | None = None
    url: str | None = None
    author: Author | None = None


class Hook(Struct, frozen=True):
    object_kind: str
    object_attributes: Pipeline
    project: Project
    merge_request: MergeRequest | None = None
    commit: Commit | None = None
    user: Author | None = None
    builds: list[Job] | None = None


_read = verify.reader(Hook)


@dataclass(frozen=True, slots=True, repr=False)
class GitlabSource:
    name: str
    token: Secret
    clock: Clock

    def read(self, headers: Mapping[str, str], body: bytes) -> list[Build]:
        verify.require_token(verify.header(headers, "x-gitlab-token"), self.token, "another token, or none")
        if verify.header(headers, "x-gitlab-event") not in EVENTS:
            return []
        try:
            verify.bounded(body)
            hook = _read(body)
            phase = _phase(hook.object_attributes.status)
            return [self._build(hook, hook.object_attributes, phase)] if phase and _is_pipeline(hook) else []
        except Refused:
            return []

    def _build(self, hook: Hook, pipeline: Pipeline, phase: BuildPhase) -> Build:
        created = fields.of_text(pipeline.created_at)
        merge, commit = hook.merge_request, hook.commit or Commit()
        project = fields.name(hook.project.path_with_namespace)
        branch = fields.branch_and_tag(merge.source_branch if merge else pipeline.ref)[0]
        fork = merge is not None and _is_fork(merge)
        return Build(
            source=self.name,
            job=project,
            number=pipeline.id,
            phase=phase,
            started=created or self.clock.now(),
            result=RESULTS.get(pipeline.status),
            revision=fields.revision(pipeline.sha),
            branch=f"fork:{branch}" if fork else branch,
            url=fields.address(pipeline.url) or _page(hook.project, "pipelines", str(pipeline.id)),
            seconds=_took(pipeline) if phase is BuildPhase.FINISHED else fields.between(created, _last(hook.builds)),
            changes=fields.change(commit.message, _name(commit.author)),
            tool="gitlab",
            repository=project,
            author=_name(commit.author) or _name(hook.user) or None,
            compare_url=_compared(hook, pipeline) or fields.address(commit.url),
            tag=branch if pipeline.tag else None,
            pull_request=merge.iid if merge else None,
            pull_request_url=fields.address(merge.url) if merge else None,
            fork=fork,
        )


def _is_fork(merge: MergeRequest) -> bool:
    source, target = merge.source_project_id, merge.target_project_id
    return None not in (source, target) and source != target


def _is_pipeline(hook: Hook) -> bool:
    return hook.object_kind == "pipeline"


def _phase(status: str) -> BuildPhase | None:
    if status in RESULTS:
        return BuildPhase.FINISHED
    if status == MANUAL:
        return BuildPhase.WAITING
    if status in STARTED:
        return BuildPhase.STARTED
    return BuildPhase.QUEUED if status in QUEUED else None


def _took(pipeline: Pipeline) -> float | None:
    if pipeline.duration is not None:
        return fields.seconds(pipeline.duration)
    return fields.between(fields.of_text(pipeline.created_at), fields.of_text(pipeline.finished_at))


def _last(jobs: list[Job] | None) -> datetime | None:
    """When a job of it began or ended last: whether it waits still, or goes on since somebody pressed, tells nothing
    else.
    """
    moments = (fields.of_text(text) for job in jobs or () for text in (job.started_at, job.finished_at))
    return max((moment for moment in moments if moment), default=None)


def _compared(hook: Hook, pipeline: Pipeline) -> str | None:
    before, after = fields.revision(pipeline.before_sha), fields.revision(pipeline.sha)
    return _page(hook.project, "compare", f"{before}...{after}") if before and after else None


def _page(project: Project, kind: str, what: str) -> str | None:
    home = fields.address(project.web_url)
    return f"{home}/-/{kind}/{what}" if home else None


def _name(author: Author | None) -> str:
    return fields.line(author.name) if author else ""
