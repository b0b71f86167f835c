"""Changes that wait for people, as the orders that settle them see them."""

from collections.abc import Iterable

from msgspec.structs import replace

from bot.core.asking import over
from bot.core.catalogue import Role
from bot.core.decision import Outcome
from bot.core.errors import NotAllowed, NotFound, Refused, UsageError
from bot.core.guards import Ask
from bot.core.model import Change, Order, Who
from bot.core.rights import holds, is_same
from bot.ports import Ports

LIST = "approvals"
JUDGING = ("approve", "reject")


def waiting(ports: Ports, order: Order, outcome: Outcome | None = None) -> Ask:
    """The one that is meant, while it can still be settled. Of what may not be read nothing is told."""
    text = order.words.get("number")
    if text is None:
        raise _which(ports, order, outcome)
    text = text.removeprefix("#")
    if not text.isdecimal() or len(text) > 9:
        raise UsageError(f"{order.words.name} needs the number of what waits.", hint=LIST)
    found = ports.store.asked(int(text))
    if found is None or not ports.sees(found[0].order.service, found[0].order.environment):
        raise NotFound(f"Nothing waits under {int(text)}.", hint=LIST)
    ask, settled = found
    if settled:
        raise Refused(over(ask, settled), hint=LIST)
    if ask.until <= ports.clock.now():
        raise Refused(f"{ask.number} has expired: {ask.what}.", hint=ask.order.request.text)
    if outcome and ask.outcome is not outcome:
        wants = "confirmed by who ordered it" if ask.outcome is Outcome.CONFIRM else "approved"
        raise Refused(f"{ask.number} is to be {wants}: {ask.what}.", hint=LIST)
    return ask


def _which(ports: Ports, order: Order, outcome: Outcome | None) -> Refused:
    """Told, never taken by itself: another one may have begun to wait since they looked."""
    name, who, now = order.words.name, order.request.who, ports.clock.now()
    own = name not in JUDGING
    found = [
        ask
        for ask in ports.store.open_asks()
        if ask.until > now
        and outcome in (None, ask.outcome)
        and is_same(ask.order.request.who, who) == own
        and ports.sees(ask.order.service, ask.order.environment)
    ]
    if not found:
        return NotFound(f"Nothing waits for you to {name}.", hint=LIST)
    facts = [f"{ask.number}: {ask.what}, by {ask.order.request.who.mention}" for ask in found]
    orders = [(f"{name.capitalize()} {ask.number}", f"{name} {ask.number}") for ask in found[:3]]
    return UsageError(f"{name} which?", fact="\n".join(facts), hint=f"{name} {found[0].number}", orders=orders)


def settling(ports: Ports, order: Order, ask: Ask, title: str) -> Change:
    """Decided upon where the change would happen."""
    there = replace(order, service=ask.order.service, environment=ask.order.environment)
    return Change(there, (), ports.clock.now(), title, ask.change.before, ask.change.after)


def settle(ports: Ports, ask: Ask, how: str) -> None:
    """Refused for whoever comes second."""
    if not ports.store.settle(ask, how, ports.replica):
        found = ports.store.asked(ask.number)
        raise Refused(over(ask, (found and found[1]) or how), hint=LIST)


def approvable(ports: Ports, order: Order) -> Ask:
    """Never by who ordered it, on whatever platform, and only by somebody of the role, where it counts."""
    ask, who = waiting(ports, order, Outcome.APPROVE), order.request.who
    if is_same(who, ask.order.request.who):
        raise NotAllowed(
            f"You ordered {ask.what} yourself.",
            fact=f"Somebody else of {ask.role} has to agree.",
            hint=f"cancel {ask.number}",
        )
    role = ports.catalogue.role(ask.role)
    if role is None or not holds(role, who, ports.catalogue):
        people = ", ".join(role.holders[:5]) if role else "nobody"
        raise NotAllowed(f"Only {ask.role} agree to {ask.what}.", fact=f"These are: {people}.", hint="whoami")
    if not role.counts_in(order.request.place.channel):
        raise NotAllowed(
            f"{ask.role} agree to {ask.what} in their own channels.",
            fact=f"Your role {role.name} counts in {', '.join(role.channels)} only.",
            hint=f"{order.words.name} {ask.number}",
        )
    return ask


def as_wanted(ports: Ports, ask: Ask) -> Ask:
    """What the environment wants may have become more since it was asked; what was shown never becomes less."""
    known = ports.catalogue.environments.get(ask.order.environment or "")
    wanted = known.approvals if known else None
    return replace(ask, need=max(ask.need, wanted.count)) if wanted and wanted.role == ask.role else ask


def counting(ports: Ports, ask: Ask, agreed: Iterable[Who], last: Who) -> tuple[Who, ...]:
    """Those whose agreement counts still, with the one who agrees now: whoever left the role meanwhile has not."""
    role, people = ports.catalogue.role(ask.role), list[Who]()
    for who in agreed:
        if not any(is_same(who, one) for one in people):
            people.append(who)
    return tuple(who for who in people if role and (is_same(who, last) or _is_of(ports, role, who)))


def _is_of(ports: Ports, role: Role, who: Who) -> bool:
    now = ports.present(who)
    return not now.outsider and holds(role, now, ports.catalogue)
