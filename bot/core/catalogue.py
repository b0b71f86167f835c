"""What this installation knows: environments, services, roles. One frozen snapshot that everything reads.

Nobody keeps a piece of it, so that loading another one is a single assignment.
"""

from datetime import timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from msgspec import Struct

from bot.core.errors import NotFound, UsageError
from bot.core.nearest import nearest, nearest_hint
from bot.core.windows import Window
from bot.core.workload import Kind, Manifest

ANY = "*"
USUALLY = timedelta(minutes=5)


class OnFailure(StrEnum):
    LEAVE = "leave"
    PAUSE = "pause"
    ROLLBACK = "rollback"


class Drift(StrEnum):
    """Whether an order may change what somebody else keeps, and would take back."""

    REFUSE = "refuse"
    ALLOW = "allow"


class Logs(StrEnum):
    """Where log lines of an environment may be shown."""

    CHANNEL = "channel"
    PRIVATE = "private"
    NEVER = "never"


class Approvals(Struct, frozen=True):
    """How many people of a role have to agree to a change, and how long their agreement may be waited for."""

    count: int
    role: str
    expire: timedelta = timedelta(minutes=30)


class Environment(Struct, frozen=True):
    """`after` names the environment where a digest has to have run first, healthy for `soak`."""

    name: str
    cluster: str
    namespace: str
    explicit: bool = False
    on_failure: OnFailure = OnFailure.LEAVE
    settle: timedelta = timedelta(seconds=30)
    logs: Logs = Logs.CHANNEL
    confirm: bool = False
    approvals: Approvals | None = None
    after: str | None = None
    soak: timedelta = timedelta(0)
    drift: Drift = Drift.REFUSE
    pull_secrets: bool = False


class WorkloadName(Struct, frozen=True):
    kind: Kind
    name: str
    container: str | None = None


class Sort(StrEnum):
    NUMERIC = "numeric"
    ALPHABETICAL = "alphabetical"
    SEMVER = "semver"


class Watch(Struct, frozen=True):
    """Which tags of a repository are news, how often to look, and where they go by themselves.

    Without `every` and `cron` it is looked at as often as usual.
    """

    policy: str
    argument: str = ""
    every: timedelta | None = None
    cron: str | None = None
    auto: str | None = None
    by: str | None = None
    sort: Sort = Sort.NUMERIC
    exclude: tuple[str, ...] = ()


class Service(Struct, frozen=True):
    """`repositories` maps an environment to its repository; the key "*" is every other environment's."""

    name: str
    repositories: dict[str, str] = {}
    builds: tuple[str, ...] = ()
    channels: dict[str, str] = {}
    default_environment: str | None = None
    port: int | None = None
    template: str | None = None
    workloads: tuple[WorkloadName, ...] = ()
    watch: Watch | None = None

    def built_by(self, job: str) -> bool:
        """Is this one of the jobs that build the service? Patterns are as in a shell."""
        return any(fnmatchcase(job, pattern) for pattern in self.builds)

    def built_from(self, source: str) -> bool:
        """Do its jobs name this source repository? That of `team/adder` is named by `team/adder/release`."""
        return self.built_by(source) or any(pattern.startswith(f"{source}/") for pattern in self.builds)

    def container(self, workload: str) -> str | None:
        """The one that is named for it, if one is."""
        return next((w.container for w in self.workloads if w.name == workload), None)

    def repository(self, environment: str) -> str | None:
        return self.repositories.get(environment, self.repositories.get(ANY))


def is_name(channel: str) -> bool:
    """What people call it, and not an id: those of Slack and Webex have capitals, which no name has."""
    return channel != ANY and (channel.startswith("#") or channel == channel.lower())


