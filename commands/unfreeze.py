"""unfreeze: new things may go there again. Windows of the configuration stay."""

from msgspec.structs import replace

from bot.core.errors import NotFound
from bot.core.model import ALL, Change, Order, Reply, Tone
from bot.core.render import lines
from bot.core.words import ago
from bot.plans.locking import environment_or_all
from bot.ports import Command, Ports


def plan(ports: Ports, order: Order) -> Change:
    named = order.words["environment"]
    name = order.environment or ALL
    standing = next((freeze for freeze in ports.store.freezes() if freeze.environment == name), None)
    now = ports.clock.now()
    if standing is None:
        raise NotFound(f"Nobody has frozen {named}.", fact=_still(ports, name), hint="freezes")
    by = standing.owner.mention if standing.owner else "the configuration"
    note = f'It was frozen by {by} {ago(standing.at, now)}: "{standing.reason}".'
    return Change(
        replace(order, environment=name), (), now, f"{standing.what} is open again", "frozen", "open", notes=(note,)
    )


def apply(ports: Ports, change: Change) -> Reply:
    name = change.order.environment or ALL
    ports.store.unfreeze(name)
    return Reply(title=change.title, tone=Tone.GOOD, body=lines(*change.notes, _still(ports, name)))


def _still(ports: Ports, name: str) -> str:
    freeze = None if name == ALL else ports.closing(name)
    return f'It is still closed: "{freeze.reason}".' if freeze else ""


COMMAND = Command(
    usage="unfreeze <environment>",
    summary="let new things go to an environment again",
    verb="freeze",
    examples=("unfreeze production", "unfreeze all"),
    refusals=("nobody has frozen it", "your role does not grant freeze"),
    plan=plan,
    apply=apply,
    opening=lambda order: f"{order.words['environment']} unfreeze",
    shown_by="freezes",
    environment=environment_or_all,
    day=54,
)
