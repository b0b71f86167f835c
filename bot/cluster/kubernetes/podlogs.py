"""Log lines of a container that runs, lies dead or waits, by what a kubelet really answers.

It keeps one dead container. Asked for the previous one while the present one lies dead it names a container that
is removed already, and says so with a 200. So the previous one is asked for only while a container runs.
"""

import msgspec

from bot.cluster.kubernetes.client import Client
from bot.cluster.kubernetes.paths import core
from bot.cluster.kubernetes.shapes import PodObject, StatusShape
from bot.core.diagnosis import NO_LOG
from bot.core.errors import Invalid, NotFound, Unavailable
from bot.core.workload import Pod

MOST_BYTES = 1 << 20
TRIES = 4
_pods = msgspec.json.Decoder(PodObject)


def read(client: Client, pod: Pod, container: str, *, previous: bool, lines: int) -> list[str]:
    if lines <= 0:
        return []
    status = _status(client, pod, container)
    if not previous:
        return _lines(client, pod, container, lines) or []
    return _previous(client, pod, status, lines)


def _previous(client: Client, pod: Pod, status: StatusShape, lines: int) -> list[str]:
    """Whether it died or came back while it was asked is known only by looking again."""
    for _ in range(TRIES):
        if not (status.state.terminated or status.last_state.terminated):
            fact = f"Its container {status.name} was never restarted."
            raise NotFound(f"{pod.name} has no earlier log.", fact=fact)
        found = _lines(client, pod, status.name, lines, previous=status.state.running is not None)
        before, status = status, _status(client, pod, status.name)
        if found is not None and _same(before, status):
            return found
    return []


def _same(before: StatusShape, after: StatusShape) -> bool:
    return before.restart_count == after.restart_count and bool(before.state.running) == bool(after.state.running)


def _status(client: Client, pod: Pod, container: str) -> StatusShape:
    """As it stands now: the noun may be older than the last restart."""
    try:
        found = _pods.decode(client.get(core(pod.namespace, "pods", pod.name)))
    except NotFound:
        sentence = f"There is no pod {pod.name} in the namespace {pod.namespace}."
        raise NotFound(sentence, fact="Its log went with it.") from None
    statuses = [*(found.status.container_statuses or ()), *(found.status.init_container_statuses or ())]
    status = next((s for s in statuses if s.name == container), None)
    if status is not None:
        return status
    known = ", ".join(s.name for s in statuses)
    if known:
        raise NotFound(f"{pod.name} has no container {container}.", fact=f"It has {known}.")
    return StatusShape(name=container)


def _lines(client: Client, pod: Pod, container: str, lines: int, *, previous: bool = False) -> list[str] | None:
    """None where the log that was asked for is removed already. A container that waits has none yet."""
    query = {"container": container, "tailLines": str(lines), "limitBytes": str(MOST_BYTES)}
    answer = client.ask(
        core(pod.namespace, "pods", pod.name, "log"), {**query, "previous": "true"} if previous else query
    )
    if answer.status == 200:
        return _split(answer.body)
    if answer.status == 204:
        return []
    error = client.refusal(answer)
    if isinstance(error, Invalid) and "is waiting to start" in error.fact:
        return []
    if isinstance(error, Invalid) and "previous terminated container" in error.fact:
        return None
    if isinstance(error, Unavailable) and answer.status == 500:
        raise Unavailable(f"The node of {pod.name} does not give its log.", fact=error.fact, hint=f"why {pod.workload}")
    raise error


def _split(body: bytes) -> list[str] | None:
    text = body.decode(errors="replace")
    if text.startswith(NO_LOG) and text.count("\n") <= 1:
        return None
    return [line.rstrip("\r") for line in text.split("\n")][: -1 if text.endswith("\n") else None]
