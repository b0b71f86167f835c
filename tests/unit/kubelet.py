"""What a real node wrote, as our nouns: the words are read from the recording, never typed anew."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.core.workload import (
    ClusterEvent,
    Condition,
    Container,
    ContainerStatus,
    Kind,
    Pod,
    Run,
    Target,
    Workload,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TEMPLATE = "7d9c8"
_RECORDING = Path(__file__).parent.parent / "payloads" / "kubelet.md"
_STATUS = re.compile(r"(init )?(\w+) (\{.*\})")
_EVENT = re.compile(r"event (Warning|Normal) (\w+) \((\w+)(?: spec\.\w+\{(\w+)\})?\): (.*)")
_PHASE = re.compile(r'phase="(\w+)"')


def _lines(case: str) -> list[str]:
    text = _RECORDING.read_text(encoding="utf-8").partition(f"### {case}\n")[2]
    assert text, f"there is no recording of {case}"
    return text.split("```")[1].strip().splitlines()


def cases() -> list[str]:
    return re.findall(r"^### (.+)$", _RECORDING.read_text(encoding="utf-8"), re.MULTILINE)


def run(state: str, fields: dict[str, Any], *, ago: float = 5, lived: float = 2) -> Run:
    end = NOW - timedelta(seconds=ago)
    return Run(
        state=state,
        reason=fields.get("reason", ""),
        message=fields.get("message", ""),
        exit_code=fields.get("exitCode"),
        started=None if state == "waiting" else end - timedelta(seconds=lived),
        finished=end if state == "terminated" else None,
    )


def statuses(case: str, restarts: int = 4) -> list[ContainerStatus]:
    """Every state of its containers, in the order they were recorded."""
    return [_status(found, restarts) for line in _lines(case) if (found := _STATUS.fullmatch(line))]


def _status(found: re.Match[str], restarts: int) -> ContainerStatus:
    raw = json.loads(found[3])
    ((state, fields),) = raw["state"].items()
    last = raw.get("lastState", {}).get("terminated")
    return ContainerStatus(
        name=found[2],
        restarts=restarts if last else 0,
        now=run(state, fields),
        last=run("terminated", last, ago=10) if last else None,
        init=bool(found[1]),
    )


def events(case: str, pod: str = "app-7d9c8-x2x4j", ago: float = 5) -> list[ClusterEvent]:
    return [_event(found, pod, ago) for line in _lines(case) if (found := _EVENT.fullmatch(line))]


def _event(found: re.Match[str], pod: str, ago: float) -> ClusterEvent:
    kind, name = found[3], pod if found[3] == "Pod" else pod.rpartition("-")[0]
    return ClusterEvent(
        kind=kind,
        name=name,
        reason=found[2],
        message=found[5],
        at=NOW - timedelta(seconds=ago),
        warning=found[1] == "Warning",
        container=found[4],
    )


def pod_phase(case: str) -> str:
    found = _PHASE.search("\n".join(_lines(case)))
    return found[1] if found else "Running"


def conditions(case: str) -> tuple[Condition, ...]:
    """What the recording says was not true."""
    line = next((line for line in _lines(case) if line.startswith("pod phase")), "")
    parts = [part.strip() for part in line.partition(";")[2].split(";")]
    return tuple(_condition(part) for part in parts if part)


def _condition(text: str) -> Condition:
    head, _, message = text.partition(' "')
    kind, _, rest = head.partition("=")
    status, _, reason = rest.partition(" ")
    words = json.loads(f'"{message}') if message else ""
    return Condition(type=kind, status=status == "True", reason=reason.strip(), message=words)


def pod(*containers: ContainerStatus, **changes: Any) -> Pod:
    fields: dict[str, Any] = {
        "name": "app-7d9c8-x2x4j",
        "namespace": "micro",
        "owner": "app-7d9c8",
        "template": TEMPLATE,
        "phase": "Running",
        "ready": False,
        "created": NOW - timedelta(minutes=4),
        "node": "node1",
        "containers": containers,
    }
    return Pod(**fields | changes)


def recorded_pod(case: str, state: int = -1, **changes: Any) -> Pod:
    """The pod of a recording with one of its recorded states (the last one), other containers as last seen."""
    seen = statuses(case)
    chosen = [seen[state]] if seen else [ContainerStatus(name="app", restarts=0, now=run("running", {}, ago=120))]
    others = {s.name: s for s in seen if s.name != chosen[0].name}
    if pod_phase(case) == "Pending" and not seen:
        chosen = []
    fields: dict[str, Any] = {"phase": pod_phase(case), "conditions": conditions(case)}
    return pod(*others.values(), *chosen, **fields | changes)


def workload(**changes: Any) -> Workload:
    fields: dict[str, Any] = {
        "target": Target(environment="production", cluster="main", namespace="micro", kind=Kind.DEPLOYMENT, name="app"),
        "uid": "u1",
        "resource_version": "1",
        "generation": 2,
        "observed": 2,
        "containers": (Container(name="app", image="127.0.0.1:15000/app:9", memory_limit="256Mi"),),
        "wanted": 3,
        "current": 4,
        "updated": 1,
        "ready": 3,
        "available": 3,
        "template": TEMPLATE,
        "revision": 2,
        "created": NOW - timedelta(days=3),
        "changed": NOW - timedelta(minutes=4),
    }
    return Workload(**fields | changes)
