"""deploy: a new image for a service, pinned to the digest its tag has now."""

from bot.core.model import Change, Order
from bot.planning import image_change, opening
from bot.ports import Command, Ports


def plan(ports: Ports, order: Order) -> Change:
    return image_change(ports, order, order.words["version"])


COMMAND = Command(
    usage="deploy <service> <version> [to <environment>] [--override reason] [--dry-run]",
    summary="roll out a tag, a SHA of at least 6 characters, or a digest",
    verb="deploy",
    examples=(
        "deploy adderservice 3f2a91c to staging",
        "deploy adderservice sha256:44c1f0e to production",
        "deploy adderservice 3f2a91c to production --dry-run",
    ),
    refusals=("no such image", "it runs there already", "the service is locked or paused", "your role ends elsewhere"),
    plan=plan,
    opening=opening("{service} → {version}"),
    day=30,
)