class Role(Struct, frozen=True):
    """Grants verbs on services in environments to people and groups, in some channels if so written.

    `groups` are `slack:ID`, `webex:ID` and `team:NAME`. What a role denies, no other role grants to those who have it.
    `channels` are as written; `called` is what a chat calls those that bear names, as far as it knows them.
    """

    name: str
    verbs: tuple[str, ...]
    people: tuple[str, ...] = ()
    environments: tuple[str, ...] = (ANY,)
    services: tuple[str, ...] = (ANY,)
    channels: tuple[str, ...] = (ANY,)
    groups: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    called: dict[str, str] = {}

    @property
    def holders(self) -> tuple[str, ...]:
        return (*self.people, *self.groups)

    @property
    def unknown(self) -> list[str]:
        """The channels that bear names nobody knows: what is granted there is granted nowhere."""
        return [channel for channel in self.channels if is_name(channel) and channel not in self.called]

    def counts_in(self, channel: str) -> bool:
        return ANY in self.channels or channel in self.channels or channel in self.called.values()


class FreezeRule(Struct, frozen=True):
    """A time in which nothing changes in some environments."""

    name: str
    window: Window
    environments: tuple[str, ...] = (ANY,)
    reason: str = ""


class Happening(StrEnum):
    """The kinds of events that routes tell apart."""

    MERGE = "merge"
    BUILD = "build"
    IMAGE = "image"
    ROLLOUT = "rollout"
    INCIDENT = "incident"
    ALERT = "alert"


class Route(Struct, frozen=True):
    """Which events go where. `to` maps a platform to its channels; no `events` and no `when` are all of them.

    `mention` is who is called when something fails: `@here`, `@TEAM`, `slack:ID`, `webex:ADDRESS` or an e-mail address.
    `words` are titles of the team's own, by the occasion. What would begin in the hours of `quiet` is kept and told
    after them.
    """

    to: dict[str, tuple[str, ...]]
    events: tuple[Happening, ...] = ()
    services: tuple[str, ...] = (ANY,)
    environments: tuple[str, ...] = (ANY,)
    when: tuple[str, ...] = ()
    mention: tuple[str, ...] = ()
    words: dict[Happening, dict[str, str]] = {}
    quiet: Window | None = None


class Catalogue(Struct, frozen=True):
    """`environments` stand in promotion order; `teams` are people by the name of their team; `aliases` are other
    names of registries, by host and port.

    What `allow` names may be changed inside its windows only. `admin` is the channel on each platform where the bot
    speaks of itself.
    """

    environments: dict[str, Environment]
    services: dict[str, Service] = {}
    roles: tuple[Role, ...] = ()
    aliases: dict[str, str] = {}
    routes: tuple[Route, ...] = ()
    time_zone: str = "UTC"
    teams: dict[str, tuple[str, ...]] = {}
    freezes: tuple[FreezeRule, ...] = ()
    allow: dict[str, tuple[Window, ...]] = {}
    admin: dict[str, str] = {}
    templates: dict[str, tuple[Manifest, ...]] = {}

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def role(self, name: str) -> Role | None:
        return next((role for role in self.roles if role.name == name), None)

    def service_of(self, workload: str) -> str:
        """Whose it is; one that no service lists is a service by its own name."""
        listing = (s.name for s in self.services.values() if any(w.name == workload for w in s.workloads))
        return next(listing, workload)

    def environment(self, name: str) -> Environment:
        found = self.environments.get(name)
        if found is None:
            close = nearest(name, self.environments, most=1)
            raise NotFound(
                f"There is no environment {name}.",
                fact=nearest_hint(name, self.environments, "Environments: " + ", ".join(self.environments) + "."),
                instead=(name, close[0]) if close else None,
            )
        return found

    def environment_for(self, service: Service | None, named: str | None, order: str) -> Environment:
        """The named environment, else the service's default, unless it insists on being named."""
        if named is not None:
            return self.environment(named)
        default = service.default_environment if service else None
        chosen = self.environment(default) if default else self._only_or_first()
        if chosen.explicit:
            raise UsageError(
                f"{chosen.name} must be named in the order.",
                hint=f"{order} {chosen.name}",
            )
        return chosen

    def _only_or_first(self) -> Environment:
        open_ones = [e for e in self.environments.values() if not e.explicit]
        return (open_ones or list(self.environments.values()))[0]
