"""What is made from files, and what neither of the two does: kubectl on one of two twins, we on the other."""

from typing import Any

import msgspec
import pytest

from bot.cluster.kubernetes.nouns import LAST_APPLIED
from bot.core.errors import Refused
from bot.core.manifests import Values, filled
from bot.core.model import Step
from bot.core.workload import Action, Image, Install, Kind, Manifest, Pause, Restart, Resume, Scale, Target, Undo
from tests.cluster.test_twins import NOON, OURS, Twins, _renamed
from tests.contract.cluster_kit import CAUSE, ENVIRONMENT, Bench
from tests.contract.kubernetes_kit import KubernetesKit
from tests.contract.test_cluster_install import ONE, TWO, service, template

ADDRESSES = ("clusterIP", "clusterIPs", "nodePort", "healthCheckNodePort")


def files(kit: KubernetesKit, name: str, image: Image, *made: Manifest) -> list[Manifest]:
    return [filled(one, Values(name, kit.namespace, image.reference, 8080)) for one in made]


def ours(kit: KubernetesKit, image: Image, *made: Manifest) -> None:
    first, *rest = files(kit, "ours", image, *made)
    kind, bench = Kind(first.kind), Bench(kit)
    action, target = Install("app", image, first, tuple(rest)), Target(ENVIRONMENT, "main", kit.namespace, kind, "ours")
    there = bench.cluster.find(ENVIRONMENT, kit.namespace, "ours", kind) if stands(kit, kind) else None
    known = (there.uid, there.resource_version, there.template) if there else ("", "", "")
    kit.cluster.apply(Step(target, action, "", "", *known), CAUSE)


def stands(kit: KubernetesKit, kind: Kind) -> bool:
    return kit._plane.control.api(f"{kit._apps(kind)}/ours").status == 200


def theirs(kit: KubernetesKit, image: Image, *made: Manifest) -> None:
    body = {"apiVersion": "v1", "kind": "List", "items": [one.body for one in files(kit, "theirs", image, *made)]}
    command = ("--namespace", kit.namespace, "apply", "--server-side", "-f", "-")
    kit._plane.control.kubectl(*command, stdin=msgspec.json.encode(body).decode())


def compared(kit: KubernetesKit, kind: Kind) -> tuple[object, object]:
    return _both(kit, kind, "ours"), _both(kit, kind, "theirs")


def _both(kit: KubernetesKit, kind: Kind, name: str) -> object:
    paths = (f"{kit._apps(kind)}/{name}", f"{kit._core}/services/{name}")
    return [_renamed(_plain(kit._plane.read(path)), name) for path in paths]


def _plain(found: dict[str, Any]) -> dict[str, Any]:
    notes = found["metadata"].get("annotations", {})
    kept = {key: value for key, value in notes.items() if not key.startswith(OURS) and key != LAST_APPLIED}
    return {"labels": found["metadata"].get("labels"), "annotations": kept, "spec": _without(found["spec"])}


def _without(value: Any) -> Any:
    """What the server gives away to each is never the same."""
    if isinstance(value, dict):
        return {key: _without(inner) for key, inner in value.items() if key not in ADDRESSES}
    return [_without(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("kind", Kind)
def test_a_first_deploy_and_the_files_again(kit: KubernetesKit, kind: Kind) -> None:
    """The second time with another image, and another kind of Service."""
    for image, made in ((ONE, service()), (TWO, service("LoadBalancer"))):
        ours(kit, image, template(kind), made)
        theirs(kit, image, template(kind), made)
        for name in ("ours", "theirs"):
            Bench(kit).rolled_out(name, kind)
        mine, kubectls = compared(kit, kind)
        assert mine == kubectls


def both_refuse(twins: Twins, action: Action, words: tuple[str, ...]) -> None:
    with pytest.raises(Refused):
        twins.ours(action)
    with pytest.raises(RuntimeError):
        twins.theirs(*words, "IT")
    mine, kubectls = twins.compared()
    assert mine == kubectls


@pytest.mark.parametrize(
    ("kind", "action", "words"),
    [
        (Kind.STATEFUL_SET, Pause(), ("rollout", "pause")),
        (Kind.DAEMON_SET, Pause(), ("rollout", "pause")),
        (Kind.STATEFUL_SET, Resume(), ("rollout", "resume")),
        (Kind.DAEMON_SET, Resume(), ("rollout", "resume")),
        (Kind.DEPLOYMENT, Resume(), ("rollout", "resume")),
        (Kind.DAEMON_SET, Scale(2), ("scale", "--replicas=2")),
    ],
)
def test_what_kubectl_refuses_is_refused(
    kit: KubernetesKit, kind: Kind, action: Action, words: tuple[str, ...]
) -> None:
    both_refuse(Twins(kit, kind), action, words)


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (Pause(), ("rollout", "pause")),
        (Restart(NOON), ("rollout", "restart")),
        (Undo(1), ("rollout", "undo", "--to-revision=1")),
    ],
)
def test_so_it_is_while_it_is_paused(kit: KubernetesKit, action: Action, words: tuple[str, ...]) -> None:
    twins = Twins(kit, Kind.DEPLOYMENT)
    twins.both(Pause(), "rollout", "pause", "IT")
    both_refuse(twins, action, words)
