"""A budget never holds up a rollout, since controllers do not ask it. What it holds up is the node below the pods."""

from collections.abc import Iterable

from bot.core.surroundings import Budget
from bot.core.workload import Workload


def held(workload: Workload, budgets: Iterable[Budget]) -> list[str]:
    """Which budgets let no pod go, and whether that will pass."""
    return [_sentence(workload, found) for found in budgets if not found.allowed]


def _sentence(workload: Workload, found: Budget) -> str:
    what = f"The disruption budget {found.name} lets no pod go"
    if found.needed >= workload.wanted:
        needs = f"it needs {found.needed} healthy, and {workload.wanted} are wanted"
        return f"{what}, ever: {needs}. No node can be drained."
    return f"{what} now: {found.healthy} healthy, {found.needed} needed. A node that is drained waits for it."
