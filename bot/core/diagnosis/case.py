"""One pod under examination, and how what is found is put into words."""

from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from bot.core.words import times
from bot.core.workload import ClusterEvent, ContainerStatus, Pod, Workload

CRASHES = frozenset({"crash", "oom", "start", "hook", "liveness", "startup"})


class Diagnosis(Struct, frozen=True):
    """Why a workload is in trouble, in one sentence, and where the evidence lies.

    `previous` says which log call has the lines; None when no log can help. `certain` when waiting for the
    deadline would not change it. `lines` are what the node itself kept of the container's last words.
    """

    code: str
    sentence: str
    pod: str = ""
    container: str = ""
    previous: bool | None = None
    certain: bool = False
    pods_affected: int = 1
    lines: tuple[str, ...] = ()


class Case(Struct, frozen=True):
    """`events` are this pod's own, newest last."""

    workload: Workload
    pod: Pod
    events: tuple[ClusterEvent, ...] = ()
    now: datetime | None = None

    def of(self, status: ContainerStatus) -> list[ClusterEvent]:
        """Newest first."""
        return [e for e in reversed(self.events) if e.container in (None, status.name)]

    @property
    def present(self) -> datetime:
        """Now, or the latest moment that anything here tells of: it cannot be earlier."""
        if self.now is not None:
            return self.now
        runs = [run for c in self.pod.containers for run in (c.now, c.last) if run]
        moments = [moment for run in runs for moment in (run.started, run.finished) if moment]
        return max([self.pod.created, *moments, *(e.at for e in self.events)])

    def waited(self, since: datetime | None, seconds: float) -> bool:
        return since is not None and self.present - since >= timedelta(seconds=seconds)

    def image(self, status: ContainerStatus) -> str:
        return next((c.image for c in self.workload.containers if c.name == status.name), "")

    def about(self, status: ContainerStatus, found: Diagnosis) -> Diagnosis:
        """Names the container where there are several to choose from."""
        found = replace(found, pod=self.pod.name, container=status.name)
        if status.init:
            code = "init" if found.code in CRASHES else found.code
            return replace(found, code=code, sentence=f"Init container {status.name}: {_lower(found.sentence)}")
        if sum(not c.init for c in self.pod.containers) > 1:
            return replace(found, sentence=f"Container {status.name}: {_lower(found.sentence)}")
        return found


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def restarted(status: ContainerStatus) -> str:
    return f", restarted {times(status.restarts)}" if status.restarts else ""
