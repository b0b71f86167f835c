"""deploy: a new image for a service, pinned to the digest its tag has now."""

from bot.core.again import with_flags
from bot.core.errors import NotFound, UsageError
from bot.core.model import Change, Order
from bot.plans.changes import image_change, workloads_of
from bot.plans.installing import comes_from_template, install_change, or_no_namespace
from bot.ports import Command, Ports

TEMPLATE, PARTITION = "template", "partition"


def plan(ports: Ports, order: Order) -> Change:
    with or_no_namespace(ports, order):
        return _planned(ports, order, order.words["version"])


def _opening(order: Order) -> str:
    """A button names the digest too: that is for the plan."""
    version = order.words["version"]
    return f"{order.service} → {version.partition('@')[0] or version} in {order.environment}"


def _planned(ports: Ports, order: Order, version: str) -> Change:
    if TEMPLATE in order.words.flags:
        _refuse_both(order)
        return install_change(ports, order, version)
    try:
        workloads = workloads_of(ports, order)
    except NotFound:
        if not comes_from_template(ports, order):
            raise
        return install_change(ports, order, version)
    return image_change(ports, order, version, workloads)


def _refuse_both(order: Order) -> None:
    if order.words.get(PARTITION) is not None:
        deploy = f"deploy {order.service} {order.words['version']} to {order.environment}"
        raise UsageError(
            "A template is applied to all pods.",
            fact="--partition goes without --template.",
            hint=with_flags(deploy, order.words, but=(PARTITION,)),
        )


COMMAND = Command(
    usage="deploy <service> <version> [to <environment>] [--partition N] [--template] [--override reason] [--dry-run]",
    summary="roll out a tag, a SHA of at least 6 characters, or a digest",
    verb="deploy",
    examples=(
        "deploy adderservice 3f2a91c to staging",
        "deploy adderservice sha256:44c1f0e to production",
        "deploy adderservice 3f2a91c to production --dry-run",
        "deploy auditservice 1.4.0 to staging --template",
        "deploy mongo 7.0.15 to staging --partition 2",
    ),
    refusals=("no such image", "it runs there already", "the service is locked or paused", "your role ends elsewhere"),
    plan=plan,
    opening=_opening,
    day=30,
)
