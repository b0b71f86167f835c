"""diff: what a deploy would change, without the deploy."""

from msgspec.structs import replace

from bot.core import render
from bot.core.model import Button, Order, Reply
from bot.core.references import image
from bot.core.words import ago, count
from bot.core.workload import Image, SetImage, short_digest
from bot.plans.changes import environment_of, image_change, workloads_of
from bot.ports import Command, Ports


def plan(ports: Ports, order: Order) -> Reply:
    named = order.environment or _default(ports, order)
    meant = replace(order, environment=named)
    change = image_change(ports, meant, order.words["version"], workloads_of(ports, meant))
    deploy = f"deploy {order.service} {order.words['version']} to {environment_of(ports, meant).name}"
    lines = []
    for step in change.steps:
        lines += [f"{step.target.kind} {step.target.name}, container {step.target.container}:"]
        lines += [f"{render.VERBATIM}- {step.before}", f"{render.VERBATIM}+ {step.after}"]
    new = change.image
    facts = _facts(ports, new) if new and isinstance(change.steps[0].action, SetImage) else ""
    return Reply(
        title=f"{change.title} would change {count(len(change.steps), 'workload')}",
        body="\n".join([*lines, *([facts] if facts else []), render.order_line(deploy)]),
        buttons=(Button("Deploy", deploy, confirm=f"{deploy}?"),),
    )


def _default(ports: Ports, order: Order) -> str:
    """Looking is harmless, so an environment that must be named for a deploy may be guessed here."""
    service = ports.service(order.service or "")
    return service.default_environment or next(iter(ports.catalogue.environments))


def _facts(ports: Ports, new: Image) -> str:
    parts = [short_digest(new.digest or image(new.reference).digest)]
    parts += [f"built {ago(new.created, ports.clock.now())}"] if new.created else []
    parts += [f"revision {new.revision}"] if new.revision else []
    return " · ".join(part for part in parts if part)


COMMAND = Command(
    usage="diff <service> <version> [to <environment>]",
    summary="what a deploy would change",
    verb="read",
    examples=("diff adderservice 3f2a91c", "diff adderservice 3f2a91c to production"),
    refusals=("no such image", "it runs there already"),
    plan=plan,
    day=29,
)
