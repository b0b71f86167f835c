"""logs: the last lines of the pod that most needs looking at."""

from bot.core.again import with_flags
from bot.core.catalogue import Environment, Logs
from bot.core.diagnosis import is_log
from bot.core.errors import NotAllowed, NotFound, UsageError
from bot.core.model import Button, Order, Reply, Words
from bot.core.render import VERBATIM
from bot.core.words import count
from bot.core.workload import ContainerStatus, Pod
from bot.plans.changes import container_for, repository_of
from bot.ports import Command, Ports

DEFAULT, MOST = 20, 200


def plan(ports: Ports, order: Order) -> Reply:
    service = ports.service(order.service or "")
    named = order.environment or service.default_environment
    environment = ports.catalogue.environment_for(service, named, f"logs {service.name} in")
    lines = _lines(order.words, f"logs {service.name} in {environment.name}")
    if environment.logs is Logs.NEVER:
        raise NotAllowed(
            f"Logs of {environment.name} are not shown in a chat.",
            fact="The environment says logs: never.",
            hint=f"why {service.name} in {environment.name}",
        )
    return _reply(ports, order, environment, lines)


def _reply(ports: Ports, order: Order, environment: Environment, lines: int) -> Reply:
    workload = ports.workloads(order.service or "", environment)[0]
    where = f"{order.service} in {environment.name}"
    pods = ports.cluster(environment).pods(workload)
    if not pods:
        raise NotFound(f"{where} has no pod.", hint=f"status {where}")
    pod = _worst(pods)
    repository = repository_of(ports.service(order.service or ""), environment, workload)
    container = container_for(ports, workload, repository).name
    previous = "previous" in order.words.flags
    try:
        text = ports.cluster(environment).logs(pod, container, previous=previous, lines=lines)
    except NotFound as missing:
        hint = with_flags(f"logs {where}", order.words, but=("previous",)) if previous else f"status {where}"
        raise NotFound(missing.sentence, fact=missing.fact, hint=hint) from None
    shown = [line for line in text if is_log(line)]
    life = "previous life" if previous else "log"
    other = Button("Current", f"logs {where}") if previous else Button("Previous", f"logs {where} --previous")
    amount = f"last {count(len(shown), 'line')}" if shown else "empty so far"
    return Reply(
        title=f"{where} · {life} of {pod.name}, {amount}",
        body="\n".join(f"{VERBATIM}{line}" for line in shown),
        buttons=(Button("Why", f"why {where}"), other) if pod.restarts else (Button("Why", f"why {where}"),),
        private=environment.logs is Logs.PRIVATE,
    )


def _worst(pods: list[Pod]) -> Pod:
    """Not ready before ready, then most restarts, then the newest."""
    return min(pods, key=lambda p: (p.ready, not _started(p), -p.restarts, -p.created.timestamp()))


def _started(pod: Pod) -> bool:
    return any(_ran(c) for c in pod.containers)


def _ran(container: ContainerStatus) -> bool:
    return container.now.state in ("running", "terminated") or container.last is not None


def _lines(words: Words, again: str) -> int:
    word = words.get("lines")
    if word is None:
        return DEFAULT
    if not word.isascii() or not word.isdecimal() or not 1 <= int(word[:9]) <= MOST:
        raise UsageError(
            f"{word[:40]} is not a number of lines.",
            fact=f"It is from 1 to {MOST}.",
            hint=with_flags(f"{again} --lines {MOST}", words, but=("lines",)),
        )
    return int(word)


COMMAND = Command(
    usage="logs <service> [in <environment>] [--previous] [--lines N]",
    summary="the last lines of the pod that most needs looking at",
    verb="logs",
    examples=(
        "logs eventservice in production",
        "logs eventservice in production --previous",
        "logs eventservice in staging --lines 50",
    ),
    refusals=("the environment does not show logs", "it has no pod"),
    plan=plan,
    day=12,
)
