"""How the workloads of a person's question stand, each in a word, and what stands around one of them."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from bot.core.catalogue import Environment
from bot.core.diagnosis import diagnose
from bot.core.errors import QuarterdeckError
from bot.core.model import Order
from bot.core.rollout import judge
from bot.core.surroundings import Address, Autoscaler, Usage
from bot.core.workload import Phase, Pod, Workload
from bot.plans.changes import container_shown, may_read
from bot.plans.evidence import incident_of
from bot.ports import Ports, hidden

T = TypeVar("T")
OK, TROUBLE = "ok", "trouble"
WORDS = {
    Phase.FAILED: "failed",
    Phase.STUCK: TROUBLE,
    Phase.PAUSED: "paused",
    Phase.PROGRESSING: "rolling out",
}


class Standing(Struct, frozen=True):
    """How one workload stands, in a word, with what is to be said about it."""

    service: str
    environment: Environment
    workload: Workload
    word: str
    ready: int
    trouble: str
    last: str
    runs: str


class Around(Struct, frozen=True):
    """What stands around one workload; `unknown` says why, where the cluster did not tell."""

    autoscaler: Autoscaler | None
    addresses: Sequence[Address]
    usage: dict[str, Usage]
    unknown: tuple[str, ...] = ()


def everything(ports: Ports, order: Order, environments: list[Environment]) -> tuple[list[Standing], list[str]]:
    """With what cannot be seen, where anything can: one cluster that is away hides nothing of the others."""
    found: list[Standing] = []
    failed: dict[str, QuarterdeckError] = {}
    for environment in environments:
        try:
            found += _standings(ports, order, environment)
        except QuarterdeckError as error:
            failed[environment.name] = error
    if len(failed) == len(environments):
        raise next(iter(failed.values()))
    return found, [hidden(name, error) for name, error in failed.items()]


def _standings(ports: Ports, order: Order, environment: Environment) -> list[Standing]:
    names = {w.name: s.name for s in ports.catalogue.services.values() for w in s.workloads}
    found = ports.cluster(environment).workloads(environment.name, environment.namespace)
    called = ((names.get(w.target.name, w.target.name), w) for w in found)
    return [standing_of(ports, s, environment, w) for s, w in called if may_read(ports, order, s, environment.name)]


def standing_of(
    ports: Ports, service: str, environment: Environment, workload: Workload, pods: list[Pod] | None = None
) -> Standing:
    judged = judge(workload)
    word, trouble = WORDS.get(judged.phase, OK), ""
    if word != OK:
        cluster = ports.cluster(environment)
        there = cluster.pods(workload) if pods is None else pods
        found = diagnose(workload, there, cluster.events(workload), ports.clock.now())
        if found and found.certain:
            word, trouble = TROUBLE, found.sentence
    runs = container_shown(ports, ports.service(service), environment, workload).image
    ready = judged.ready if word != OK else min(workload.ready, workload.wanted)
    return Standing(service, environment, workload, word, ready, trouble, _last(ports, workload), runs)


def with_incidents(ports: Ports, standings: list[Standing]) -> list[Standing]:
    """Between two crashes everything looks well."""
    known = [incident for incident in ports.store.open_incidents() if incident.calm_since is None]
    found = ((each, incident_of(known, each.workload.target)) for each in standings)
    return [replace(s, word=TROUBLE, trouble=i.sentence) if i and not s.trouble else s for s, i in found]


def _last(ports: Ports, workload: Workload) -> str:
    recent = ports.store.recent_rollouts(workload.target, 1)
    if recent:
        return f"{recent[0].verb} by {recent[0].whose}"
    return f"by {workload.manager}" if workload.manager else ""


def look_around(ports: Ports, environment: Environment, workload: Workload) -> Around:
    """None of it is worth keeping the rest from a person: what cannot be had is named below."""
    cluster, unknown = ports.cluster(environment), dict[str, None]()

    def ask(look: Callable[[Workload], T], nothing: T) -> T:
        try:
            return look(workload)
        except QuarterdeckError as error:
            unknown[error.sentence] = None
            return nothing

    return Around(
        autoscaler=ask(cluster.autoscaler, None),
        addresses=ask(cluster.addresses, []),
        usage=ask(cluster.usage, {}),
        unknown=tuple(unknown),
    )
