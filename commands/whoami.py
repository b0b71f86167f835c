"""whoami: how the bot knows you, what you may do here, by which rule, and what else an environment wants."""

from itertools import groupby

from bot.core.catalogue import Environment, Role
from bot.core.freezes import state
from bot.core.model import Field, Order, Place, Reply, Table
from bot.core.rights import VERBS, holds, verbs_of
from bot.core.words import span
from bot.plans.changes import may_read
from bot.ports import Command, Ports

FEW = 4


def plan(ports: Ports, order: Order) -> Reply:
    who, place, catalogue = order.request.who, order.request.place, ports.catalogue
    roles = [_role(role, place) for role in catalogue.roles if holds(role, who, catalogue)]
    return Reply(
        title=f"You are {who.mention} ({who.platform}:{who.id})",
        fields=(
            Field("e-mail", who.email or "not known"),
            Field("roles", ", ".join(roles) or "none"),
            Field("groups", ", ".join(sorted(who.groups)) or "none"),
            Field("this place", f"{place.platform}:{place.channel}"),
        ),
        table=Table(
            ("environment", "it wants", "you may"),
            tuple((e.name, _wants(ports, order, e), _may(ports, order, e)) for e in catalogue.environments.values()),
        ),
        private=True,
    )


def _role(role: Role, place: Place) -> str:
    if role.unknown:
        return f"{role.name} (no chat knows a channel {' or '.join(role.unknown)})"
    return role.name if role.counts_in(place.channel) else f"{role.name} (not in this place)"


def _may(ports: Ports, order: Order, environment: Environment) -> str:
    found = verbs_of(order.request.who, order.request.place, ports.catalogue, None, environment.name)
    by_rule = groupby(sorted(found, key=lambda pair: pair[1]), key=lambda pair: pair[1])
    said = [f"{_all_of([verb for verb, _ in verbs])} ({rule})" for rule, verbs in by_rule]
    return "; ".join(said) or "nothing"


def _all_of(verbs: list[str]) -> str:
    missing = sorted(VERBS.difference(verbs))
    if len(missing) > FEW:
        return ", ".join(verbs)
    return f"everything but {', '.join(missing)}" if missing else "everything"


def _wants(ports: Ports, order: Order, environment: Environment) -> str:
    if not may_read(ports, order, None, environment.name):
        return ""
    freeze = ports.closing(environment.name)
    approvals, soak = environment.approvals, environment.soak
    wants = [
        f'{state(freeze)}: "{freeze.reason}"' if freeze else "",
        f"healthy in {environment.after} first{f' for {span(soak)}' if soak else ''}" if environment.after else "",
        "a confirmation" if environment.confirm else "",
        f"approval by {approvals.count} of {approvals.role}" if approvals else "",
    ]
    return ", ".join(want for want in wants if want)


COMMAND = Command(
    usage="whoami",
    summary="how the bot knows you, and what you may do here",
    verb="read",
    examples=("whoami",),
    plan=plan,
    day=61,
)
