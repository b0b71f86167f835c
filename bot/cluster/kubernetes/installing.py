"""A template, by server-side apply: all of it is tried dry before any of it is written.

The field manager is one of its own, so that applying it again takes back what the file no longer says and nothing
else. The number of replicas is the file's only at first: later it belongs to whoever scales, so the present one is
repeated where it is still ours (leaving it out would give it up, and the server would make it one), else left out.
"""

from copy import deepcopy
from typing import Any

import msgspec
from msgspec import Struct

from bot.cluster import Preview, notes
from bot.cluster.kubernetes import templates
from bot.cluster.kubernetes.client import APPLY, Client
from bot.cluster.kubernetes.failures import UNSURE, Lost
from bot.cluster.kubernetes.paths import PLURALS, apps, core
from bot.cluster.kubernetes.reading import Found, Reader
from bot.cluster.kubernetes.shapes import WorkloadObject
from bot.core.difference import Difference, differences
from bot.core.errors import Conflict, NotFound, Unavailable
from bot.core.manifests import making_namespace, summary
from bot.core.model import Cause, Step
from bot.core.workload import Install, Kind, Manifest, Workload

US = "quarterdeck-template"
QUERY = {"fieldManager": US, "force": "true"}
DRY = {"dryRun": "All"}
SERVICES = "services"
_workloads = msgspec.json.Decoder(WorkloadObject)
_plain = msgspec.json.Decoder(dict[str, Any])


class Tried(Struct, frozen=True):
    """What the server would make of it: `body` was sent for the workload, whose answer is the first of `answers`."""

    there: Found | None
    body: dict[str, Any]
    answers: tuple[bytes, ...]

    @property
    def template(self) -> str:
        return templates.hash_of(_workloads.decode(self.answers[0]).spec.template)


class Installer:
    def __init__(self, client: Client, reader: Reader) -> None:
        self._client = client
        self._reader = reader

    def preview(self, step: Step, action: Install) -> Preview:
        tried = self._again_on_conflict(step, action)
        answered, *others = tried.answers
        before = tried.there.body if tried.there else None
        found = _differences(action.workload, before, answered)
        for other, answer in zip(action.others, others, strict=True):
            found += _differences(other, self._stands(other), answer, str(other))
        noun = self._reader.decode(answered, step.target, 0, keep=False).noun
        return Preview(noun, tuple(found))

    def apply(self, step: Step, action: Install, cause: Cause) -> Workload:
        try:
            return self._apply(step, action, cause)
        except Lost:
            return self._after_loss(step, action, cause)

    def _apply(self, step: Step, action: Install, cause: Cause) -> Workload:
        """What is no workload comes first: should it fail, nothing rolls out."""
        tried = self._again_on_conflict(step, action)
        for other in action.others:
            self._send(other, other.body, QUERY)
        body = _noted(tried, step, cause)
        try:
            answer = self._send(action.workload, body, QUERY)
        except Conflict:
            tried = self._try(step, action)
            answer = self._send(action.workload, _noted(tried, step, cause), QUERY)
        return self._reader.decode(answer, step.target, tried.there.revision if tried.there else 0).noun

    def _after_loss(self, step: Step, action: Install, cause: Cause) -> Workload:
        """Did it arrive? Our own note on the workload tells; where it did not, applying again does no harm."""
        try:
            found = self._reader.there(step.target)
            if found and found.object.metadata.notes.get(notes.ORDER) == cause.request:
                return found.noun
            return self._apply(step, action, cause)
        except Unavailable as away:
            raise Unavailable(away.sentence, fact=away.fact, hint=UNSURE) from None

    def _again_on_conflict(self, step: Step, action: Install) -> Tried:
        """What was looked at when the step was planned will do: the server tests its version."""
        try:
            return self._try(step, action, self._reader.recent.get(step.uid))
        except Conflict:
            return self._try(step, action)

    def _try(self, step: Step, action: Install, seen: Found | None = None) -> Tried:
        there = _as_planned(seen or self._reader.there(step.target), step)
        body = _body(action.workload, there)
        sent = [(action.workload, body), *((other, other.body) for other in action.others)]
        return Tried(there, body, tuple(self._send(found, inner, QUERY | DRY) for found, inner in sent))

    def _send(self, found: Manifest, body: dict[str, Any], query: dict[str, str]) -> bytes:
        try:
            return self._client.patch(_path(found), body, APPLY, query)
        except NotFound as missing:
            raise _no_namespace(self._client.cluster, found, missing) from None

    def _stands(self, found: Manifest) -> bytes | None:
        try:
            return self._client.get(_path(found))
        except NotFound:
            return None


def _path(found: Manifest) -> str:
    namespace = found.body["metadata"]["namespace"]
    if found.kind == "Service":
        return core(namespace, SERVICES, found.name)
    return apps(namespace, PLURALS[Kind(found.kind)], found.name)


def _as_planned(found: Found | None, step: Step) -> Found | None:
    name, uid = step.target.name, found.object.metadata.uid if found else ""
    if uid != step.uid:
        raise Conflict(f"{name} was {'deleted' if step.uid else 'made'} meanwhile.")
    if found and found.noun.template != step.template:
        raise Conflict(f"{name} changed meanwhile.", fact=f"{found.noun.manager or 'Somebody'} wrote another template.")
    return found


def _body(manifest: Manifest, there: Found | None) -> dict[str, Any]:
    """The version makes the server refuse what was not looked at: a scale in this very moment is not undone."""
    body = deepcopy(manifest.body)
    if there is None:
        return body
    body["metadata"]["resourceVersion"] = there.object.metadata.resource_version
    if manifest.kind != Kind.DAEMON_SET:
        body["spec"].pop("replicas", None)
        if _replicas_are_ours(there):
            body["spec"]["replicas"] = there.noun.wanted
    return body


def _replicas_are_ours(there: Found) -> bool:
    written = _plain.decode(there.body)["metadata"].get("managedFields") or []
    ours = [w for w in written if w.get("manager") == US and w.get("operation") == "Apply"]
    return any("f:replicas" in w.get("fieldsV1", {}).get("f:spec", {}) for w in ours)


def _noted(tried: Tried, step: Step, cause: Cause) -> dict[str, Any]:
    """A note that was ours and is left out would be taken away: the cause of the template that stays, stays."""
    template = tried.template
    written = notes.of(cause, template, rollout=template != step.template)
    before = tried.there.object.metadata.notes if tried.there else {}
    kept = {notes.CHANGE_CAUSE: before[notes.CHANGE_CAUSE]} if notes.CHANGE_CAUSE in before else {}
    metadata = tried.body["metadata"]
    annotations = {**(metadata.get("annotations") or {}), **kept, **written}
    return {**tried.body, "metadata": {**metadata, "annotations": annotations}}


def _differences(found: Manifest, before: bytes | None, after: bytes, of: str = "") -> list[Difference]:
    """`of` names what is not the workload itself."""
    answered = _plain.decode(after)
    if before is None:
        return [Difference(str(found), None, summary(answered))]
    differing = differences(_plain.decode(before), answered)
    return [Difference(f"{of} {one.where}".strip(), one.before, one.after) for one in differing]


def _no_namespace(cluster: str, found: Manifest, missing: NotFound) -> NotFound:
    """Applying makes what is not there, so what it does not find is where to make it."""
    namespace = found.body["metadata"]["namespace"]
    return NotFound(
        f"There is no namespace {namespace} in the cluster {cluster}.",
        fact=making_namespace(namespace),
        hint="Apply it, and order again." if namespace in missing.fact else missing.fact,
    )
