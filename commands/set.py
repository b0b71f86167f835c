"""set: environment variables of a service's container. Values are never shown, stored or audited."""

import re

from bot.core.errors import Refused, UsageError
from bot.core.model import Change, Order
from bot.core.secret import MASK, Secret
from bot.core.variables import refuse_references
from bot.core.workload import SetEnv, Workload
from bot.plans.changes import (
    change,
    container_for,
    environment_of,
    opening,
    refuse_paused,
    repository_of,
    step,
    unblocking,
    workloads_of,
)
from bot.ports import Command, Ports

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
SECRET_NAME = re.compile(r"(PASS(WORD|WD)?|SECRET|TOKEN|CREDENTIAL|PRIVATE|API_?KEY)", re.IGNORECASE)


def plan(ports: Ports, order: Order) -> Change:
    values, removed = _read(order.words.rest)
    steps = [
        unblocking(ports, order, w, step(w, _action(ports, order, w, values, removed), "", _shown(values, removed)))
        for w in workloads_of(ports, order)
    ]
    return change(ports, order, steps, f"{order.service} new environment variables in {order.environment}")


def _action(
    ports: Ports, order: Order, workload: Workload, values: dict[str, Secret], removed: tuple[str, ...]
) -> SetEnv:
    refuse_paused(workload)
    repository = repository_of(ports.service(order.service or ""), environment_of(ports, order), workload)
    container = container_for(ports, workload, repository)
    missing = [name for name in removed if name not in container.env]
    if missing:
        raise Refused(
            f"{', '.join(missing)} is not set on container {container.name}.",
            fact=f"Set there: {', '.join(container.env) or 'nothing'}.",
            hint=f"status {order.service} in {order.environment}",
        )
    refuse_references(workload.target.name, workload.target.namespace, container.references, {*values, *removed})
    return SetEnv(container.name, tuple(values), removed, tuple(values.values()))


def _read(words: tuple[str, ...]) -> tuple[dict[str, Secret], tuple[str, ...]]:
    values: dict[str, Secret] = {}
    removed: list[str] = []
    for word in words:
        name, sign, value = word.partition("=")
        if (bare := name if sign else name.removesuffix("-")) in values or bare in removed:
            raise UsageError(f"{bare[:40]} is given twice.", hint="help set")
        if not sign:
            removed.append(_name(word.removesuffix("-")))
        else:
            values[_name(name)] = Secret(value)
    return values, tuple(removed)


def _name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise UsageError(f"{name[:40]} is not a variable's name.", hint="help set")
    if SECRET_NAME.search(name):
        raise Refused(
            f"{name} looks like a secret.",
            fact="A value set here stands in the workload for everyone to read.",
            hint="Put it into a Secret and let the container refer to it.",
        )
    return name


def _shown(values: dict[str, Secret], removed: tuple[str, ...]) -> str:
    return " ".join([*(f"{name}={MASK}" for name in values), *(f"{name}-" for name in removed)])


COMMAND = Command(
    usage="set <service> <KEY=value…> [in <environment>] [--override reason] [--dry-run]",
    summary="change environment variables; KEY- removes one",
    verb="set",
    examples=(
        "set adderservice LOG_LEVEL=debug in staging",
        "set webapp WORKERS=4 CACHE- in staging",
        'set webapp GREETING="good morning" in staging',
    ),
    refusals=(
        "the name looks like a secret",
        "its value stands in a ConfigMap or a Secret",
        "it was not set",
        "the service is locked",
    ),
    plan=plan,
    opening=opening("{service} new environment variables"),
    day=37,
)
