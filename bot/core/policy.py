"""May this person, in this place, do exactly this, now? Pure: whatever decides is handed in.

Rights first, so that a refusal never tells a stranger what is locked; then locks, freezes, and, once the change is
planned, what the environment wants of it. A guard more never allows more.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from bot.core.catalogue import Catalogue, Environment
from bot.core.decision import Decision, Outcome
from bot.core.errors import Frozen, Locked, NotAllowed, NotReady, Refused
from bot.core.freezes import HOURS, closing, full_minute, opens, until
from bot.core.guards import Freeze
from bot.core.locks import Lock
from bot.core.model import BOT
from bot.core.rights import READS, Asked, right
from bot.core.words import clock, span

LOCK = "lock"
FREEZE = "freeze"
ORDER = "promotion order"
CONFIRM = "confirm"
NEW = frozenset({"deploy", "promote", "set"})
UNASKED = READS | {"lock", "freeze", "approve", "override", "schedule", "admin"}
STOPPING = frozenset({"rollback", "pause"})
ERRORS: dict[str, type[Refused]] = {LOCK: Locked, FREEZE: Frozen, ORDER: NotReady}


class Facts(Struct, frozen=True):
    """What stands at `now`."""

    now: datetime
    locks: Sequence[Lock] = ()
    freezes: Sequence[Freeze] = ()


class Planned(Struct, frozen=True):
    """What is known of a change once it is planned, and who has agreed to it so far.

    `healthy` is for how long its image has run healthy where the environment wants it to have run before; None where
    it never has. `standing` is for how long it does so now; None where something else runs there.
    """

    image: str = ""
    healthy: timedelta | None = None
    standing: timedelta | None = None
    confirmed: bool = False
    approved: bool = False


def decide(asked: Asked, catalogue: Catalogue, facts: Facts, planned: Planned | None = None) -> Decision:
    """An override passes freezes, the promotion order and approvals; never rights, a lock, or the confirmation."""
    allowed = right(asked, catalogue)
    overriding = right(replace(asked, verb="override"), catalogue) if asked.override else None
    stopped = next((d for d in (allowed, overriding) if d and not d.allowed), None) or _locked(asked, catalogue, facts)
    if stopped:
        return stopped
    guards = list(_guards(asked, catalogue, facts, planned))
    passed = [guard.rule for guard in guards if overriding and not guard.rule.startswith(CONFIRM)]
    left = next((guard for guard in guards if guard.rule not in passed), None)
    if left or not (overriding and passed):
        return left or allowed
    return Decision(Outcome.ALLOWED, f"override by {overriding.rule}, instead of {', '.join(passed)}")


def refusal(decision: Decision) -> Refused:
    """The error that says this decision to a person."""
    sentence, _, fact = decision.reason.partition("\n")
    return ERRORS.get(decision.rule.partition(":")[0], NotAllowed)(sentence, fact=fact, hint=decision.hint)


def blocking_lock(asked: Asked, locks: Sequence[Lock], now: datetime) -> Lock | None:
    """A rollback passes what the failure policy locked; nothing passes what a person did."""
    if asked.verb in UNASKED or asked.service is None:
        return None
    blocking = (lock for lock in locks if lock.covers(asked.service, asked.environment, now))
    return next((lock for lock in blocking if not (lock.automatic and asked.verb == "rollback")), None)


def _guards(asked: Asked, catalogue: Catalogue, facts: Facts, planned: Planned | None) -> Iterator[Decision]:
    """What stands in the way of everybody, in the order in which people should hear of it."""
    environment = catalogue.environments.get(asked.environment or "")
    if environment is None or asked.verb in UNASKED:
        return
    unconfirmed = environment.confirm and not (planned and planned.confirmed) and asked.who.platform != BOT
    if unconfirmed and asked.who.robot:
        yield _never_confirmed(environment.name)
    freeze = closing(environment.name, catalogue, facts.freezes, facts.now) if asked.verb in NEW else None
    if freeze:
        free = opens(environment.name, catalogue, facts.freezes, facts.now)
        yield _frozen(environment.name, freeze, catalogue, free)
    if planned is None:
        return
    if environment.after and planned.image and asked.verb != "rollback":
        yield from _unproven(asked, environment, planned, catalogue, facts)
    if unconfirmed:
        yield Decision(Outcome.CONFIRM, _confirms(environment.name))
    approvals = environment.approvals
    if approvals and not planned.approved and asked.verb not in STOPPING:
        who = f"{approvals.count} of {approvals.role}"
        yield Decision(Outcome.APPROVE, f"approvals: {environment.name} wants {who}")


def _unproven(
    asked: Asked, environment: Environment, planned: Planned, catalogue: Catalogue, facts: Facts
) -> Iterator[Decision]:
    after, healthy, free = environment.after, planned.healthy, None
    if healthy is not None and healthy >= environment.soak:
        return
    takes = f"{environment.name} takes only what has run healthy in {after}"
    hint = f"deploy {asked.service} {planned.image} to {after}"
    if healthy is None:
        fact = f"{planned.image} has not been rolled out there and stayed healthy."
    elif planned.standing is None:
        fact = f"{planned.image} was healthy there for {span(healthy)}, and does not run there now."
    else:
        left = environment.soak - _whole_seconds(planned.standing)
        soaked = full_minute(facts.now + left)
        free = opens(environment.name, catalogue, facts.freezes, soaked)
        so_far = f"{planned.image} has been healthy there for {span(planned.standing)}: {span(left)} to go."
        fact = f"{so_far}{_earliest(free, soaked, catalogue, facts.now)}"
        hint = f"status {asked.service} in {after}"
    soak = f" for {span(environment.soak)}" if environment.soak else ""
    yield Decision(Outcome.REFUSED, f"{ORDER}: after {after}", f"{takes}{soak}.\n{fact}", hint, free)


def _earliest(free: datetime | None, soaked: datetime, catalogue: Catalogue, now: datetime) -> str:
    """By then it may be closed."""
    if free is None:
        return " By then it is closed."
    closed = "" if free == soaked else "; until then it is closed"
    return f" It may go at {clock(free, now, catalogue.zone)} {free.astimezone(catalogue.zone):%Z}{closed}."


def _whole_seconds(length: timedelta) -> timedelta:
    return timedelta(seconds=int(length.total_seconds()))


def _confirms(environment: str) -> str:
    return f"{CONFIRM}: {environment} wants it confirmed"


def _never_confirmed(environment: str) -> Decision:
    """A bot would confirm whatever it is shown. Said before what time alone stands in the way of."""
    wants = f"{environment} wants that whoever orders something confirms what they were shown"
    said = f"{wants}.\nYou are a bot, and to confirm is for people."
    return Decision(Outcome.REFUSED, _confirms(environment), said, "whoami")


def _locked(asked: Asked, catalogue: Catalogue, facts: Facts) -> Decision | None:
    lock = blocking_lock(asked, facts.locks, facts.now)
    if lock is None:
        return None
    at = lock.at.astimezone(catalogue.zone)
    until = f" until {lock.until.astimezone(catalogue.zone):%a %H:%M}" if lock.until else ""
    waits = "until then, or until someone unlocks it" if lock.until else "until someone unlocks it"
    return Decision(
        Outcome.REFUSED,
        LOCK,
        f"{lock.what} is locked by {lock.owner.mention} since {at:%a %H:%M %Z}{until}: "
        f'"{lock.reason}".\nNothing but looking is possible {waits}.',
        f"unlock {lock.words}",
    )


def _frozen(environment: str, freeze: Freeze, catalogue: Catalogue, free: datetime | None) -> Decision:
    ends = until(freeze, catalogue.zone)
    by = f" by {freeze.owner.mention}" if freeze.owner else ""
    said = f"closed{ends}: {freeze.reason}" if freeze.name == HOURS else f'frozen{by}{ends}: "{freeze.reason}"'
    return Decision(
        Outcome.REFUSED,
        f"{FREEZE}: {freeze.name or freeze.reason}",
        f"{environment} is {said}.\nNothing new goes there; rollback, scale, restart and pause are possible.",
        "freezes",
        free,
    )
