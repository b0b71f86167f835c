"""A variable that only points at its value: what was written here would hide that one from whoever looks there."""

from collections.abc import Collection, Iterable
from typing import Any

from bot.core.errors import Refused
from bot.core.workload import Reference

KINDS = {"configMapKeyRef": "ConfigMap", "secretKeyRef": "Secret"}


def reference(variable: str, source: dict[str, Any]) -> Reference:
    """As `valueFrom` has it. What the server fills in itself is known by its own name for it."""
    found = next((key for key in KINDS if key in source), None)
    if found is None:
        return Reference(variable, next(iter(source), "valueFrom"))
    return Reference(variable, KINDS[found], source[found].get("name", ""), source[found].get("key", ""))


def refuse_references(name: str, namespace: str, references: Iterable[Reference], touched: Collection[str]) -> None:
    """`name` is the workload's."""
    found = next((one for one in references if one.variable in touched), None)
    if found is None:
        return
    if not found.name:
        raise Refused(
            f"{found.variable} is not set here: each pod fills it in from what it is ({found.kind}).",
            fact="A value written here would be the same in every pod.",
            hint=f"Change it in the manifest of {name}, if it is to be a value of its own.",
        )
    raise Refused(
        f"{found.variable} is not set here: it stands in the {found.kind} {found.name}, key {found.key}.",
        fact=f"A value written here would hide that one. Change it there, then restart {name}.",
        hint=f"kubectl edit {found.kind.lower()} {found.name} --namespace {namespace}",
    )
