"""What a lock or a freeze is about, as people name it, and how kubectl users see a lock."""

from datetime import datetime

from bot.core.catalogue import Catalogue, Environment
from bot.core.errors import QuarterdeckError, UsageError
from bot.core.model import ALL, Order, Words
from bot.core.when import until
from bot.ports import Ports

LOCK_ANNOTATION = "quarterdeck.io/lock"
EVERYTHING = "all"


def environment_meant(catalogue: Catalogue, words: Words) -> Environment | None:
    """None is every environment. `lock production` is everything in it."""
    named, what = words.get("environment"), words["service"]
    if named:
        return catalogue.environment(named)
    if what in catalogue.environments and what not in catalogue.services:
        return catalogue.environments[what]
    if what.lower() == EVERYTHING:
        return None
    return catalogue.environment_for(catalogue.services.get(what), None, f"{words.name} {what} in")


def environment_or_all(catalogue: Catalogue, words: Words) -> Environment | None:
    """None is every environment."""
    named = words["environment"]
    return None if named.lower() == EVERYTHING else catalogue.environment(named)


def meant(ports: Ports, order: Order) -> tuple[str, str]:
    """Service and environment, where ALL is every one."""
    what, environments = order.words["service"], ports.catalogue.environments
    whole = what.lower() == EVERYTHING or (what in environments and what not in ports.catalogue.services)
    return (ALL if whole else what, order.environment or ALL)


def ending(ports: Ports, order: Order, hint: str) -> datetime | None:
    """By the words after `for` or `until`; None where somebody is to end it. `hint` is the order with a good one."""
    length, moment = order.words.get("time"), order.words.get("moment")
    if length and moment:
        raise UsageError("One end is enough: for or until, not both.", hint=hint)
    if not (length or moment):
        return None
    words = f"for {length}" if length else f"until {moment}"
    return until(words, ports.clock.now(), ports.catalogue.time_zone, hint=hint)


def annotate(ports: Ports, service: str, environment: str) -> str:
    """As the locks stand now, of which several may concern one workload: the oldest is shown.

    They count without it, so a cluster that does not answer is only told of.
    """
    environments = ports.catalogue.environments
    try:
        for name in environments if environment == ALL else (environment,):
            if name in environments:
                _annotate(ports, service, environments[name])
    except QuarterdeckError as error:
        return f"kubectl users do not see it: {error.sentence}"
    return ""


def _annotate(ports: Ports, service: str, environment: Environment) -> None:
    cluster, now, locks = ports.cluster(environment), ports.clock.now(), ports.store.locks()
    everything = service == ALL
    found = (
        cluster.workloads(environment.name, environment.namespace)
        if everything
        else ports.workloads(service, environment)
    )
    for workload in found:
        whose = ports.catalogue.service_of(workload.target.name)
        lock = next((each for each in locks if each.covers(whose, environment.name, now)), None)
        said = f"{lock.owner.name}: {lock.reason}" if lock else None
        cluster.annotate(workload.target, {LOCK_ANNOTATION: said})
