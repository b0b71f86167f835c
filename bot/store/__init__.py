"""The Store port: the memory that survives a restart. Several replicas may share one."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from bot.core.alerts import AlertGroup
from bot.core.audit import AuditEntry
from bot.core.chain import Chain, Head, Sealed
from bot.core.events import Build, Commit, Incident, Rollout, TagFound
from bot.core.kept import Kept as Kept
from bot.core.model import Change, Order, Request
from bot.core.outage import Outage
from bot.core.release import Release
from bot.core.reminders import Reminder
from bot.core.schedules import Schedule
from bot.core.storm import Storm
from bot.core.workload import Target
from bot.store.guards import Asks as Asks
from bot.store.guards import Claims as Claims
from bot.store.guards import Freezes as Freezes
from bot.store.guards import Locks as Locks
from bot.store.outbox import Backlog as Backlog
from bot.store.outbox import Outbox as Outbox
from bot.store.replicas import Leadership as Leadership
from bot.store.replicas import Replicas as Replicas


class Orders(Protocol):
    def claim_request(self, request: Request) -> bool:
        """True for whoever comes first with this id, once and for all."""

    def open_order(self, order: Order, replica: str) -> bool:
        """Claims its request and keeps it, as one. False, and nothing is kept, where the request was claimed.

        `replica` is at it from now on.
        """

    def save_change(self, change: Change) -> None:
        """Written before it is applied, so that whoever resumes knows what was meant."""

    def order(self, key: str) -> tuple[Order, Change | None] | None: ...

    def close_order(self, key: str, outcome: str) -> None: ...

    def open_orders(self) -> list[tuple[Order, Change | None]]:
        """Oldest first."""

    def hold_order(self, key: str, replica: str, now: datetime) -> bool:
        """May this replica carry it out? From now on, where it is open and whoever was at it lives no more."""

    def cut_off_orders(self, replica: str, now: datetime) -> list[tuple[Order, Change | None]]:
        """Open, and the replica that was at it lives no more: oldest first. What waits for people is nobody's."""


class Rollouts(Protocol):
    def save_rollout(self, rollout: Rollout) -> None:
        """What has ended stays so, whatever somebody who is behind still sees."""

    def rollout(self, key: str) -> Rollout | None: ...

    def open_rollouts(self) -> list[Rollout]: ...

    def untold_rollouts(self) -> list[Rollout]:
        """Ended, and what is said under their own keys is left open: whoever was to say it is gone."""

    def rollouts_of(self, order: str) -> list[Rollout]: ...

    def recent_rollouts(self, target: Target, limit: int = 20) -> list[Rollout]:
        """Newest first."""

    def rollouts_since(self, at: datetime, cluster: str, namespace: str, limit: int = 5_000) -> list[Rollout]:
        """What began there at that time or later: the newest so many, oldest first."""

    def proven(self, target: Target, template: str) -> bool:
        """Did exactly this template stay healthy there?"""


class Audit(Protocol):
    def record(self, entry: AuditEntry) -> None:
        """An order has each outcome once, whoever records it: what comes second is left out."""

    def audit(
        self,
        *,
        service: str | None = None,
        by: str | None = None,
        since: datetime | None = None,
        verb: str | None = None,
        outcomes: Sequence[str] = (),
        limit: int = 20,
    ) -> Sequence[AuditEntry]:
        """Newest first. `by` is part of a person's name, e-mail or id; no `outcomes` are all of them."""

    def audit_records(self, since: datetime | None = None) -> Iterator[Sealed]:
        """Every one with its seal, oldest first; a page at a time."""

    def audit_head(self) -> Head:
        """Where the chain of records is said to end."""

    def check_audit(self) -> Chain:
        """Looks at every seal."""


