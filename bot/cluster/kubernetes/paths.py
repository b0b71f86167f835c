"""The only place where a name becomes part of an address: one that cannot be a name never does."""

from bot.cluster import names
from bot.core.workload import Kind

PLURALS = {Kind.DEPLOYMENT: "deployments", Kind.STATEFUL_SET: "statefulsets", Kind.DAEMON_SET: "daemonsets"}


def apps(namespace: str | None, plural: str, *rest: str) -> str:
    """None: of all namespaces."""
    return _joined("/apis/apps/v1", namespace, plural, *rest)


def core(namespace: str | None, plural: str, *rest: str) -> str:
    return _joined("/api/v1", namespace, plural, *rest)


def _joined(root: str, namespace: str | None, *parts: str) -> str:
    names.check(*parts)
    if namespace is None:
        return "/".join((root, *parts))
    names.check(namespace)
    return "/".join((root, "namespaces", namespace, *parts))
