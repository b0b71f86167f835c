"""What the nodes are, to a bot that may know it and to one that may not."""

import json

from bot.cluster.kubernetes import KubernetesCluster
from bot.cluster.kubernetes.client import Client
from bot.cluster.kubernetes.nodes import KEPT, Nodes
from tests.cluster.plane import ACCOUNT, Plane, manifest


def asked(real: Plane) -> list[tuple[str, str, str]]:
    records = map(json.loads, real.control.audit_log.read_text().splitlines())
    mine = [(r["verb"], r["objectRef"]) for r in records if r["user"].get("username") == ACCOUNT]
    return [(v, ref.get("apiGroup", ""), ref["resource"]) for v, ref in mine if ref.get("resource") == "nodes"]


def test_without_the_right_nothing_is_known_and_it_is_asked_once(real: Plane) -> None:
    before = len(asked(real))
    cluster = KubernetesCluster("main", real.access)
    assert [cluster.platforms() for _ in range(3)] == [None] * 3
    cluster.stop()
    assert len(asked(real)) == before + 1


def test_with_the_optional_role_they_are_known_by_one_list(nodes: Plane) -> None:
    before = len(asked(nodes))
    now = [0.0]
    client = Client("main", nodes.access)
    known = Nodes(client, lambda: now[0])
    assert [known.platforms() for _ in range(3)] == [frozenset({"linux/amd64"})] * 3
    rules = manifest("nodes/clusterrole.yaml")["rules"]
    granted = [(v, g, r) for rule in rules for v in rule["verbs"] for g in rule["apiGroups"] for r in rule["resources"]]
    assert asked(nodes)[before:] == granted
    now[0] = KEPT
    assert known.platforms()
    client.close()
    assert len(asked(nodes)) == before + 2
