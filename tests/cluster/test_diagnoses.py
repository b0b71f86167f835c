"""Every cause of trouble that `why` has words for, made on a real control plane and asked for as a person asks."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.chat.console.room import Room
from bot.clock import SystemClock
from bot.core.model import Reply, Tone
from bot.core.workload import Image, Kind, SetImage
from bot.parts import make_parts
from commands import load as load_commands
from config import load
from tests.cluster.admission import refusing
from tests.contract.cluster_kit import Bench, Wanted
from tests.contract.kubernetes_kit import KubernetesKit, manifest
from tests.unit.talk import Talk

CONFIG = """
store: "sqlite:///{folder}/bot.db"
clusters: {{main: {{simulated: true}}}}
environments: {{staging: {{cluster: main, namespace: {namespace}}}}}
services: {{adder: {{repository: registry.local/adder, default_environment: staging}}}}
"""
REPOSITORY = "registry.local/adder"
CRASH = f"{REPOSITORY}:crash-3"
MIGRATE = {"name": "migrate", "image": f"{REPOSITORY}-migrate:crash-2"}
SCHEMA = {"name": "schema", "image": f"{REPOSITORY}-schema:1"}
WEBHOOKS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"

Pod = dict[str, Any]


@pytest.fixture
def talk(kit: KubernetesKit, tmp_path: Path) -> Iterator[Talk]:
    config = tmp_path / "bot.yaml"
    config.write_text(CONFIG.format(folder=tmp_path, namespace=kit.namespace))
    parts = replace(make_parts(load(config, {}), SystemClock()), clusters={"main": kit.cluster})
    talk = Talk(parts, Room(parts.clock), load_commands(), lead=False)
    talk.bot.start()
    yield talk
    talk.bot.stop()
    parts.close()


def create(kit: KubernetesKit, image: str, pod: Pod, container: Pod) -> None:
    made = manifest(Wanted(image=f"{REPOSITORY}:{image}", replicas=1))
    template = made["spec"]["template"]["spec"]
    template.update(pod)
    template["containers"][0].update(container)
    kit._plane.make(kit._apps(Kind.DEPLOYMENT), made)


def why(talk: Talk, kit: KubernetesKit, words: str) -> Reply:
    """Asked until it says so: trouble takes its time."""

    def asked() -> Reply | None:
        reply = talk.say("why adder in staging")
        seen.append(reply.title)
        return reply if words in reply.title and reply.tone is Tone.BAD else None

    seen: list[str] = []
    try:
        found = kit.until(asked, words)
    except BaseException:
        print(*dict.fromkeys(seen), sep="\n")
        raise
    assert found
    return found


@pytest.mark.parametrize(
    ("image", "container", "words"),
    [
        ("missing", {}, f"Cannot pull {REPOSITORY}:missing: not found."),
        ("crash-3", {}, "Crashes at start: exit 3, restarted "),
        ("oom", {"resources": {"limits": {"memory": "256Mi"}}}, "Killed for memory (limit 256Mi), restarted "),
        ("unready", {}, "Not ready: readiness probe answers HTTP 404."),
        ("unlive", {}, "Killed because its liveness probe answers HTTP 404, restarted "),
        ("unstarted", {}, "Killed because its startup probe answers HTTP 404, restarted "),
        ("unmounted", {}, 'Cannot mount volume settings: configmap "settings" not found.'),
        ("foreign", {}, "Built for another architecture than the node's (exec format error)."),
    ],
)
def test_a_container(talk: Talk, kit: KubernetesKit, image: str, container: Pod, words: str) -> None:
    create(kit, image, {}, container)
    assert why(talk, kit, words).title.startswith(f"adder in staging: {words}")


@pytest.mark.parametrize(
    ("pod", "words"),
    [
        (
            {"nodeSelector": {"disk": "ssd"}},
            "Cannot be scheduled: 1 node(s) didn't match Pod's node affinity/selector ",
        ),
        ({"initContainers": [SCHEMA, MIGRATE]}, "Init container migrate: crashes at start: exit 2, restarted "),
        (
            {"initContainers": [{**MIGRATE, "image": f"{REPOSITORY}-migrate:missing"}]},
            f"Init container migrate: cannot pull {REPOSITORY}-migrate:missing: not found.",
        ),
        ({"serviceAccountName": "nobody"}, "No pod may be made: error looking up service account "),
        ({"priorityClassName": "urgent"}, "No pod may be made: no PriorityClass with name urgent was found."),
    ],
)
def test_a_pod(talk: Talk, kit: KubernetesKit, pod: Pod, words: str) -> None:
    create(kit, "1", pod, {})
    why(talk, kit, words)


def test_the_log_of_an_init_container_is_shown(talk: Talk, kit: KubernetesKit) -> None:
    create(kit, "1", {"initContainers": [SCHEMA, MIGRATE]}, {})
    assert "panic: no database" in why(talk, kit, "Init container migrate: crashes at start").body


def test_no_room_on_any_node(talk: Talk, kit: KubernetesKit) -> None:
    create(kit, "1", {}, {"resources": {"requests": {"cpu": "100000"}}})
    why(talk, kit, "Cannot be scheduled: 1 Insufficient cpu (0 of 1 nodes fit).")


def test_a_quota(talk: Talk, kit: KubernetesKit) -> None:
    kit.set_quota(0)
    create(kit, "1", {}, {})
    why(talk, kit, "No pod may be made: quota pods is used up (requested pods=1, used pods=0, limited pods=0).")


def test_a_limit_range(talk: Talk, kit: KubernetesKit) -> None:
    limits = {"limits": [{"type": "Container", "max": {"memory": "64Mi"}}]}
    kit._make("/api/v1", "limitranges", "small", limits)
    create(kit, "1", {}, {"resources": {"limits": {"memory": "256Mi"}}})
    why(talk, kit, "No pod may be made: maximum memory usage per Container is 64Mi, but limit is 256Mi.")


@contextmanager
def webhook(kit: KubernetesKit, url: str, authority: bytes, resource: str) -> Iterator[None]:
    rule = {"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": [resource]}
    hook = {
        "name": "policy.example.com",
        "clientConfig": {"url": url, "caBundle": base64.b64encode(authority).decode()},
        "rules": [rule],
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": kit.namespace}},
    }
    kit._plane.make(WEBHOOKS, {"metadata": {"name": kit.namespace}, "webhooks": [hook]})
    try:
        yield
    finally:
        kit._plane.delete(f"{WEBHOOKS}/{kit.namespace}")


def test_a_webhook_that_lets_no_pod_in(talk: Talk, kit: KubernetesKit, tmp_path: Path) -> None:
    with refusing(tmp_path, "runs as root") as (url, authority), webhook(kit, url, authority, "pods"):
        create(kit, "1", {}, {})
        why(talk, kit, 'No pod may be made: admission webhook "policy.example.com" denied the request: runs as root.')


def test_a_webhook_that_nobody_answers(talk: Talk, kit: KubernetesKit, tmp_path: Path) -> None:
    with refusing(tmp_path, "") as (url, authority):
        where = url.removeprefix("https://").rstrip("/")
    with webhook(kit, url, authority, "pods"):
        create(kit, "1", {}, {})
        why(talk, kit, f"No pod may be made: the webhook policy.example.com fails: {where}: connection refused.")


def test_a_webhook_that_lets_no_change_in(talk: Talk, kit: KubernetesKit, tmp_path: Path) -> None:
    Bench(kit).running(Wanted(replicas=1))
    with (
        refusing(tmp_path, "on Fridays nothing moves") as (url, authority),
        webhook(kit, url, authority, "deployments"),
    ):
        said = talk.say("restart adder in staging")
    assert (said.tone, said.title) == (Tone.BAD, "The cluster main refuses it.")
    assert 'admission webhook "policy.example.com" denied the request: on Fridays nothing moves' in said.body


def test_pod_security(talk: Talk, kit: KubernetesKit) -> None:
    kit.kubectl("label", "namespace", kit.namespace, "pod-security.kubernetes.io/enforce=restricted")
    create(kit, "1", {}, {})
    why(talk, kit, 'No pod may be made: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false ')


def test_a_budget_that_lets_no_pod_go(talk: Talk, kit: KubernetesKit) -> None:
    """It is told beside whatever else is wrong, and where nothing is."""
    bench = Bench(kit)
    bench.running(Wanted(replicas=1))
    kit.guard("adder", 1)
    words = "The disruption budget adder lets no pod go, ever: it needs 1 healthy, and 1 are wanted."
    kit.until(lambda: words in talk.say("why adder in staging").body, words)
    bench.do(bench.look(), SetImage("app", Image(REPOSITORY, "missing")))
    assert words in why(talk, kit, "Cannot pull").body
