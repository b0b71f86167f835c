"""What the nodes are made for. They come and go, but seldom of another kind: one list in minutes is enough."""

from collections.abc import Callable
from threading import Lock
from time import monotonic

import msgspec
from msgspec import Struct

from bot.cluster.kubernetes.client import Client
from bot.core.errors import NotAllowed, QuarterdeckError

NODES = "/api/v1/nodes"
KEPT = 300.0


class NodeInfo(Struct, frozen=True, rename="camel"):
    operating_system: str = ""
    architecture: str = ""


class NodeStatus(Struct, frozen=True, rename="camel"):
    node_info: NodeInfo = NodeInfo()


class Node(Struct, frozen=True):
    status: NodeStatus = NodeStatus()

    @property
    def platform(self) -> str:
        info = self.status.node_info
        return f"{info.operating_system}/{info.architecture}" if info.architecture else ""


_node = msgspec.json.Decoder(Node)


class Nodes:
    def __init__(self, client: Client, now: Callable[[], float] = monotonic) -> None:
        self._client = client
        self._now = now
        self._lock = Lock()
        self._known: frozenset[str] | None = None
        self._until = 0.0

    def platforms(self) -> frozenset[str] | None:
        """None where the bot has no right to know, or cannot know now: no order waits for that."""
        with self._lock:
            if self._now() >= self._until:
                self._known, kept = self._read()
                self._until = self._now() + kept
            return self._known

    def _read(self) -> tuple[frozenset[str] | None, float]:
        try:
            found = map(_node.decode, self._client.list(NODES))
            return frozenset(node.platform for node in found if node.platform) or None, KEPT
        except NotAllowed:
            return None, KEPT
        except QuarterdeckError:
            return None, 0.0
