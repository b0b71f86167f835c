"""What an order makes of a template: pure, so that its hash is known before anything is written."""

from collections.abc import Sequence
from copy import deepcopy
from datetime import UTC
from typing import Any

from bot.cluster.kubernetes import histories, templates
from bot.cluster.kubernetes.histories import History
from bot.cluster.kubernetes.templates import Template
from bot.core.errors import NotFound, Refused
from bot.core.variables import reference, refuse_references
from bot.core.workload import Action, Kind, Pause, Restart, Resume, SetEnv, SetImage, Target, Undo, Workload

RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"


def changed(workload: Workload, template: Template, action: Action, past: Sequence[History]) -> Template:
    """`template` as it stands, `past` only for going back."""
    name = workload.target.name
    match action:
        case SetImage(container=container, image=image):
            return _with(name, template, container, {"image": image.reference})
        case SetEnv(container=container):
            return _with(name, template, container, {"env": _env(workload.target, template, action)})
        case Restart():
            _refuse_paused(workload, "restarted")
            return _restarted(template, action)
        case Undo(revision=revision):
            _refuse_paused(workload, "rolled back")
            return templates.template(to_undo(workload, revision, past).raw)
        case _:
            return template


def to_undo(workload: Workload, number: int, past: Sequence[History]) -> History:
    name = workload.target.name
    found = next((h for h in past if h.number == number), None)
    if found is None:
        fact = histories.there(past)
        raise NotFound(f"{name} has no revision {number}.", fact=fact, hint=f"history {name}")
    if found.template == workload.template:
        fact = f"Its template is already that of revision {number}."
        raise Refused(f"{name} stays as it is.", fact=fact, hint=f"history {name}")
    return found


def check_pause(workload: Workload, action: Pause | Resume) -> None:
    name, pause = workload.target.name, isinstance(action, Pause)
    word = "paused" if pause else "resumed"
    if workload.target.kind is not Kind.DEPLOYMENT:
        fact = f"It is a {workload.target.kind}: only Deployments can be paused."
        raise Refused(f"{name} cannot be {word}.", fact=fact, hint=f"status {name}")
    if workload.paused == pause:
        fact = "It is already paused." if pause else "It is not paused."
        raise Refused(f"{name} stays as it is.", fact=fact, hint=f"status {name}")


def _with(name: str, template: Template, container: str, values: dict[str, Any]) -> Template:
    after = deepcopy(template)
    _container(name, after, container).update(values)
    return after


def _container(name: str, template: Template, container: str) -> dict[str, Any]:
    there: list[dict[str, Any]] = template["spec"]["containers"]
    found = next((c for c in there if c["name"] == container), None)
    if found is None:
        names = ", ".join(c["name"] for c in there)
        raise NotFound(f"{name} has no container {container}.", fact=f"It has {names}.")
    return found


def _env(target: Target, template: Template, action: SetEnv) -> list[dict[str, Any]]:
    """In the order it stands, what is new at its end; a value that stands elsewhere is changed there."""
    if len(action.values) != len(action.names):
        raise Refused("The values of this change were not kept.", hint="Order it again with its values.")
    values = dict(zip(action.names, action.values, strict=True))
    before: list[dict[str, Any]] = _container(target.name, template, action.container).get("env") or []
    referring = [reference(v["name"], v["valueFrom"]) for v in before if v.get("valueFrom")]
    refuse_references(target.name, target.namespace, referring, {*values, *action.removed})
    stays = [v for v in before if v["name"] not in action.removed]
    kept = [_set(v["name"], values[v["name"]].reveal()) if v["name"] in values else v for v in stays]
    known = {v["name"] for v in before}
    return kept + [_set(new, value.reveal()) for new, value in values.items() if new not in known]


def _set(name: str, value: str) -> dict[str, Any]:
    return {"name": name, "value": value} if value else {"name": name}


def _restarted(template: Template, action: Restart) -> Template:
    after = deepcopy(template)
    metadata = after.setdefault("metadata", {})
    at = action.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    metadata["annotations"] = {**(metadata.get("annotations") or {}), RESTARTED_AT: at}
    return after


def _refuse_paused(workload: Workload, word: str) -> None:
    if workload.paused:
        name = workload.target.name
        raise Refused(f"{name} is paused and cannot be {word}.", hint=f"resume {name}")
