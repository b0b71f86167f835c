"""Roles: which verbs they grant on what to whom, and what they deny. What one role denies no other grants."""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from bot.core.catalogue import ANY, Catalogue, Role, is_name
from bot.core.decision import Decision, Outcome
from bot.core.model import ALL, BOT, CONSOLE, Place, Who

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
TEAM = "team:"
AGREEING = "approve"
_SPOKEN = {"logs": "read the logs of", "admin": "administer the bot"}


SAID = {"admin": "invite"}
"""A right that is called otherwise than what it lets people do."""


class Asked(Struct, frozen=True):
    """What somebody wants to do. `override` is the reason why a guard should not count this once."""

    who: Who
    place: Place
    verb: str
    service: str | None = None
    environment: str | None = None
    override: str = ""

    @property
    def doing(self) -> str:
        """`what`, as it follows `you may not`."""
        return self.what.replace(self.verb, _SPOKEN.get(self.verb, self.verb), 1)

    @property
    def what(self) -> str:
        service = f" {'everything' if self._whole else self.service or ''}".rstrip()
        environment = f" in {self.environment}" if self.environment not in (None, ALL) else ""
        return f"{SAID.get(self.verb, self.verb)}{service}{environment}"

    @property
    def _whole(self) -> bool:
        """People name an environment, or `all`, where a lock wants a service."""
        if self.service is None:
            return self.environment == ALL
        return self.service == ALL or (self.verb == "lock" and self.service in ("all", self.environment))


def right(asked: Asked, catalogue: Catalogue) -> Decision:
    """By roles alone. The default for whatever writes is no."""
    if asked.who.platform == CONSOLE:
        return Decision(Outcome.ALLOWED, "the console is the operator")
    if asked.who.platform == BOT:
        return Decision(Outcome.ALLOWED, "the bot acts by the configuration")
    if asked.who.outsider and asked.verb in WRITES:
        return _outsider(asked)
    if asked.who.robot and asked.verb == AGREEING:
        return _robot(asked)
    denying = next((r for r in catalogue.roles if _binds(r, asked.who, catalogue) and denies(r, asked)), None)
    if denying:
        return _denied(asked, denying, catalogue)
    mine = [role for role in catalogue.roles if holds(role, asked.who, catalogue)]
    granting = next((role for role in mine if grants(role, asked)), None)
    if granting:
        return Decision(Outcome.ALLOWED, f"role {granting.name}")
    if asked.verb in READS:
        return Decision(Outcome.ALLOWED, "everyone may read")
    return _not_allowed(asked, mine, catalogue)


def holds(role: Role, who: Who, catalogue: Catalogue) -> bool:
    return any(is_person(who, person) for person in role.people) or any(
        _belongs(who, group, catalogue) for group in role.groups
    )


def grants(role: Role, asked: Asked) -> bool:
    """Everything the role names covers what is asked, the person apart."""
    return _covers(role.verbs, asked.verb) and _is_for(role, asked)


def denies(role: Role, asked: Asked) -> bool:
    """Whatever touches what is denied is denied: an order about every environment is about this one too."""
    return _covers(role.deny, asked.verb) and _touches(role, asked)


def who_may(asked: Asked, catalogue: Catalogue) -> list[str]:
    """The people and groups that could do it, for the answer to those who cannot."""
    denied = {holder for role in catalogue.roles if denies(role, asked) for holder in role.holders}
    named = (holder for role in catalogue.roles if grants(role, asked) for holder in role.holders)
    everyone = "every person" if asked.who.robot else "everyone"
    return [everyone if holder == ANY else holder for holder in dict.fromkeys(named) if holder not in denied]


def verbs_of(
    who: Who, place: Place, catalogue: Catalogue, service: str | None, environment: str
) -> list[tuple[str, str]]:
    """What this person may do there and by which rule, in the house's order."""
    asked = Asked(who, place, "", service=service, environment=environment)
    decisions = ((verb, right(replace(asked, verb=verb), catalogue)) for verb in sorted(VERBS))
    return [(verb, decision.rule) for verb, decision in decisions if decision.allowed]


def groups_of(platform: str, catalogue: Catalogue) -> list[str]:
    """The groups of this platform that some role names."""
    named = (group.partition(":") for role in catalogue.roles for group in role.groups)
    return list(dict.fromkeys(name for where, _, name in named if where == platform))


def is_person(who: Who, person: str) -> bool:
    """Everyone is every person: to another bot only what names it is granted."""
    if person == ANY:
        return not who.robot
    return person.casefold() in ((who.email or "").casefold(), f"{who.platform}:{who.id}".casefold())


