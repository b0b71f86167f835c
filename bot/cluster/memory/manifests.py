"""A workload as people write it down: read from a template, and written for whoever wants to see what differs."""

from collections.abc import Mapping
from typing import Any

from bot.cluster.memory.spec import ContainerSpec, Spec, Template
from bot.core.errors import Invalid
from bot.core.secret import Secret
from bot.core.variables import reference
from bot.core.workload import Kind, Manifest

PORTS = range(1, 65536)


def read(found: Manifest) -> Spec:
    """What a real server would refuse of the little that is looked at here is refused in its words."""
    spec = found.body["spec"]
    pod = spec["template"]
    replicas = spec.get("replicas", 1)
    if replicas < 0:
        raise _invalid(f"spec.replicas: Invalid value: {replicas}: must be greater than or equal to 0")
    strategy = spec.get("updateStrategy" if found.kind != Kind.DEPLOYMENT else "strategy") or {}
    return Spec(
        name=found.name,
        template=Template(
            tuple(map(_read, pod["spec"]["containers"])), dict((pod.get("metadata") or {}).get("annotations") or {})
        ),
        kind=Kind(found.kind),
        replicas=replicas,
        strategy=strategy.get("type", "RollingUpdate"),
        partition=(strategy.get("rollingUpdate") or {}).get("partition", 0),
        deadline=spec.get("progressDeadlineSeconds", 600),
        labels=dict(found.body["metadata"].get("labels") or {}),
    )


def check_service(found: Manifest) -> None:
    for position, port in enumerate(found.body["spec"].get("ports") or []):
        if port.get("port") not in PORTS:
            where = f"spec.ports[{position}].port: Invalid value: {port.get('port')}"
            raise _invalid(f"{where}: must be between 1 and 65535, inclusive")


def _invalid(words: str) -> Invalid:
    return Invalid("The cluster refuses it.", fact=words)


def _read(container: Mapping[str, Any]) -> ContainerSpec:
    env = container.get("env") or []
    limits = (container.get("resources") or {}).get("limits") or {}
    return ContainerSpec(
        name=container["name"],
        image=str(container.get("image", "")),
        env={v["name"]: Secret(str(v.get("value", ""))) for v in env if not v.get("valueFrom")},
        memory_limit=limits.get("memory"),
        has_readiness_probe="readinessProbe" in container,
        references=tuple(reference(v["name"], v["valueFrom"]) for v in env if v.get("valueFrom")),
    )


def written(spec: Spec) -> dict[str, Any]:
    template: dict[str, Any] = {"spec": {"containers": [_container(c) for c in spec.template.containers]}}
    if spec.template.annotations:
        template["metadata"] = {"annotations": spec.template.annotations}
    found: dict[str, Any] = {} if spec.kind is Kind.DAEMON_SET else {"replicas": spec.replicas}
    if spec.kind is Kind.STATEFUL_SET:
        found["updateStrategy"] = {"type": spec.strategy, "rollingUpdate": {"partition": spec.partition}}
    if spec.paused:
        found["paused"] = True
    return {"spec": found | {"template": template}}


def _container(container: ContainerSpec) -> dict[str, Any]:
    env = [{"name": name, "value": value.reveal()} for name, value in container.env.items()]
    return {"name": container.name, "image": container.image, **({"env": env} if env else {})}
