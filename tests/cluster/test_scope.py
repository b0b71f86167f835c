"""A bot that watches the whole cluster at once: what it asks, what it may, and what it leaves alone."""

import itertools
import json
import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.cluster import Sight
from bot.cluster.kubernetes import KubernetesCluster
from bot.core.workload import Workload
from tests.cluster.double import Reply, double, listing
from tests.cluster.plane import ACCOUNT, Plane, manifest
from tests.cluster.test_check import check_live
from tests.cluster.test_faults import happening, seen, until
from tests.contract.cluster_kit import ENVIRONMENT, Bench, Ear, Wanted
from tests.contract.kubernetes_kit import KubernetesKit


@pytest.fixture
def kit(real: Plane) -> Iterator[KubernetesKit]:
    kit = KubernetesKit(real, whole=True)
    yield kit
    kit.close()


def records(real: Plane) -> list[dict[str, Any]]:
    """What the server wrote down of the bot."""
    written = map(json.loads, real.control.audit_log.read_text().splitlines())
    return [r for r in written if r["user"].get("username") == ACCOUNT]


def asked(real: Plane) -> list[tuple[str, str, str]]:
    """Of all namespaces at once."""
    mine = [(r["verb"], r["objectRef"]) for r in records(real)]
    return [
        (verb, ref.get("apiGroup", ""), ref["resource"])
        for verb, ref in mine
        if "namespace" not in ref and verb in ("list", "watch") and ref["resource"] != "nodes"
    ]


def test_three_environments_cost_one_list_and_one_watch_of_each_kind(real: Plane, kit: KubernetesKit) -> None:
    """And that is all that k8s/watch grants."""
    rules = manifest("watch/clusterrole.yaml")["rules"]
    granted = [(v, g, r) for rule in rules for g in rule["apiGroups"] for r in rule["resources"] for v in rule["verbs"]]
    before = len(asked(real))
    with real.granted("watch"):
        Bench(kit).running(Wanted(replicas=1))
        ear = Ear()
        places = {ENVIRONMENT: kit.namespace, **{n: kit.neighbour().namespace for n in ("one", "two")}}
        kit.cluster.watch(places, ear.notice)
        assert ear.pods()
        kit.set_image("adder", "registry.local/adder:2")
        kit.until(lambda: ear.workloads()[-1].containers[0].image.endswith(":2"), "the other image")
        kit.until(lambda: len(asked(real)) - before >= len(granted), "every watch in the audit log")
    assert Counter(asked(real)[before:]) == Counter(granted)


def test_places_that_come_later_join_the_one_watch(real: Plane, kit: KubernetesKit) -> None:
    """Nothing is lost while they do, nothing told twice, and no namespace is watched by itself."""
    bench, ear = Bench(kit), Ear()
    with real.granted("watch"):
        bench.running(Wanted(replicas=1))
        kit.cluster.watch({ENVIRONMENT: kit.namespace}, ear.notice)
        later = {name: kit.neighbour() for name in ("one", "two", "three")}
        for number, (name, there) in enumerate(later.items(), 2):
            there.create(Wanted(replicas=1))
            kit.set_image("adder", f"registry.local/adder:{number}")
            kit.cluster.watch({name: there.namespace}, ear.notice)
        kit.until(lambda: {w.target.environment for w in ear.workloads() if w.available} >= set(later), "all of them")
        mine = [w for w in ear.workloads() if w.target.environment == ENVIRONMENT]
        kit.until(lambda: bench.look().observed >= bench.look().generation, "the last image")
        assert [w.generation for w in mine] == sorted(w.generation for w in mine)
        kit.until(lambda: images(ear)[ENVIRONMENT] == "registry.local/adder:4", "the last image heard of")
    told = [(s.what, s.environment, s.thing) for s in ear.heard]
    assert not [two for two in itertools.pairwise(told) if two[0] == two[1]]
    assert {s.what for s in ear.heard if isinstance(s.thing, Workload)} == {Sight.SEEN}
    alone = {there.namespace for there in later.values()}
    assert not [r for r in records(real) if r["verb"] == "watch" and r["objectRef"].get("namespace") in alone]


def images(ear: Ear) -> dict[str, str]:
    """What was heard last, by environment."""
    return {w.target.environment: w.containers[0].image for w in ear.workloads()}


def test_two_environments_of_one_namespace_are_both_told(real: Plane, kit: KubernetesKit) -> None:
    with real.granted("watch"):
        Bench(kit).running(Wanted(replicas=1))
        ear = Ear()
        kit.cluster.watch({"blue": kit.namespace, "green": kit.namespace}, ear.notice)
        assert images(ear).keys() == {"blue", "green"}
        kit.cluster.watch({"red": kit.namespace}, ear.notice)
        assert images(ear).keys() == {"blue", "green", "red"}


def test_without_the_right_it_says_what_to_apply(kit: KubernetesKit, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        kit.cluster.watch({ENVIRONMENT: kit.namespace}, Ear().notice)
        kit.until(lambda: caplog.messages, "one word about it")
    assert caplog.messages[0].startswith("main cannot be watched: The bot may not list ")
    assert caplog.messages[0].endswith("k8s/watch holds the ClusterRole that it needs.")


def test_check_live_asks_for_the_right(real: Plane, kit: KubernetesKit, tmp_path: Path) -> None:
    lacking = check_live(tmp_path, real.access.kubeconfig, kit.namespace, "scope: cluster")
    assert lacking.returncode == 1
    assert "all of main" in lacking.stdout
    with real.granted("watch"):
        done = check_live(tmp_path, real.access.kubeconfig, kit.namespace, "scope: cluster")
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_in_nobodys_namespace_is_not_even_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    odd = {"metadata": {"name": 7, "namespace": "elsewhere", "resourceVersion": "2"}}
    bookmark = happening("BOOKMARK", {"metadata": {"resourceVersion": "9"}})
    with double(tmp_path) as (server, access), caplog.at_level(logging.WARNING):
        server.answer("deployments?watch", Reply(happening("ADDED", odd) + bookmark), Reply(b""))
        server.answer("deployments?", listing(odd, seen("a", "1")))
        ear, cluster = Ear(), KubernetesCluster("main", access, whole=True)
        cluster.watch({"staging": "micro", "production": "other"}, ear.notice)
        until(lambda: any("deployments?watch" in a and "resourceVersion=9" in a for a in server.asked), "a new watch")
        cluster.stop()
    assert [w.target.name for w in ear.workloads()] == ["a"]
    assert caplog.messages == []
    assert not [question for question in server.asked if "/namespaces/" in question]


def test_what_went_unseen_is_told_where_it_was(tmp_path: Path) -> None:
    """The version is forgotten, and everything listed again: of two places, one lost what it had."""
    there = seen("b", "2")
    there["metadata"] |= {"namespace": "other"}
    expired = happening("ERROR", {"code": 410, "message": "too old resource version"})
    with double(tmp_path) as (server, access):
        server.answer("deployments?watch", Reply(expired), Reply(b""))
        server.answer("deployments?", listing(seen("a", "1"), there), listing(there, version="5"))
        ear, cluster = Ear(), KubernetesCluster("main", access, whole=True)
        cluster.watch({"staging": "micro", "production": "other"}, ear.notice)
        until(ear.gone, "the end of a")
        cluster.stop()
    told = [(s.what, s.environment, s.thing.target.name) for s in ear.heard if isinstance(s.thing, Workload)]
    seen_first = {(Sight.SEEN, "staging", "a"), (Sight.SEEN, "production", "b")}
    assert set(told[:2]) == seen_first
    assert told[2:] == [(Sight.GONE, "staging", "a")]