class News(Protocol):
    def save_build(self, build: Build) -> bool:
        """False when nothing new was told: the same phase twice, or an older one late.

        A run that was started again under its number ends later than it had ended.
        """

    def builds(self, jobs: Sequence[str] = (), limit: int = 20) -> list[Build]:
        """Newest first; `jobs` are patterns as in a shell, none means all."""

    def untold_builds(self, limit: int = 50) -> list[Build]:
        """Those that were saved since they were told last, oldest first."""

    def build_told(self, build: Build) -> None:
        """It was told as it stands here; if it went on meanwhile, it is untold still."""

    def announce_once(self, key: str, at: datetime) -> bool:
        """True for whoever comes first with this key."""

    def tags_seen(self, repository: str) -> dict[str, str] | None:
        """Tag → digest as they were when last looked at; None: nobody ever did."""

    def save_tags(self, repository: str, tags: dict[str, str]) -> None: ...

    def put_off(self, found: TagFound, environment: str) -> None:
        """An automatic deploy waits; a newer one takes its place."""

    def waiting_deploys(self) -> list[tuple[TagFound, str]]: ...

    def taken_up(self, found: TagFound, environment: str) -> None:
        """It waits no longer. One that took its place meanwhile stays."""


class Releases(Protocol):
    """A book per service: read, decided upon, and written only if nobody wrote in it meanwhile."""

    def read_book(self, service: str, names: Collection[str]) -> tuple[int, list[Release]]:
        """Which edition it is, and its releases that go by any of these names."""

    def write_book(self, service: str, edition: int, releases: Sequence[Release]) -> bool:
        """False where it is no longer this edition: then nothing was written."""

    def releases(self, service: str, limit: int = 20) -> list[Release]:
        """Newest first, without those that turned out to be another one."""

    def services_of(self, name: str) -> list[str]:
        """Which of them have a release that goes by this name."""

    def save_commit(self, commit: Commit) -> None: ...

    def commits(self, revision: str) -> list[Commit]:
        """Whatever was told of the commit whose name begins so."""


class Storms(Protocol):
    """Which rollouts are told together, and where."""

    def save_storm(self, storm: Storm, rollouts: Collection[str] = ()) -> None:
        """As it stands now; these rollouts join it, by their keys."""

    def open_storms(self) -> list[Storm]:
        """The oldest first."""

    def storms_of(self, rollout: str) -> list[Storm]:
        """At most one in each channel, over or not."""

    def rollouts_in(self, storm: str) -> list[Rollout]: ...


class OnCall(Protocol):
    def save_incident(self, incident: Incident) -> None: ...

    def open_incidents(self) -> list[Incident]:
        """What is not over yet, calm or not: the oldest first."""

    def merge_alerts(self, told: AlertGroup) -> AlertGroup:
        """As the group stands with this; two at once are one after the other."""

    def firing_alerts(self) -> list[AlertGroup]:
        """The groups in which something fires, the last heard of first."""

    def save_outage(self, outage: Outage) -> None:
        """In place of the registry's last one."""

    def outages(self) -> list[Outage]:
        """The last one of each registry, over or not."""


class Schedules(Protocol):
    def add_schedule(self, schedule: Schedule) -> Schedule:
        """As it stands, with its number. The same request gives one, however often it is added."""

    def schedules(self, until: datetime | None = None) -> list[Schedule]:
        """What is ahead, or due until then: the earliest first."""

    def move_schedule(self, schedule: Schedule, due: datetime | None) -> None:
        """To its next moment, or to its end; only while it still stands at the moment that `schedule` says."""

    def remove_schedule(self, number: int) -> Schedule | None: ...


class Reminders(Protocol):
    def remind(self, reminder: Reminder) -> None:
        """In place of the one that this person had for the same service and environment."""

    def reminders(self) -> list[Reminder]:
        """Oldest first."""

    def forget_reminder(self, reminder: Reminder) -> None:
        """It was told, or is over. One that took its place meanwhile stays."""


class Retention(Protocol):
    def forget(self, kept: Kept, before: datetime, most: int = 1000) -> int:
        """How many were cleared away, of what is over and older than that; the oldest first.

        Nothing that is open, ahead, or still to be sent goes, and the newest rollout of each workload stays. So does
        the newest of what people call by a number: no number is given twice.
        """


class Store(
    Orders,
    Outbox,
    Rollouts,
    Locks,
    Freezes,
    Asks,
    Claims,
    Audit,
    News,
    Releases,
    Storms,
    OnCall,
    Schedules,
    Reminders,
    Retention,
    Leadership,
    Replicas,
    Protocol,
):
    def migrate(self) -> int:
        """Bring the schema up to date; returns its number. Safe to run from several replicas."""

    def close(self) -> None: ...
