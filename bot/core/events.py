"""What happened, in nouns. Each event has a stable key: the same event twice is one."""

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from bot.core.alerts import AlertGroup
from bot.core.model import Who
from bot.core.workload import Image, Phase, Target

REMEDY = "remedy:"


class BuildPhase(StrEnum):
    """In the order in which a build gets on; one that waits does so for a person, and then goes on."""

    QUEUED = "queued"
    STARTED = "started"
    WAITING = "waiting"
    FINISHED = "finished"


class BuildResult(StrEnum):
    SUCCESS = "success"
    UNSTABLE = "unstable"
    FAILURE = "failure"
    ABORTED = "aborted"
    NOT_BUILT = "not built"
    ERRORED = "errored"


class Build(Struct, frozen=True):
    """One run of a job, as its tool told it.

    `tool` is whose words it is said in. A run that is started again keeps its number and counts its `attempt`.
    The branch of a tag's build is its tag; that of a fork begins with its owner. `seconds` is how far it was when this
    was told: to the end, of one that is over.
    """

    source: str
    job: str
    number: int
    phase: BuildPhase
    started: datetime
    result: BuildResult | None = None
    revision: str | None = None
    branch: str | None = None
    url: str | None = None
    seconds: float | None = None
    causes: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    tool: str = "jenkins"
    attempt: int = 1
    display_name: str = ""
    images: tuple[str, ...] = ()
    culprits: tuple[str, ...] = ()
    files: int = 0
    passed: int | None = None
    failed: int | None = None
    skipped: int | None = None
    failed_tests: tuple[str, ...] = ()
    repository: str | None = None
    author: str | None = None
    compare_url: str | None = None
    tag: str | None = None
    pull_request: int | None = None
    pull_request_url: str | None = None
    fork: bool = False

    @property
    def key(self) -> str:
        again = f".{self.attempt}" if self.attempt > 1 else ""
        return f"build:{self.source}:{self.job}:{self.number}{again}"

    @property
    def ended(self) -> datetime:
        return self.started + timedelta(seconds=self.seconds or 0)

    @property
    def took(self) -> float | None:
        return self.seconds if self.phase is BuildPhase.FINISHED else None

    @property
    def ends_once(self) -> bool:
        """Jenkins tells the end twice, a moment apart, and starts none again under its number."""
        return self.tool == "jenkins"


class Commit(Struct, frozen=True):
    """What came into a repository: pushed to a branch, tagged, or merged from a pull request."""

    source: str
    repository: str
    revision: str
    at: datetime
    title: str
    author: str = ""
    branch: str = ""
    url: str | None = None
    tag: str | None = None
    pull_request: int | None = None
    pull_request_url: str | None = None
    by: str = ""

    @property
    def key(self) -> str:
        said = f"#{self.pull_request}" if self.pull_request else self.tag or ""
        return f"commit:{self.repository}:{self.revision}" + (f":{said}" if said else "")


class Flaps(Struct, frozen=True):
    """How many rollouts of one workload superseded each other, and under which key they are told."""

    count: int
    since: datetime
    key: str


class Rollout(Struct, frozen=True):
    """One workload's way from one state to the next, whoever started it.

    `key` is cluster, workload uid and the generation that started it: known to all, and never used twice.
    `order` is the key of the order that wanted it, if this bot carried it out. `marks` are said to the end.
    `unseen` is why nobody knows just now how it goes on.
    `were` is how many replicas there were before it, where an order can bring them back.
    """

    key: str
    target: Target
    service: str
    verb: str
    revision: int
    template: str
    image: str
    previous: str
    phase: Phase
    ready: int
    wanted: int
    started: datetime
    changed: datetime
    by: str = ""
    order: str | None = None
    who: Who | None = None
    reason: str = ""
    detail: str = ""
    heading: str = ""
    evidence: tuple[str, ...] = ()
    code: str = ""
    generation: int = 0
    finished: datetime | None = None
    healthy_since: datetime | None = None
    previous_revision: int | None = None
    remedy: str = ""
    mending: bool = False
    examining: bool = False
    old: int = 0
    was_done: bool = False
    progressed: datetime | None = None
    digest: str = ""
    marks: tuple[str, ...] = ()
    flaps: Flaps | None = None
    unseen: str = ""
    were: int | None = None

    @property
    def whose(self) -> str:
        """Who ordered it, or what did it."""
        return self.who.mention if self.who else self.by

    @property
    def story(self) -> str:
        """The key under which it is told: its order's; with many of its kind that of the first; or its own."""
        return self.order or (self.flaps.key if self.flaps else self.key)

    @property
    def mends(self) -> str:
        """The key of the failed one that it takes back by the failure policy; empty where it does not."""
        mark, remedy, failed = (self.order or "").partition(f"order:{REMEDY}")
        return failed if remedy and not mark else ""


class Incident(Struct, frozen=True):
    """A workload that is in trouble though nobody rolls it out. `times` counts how often it came back.

    `calm_since` while it is well again and might not stay so; `over` once that is believed.
    """

    key: str
    target: Target
    service: str
    code: str
    sentence: str
    started: datetime
    changed: datetime
    image: str = ""
    pods: int = 1
    times: int = 1
    calm_since: datetime | None = None
    over: bool = False
    heading: str = ""
    evidence: tuple[str, ...] = ()


class BuildChanged(Struct, frozen=True):
    """One job may build several services: to each it is told as its own. `occasions`: what it is after those before."""

    build: Build
    service: str = ""
    occasions: frozenset[str] = frozenset({"always"})

    @property
    def key(self) -> str:
        return f"{self.build.key}:{self.build.phase}"


class Committed(Struct, frozen=True):
    commit: Commit
    service: str

    @property
    def key(self) -> str:
        return self.commit.key


class TagFound(Struct, frozen=True):
    """One build under several tags is one. `held`: why the bot does not deploy it by itself."""

    service: str
    image: Image
    held: str = ""

    @property
    def key(self) -> str:
        return f"tag:{self.service}:{self.image.digest or self.image.reference}"


class RolloutChanged(Struct, frozen=True):
    rollout: Rollout

    @property
    def key(self) -> str:
        rollout = self.rollout
        return f"{rollout.key}:{rollout.phase}:{rollout.ready}/{rollout.wanted}"


class IncidentChanged(Struct, frozen=True):
    incident: Incident

    @property
    def key(self) -> str:
        return f"{self.incident.key}:{self.incident.changed:%H%M%S}"


class AlertRaised(Struct, frozen=True):
    """Of one service, where the group tells of several."""

    group: AlertGroup
    service: str

    @property
    def key(self) -> str:
        return f"{self.group.key}:{len(self.group.firing)}"


Event = BuildChanged | Committed | TagFound | RolloutChanged | IncidentChanged | AlertRaised
