"""Which orders the bot may carry out where, asked of the server itself."""

from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Struct

from bot.cluster import names
from bot.cluster.kubernetes.client import Client

REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
APPS = "apps"
KINDS = ("deployments", "statefulsets", "daemonsets")
SCALED = ("deployments", "statefulsets")


class Right(Struct, frozen=True):
    verb: str
    group: str
    resource: str
    subresource: str = ""

    def __str__(self) -> str:
        group = f".{self.group}" if self.group not in ("", APPS) else ""
        return f"{self.verb} {self.resource}{group}{'/' if self.subresource else ''}{self.subresource}"


class Permission(Struct, frozen=True):
    """`missing` are the rights that an order lacks in this namespace: none, and it may be carried out.

    No namespace: in all of the cluster.
    """

    namespace: str
    order: str
    missing: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        return not self.missing


AUTOSCALERS = Right("list", "autoscaling", "horizontalpodautoscalers")
READ = (
    *(Right(verb, APPS, kind) for verb in ("get", "list") for kind in KINDS),
    *(Right("list", APPS, past) for past in ("replicasets", "controllerrevisions")),
    Right("list", "", "pods"),
    Right("list", "", "events"),
    Right("list", "", "services"),
    Right("list", "networking.k8s.io", "ingresses"),
    Right("list", "policy", "poddisruptionbudgets"),
    Right("list", "metrics.k8s.io", "pods"),
    AUTOSCALERS,
)
FOLLOW = (
    *(Right("watch", APPS, kind) for kind in (*KINDS, "replicasets", "controllerrevisions")),
    Right("watch", "", "pods"),
)
EVERYWHERE = tuple(Right(verb, right.group, right.resource) for right in FOLLOW for verb in ("list", "watch"))
LOGS = (Right("get", "", "pods"), Right("get", "", "pods", "log"))
CHANGE = tuple(Right("patch", APPS, kind) for kind in KINDS)
SCALE = (*(Right("patch", APPS, kind, "scale") for kind in SCALED), *CHANGE, AUTOSCALERS)
INSTALL = (
    *CHANGE,
    *(Right("create", APPS, kind) for kind in KINDS),
    *(Right(verb, "", "services") for verb in ("get", "patch", "create")),
)
UNBLOCK = (*CHANGE, Right("delete", "", "pods"))

ORDERS: dict[str, tuple[Right, ...]] = {
    "read": READ,
    "follow": FOLLOW,
    "logs": LOGS,
    "deploy": UNBLOCK,
    "deploy from a template": INSTALL,
    "promote": UNBLOCK,
    "rollback": UNBLOCK,
    "restart": CHANGE,
    "set": CHANGE,
    "lock": CHANGE,
    "pause": CHANGE[:1],
    "resume": CHANGE[:1],
    "scale": SCALE,
}


class ReviewStatus(Struct, frozen=True):
    allowed: bool = False


class Review(Struct, frozen=True):
    status: ReviewStatus = ReviewStatus()


def permissions(client: Client, namespaces: Iterable[str], *, whole: bool = False) -> list[Permission]:
    """One question for each right and namespace, however many orders need it."""
    orders = {order: rights for order, rights in ORDERS.items() if not (whole and order == "follow")}
    found = _asked(client, "", {"follow": EVERYWHERE}) if whole else []
    for namespace in namespaces:
        names.check(namespace)
        found += _asked(client, namespace, orders)
    return found


def _asked(client: Client, namespace: str, orders: Mapping[str, tuple[Right, ...]]) -> list[Permission]:
    needed = {right for rights in orders.values() for right in rights}
    granted = {right for right in needed if _granted(client, namespace, right)}
    return [
        Permission(namespace, order, tuple(str(right) for right in rights if right not in granted))
        for order, rights in orders.items()
    ]


def _granted(client: Client, namespace: str, right: Right) -> bool:
    asked = {"namespace": namespace, "verb": right.verb, "group": right.group, "resource": right.resource}
    if right.subresource:
        asked["subresource"] = right.subresource
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": asked},
    }
    return msgspec.json.decode(client.post(REVIEWS, body), type=Review).status.allowed
