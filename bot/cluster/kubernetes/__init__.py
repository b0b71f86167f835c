"""A real cluster, through the `kubernetes` package, which is loaded when the first call needs it."""

from bot.cluster.kubernetes.access import Access
from bot.cluster.kubernetes.cluster import KubernetesCluster
from bot.cluster.kubernetes.rights import Permission

__all__ = ["Access", "KubernetesCluster", "Permission"]
