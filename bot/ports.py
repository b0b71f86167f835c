"""What a command may hold: the ports, the present catalogue, and what a command is.

This knows Protocols and nouns, never a vendor; it is the only thing that commands and the engine share.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from secrets import token_hex

from msgspec.structs import replace

from bot.chat import Platform
from bot.cluster import Cluster
from bot.core.catalogue import ANY, Catalogue, Environment, Service
from bot.core.clock import Clock
from bot.core.errors import NotFound, QuarterdeckError
from bot.core.freezes import closing
from bot.core.guards import Ask, Freeze
from bot.core.model import ALL, BOT, Change, Order, Reply, Who, Words
from bot.core.nearest import meant, nearest
from bot.core.policy import Facts
from bot.core.rights import READS
from bot.core.shape import Shape
from bot.core.workload import Target, Workload
from bot.registry import Registry
from bot.store import Store


def hidden(environment: str, error: QuarterdeckError) -> str:
    """What an answer about several environments says of one that it knows nothing of."""
    return f"{environment} is not shown: {error.sentence}"


@dataclass(frozen=True, slots=True)
class Ports:
    """`current` returns the one snapshot that stands now: ask it each time, keep no piece of it.

    `sees` is whether whoever they are for may read of a service somewhere: no name is offered to those who may not.
    `replica` names this process among those that share the store.
    """

    current: Callable[[], Catalogue]
    clusters: Mapping[str, Cluster]
    registry: Registry
    store: Store
    clock: Clock
    commands: Mapping[str, "Command"]
    platforms: Mapping[str, Platform] = field(default_factory=dict)
    sees: Callable[[str | None, str | None], bool] = lambda _service, _environment: True
    replica: str = field(default_factory=partial(token_hex, 8))

    @property
    def catalogue(self) -> Catalogue:
        return self.current()

    def cluster(self, environment: Environment) -> Cluster:
        return self.clusters[environment.cluster]

    def cluster_of(self, target: Target) -> Cluster:
        return self.cluster(self.catalogue.environment(target.environment))

    def unseen(self, environment: Environment) -> str:
        """Why nobody knows just now what happens there; empty while it is told."""
        return self.cluster(environment).unseen(environment.name)

    def present(self, who: Who) -> Who:
        """With the name they had, and the rights of now: somebody who ordered it long ago may have left since."""
        if who.platform == BOT:
            return who
        platform = self.platforms.get(who.platform)
        gone = Who(who.platform, who.id, who.name, outsider=f"of {who.platform}, where the bot no longer is")
        return replace(platform.vouch(who) if platform else gone, name=who.name)

    def facts(self, verb: str) -> Facts:
        """What stands in the way of a verb; nothing stands in the way of looking."""
        now = self.clock.now()
        return Facts(now) if verb in READS else Facts(now, *self.store.guards())

    def closing(self, environment: str) -> Freeze | None:
        """What keeps new things from going there now."""
        return closing(environment, self.catalogue, self.store.freezes(), self.clock.now())

    def workloads(self, service: str, environment: Environment) -> list[Workload]:
        """The workloads a service is made of: by the catalogue, else the one that bears its name."""
        cluster = self.cluster(environment)
        known = self.catalogue.services.get(service)
        if known and known.workloads:
            return [cluster.find(environment.name, environment.namespace, w.name, w.kind) for w in known.workloads]
        if known is None and (whole := self.catalogue.service_of(service)) != service:
            raise NotFound(f"{service} is a part of {whole}.", fact="Orders name the whole.", instead=(service, whole))
        try:
            return [cluster.find(environment.name, environment.namespace, service)]
        except NotFound as missing:
            raise self._no_such_service(service, environment) from missing

    def everywhere(self, service: str, named: str | None) -> tuple[list[tuple[Environment, Workload]], list[str]]:
        """Where it runs, in the named environment or in all, and what cannot be seen. NotFound where it runs nowhere.

        One cluster that is away hides nothing of the others.
        """
        catalogue = self.catalogue
        environments = [catalogue.environment(named)] if named else list(catalogue.environments.values())
        found: list[tuple[Environment, Workload]] = []
        unseen: dict[str, QuarterdeckError] = {}
        missing: NotFound | None = None
        for environment in environments:
            try:
                found += [(environment, workload) for workload in self.workloads(service, environment)]
            except NotFound as error:
                missing = missing or error
            except QuarterdeckError as error:
                unseen[environment.name] = error
        nowhere = next(iter(unseen.values()), missing)
        if nowhere and not found:
            raise nowhere
        return found, [hidden(name, error) for name, error in unseen.items()]

    def require(self, service: str) -> None:
        """NotFound, with the nearest names: what was misspelt would look as if nothing had ever happened to it."""
        if service not in self.catalogue.services:
            self.everywhere(service, None)

    def service(self, name: str) -> Service:
        return self.catalogue.services.get(name) or Service(name)

    def service_names(self, environment: Environment) -> list[str]:
        """Catalogued services first, then every workload that belongs to none of them."""
        services = self.catalogue.services.values()
        covered = {w.name for s in services for w in s.workloads} | set(self.catalogue.services)
        found = self.cluster(environment).workloads(environment.name, environment.namespace)
        return [*self.catalogue.services, *sorted(w.target.name for w in found if w.target.name not in covered)]

    def _no_such_service(self, name: str, environment: Environment) -> NotFound:
        if name in self.catalogue.services:
            return NotFound(
                f"{name} does not run in {environment.name}.",
                fact=f"Namespace {environment.namespace} has no workload of that name.",
                hint=f"status in {environment.name}",
            )
        names = [known for known in self.service_names(environment) if self.sees(known, environment.name)]
        close = nearest(name, names)
        place = nearest(name, self.catalogue.environments, most=1)
        if place and not close:
            return NotFound(
                f"There is no service {name}, and no environment.",
                fact=f"Did you mean {place[0]}?",
                hint=f"status in {place[0]}",
            )
        right = meant(name, names)
        return NotFound(
            f"There is no service {name} in {environment.name}.",
            fact=f"Nearest: {', '.join(close)}." if close else f"Services: {', '.join(names)}.",
            hint=f"status in {environment.name}",
            instead=(name, right) if right else None,
        )


@dataclass(frozen=True, slots=True)
class Settled:
    """What people have made of an ask; `how` is empty while more have to agree. `reply` is for whoever did it."""

    ask: Ask
    how: str
    reply: Reply
    agreed: tuple[Who, ...] = ()
    by: Who | None = None
    reason: str = ""


Plan = Callable[[Ports, Order], Change | Reply]
Apply = Callable[[Ports, Change], Reply | Settled]
Where = Callable[[Catalogue, Words], Environment | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One order people can give. Its usage line is its grammar, its help and its completion.

    `plan` only reads. A Reply answers a question; a Change is decided upon, then applied: step by step
    on the cluster, or by `apply` where it changes something of our own. `opening` names the order in a
    few words before anything was looked up; only orders that change the world have it.
    `shown_by` is the order that shows what `apply` did, for whoever cannot know whether it came to that.
    `day` is its place in the sequence of a day, and in what `help` puts together; what names none comes last.
    `environment` says where it would happen (None: everywhere); without it that is the environment named, else the
    default.
    """

    usage: str
    summary: str
    verb: str
    examples: tuple[str, ...]
    plan: Plan
    apply: Apply | None = None
    opening: Callable[[Order], str] | None = None
    shown_by: str = ""
    refusals: tuple[str, ...] = ()
    day: int = 70
    environment: Where | None = None
    shape: Shape = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", Shape.read(self.usage, self.examples[0]))

    @property
    def name(self) -> str:
        return self.usage.split()[0]

    @property
    def everywhere(self) -> str | None:
        """What an order is about that names no environment, where it says itself where it would happen."""
        return ALL if self.environment else None

    @property
    def changes_the_world(self) -> bool:
        return self.opening is not None


__all__ = ["ANY", "Apply", "Command", "Plan", "Ports", "Settled", "Where", "hidden"]
