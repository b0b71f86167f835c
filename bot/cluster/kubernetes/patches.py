"""A change as a JSON patch that tests what it was planned upon.

The server checks and writes in one go: a status or a note that moved meanwhile is no conflict, another template or
another workload of the name is. Going back is what `kubectl rollout undo` sends: the old template and its notes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.cluster import notes
from bot.cluster.kubernetes import actions, templates
from bot.cluster.kubernetes.histories import History
from bot.cluster.kubernetes.nouns import LAST_APPLIED, REVISION
from bot.cluster.kubernetes.reading import Found
from bot.core.model import Cause, Step
from bot.core.workload import Kind, Pause, Resume, Scale, SetImage, Undo

Operations = list[dict[str, Any]]
OURS = "quarterdeck.io/"
KEPT = frozenset(
    {
        LAST_APPLIED,
        REVISION,
        "deployment.kubernetes.io/revision-history",
        "deployment.kubernetes.io/desired-replicas",
        "deployment.kubernetes.io/max-replicas",
        "deprecated.deployment.rollback.to",
    }
)
"""What belongs to the Deployment itself, whichever template it has."""


def change(found: Found, step: Step, cause: Cause, past: Sequence[History]) -> Operations:
    before, action = templates.plain(found.object.spec.template), step.action
    if isinstance(action, Pause | Resume):
        actions.check_pause(found.noun, action)
    after = actions.changed(found.noun, before, action, past)
    new = templates.fingerprint(after)
    rollout = new != step.template
    written = dict[str, str | None](notes.of(cause, new, rollout=rollout))
    if isinstance(action, Undo) and step.target.kind is Kind.DEPLOYMENT:
        written = {**_old_notes(found, actions.to_undo(found.noun, action.revision, past)), **written}
    return [
        _test("/metadata/uid", step.uid),
        _test("/spec/template", before),
        *([_replace("/spec/template", after)] if rollout else []),
        *_pausing(action),
        *_staging(found, action),
        *annotations(found, written),
    ]


def scale(uid: str, action: Scale) -> Operations:
    """On the subresource, whose zero replicas are left out: so it is added, not replaced, and tested as nothing."""
    tests = [_test("/metadata/uid", uid)]
    if action.before is not None:
        tests.append(_test("/spec/replicas", action.before or None))
    return [*tests, _add("/spec/replicas", action.replicas)]


def annotate(found: Found, values: Mapping[str, str | None]) -> Operations:
    written = annotations(found, values)
    return [_test("/metadata/uid", found.object.metadata.uid), *written] if written else []


def annotations(found: Found, values: Mapping[str, str | None]) -> Operations:
    there = found.object.metadata.annotations
    if there is None:
        kept = {key: value for key, value in values.items() if value is not None}
        return [_test("/metadata/annotations", None), _add("/metadata/annotations", kept)] if kept else []
    return [
        _add(_note(key), value) if value is not None else {"op": "remove", "path": _note(key)}
        for key, value in values.items()
        if value != there.get(key)
    ]


def _old_notes(found: Found, past: History) -> dict[str, str | None]:
    """Those of the old ReplicaSet, as kubectl does; ours say what is true now, so they stay."""
    now = {key for key in found.object.metadata.notes if not _kept(key)}
    then = {key: value for key, value in past.annotations.items() if not _kept(key)}
    return {**dict.fromkeys(now - set(then)), **then}


def _kept(key: str) -> bool:
    return key in KEPT or key.startswith(OURS)


def _pausing(action: object) -> Operations:
    match action:
        case Pause():
            return [_add("/spec/paused", value=True)]
        case Resume():
            return [{"op": "remove", "path": "/spec/paused"}]
        case _:
            return []


def _staging(found: Found, action: object) -> Operations:
    if not isinstance(action, SetImage) or action.partition is None:
        return []
    strategy = found.object.spec.update_strategy
    if strategy and strategy.rolling_update:
        return [_add("/spec/updateStrategy/rollingUpdate/partition", action.partition)]
    return [_add("/spec/updateStrategy", {"type": "RollingUpdate", "rollingUpdate": {"partition": action.partition}})]


def _note(key: str) -> str:
    return "/metadata/annotations/" + key.replace("~", "~0").replace("/", "~1")


def _test(path: str, value: object) -> dict[str, Any]:
    return {"op": "test", "path": path, "value": value}


def _add(path: str, value: object) -> dict[str, Any]:
    return {"op": "add", "path": path, "value": value}


def _replace(path: str, value: object) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}
