"""A container that does not stay up.

The word CrashLoopBackOff is mostly absent while a container crash-loops, so nothing here waits for it: what counts is
how the last run ended, how often it was started again, and whether the node itself ended it.
"""

import re
from collections.abc import Sequence
from datetime import timedelta
from signal import Signals

from msgspec.structs import replace

from bot.core.diagnosis.case import Case, Diagnosis, restarted
from bot.core.diagnosis.noise import first_line, hook, probe, start
from bot.core.words import span
from bot.core.workload import ContainerStatus, Run

AT_START = timedelta(seconds=30)
NEAR = timedelta(minutes=2)
MOST_LINES = 10
FOREIGN = "exec format error"
_KILLED_BY = re.compile(r"failed (liveness|startup) probe")


def crash(case: Case, status: ContainerStatus) -> Diagnosis:
    dead = status.now if status.now.state == "terminated" else status.last
    if dead is None:
        return _loop(status, "crash", f"Crashes{restarted(status)}.")
    if dead.reason == "OOMKilled":
        return _out_of_memory(case, status, dead)
    if dead.reason in ("StartError", "ContainerCannotRun"):
        return cannot_start(status, dead.message)
    found = _killed_by_node(case, status, dead) or _ended(status, dead)
    return architecture(found) if foreign([dead.message]) else found


def cannot_start(status: ContainerStatus, said: str) -> Diagnosis:
    """The process never ran: there is no log."""
    cause = first_line(start(said))
    sentence = f"Cannot start{f': {cause}' if cause else ''}{restarted(status)}."
    found = Diagnosis(code="start", sentence=sentence, certain=True)
    return architecture(found) if foreign([said]) else found


def not_created(_case: Case, status: ContainerStatus) -> Diagnosis:
    return cannot_start(status, status.now.message or (status.last.message if status.last else ""))


def not_configured(_case: Case, status: ContainerStatus) -> Diagnosis:
    sentence = f"Cannot be created: {first_line(start(status.now.message)) or status.now.reason}."
    return Diagnosis(code="config", sentence=sentence, certain=True)


def hook_failed(_case: Case, status: ContainerStatus) -> Diagnosis:
    """Only the waiting state holds what the hook printed; once it backs off nothing does."""
    ended, printed = hook(status.now.message)
    says = "".join([f": {ended}" if ended else "", f", {first_line(printed)}" if printed else ""])
    found = _loop(status, "hook", f"Its postStart hook fails{says}{restarted(status)}.")
    return replace(found, certain=True, lines=tuple(printed.splitlines()[-MOST_LINES:]))


def foreign(lines: Sequence[str]) -> bool:
    return any(FOREIGN in line for line in lines)


def architecture(found: Diagnosis) -> Diagnosis:
    sentence = f"Built for another architecture than the node's ({FOREIGN})."
    return replace(found, code="architecture", sentence=sentence, certain=True)


def _out_of_memory(case: Case, status: ContainerStatus, dead: Run) -> Diagnosis:
    """The reason is OOMKilled for a killed child too, but then the exit code is the main process's own."""
    limit = next((c.memory_limit for c in case.workload.containers if c.name == status.name), None)
    limited = f" (limit {limit})" if limit else ""
    child = f" in a child process{limited}: exit {dead.exit_code}" if dead.exit_code not in (137, None) else limited
    return _loop(status, "oom", f"Killed for memory{child}{restarted(status)}.", dead)


def _killed_by_node(case: Case, status: ContainerStatus, dead: Run) -> Diagnosis | None:
    """The status says exit 137 and Error, whoever killed it. Only the events tell of probe and hook."""
    for event in case.of(status):
        if dead.finished and abs(event.at - dead.finished) > NEAR:
            continue
        if event.reason in ("FailedPostStartHook", "Killing") and "PostStartHook" in f"{event.reason}{event.message}":
            return _loop(status, "hook", f"Its postStart hook fails{restarted(status)}.", dead)
        killed = _KILLED_BY.search(event.message) if event.reason == "Killing" else None
        if killed:
            why = f"its {killed[1]} probe {_answer(case, status, killed[1])}"
            return _loop(status, killed[1], f"Killed because {why}{restarted(status)}.", dead)
    return None


def _answer(case: Case, status: ContainerStatus, kind: str) -> str:
    probes = (probe(e.message) for e in case.of(status) if e.reason == "Unhealthy")
    return next((p.answer for p in probes if p and p.kind == kind), "fails")


def _ended(status: ContainerStatus, dead: Run) -> Diagnosis:
    if dead.exit_code == 0:
        verb = "Ends by itself" if status.restarts else "Ended by itself"
    else:
        verb = "Crashes" if status.restarts else "Crashed"
    lived = dead.finished - dead.started if dead.finished and dead.started else None
    early = " at start" if lived is not None and lived <= AT_START and dead.exit_code else ""
    late = f" after {span(lived)}" if lived is not None and lived > AT_START else ""
    return _loop(status, "crash", f"{verb}{early}: {_exit(dead)}{late}{restarted(status)}.", dead)


def _exit(dead: Run) -> str:
    if dead.exit_code is None:
        return dead.reason or "exit unknown"
    number = dead.signal or dead.exit_code - 128
    known = {s.value: s.name for s in Signals}
    killed = f" ({known[number]})" if (dead.signal or dead.exit_code > 128) and number in known else ""
    return f"exit {dead.exit_code}{killed}"


def _loop(status: ContainerStatus, code: str, sentence: str, dead: Run | None = None) -> Diagnosis:
    """`previous` only while it runs: before, the container that died is the present one to the log call."""
    running = status.now.state == "running"
    return Diagnosis(
        code=code,
        sentence=sentence,
        previous=running,
        certain=status.restarts > 1 or (status.restarts == 1 and not running),
        lines=tuple(dead.message.splitlines()[-MOST_LINES:]) if dead else (),
    )
