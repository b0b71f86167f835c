"""The pods of a workload as a person asks for them: those that are not ready first."""

from bot.core.model import Cell, Table, When
from bot.core.surroundings import Usage
from bot.core.workload import Pod

MOST_PODS = 30


def pods_table(pods: list[Pod], usage: dict[str, Usage]) -> Table:
    """A pod that was not measured yet has no figures; where nobody measures there is no column for them."""
    measured = ("cpu", "memory") if usage else ()
    shown = sorted(pods, key=lambda p: (p.ready, p.name))[:MOST_PODS]
    rows = tuple((*_pod(p), *(_used(usage.get(p.name)) if usage else ())) for p in shown)
    columns = ("pod", "ready", "status", "restarts", "age", "node", *measured)
    return Table(columns, rows, numeric=frozenset({"ready", "restarts", *measured}))


def _pod(pod: Pod) -> tuple[Cell, ...]:
    """The containers' own flags outlive a lost node, so they count only while the pod's condition agrees."""
    running = [c for c in pod.containers if not c.init]
    up = sum(c.ready for c in running)
    ready = up if pod.ready or up < len(running) else 0
    status = "Terminating" if pod.deleting else "Running" if pod.ready else _state(pod)
    return pod.name, f"{ready}/{len(running)}", status, str(pod.restarts), When(pod.created), pod.node or ""


def _used(usage: Usage | None) -> tuple[str, str]:
    return (usage.cpu_words, usage.memory_words) if usage else ("", "")


def _state(pod: Pod) -> str:
    """What kubectl's STATUS column would say."""
    for container in pod.containers:
        if container.now.reason:
            return container.now.reason
    return pod.reason or ("Terminating" if pod.deleting else "not ready" if pod.phase == "Running" else pod.phase)
