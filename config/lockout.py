"""A policy that is certain to lock everybody out is refused: nobody could mend it from a chat.

Only what this file alone decides counts. A chat's own group may have anybody in it.
"""

from collections.abc import Iterator
from typing import Any

from bot.core.catalogue import ANY
from bot.core.rights import WRITES
from config import grammar
from config.mistakes import Found, clean
from config.tree import Steps, sections

Section = dict[str, Any]
APPROVE = "approve"


def contradictions(tree: object) -> Iterator[Found]:
    for steps, role in sections(tree, "roles", "*"):
        granted, denied = _texts(role, "verbs"), _texts(role, "deny")
        if granted and ANY in denied:
            yield Found((*steps, "deny"), "takes away everything that verbs grants")
        for position, verb in enumerate(denied):
            if verb != ANY and verb in granted:
                yield Found((*steps, "deny", position), f"takes away what verbs grants: {clean(verb)}")


def nobody_left(tree: object) -> Iterator[Found]:
    """Roles without any changes are for a bot that only tells; roles whose changes reach nobody are a mistake."""
    roles = dict(sections(tree, "roles", "*"))
    granting = {steps: role for steps, role in roles.items() if _writes(role)}
    teams = _teams(tree)
    everyone = {verb for role in roles.values() if _is_everyones(role) for verb in _texts(role, "deny")}
    held = [role for role in granting.values() if _people(role, teams) != set()]
    if granting and not any(_writes(role) - _spread(everyone) for role in held):
        why = "what they grant is denied to everyone" if held else "no role that grants a change has people or groups"
        yield Found(("roles",), f"let nobody change anything: {why}")


def approvals(tree: object) -> Iterator[Found]:
    """Whoever orders a change never approves it, so one person alone is nobody; and no robot approves anything."""
    roles = {str(steps[-1]): role for steps, role in sections(tree, "roles", "*")}
    for steps, asked in sections(tree, "environments", "*", "approvals"):
        role = roles.get(str(asked.get("role")))
        if role is None:
            continue
        if APPROVE not in _writes(role) - _spread(set(_texts(role, "deny"))) or not _covers(role, str(steps[1])):
            yield Found((*steps, "role"), f"is a role that may not approve in {clean(str(steps[1]))}")
            continue
        yield from _enough(tree, steps, asked, role)


def _enough(tree: object, steps: Steps, asked: Section, role: Section) -> Iterator[Found]:
    teams = _teams(tree)
    people, count = _people(role, teams), asked.get("count", 1)
    if people is None or not isinstance(count, int):
        return
    approvers = {person for person in people if not _is_robot(person)}
    if all(len(approvers - {person}) < count for person in _requesters(tree, str(steps[1]), teams)):
        yield Found(
            (*steps, "count"),
            f"is more than can ever agree: the role has {len(approvers)}, the one who asks is not counted",
        )


def _requesters(tree: object, environment: str, teams: dict[str, set[str]]) -> set[str]:
    """Who may deploy there; the empty name stands for somebody who approves nothing."""
    found: set[str] = set()
    for _, role in sections(tree, "roles", "*"):
        if "deploy" in _writes(role) and _covers(role, environment):
            people = _people(role, teams)
            found |= {""} if people is None else people
    return found or {""}


def _people(role: Section, teams: dict[str, set[str]]) -> set[str] | None:
    """None where it may be anybody."""
    people, groups = set(_texts(role, "people")), _texts(role, "groups")
    names = [group.removeprefix("team:") for group in groups if group.startswith("team:")]
    if ANY in people or len(names) < len(groups):
        return None
    members = people.union(*(teams.get(name, set()) for name in names))
    return None if ANY in members else members


def _is_robot(person: str) -> bool:
    platform, _, account = person.partition(":")
    return platform.casefold() == "slack" and grammar.BOT.fullmatch(account.upper()) is not None


def _teams(tree: object) -> dict[str, set[str]]:
    return {name: set(_texts(found, name)) for _, found in sections(tree, "teams") for name in found}


def _is_everyones(role: Section) -> bool:
    places = [_texts(role, key) or [ANY] for key in ("environments", "services", "channels")]
    return ANY in _texts(role, "people") and all(ANY in place for place in places)


def _writes(role: Section) -> set[str]:
    return _spread(set(_texts(role, "verbs"))) & WRITES


def _spread(verbs: set[str]) -> set[str]:
    return set(WRITES) if ANY in verbs else verbs


def _covers(role: Section, environment: str) -> bool:
    return bool({ANY, environment} & set(_texts(role, "environments") or [ANY]))


def _texts(section: Section, key: str) -> list[str]:
    written = section.get(key)
    return [text for text in written if isinstance(text, str)] if isinstance(written, list) else []
