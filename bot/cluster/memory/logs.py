"""What a container printed: made up from its run when somebody asks, so that idle pods cost nothing."""

from datetime import datetime, timedelta

from bot.cluster.memory.behaviour import Behaviour, Trouble
from bot.cluster.memory.state import ContainerState, PodState
from bot.core.errors import NotFound
from bot.core.workload import Run

REQUESTS = ("GET /healthz 200 1ms", "GET / 200 4ms", "GET /healthz 200 1ms", "POST /events 201 9ms", "GET / 304 2ms")
FIRST_REQUEST = timedelta(seconds=3)
EVERY = timedelta(seconds=7)


def read(pod: PodState, container: str, *, previous: bool, lines: int, now: datetime) -> list[str]:
    """A node keeps one dead container: `previous` is the one before only while the present one runs."""
    c = _container(pod, container)
    run = _dead(pod, c) if previous else _latest(c)
    return tail(c.behaviour, run, now, lines) if run else []


def tail(behaviour: Behaviour, run: Run, now: datetime, lines: int) -> list[str]:
    started = run.started or now
    ended = run.finished or now
    serves = not behaviour.dies or behaviour.after > behaviour.ready
    began = [] if behaviour.trouble is Trouble.FOREIGN else ["starting"]
    said = [*began, *(_requests(started, ended, lines) if serves else [])]
    if run.finished:
        said += behaviour.last_words
    return said[-lines:] if lines > 0 else []


def _requests(started: datetime, ended: datetime, lines: int) -> list[str]:
    served = max(0, (ended - started - FIRST_REQUEST) // EVERY + 1)
    first = max(0, served - lines)
    asked = ((started + FIRST_REQUEST + EVERY * n, REQUESTS[n % len(REQUESTS)]) for n in range(first, served))
    said = [f"{at:%H:%M:%S} {request}" for at, request in asked]
    return said if first else ["listening on :8080", *said]


def _container(pod: PodState, name: str) -> ContainerState:
    found = next((c for c in pod.containers if c.spec.name == name), None)
    if found is None:
        names = ", ".join(c.spec.name for c in pod.containers)
        raise NotFound(f"{pod.name} has no container {name}.", fact=f"It has {names}.")
    return found


def _latest(c: ContainerState) -> Run | None:
    return c.last if c.now.state == "waiting" else c.now


def _dead(pod: PodState, c: ContainerState) -> Run:
    run = c.now if c.now.state == "terminated" else c.last
    if run is None:
        raise NotFound(f"{pod.name} has no earlier log.", fact=f"Its container {c.spec.name} was never restarted.")
    return run
