"""May this person, in this place, do exactly this, now? The default for whatever writes is no."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from bot.core.catalogue import ANY, Catalogue, Role
from bot.core.errors import Locked, NotAllowed, Refused
from bot.core.model import BOT, CONSOLE, Decision, Lock, Outcome, Place, Who

READS = frozenset({"read", "logs"})
WRITES = frozenset(
    {
        "deploy",
        "promote",
        "scale",
        "rollback",
        "restart",
        "pause",
        "resume",
        "set",
        "schedule",
        "lock",
        "freeze",
        "approve",
        "override",
        "admin",
    }
)
VERBS = READS | WRITES
UNLOCKED_VERBS = READS | {"lock", "freeze", "approve"}


class Asked(Struct, frozen=True):
    """What somebody wants to do."""

    who: Who
    place: Place
    verb: str
    service: str | None = None
    environment: str | None = None

    @property
    def what(self) -> str:
        service = f" {self.service}" if self.service else ""
        environment = f" in {self.environment}" if self.environment else ""
        return f"{self.verb}{service}{environment}"


def decide(asked: Asked, catalogue: Catalogue, locks: Sequence[Lock] = ()) -> Decision:
    """Rights first, so that a refusal never tells a stranger what is locked."""
    right = _right(asked, catalogue)
    if not right.allowed:
        return right
    lock = blocking_lock(asked, locks)
    return _locked(lock, catalogue) if lock else right


def refusal(decision: Decision) -> Refused:
    """The error that says this decision to a person."""
    kind = Locked if decision.rule.startswith("lock") else NotAllowed
    sentence, _, fact = decision.reason.partition("\n")
    return kind(sentence, fact=fact, hint=decision.hint)


def grants(role: Role, asked: Asked) -> bool:
    """Everything the role names covers what is asked, the person apart."""
    return (
        _covers(role.verbs, asked.verb)
        and (asked.environment is None or _covers(role.environments, asked.environment))
        and (asked.service is None or _covers(role.services, asked.service))
        and _covers(role.channels, asked.place.channel)
    )


def holds(role: Role, who: Who) -> bool:
    return any(_is(who, person) for person in role.people)


def who_may(asked: Asked, catalogue: Catalogue) -> list[str]:
    """The people that could do it, for the answer to those who cannot."""
    return list(dict.fromkeys(p for role in catalogue.roles if grants(role, asked) for p in role.people))


def verbs_of(who: Who, place: Place, catalogue: Catalogue, service: str | None, environment: str) -> list[str]:
    """What this person may do there, in the house's order."""
    return [
        verb
        for verb in sorted(VERBS)
        if _right(Asked(who, place, verb, service=service, environment=environment), catalogue).allowed
    ]


def blocking_lock(asked: Asked, locks: Sequence[Lock]) -> Lock | None:
    if asked.verb in UNLOCKED_VERBS or asked.service is None:
        return None
    found = next((k for k in locks if k.service == asked.service and k.environment == asked.environment), None)
    if found and found.automatic and asked.verb == "rollback":
        return None
    return found


def _right(asked: Asked, catalogue: Catalogue) -> Decision:
    if asked.who.platform == CONSOLE:
        return Decision(Outcome.ALLOWED, "the console is the operator")
    if asked.who.platform == BOT:
        return Decision(Outcome.ALLOWED, "the bot acts by the configuration")
    if asked.who.outsider and asked.verb in WRITES:
        return _outsider(asked)
    for role in catalogue.roles:
        if holds(role, asked.who) and grants(role, asked):
            return Decision(Outcome.ALLOWED, f"role {role.name}")
    if asked.verb in READS:
        return Decision(Outcome.ALLOWED, "everyone may read")
    return _not_allowed(asked, catalogue)


def _outsider(asked: Asked) -> Decision:
    """Whatever a role says: guests, and people of other organisations, change nothing."""
    return Decision(
        Outcome.REFUSED,
        "people from outside change nothing",
        f"You may not {asked.what}.\nYou are known here as {asked.who.outsider}.",
        "whoami",
    )


def _not_allowed(asked: Asked, catalogue: Catalogue) -> Decision:
    where = f" in {asked.environment}" if asked.environment else ""
    what = f" {asked.service}" if asked.service else ""
    return Decision(
        Outcome.REFUSED,
        "no role grants it",
        f"You may not {asked.verb}{what}{where}.\n{_why_not(asked, catalogue)}",
        "whoami",
    )


def _why_not(asked: Asked, catalogue: Catalogue) -> str:
    if not catalogue.roles:
        return "The configuration has no roles, so nobody may change anything from here."
    mine = [role for role in catalogue.roles if holds(role, asked.who)]
    others = who_may(asked, catalogue)
    can = f" These can: {', '.join(others[:5])}." if others else " Nobody's role grants it."
    if not mine:
        return f"You have no role.{can}"
    return " ".join(_ends_at(role, asked) for role in mine) + can


def _ends_at(role: Role, asked: Asked) -> str:
    if not _covers(role.verbs, asked.verb):
        return f"Your role {role.name} does not grant {asked.verb}."
    if asked.environment and not _covers(role.environments, asked.environment):
        return f"Your role {role.name} ends at {', '.join(role.environments)}."
    if asked.service and not _covers(role.services, asked.service):
        return f"Your role {role.name} is for {', '.join(role.services)}."
    return f"Your role {role.name} counts in other channels only."


def _locked(lock: Lock, catalogue: Catalogue) -> Decision:
    since = f"{lock.at.astimezone(catalogue.zone):%H:%M}"
    return Decision(
        Outcome.REFUSED,
        "lock",
        f"{lock.service} in {lock.environment} is locked by {lock.owner.mention} since {since}: "
        f'"{lock.reason}".\nNothing but looking is possible until someone unlocks it.',
        f"unlock {lock.service} in {lock.environment}",
    )


def _covers(granted: Iterable[str], name: str) -> bool:
    return any(g in (ANY, name) for g in granted)


def _is(who: Who, person: str) -> bool:
    return person in (ANY, who.email, f"{who.platform}:{who.id}")
