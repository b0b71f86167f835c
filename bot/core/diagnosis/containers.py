"""What is wrong with one container, by the state it is in."""

from collections.abc import Callable
from datetime import timedelta

from bot.core.diagnosis.case import Case, Diagnosis
from bot.core.diagnosis.crashes import crash, hook_failed, not_configured, not_created
from bot.core.diagnosis.images import bad_name, cannot_pull, never_pulled
from bot.core.diagnosis.noise import probe
from bot.core.workload import ContainerStatus, Run

RECENT = timedelta(minutes=10)
_STEADY, _SETTLED, _UNSETTLED = 60, 15, 60
_NOT = {"readiness": "Not ready", "startup": "Not started", "liveness": "Not alive"}
_WAITING: dict[str, Callable[[Case, ContainerStatus], Diagnosis]] = {
    "ErrImagePull": cannot_pull,
    "ImagePullBackOff": cannot_pull,
    "RegistryUnavailable": cannot_pull,
    "ImageInspectError": cannot_pull,
    "InvalidImageName": bad_name,
    "ErrImageNeverPull": never_pulled,
    "CreateContainerConfigError": not_configured,
    "CreateContainerError": not_created,
    "RunContainerError": not_created,
    "PostStartHookError": hook_failed,
    "CrashLoopBackOff": crash,
}


def examine(case: Case, status: ContainerStatus) -> Diagnosis | None:
    found = _found(case, status)
    return case.about(status, found) if found else None


def _found(case: Case, status: ContainerStatus) -> Diagnosis | None:
    if status.now.state == "waiting":
        look = _WAITING.get(status.now.reason)
        return look(case, status) if look else None
    if status.now.state == "terminated":
        return None if status.init and status.now.exit_code == 0 else crash(case, status)
    if status.last and status.restarts and _still_crashing(case, status, status.last):
        return crash(case, status)
    return None if case.pod.ready or status.init else _unready(case, status)


def _still_crashing(case: Case, status: ContainerStatus, last: Run) -> bool:
    """It runs, but ended a moment ago. Without a clock, what is ready counts as healthy."""
    if case.pod.ready and (case.now is None or last.finished is None):
        return False
    if last.finished is not None and case.present - last.finished > RECENT:
        return False
    steady = case.waited(status.now.started, _STEADY)
    return case.pod.ready or not (steady and _unready(case, status))


def _unready(case: Case, status: ContainerStatus) -> Diagnosis | None:
    """Why it is not ready stands in the events alone, and their count stands still after half a minute."""
    started = status.now.started
    for event in case.of(status):
        answer = probe(event.message) if event.reason == "Unhealthy" else None
        if answer and not (started and event.at < started):
            return Diagnosis(
                code=answer.kind,
                sentence=f"{_NOT[answer.kind]}: {answer.kind} probe {answer.answer}.",
                previous=False,
                certain=case.waited(started, _SETTLED if answer.settled else _UNSETTLED),
            )
    return None
