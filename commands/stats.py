"""stats: how often, how fast and how well the team delivers, with the definitions that were used."""

from datetime import timedelta

from bot.core.catalogue import Environment
from bot.core.errors import UsageError
from bot.core.model import Cell, Order, Reply, Table
from bot.core.stats import DEFINITIONS, Stats, measure
from bot.core.when import since
from bot.core.words import count, span
from bot.plans.changes import may_read
from bot.ports import Command, Ports

USUAL = "30d"
RELEASES = 1_000
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


def plan(ports: Ports, order: Order) -> Reply:
    now = ports.clock.now()
    length = now - since(order.words.get("time") or USUAL, now, ports.catalogue.time_zone, hint=f"stats since {USUAL}")
    if not length:
        raise UsageError("That is no time at all.", hint=f"stats since {USUAL}")
    environment = list(ports.catalogue.environments.values())[-1]
    stats = _measured(ports, order, environment, length)
    of = f"{order.service} in {environment.name}" if order.service else environment.name
    definitions = "\n".join(DEFINITIONS).format(environment=environment.name)
    if not stats.deployments:
        if order.service:
            ports.require(order.service)
        return Reply(title=f"{of} · no deployment was followed in the last {span(length)}", body=definitions)
    return Reply(
        title=f"{of} · {count(stats.deployments, 'deployment')} in {span(length)}, {stats.failed} failed",
        table=Table(("measure", "value", "from"), _rows(stats, length)),
        body=definitions,
    )


def _measured(ports: Ports, order: Order, environment: Environment, length: timedelta) -> Stats:
    start = ports.clock.now() - length
    followed = ports.store.rollouts_since(start, environment.cluster, environment.namespace)
    wanted = [r for r in followed if order.service in (None, r.service)]
    rollouts = [r for r in wanted if may_read(ports, order, r.service, environment.name)]
    names = dict.fromkeys(r.service for r in rollouts)
    return measure(rollouts, {name: ports.store.releases(name, limit=RELEASES) for name in names})


def _rows(stats: Stats, length: timedelta) -> tuple[tuple[Cell, ...], ...]:
    weeks = length / WEEK
    often = (
        f"{stats.deployments / max(length / DAY, 1):.1f} a day"
        if weeks < 1
        else f"{stats.deployments / weeks:.1f} a week"
    )
    open_ones = f", {stats.unrestored} not restored" if stats.unrestored else ""
    return (
        ("deployment frequency", often, count(stats.deployments, "deployment")),
        ("lead time for changes", _median(stats.lead), _of(len(stats.leads), "deployment")),
        (
            "change failure rate",
            f"{100 * stats.failed / stats.deployments:.0f} %",
            f"{stats.failed} of {count(stats.deployments, 'deployment')}",
        ),
        ("time to restore", _median(stats.restore), _of(len(stats.restores), "failure") + open_ones),
    )


def _median(value: timedelta | None) -> str:
    return f"{span(value)} (median)" if value is not None else "not known"


def _of(number: int, noun: str) -> str:
    return count(number, noun) if number else f"no {noun} that tells"


COMMAND = Command(
    usage="stats [service] [since <time>]",
    summary="deployment frequency, lead time, change failure rate, time to restore",
    verb="read",
    examples=("stats", "stats adderservice since 30d"),
    plan=plan,
    day=62,
)
