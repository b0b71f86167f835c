"""The only place where a name becomes part of an address: one that cannot be a name never does."""

from bot.cluster import names
from bot.core.workload import Kind

PLURALS = {Kind.DEPLOYMENT: "deployments", Kind.STATEFUL_SET: "statefulsets", Kind.DAEMON_SET: "daemonsets"}


def apps(namespace: str, plural: str, *rest: str) -> str:
    return _joined("/apis/apps/v1/namespaces", namespace, plural, *rest)


def core(namespace: str, plural: str, *rest: str) -> str:
    return _joined("/api/v1/namespaces", namespace, plural, *rest)


def _joined(root: str, *parts: str) -> str:
    names.check(*parts)
    return "/".join((root, *parts))
