"""A workload as people write it down, for whoever wants to see what differs."""

from typing import Any

from bot.cluster.memory.spec import ContainerSpec, Spec
from bot.core.workload import Kind


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
