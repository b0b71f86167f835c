"""Turns stages.yaml into what kwok reads: one Stage for each move of a pod."""

from typing import Any

import yaml

from tests.servers.find import FOLDER

NODE_IS_NOT_READY = '[.status.conditions[]? | select(.type == "Ready").status] != ["True"]'


def stages() -> str:
    plan = yaml.safe_load((FOLDER / "stages.yaml").read_text())
    plan["next"] = _fill(plan["next"], plan)
    moves = [_move(plan, name, move) for name, move in plan["moves"].items()]
    delete = _stage("Pod", "delete", _when(plan["next"], "delete"), [{"delete": True}])
    ready = _stage("Node", "ready", _when(NODE_IS_NOT_READY, "true"), [_status(plan["node"])])
    return yaml.safe_dump_all([delete, *moves, ready])


def _move(plan: dict[str, Any], name: str, move: dict[str, Any]) -> dict[str, Any]:
    """Events first, then the status: the order in which a kubelet's arrive."""
    events = [_event(plan, name, n, event) for n, event in enumerate(move.get("events", []))]
    status = _status(_fill(plan["status"], plan, MOVE=name))
    made = _stage("Pod", name, _when(plan["next"], name), [*events, status])
    delay = plan["delay"].replace("DELAY", f"({move['delay']})")
    made["spec"]["delay"] = {"durationFrom": {"expressionFrom": delay}}
    return made


def _stage(kind: str, name: str, when: dict[str, Any], steps: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": "Stage",
        "metadata": {"name": f"{kind.lower()}-{name}"},
        "spec": {
            "resourceRef": {"apiGroup": "v1", "kind": kind},
            "selector": {"matchExpressions": [when]},
            "steps": steps,
        },
    }


def _when(key: str, value: str) -> dict[str, Any]:
    return {"key": key, "operator": "In", "values": [value]}


def _status(template: str) -> dict[str, Any]:
    return {"patch": {"subresource": "status", "root": "status", "template": template}}


def _event(plan: dict[str, Any], name: str, number: int, event: list[str]) -> dict[str, Any]:
    kind, reason, message = event
    words = {"MESSAGE": message, "TYPE": kind, "REASON": reason, "NUMBER": f"{name}-{number}"}
    return {"apply": {"type": "merge", "template": _fill(plan["event"], plan, MOVE=name, **words)}}


def _fill(template: str, plan: dict[str, Any], **words: str) -> str:
    known = {"NOT_FOUND": plan["not_found"], "WORDS": plan["words"], "HELD": plan["held"]}
    for word, value in {**words, **known}.items():
        template = template.replace(word, value)
    return template
