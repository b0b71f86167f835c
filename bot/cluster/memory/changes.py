"""What an order makes of a workload's spec: pure, so that a dry run is the same as the real thing."""

import re

from msgspec.structs import replace

from bot.cluster.memory import manifests
from bot.cluster.memory.spec import ContainerSpec, Spec
from bot.cluster.memory.state import History, Item
from bot.core.errors import Invalid, NotFound, Refused
from bot.core.variables import refuse_references
from bot.core.workload import Action, Install, Kind, Pause, Restart, Resume, Scale, SetEnv, SetImage, Undo

RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
_ENV_NAME = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")


def changed(item: Item, action: Action) -> Spec:
    spec = item.spec
    match action:
        case SetImage(container=container, image=image, partition=partition):
            staged = replace(spec, partition=spec.partition if partition is None else partition)
            return _with(staged, replace(_container(spec, container), image=image.reference))
        case SetEnv():
            return _with(spec, _with_env(item, action))
        case Scale(replicas=replicas):
            return _scaled(spec, replicas)
        case Undo(revision=revision):
            return _undone(item, revision)
        case Restart():
            return _restarted(spec, action)
        case Pause() | Resume():
            return _paused(spec, pause=isinstance(action, Pause))
        case Install(workload=workload):
            return replace(manifests.read(workload), replicas=spec.replicas)


def _with(spec: Spec, container: ContainerSpec) -> Spec:
    containers = tuple(container if c.name == container.name else c for c in spec.template.containers)
    return replace(spec, template=replace(spec.template, containers=containers))


def _container(spec: Spec, name: str) -> ContainerSpec:
    found = next((c for c in spec.template.containers if c.name == name), None)
    if found is None:
        names = ", ".join(c.name for c in spec.template.containers)
        raise NotFound(f"{spec.name} has no container {name}.", fact=f"It has {names}.")
    return found


def _with_env(item: Item, action: SetEnv) -> ContainerSpec:
    spec = item.spec
    container = _container(spec, action.container)
    if len(action.values) != len(action.names):
        raise Refused("The values of this change were not kept.", hint="Order it again with its values.")
    refuse_references(spec.name, item.namespace, container.references, {*action.names, *action.removed})
    wrong = next((n for n in action.names if not _ENV_NAME.fullmatch(n)), None)
    if wrong is not None:
        text = "a valid environment variable name must consist only of printable ASCII characters other than '='"
        raise Invalid(f"{wrong!r} cannot name a variable.", fact=text)
    env = {**container.env, **dict(zip(action.names, action.values, strict=True))}
    return replace(container, env={name: value for name, value in env.items() if name not in action.removed})


def _scaled(spec: Spec, replicas: int) -> Spec:
    if spec.kind is Kind.DAEMON_SET:
        raise Refused(f"{spec.name} cannot be scaled.", fact="It is a DaemonSet: it runs one pod on each node.")
    if replicas < 0:
        fact = f"spec.replicas: Invalid value: {replicas}: must be greater than or equal to 0"
        raise Invalid(f"{spec.name} cannot have {replicas} replicas.", fact=fact)
    return replace(spec, replicas=replicas)


def _undone(item: Item, number: int) -> Spec:
    spec = item.spec
    _refuse_paused(spec, "rolled back")
    found = next((h for h in item.histories if h.number == number), None)
    if found is None:
        raise NotFound(f"{spec.name} has no revision {number}.", fact=_what_is_there(item), hint=f"history {spec.name}")
    if found.hash == item.hash:
        fact = f"Its template is already that of revision {number}."
        raise Refused(f"{spec.name} stays as it is.", fact=fact, hint=f"history {spec.name}")
    return replace(spec, template=found.template)


def _what_is_there(item: Item) -> str:
    return "There is " + ", ".join(_named(h) for h in item.histories) + "." if item.histories else "There is none yet."


def _named(history: History) -> str:
    tags = ", ".join(c.image.partition("@")[0].rpartition(":")[2] for c in history.template.containers)
    return f"{history.number} ({tags})"


def _restarted(spec: Spec, action: Restart) -> Spec:
    _refuse_paused(spec, "restarted")
    annotations = {**spec.template.annotations, RESTARTED_AT: action.at.isoformat(timespec="seconds")}
    return replace(spec, template=replace(spec.template, annotations=annotations))


def _paused(spec: Spec, *, pause: bool) -> Spec:
    word = "paused" if pause else "resumed"
    if spec.kind is not Kind.DEPLOYMENT:
        raise Refused(f"{spec.name} cannot be {word}.", fact=f"It is a {spec.kind}: only Deployments can be paused.")
    if spec.paused == pause:
        fact = "It is already paused." if pause else "It is not paused."
        raise Refused(f"{spec.name} stays as it is.", fact=fact, hint=f"status {spec.name}")
    return replace(spec, paused=pause)


def _refuse_paused(spec: Spec, word: str) -> None:
    if spec.paused:
        raise Refused(f"{spec.name} is paused and cannot be {word}.", hint=f"resume {spec.name}")
