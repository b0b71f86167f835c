"""One change, once: planned upon what was looked at, tested by the server, looked at again where that failed."""

import logging

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from bot.cluster import Preview, notes
from bot.cluster.kubernetes import patches
from bot.cluster.kubernetes.client import JSON_PATCH, Client
from bot.cluster.kubernetes.failures import UNSURE, Lost
from bot.cluster.kubernetes.patches import Operations
from bot.cluster.kubernetes.paths import PLURALS, apps
from bot.cluster.kubernetes.reading import Found, Reader
from bot.cluster.kubernetes.shapes import WorkloadObject
from bot.core.difference import differences
from bot.core.errors import Conflict, Invalid, QuarterdeckError, Refused, Unavailable
from bot.core.model import Cause, Step
from bot.core.secret import MASK
from bot.core.workload import Kind, Scale, SetEnv, Target, Undo, Workload

log = logging.getLogger(__name__)
US = {"fieldManager": "quarterdeck"}
NOTES = {"fieldManager": "quarterdeck-notes"}
"""A name of its own, so that a note never looks as if we had written the template."""
DRY = {"dryRun": "All"}


class Written(Struct, frozen=True):
    """What came of a write: the workload, and its object (or its scale) as it stood and as the server answered."""

    noun: Workload
    before: bytes = b"{}"
    after: bytes = b"{}"


class Writer:
    def __init__(self, client: Client, reader: Reader) -> None:
        self._client = client
        self._reader = reader

    def apply(self, step: Step, cause: Cause) -> Workload:
        return self._write(step, cause, dry=False).noun

    def preview(self, step: Step, cause: Cause) -> Preview:
        found = self._write(step, cause, dry=True)
        return Preview(found.noun, differences(msgspec.json.decode(found.before), msgspec.json.decode(found.after)))

    def _write(self, step: Step, cause: Cause, *, dry: bool) -> Written:
        """A conflict is looked at again: where nothing that matters changed, tried once more."""
        seen = self._as_planned(step, self._reader.recent.get(step.uid))
        try:
            return self._carry_out(seen, step, cause, dry=dry)
        except Conflict:
            return self._carry_out(_unscaled(self._as_planned(step, None), step), step, cause, dry=dry)
        except Lost:
            return self._after_loss(step, cause, dry=dry)

    def annotate(self, target: Target, values: dict[str, str | None]) -> None:
        found = self._reader.at(target)
        try:
            self._note(found, patches.annotate(found, values))
        except Conflict:
            found = self._reader.at(target)
            self._note(found, patches.annotate(found, values))

    def _after_loss(self, step: Step, cause: Cause, *, dry: bool) -> Written:
        """Did it arrive? Our own note on the workload tells."""
        try:
            found = self._reader.at(step.target)
            if _ours(found, cause, step):
                return Written(found.noun)
            return self._carry_out(_check(found, step), step, cause, dry=dry)
        except Unavailable as away:
            raise Unavailable(away.sentence, fact=away.fact, hint=UNSURE) from None

    def _as_planned(self, step: Step, seen: Found | None) -> Found:
        """What was looked at when the step was planned will do: the server tests it."""
        if seen is None or seen.target.name != step.target.name or seen.noun.template != step.template:
            seen = self._reader.at(step.target)
        return _check(seen, step)

    def _carry_out(self, seen: Found, step: Step, cause: Cause, *, dry: bool) -> Written:
        if isinstance(step.action, Scale):
            return self._scale(seen, step.action, cause, dry=dry)
        past = self._reader.histories(seen) if isinstance(step.action, Undo) else []
        operations = patches.change(seen, step, cause, past)
        try:
            body = self._patch(seen, operations, US | DRY if dry else US)
        except Invalid as invalid:
            raise _masked(invalid, step) from None
        return Written(self._seen(body, seen, dry=dry), seen.body, body)

    def _scale(self, seen: Found, action: Scale, cause: Cause, *, dry: bool) -> Written:
        if seen.target.kind is Kind.DAEMON_SET:
            fact = "It is a DaemonSet: it runs one pod on each node."
            raise Refused(f"{seen.target.name} cannot be scaled.", fact=fact)
        operations = patches.scale(seen.object.metadata.uid, action)
        body = self._patch(seen, operations, US | DRY if dry else US, "scale")
        if dry:
            answered = msgspec.json.decode(body, type=WorkloadObject).spec.replicas or 0
            return Written(replace(seen.noun, wanted=answered), _scale(seen.noun.wanted), _scale(answered))
        return Written(self._scaled(seen, cause))

    def _scaled(self, seen: Found, cause: Cause) -> Workload:
        """It is done: a note that cannot be written must not say otherwise."""
        said = notes.of(cause, seen.noun.template, rollout=False)
        try:
            body = self._patch(seen, patches.annotate(seen, dict(said)), NOTES)
        except QuarterdeckError as error:
            log.warning("%s was scaled, but bears no note of it: %s", seen.target.name, error)
            return self._reader.at(seen.target).noun
        return self._seen(body, seen)

    def _note(self, found: Found, operations: Operations) -> None:
        if operations:
            self._patch(found, operations, NOTES)

    def _patch(self, found: Found, operations: Operations, query: dict[str, str], *sub: str) -> bytes:
        path = apps(found.target.namespace, PLURALS[found.target.kind], found.target.name, *sub)
        return self._client.patch(path, operations, JSON_PATCH, query)

    def _seen(self, body: bytes, seen: Found, *, dry: bool = False) -> Workload:
        return self._reader.decode(body, seen.target, seen.revision, keep=not dry).noun


def _scale(replicas: int) -> bytes:
    return msgspec.json.encode({"spec": {"replicas": replicas}})


def _check(found: Found, step: Step) -> Found:
    """A status moves all the time; only another template, or another workload of the name, is a conflict."""
    name, noun = step.target.name, found.noun
    if noun.uid != step.uid:
        raise Conflict(f"{name} was deleted and made anew meanwhile.")
    if noun.template != step.template:
        raise Conflict(f"{name} changed meanwhile.", fact=f"{noun.manager or 'Somebody'} wrote another template.")
    return found


def _unscaled(found: Found, step: Step) -> Found:
    """How many there are matters to a scale alone."""
    meant = step.action.before if isinstance(step.action, Scale) else None
    if meant is not None and found.noun.wanted != meant:
        raise Conflict(
            f"{step.target.name} was scaled meanwhile.",
            fact=f"It has {found.noun.wanted} replicas, not {meant}: by {found.noun.scaler or found.noun.manager}.",
        )
    return found


def _ours(found: Found, cause: Cause, step: Step) -> bool:
    said = found.object.metadata.notes
    same = found.object.metadata.uid == step.uid and said.get(notes.ORDER) == cause.request
    return same and said.get(notes.TEMPLATE) == found.noun.template


def _masked(error: Invalid, step: Step) -> Invalid:
    """The server may quote what it refuses."""
    fact = error.fact
    for value in step.action.values if isinstance(step.action, SetEnv) else ():
        fact = fact.replace(value.reveal(), MASK) if len(value.reveal()) > 2 else fact
    return Invalid(error.sentence, fact=fact)
