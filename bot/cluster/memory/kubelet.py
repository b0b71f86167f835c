"""The simulated node: what becomes of a container, in the order and the words of a real kubelet.

Each duty does one thing and plans the next, so that time may be let run or jumped over alike.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from bot.cluster.memory import words
from bot.cluster.memory.behaviour import Trouble
from bot.cluster.memory.state import ContainerState, PodState
from bot.cluster.memory.world import World
from bot.core.workload import Run

BACKOFFS = ((1, 1), (10, 4), (20, 20), (40, 40), (80, 66), (160, 80), (300, 150))
"""Seconds until the next start, and for how many of them the container still stands as terminated.

Measured: the first restart comes at once, and CrashLoopBackOff mostly does not show in the first minutes.
"""
PULL_BACKOFFS = (10, 20, 40, 80, 160, 300)
PULL_ERROR_SHOWS = 3.0
FORGIVEN_AFTER = timedelta(minutes=10)
PROBE_EVERY = 10.0
UNLIVE_FOR = timedelta(seconds=3 * PROBE_EVERY)
MOUNT_EVERY = 60.0
GRACE = 1.0
Duty = Callable[[World, PodState, ContainerState], None]


def admit(world: World, pod: PodState) -> None:
    place = f"{pod.namespace}/{pod.name}"
    world.event(_pod(pod), "Scheduled", f"Successfully assigned {place} to {pod.node}", warning=False)
    for c in pod.containers:
        if world.hurry and c.behaviour.trouble is Trouble.NONE:
            _run(world, pod, c)
            c.agenda.clear()
            c.ready = True
        else:
            _mount(world, pod, c)
    world.wake(pod, pod.due)
    world.touch(pod)


def dismiss(world: World, pod: PodState) -> None:
    """Ask the pod to end; it goes when its grace is over."""
    if pod.deleted is not None:
        return
    pod.deleted = world.now + timedelta(seconds=0 if world.hurry else world.jitter(GRACE))
    for c in pod.containers:
        c.agenda.clear()
        if c.now.state == "running":
            _tell(world, pod, c, "Killing", f"Stopping container {c.spec.name}", warning=False)
    if world.hurry:
        _remove(world, pod)
        return
    world.wake(pod, pod.deleted)
    world.touch(pod)


def step(world: World, pod: PodState) -> None:
    """Do what is due; an alarm that no longer means anything does nothing."""
    if world.pods.get((pod.namespace, pod.name)) is not pod:
        return
    if pod.deleted is not None:
        if pod.deleted <= world.now:
            _remove(world, pod)
        return
    worked = [_work(world, c) for c in pod.containers]
    if any(worked):
        world.wake(pod, pod.due)
        world.touch(pod)


def _work(world: World, c: ContainerState) -> bool:
    due = sorted((entry for entry in c.agenda if entry[0] <= world.now), key=lambda entry: entry[0])
    for entry in due:
        if entry in c.agenda:
            c.agenda.remove(entry)
            entry[1]()
    return bool(due)


def _remove(world: World, pod: PodState) -> None:
    world.pods.pop((pod.namespace, pod.name), None)
    pod.item.pods.pop(pod.name, None)
    world.gone(pod)
    world.disturb(pod.item)
    for item in world.items.values():
        if item.namespace == pod.namespace and any(h.failure for h in item.histories):
            world.disturb(item)


def _mount(world: World, pod: PodState, c: ContainerState) -> None:
    """What a container waits for before it has any state of its own is told of the pod."""
    if c.behaviour.trouble is Trouble.UNMOUNTED:
        world.event(_pod(pod), "FailedMount", words.UNMOUNTED)
        _plan(world, pod, c, MOUNT_EVERY, _mount)
    else:
        _pull(world, pod, c)


def _pull(world: World, pod: PodState, c: ContainerState) -> None:
    _tell(world, pod, c, "Pulling", f'Pulling image "{c.spec.image}"', warning=False)
    _plan(world, pod, c, world.jitter(c.behaviour.start), _pulled)


def _pulled(world: World, pod: PodState, c: ContainerState) -> None:
    image = c.spec.image
    if c.behaviour.trouble is Trouble.MISSING:
        _pull_failed(world, pod, c)
        return
    size = 40_000_000 + sum(image.encode()) * 1237
    _tell(world, pod, c, "Pulled", words.pulled(image, world.random.randint(60, 900), size), warning=False)
    _run(world, pod, c)


def _pull_failed(world: World, pod: PodState, c: ContainerState) -> None:
    error = words.pull_error(c.spec.image)
    c.now = Run("waiting", "ErrImagePull", error)
    _tell(world, pod, c, "Failed", f'Failed to pull image "{c.spec.image}": {error}')
    _tell(world, pod, c, "Failed", "Error: ErrImagePull")
    _plan(world, pod, c, PULL_ERROR_SHOWS, _pull_backoff)


def _pull_backoff(world: World, pod: PodState, c: ContainerState) -> None:
    text = words.pull_backoff(c.spec.image)
    c.now = Run("waiting", "ImagePullBackOff", f"{text}: ErrImagePull: {words.pull_error(c.spec.image)}")
    _tell(world, pod, c, "BackOff", text, warning=False)
    _tell(world, pod, c, "Failed", "Error: ImagePullBackOff")
    wait = PULL_BACKOFFS[min(c.backoffs, len(PULL_BACKOFFS) - 1)]
    c.backoffs += 1
    _plan(world, pod, c, wait - PULL_ERROR_SHOWS, _pull)


def _run(world: World, pod: PodState, c: ContainerState) -> None:
    c.now = Run("running", started=world.now)
    c.ready = not c.spec.has_readiness_probe
    if c.behaviour.trouble is Trouble.UNLIVE:
        _plan(world, pod, c, PROBE_EVERY, _ask_whether_it_lives)
    _tell(world, pod, c, "Created", "Container created", warning=False)
    _tell(world, pod, c, "Started", "Container started", warning=False)
    if c.spec.has_readiness_probe:
        _plan(world, pod, c, world.jitter(c.behaviour.ready), _probe)
    if c.behaviour.dies:
        _plan(world, pod, c, c.behaviour.after, _die)


def _probe(world: World, pod: PodState, c: ContainerState) -> None:
    if c.behaviour.trouble not in (Trouble.UNREADY, Trouble.UNLIVE):
        c.ready = True
        return
    _tell(world, pod, c, "Unhealthy", words.PROBE_FAILED)
    _plan(world, pod, c, PROBE_EVERY, _probe)


def _ask_whether_it_lives(world: World, pod: PodState, c: ContainerState) -> None:
    """Whoever is killed by the node backs off at once, in these words; only the events say why."""
    _tell(world, pod, c, "Unhealthy", words.LIVENESS_FAILED)
    if c.now.started is None or world.now - c.now.started < UNLIVE_FOR:
        _plan(world, pod, c, PROBE_EVERY, _ask_whether_it_lives)
        return
    _tell(world, pod, c, "Killing", words.killed(c.spec.name), warning=False)
    _end(world, c, "Error", 137)
    (_back_off if c.backoffs else _restart)(world, pod, c)


def _end(world: World, c: ContainerState, reason: str, code: int) -> None:
    c.agenda.clear()
    c.ready = False
    started = c.now.started or world.now
    c.now = Run("terminated", reason, exit_code=code, started=started, finished=world.now)
    if world.now - started >= FORGIVEN_AFTER:
        c.backoffs = 0


def _die(world: World, pod: PodState, c: ContainerState) -> None:
    code = c.behaviour.exit_code
    _end(world, c, "OOMKilled" if c.behaviour.trouble is Trouble.OOM else "Error" if code else "Completed", code)
    wait, stands = BACKOFFS[min(c.backoffs, len(BACKOFFS) - 1)]
    _plan(world, pod, c, stands, _restart if stands == wait else _back_off)


def _back_off(world: World, pod: PodState, c: ContainerState) -> None:
    wait, stands = BACKOFFS[min(c.backoffs, len(BACKOFFS) - 1)]
    c.last = c.now
    c.now = Run("waiting", "CrashLoopBackOff", words.crash_backoff(wait, c.spec.name, pod))
    _tell(world, pod, c, "BackOff", words.crash_backoff_event(c.spec.name, pod))
    _plan(world, pod, c, wait - stands, _restart)


def _restart(world: World, pod: PodState, c: ContainerState) -> None:
    if c.now.state == "terminated":
        c.last = c.now
        if c.backoffs:
            _tell(world, pod, c, "BackOff", words.crash_backoff_event(c.spec.name, pod))
    c.restarts += 1
    c.backoffs += 1
    present = f'Container image "{c.spec.image}" already present on machine and can be accessed by the pod'
    _tell(world, pod, c, "Pulled", present, warning=False)
    _run(world, pod, c)


def _plan(world: World, pod: PodState, c: ContainerState, seconds: float, duty: Duty) -> None:
    c.agenda.append((world.now + timedelta(seconds=seconds), partial(duty, world, pod, c)))


def _pod(pod: PodState) -> tuple[str, str, str]:
    return pod.namespace, "Pod", pod.name


def _tell(world: World, pod: PodState, c: ContainerState, reason: str, message: str, *, warning: bool = True) -> None:
    world.event(_pod(pod), reason, message, warning=warning, container=c.spec.name)
