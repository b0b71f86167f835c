"""`push` and `pull_request`: what came into the default branch, and which commit a tag names.

A push to any other branch, and a pull request that was closed without being merged, are of no release yet.
"""

from collections.abc import Callable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from bot.builds import fields
from bot.builds.fields import Count
from bot.core import verify
from bot.core.clock import Clock
from bot.core.events import Commit


class Repository(Struct, frozen=True):
    full_name: str = ""
    html_url: str | None = None
    default_branch: str | None = None


class Person(Struct, frozen=True):
    name: str | None = None
    login: str | None = None


class Head(Struct, frozen=True):
    id: str
    message: str | None = None
    timestamp: str | None = None
    author: Person | None = None


class Push(Struct, frozen=True):
    ref: str
    repository: Repository
    deleted: bool | None = None
    head_commit: Head | None = None
    pusher: Person | None = None


class Base(Struct, frozen=True):
    ref: str | None = None


class Pull(Struct, frozen=True):
    number: Count
    title: str | None = None
    html_url: str | None = None
    merged: bool | None = None
    merge_commit_sha: str | None = None
    merged_at: str | None = None
    user: Person | None = None
    merged_by: Person | None = None
    base: Base | None = None


class PullRequest(Struct, frozen=True):
    action: str
    pull_request: Pull
    repository: Repository


_read_push = verify.reader(Push)
_read_pull_request = verify.reader(PullRequest)


class Commits:
    def __init__(self, name: str, clock: Clock) -> None:
        self._name = name
        self._clock = clock

    @property
    def kinds(self) -> Mapping[str, Callable[[bytes], list[Commit]]]:
        return {"push": self._push, "pull_request": self._pull_request}

    def _push(self, text: bytes) -> list[Commit]:
        told = _read_push(text)
        branch, tag = fields.branch_and_tag(told.ref)
        head = told.head_commit
        if head is None or told.deleted or not (tag or branch == told.repository.default_branch):
            return []
        author = _name(head.author) or _name(told.pusher)
        subject = (head.message or "").strip().partition("\n")[0]
        at = fields.of_text(head.timestamp) or self._clock.now()
        found = self._commit(told.repository, head.id, subject, author)
        return [replace(one, at=at, branch="" if tag else branch or "", tag=tag) for one in found]

    def _pull_request(self, text: bytes) -> list[Commit]:
        told = _read_pull_request(text)
        pull = told.pull_request
        base = pull.base.ref if pull.base else None
        if told.action != "closed" or not pull.merged or base != told.repository.default_branch:
            return []
        found = self._commit(told.repository, pull.merge_commit_sha, pull.title, _name(pull.user))
        return [
            replace(
                one,
                at=fields.of_text(pull.merged_at) or one.at,
                branch=fields.line(base),
                pull_request=pull.number,
                pull_request_url=fields.address(pull.html_url),
                by=_name(pull.merged_by),
            )
            for one in found
        ]

    def _commit(self, home: Repository, revision: str | None, title: str | None, author: str) -> list[Commit]:
        sha, repository = fields.revision(revision), fields.name(home.full_name)
        if sha is None:
            return []
        page = fields.address(home.html_url)
        url = f"{page}/commit/{sha}" if page else None
        said = fields.line(title) or "no message"
        return [Commit(self._name, repository, sha, self._clock.now(), said, author, url=url)]


def _name(person: Person | None) -> str:
    return fields.line(person.name or person.login) if person else ""