def is_same(one: Who, other: Who) -> bool:
    """One account stays one person though its e-mail address is another by now, or not confirmed yet."""
    return one.person == other.person or (one.platform, one.id) == (other.platform, other.id)


def _binds(role: Role, who: Who, catalogue: Catalogue) -> bool:
    """What everyone is denied is denied to other bots, too."""
    return holds(role, replace(who, robot=False), catalogue)


def _belongs(who: Who, group: str, catalogue: Catalogue) -> bool:
    if group.startswith(TEAM):
        return any(is_person(who, person) for person in catalogue.teams.get(group.removeprefix(TEAM), ()))
    platform, _, name = group.partition(":")
    return platform == who.platform and name in who.groups


def _is_for(role: Role, asked: Asked) -> bool:
    return (
        (asked.environment is None or _covers(role.environments, asked.environment))
        and (asked.service is None or _covers(role.services, asked.service))
        and role.counts_in(asked.place.channel)
    )


def _touches(role: Role, asked: Asked) -> bool:
    """A question about nothing in particular is answered without what may not be read.

    While it is not known which channel a role means, that may be this one.
    """
    everywhere = (None, ALL)
    if asked.verb in READS and asked.environment is None and asked.service is None:
        return _covers(role.environments, ALL) and _covers(role.services, ALL) and _may_be_in(role, asked.place)
    return (
        (asked.environment in everywhere or _covers(role.environments, asked.environment))
        and (asked.service in everywhere or _covers(role.services, asked.service))
        and _may_be_in(role, asked.place)
    )


def _may_be_in(role: Role, place: Place) -> bool:
    return bool(role.unknown) or role.counts_in(place.channel)


def _covers(granted: Iterable[str], name: str | None) -> bool:
    return any(g in (ANY, name) for g in granted)


def _outsider(asked: Asked) -> Decision:
    """Whatever a role says: guests, and people of other organisations, change nothing."""
    return Decision(
        Outcome.REFUSED,
        "people from outside change nothing",
        f"You may not {asked.doing}.\nYou are known here as {asked.who.outsider}.",
        "whoami",
    )


def _robot(asked: Asked) -> Decision:
    return Decision(
        Outcome.REFUSED,
        "bots agree to nothing",
        f"You may not {asked.doing}.\nYou are a bot, and to agree is for people.",
        "whoami",
    )


def _denied(asked: Asked, role: Role, catalogue: Catalogue) -> Decision:
    fact = f"Your role {role.name} denies {asked.verb}{_where(role)}.{_everywhere(role)}{_others(asked, catalogue)}"
    return Decision(Outcome.REFUSED, f"role {role.name} denies it", f"You may not {asked.doing}.\n{fact}", "whoami")


def _where(role: Role) -> str:
    return "" if ANY in role.environments else f" in {', '.join(role.environments)}"


def _not_allowed(asked: Asked, mine: list[Role], catalogue: Catalogue) -> Decision:
    return Decision(
        Outcome.REFUSED,
        "no role grants it",
        f"You may not {asked.doing}.\n{_why_not(asked, mine, catalogue)}",
        "whoami",
    )


def _why_not(asked: Asked, mine: list[Role], catalogue: Catalogue) -> str:
    if not catalogue.roles:
        return "The configuration has no roles, so nobody may change anything from here."
    ends = " ".join(_ends_at(role, asked) for role in mine) if mine else "You have no role."
    return ends + (_others(asked, catalogue) or " Nobody's role grants it.")


def _others(asked: Asked, catalogue: Catalogue) -> str:
    can = who_may(asked, catalogue)
    return f" These can: {', '.join(can[:5])}." if can else ""


def _ends_at(role: Role, asked: Asked) -> str:
    if not _covers(role.verbs, asked.verb):
        return f"Your role {role.name} does not grant {asked.verb}."
    if asked.environment and not _covers(role.environments, asked.environment):
        return f"Your role {role.name} ends at {', '.join(role.environments)}."
    if asked.service and not _covers(role.services, asked.service):
        return f"Your role {role.name} is for {', '.join(role.services)}."
    return f"Your role {role.name} counts in other channels only{_named(role)}.{_nowhere(role)}"


def _named(role: Role) -> str:
    return f": {', '.join(role.channels)}" if any(is_name(channel) for channel in role.channels) else ""


def _nowhere(role: Role) -> str:
    return f" No chat knows a channel {' or '.join(role.unknown)}." if role.unknown else ""


def _everywhere(role: Role) -> str:
    return f"{_nowhere(role).removesuffix('.')}, so it denies it everywhere." if role.unknown else ""
