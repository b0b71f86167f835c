"""whoami: how the bot knows you, and what you may do here."""

from bot.core.model import Field, Order, Reply, Table
from bot.core.policy import holds, verbs_of
from bot.ports import Command, Ports


def plan(ports: Ports, order: Order) -> Reply:
    who, place, catalogue = order.request.who, order.request.place, ports.catalogue
    roles = [role.name for role in catalogue.roles if holds(role, who)]
    rows = tuple((name, ", ".join(verbs_of(who, place, catalogue, None, name))) for name in catalogue.environments)
    return Reply(
        title=f"You are {who.mention} ({who.platform}:{who.id})",
        fields=(Field("e-mail", who.email or "not known"), Field("roles", ", ".join(roles) or "none")),
        table=Table(("environment", "you may"), rows),
        private=True,
    )


COMMAND = Command(
    usage="whoami",
    summary="how the bot knows you, and what you may do here",
    verb="read",
    examples=("whoami",),
    plan=plan,
    day=61,
)
