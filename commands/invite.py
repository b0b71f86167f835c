"""invite: open a direct room with somebody who has not met the bot yet, with the first orders in it."""

import re

from bot.chat import Inviting
from bot.core.catalogue import Catalogue
from bot.core.errors import Refused, UsageError
from bot.core.model import BOT, Change, Order, Reply, Tone, Who
from bot.core.render import first_words, order_line
from bot.core.rights import holds
from bot.ports import Command, Ports

ADDRESS = "e-mail"
FORM = re.compile(r"[\w.!#$%&*+/=?^{|}~-]{1,64}@(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}", re.ASCII | re.IGNORECASE)


def plan(ports: Ports, order: Order) -> Change:
    address = order.words[ADDRESS]
    if not FORM.fullmatch(address):
        raise UsageError(f"{address[:80]} is no e-mail address.", hint="invite ann@example.com")
    there = _there(ports, order)
    return Change(
        order=order,
        steps=(),
        at=ports.clock.now(),
        title=f"{address} invited in {there.name.capitalize()}",
        before="",
        after=address,
    )


def apply(ports: Ports, change: Change) -> Reply:
    address, there, by = change.after, _there(ports, change.order), change.order.request.who
    there.invite(address, first_words("" if by.platform == BOT else by.mention))
    return Reply(title=change.title, tone=Tone.GOOD, body=_rights(address, there.name, ports.catalogue))


def _there(ports: Ports, order: Order) -> Inviting:
    """Where the order was given, if that chat can; else the one that can."""
    inviting = {name: platform for name, platform in ports.platforms.items() if isinstance(platform, Inviting)}
    there = inviting.get(order.request.place.platform) or next(iter(inviting.values()), None)
    if there is None:
        raise Refused("No chat of this bot can invite anybody.", fact="Webex can; it is not configured.", hint="help")
    return there


def _rights(address: str, platform: str, catalogue: Catalogue) -> str:
    who = Who(platform, "", address, email=address)
    roles = [role.name for role in catalogue.roles if holds(role, who, catalogue)]
    if roles:
        return f"Roles: {', '.join(roles)}."
    return f"No role names them: they may look at everything and change nothing.\n{order_line('whoami')}"


COMMAND = Command(
    usage="invite <e-mail>",
    summary="open a direct room with somebody, with the first orders in it",
    verb="admin",
    examples=("invite ann@example.com", "invite bob@example.com"),
    refusals=("only people of the domains in the configuration are invited", "your role does not grant admin"),
    plan=plan,
    apply=apply,
    opening=lambda order: f"invite {order.words[ADDRESS]}",
    day=62,
)
