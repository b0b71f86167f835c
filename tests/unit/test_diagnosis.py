"""Every failure that was recorded on a real node, state by state, and the sentence a person reads."""

import pytest

from bot.core.diagnosis import Diagnosis, diagnose
from bot.core.workload import ClusterEvent, Container, ContainerStatus, Run
from tests.unit.kubelet import NOW, cases, events, pod, recorded_pod, statuses, workload

_DENIED = "pull access denied, repository does not exist or may require authorization"
_AT_START = "Crashes at start: exit 3, restarted 4 times."
_FALLBACK = "Crashes at start: exit 1, restarted 4 times."
_NO_COMMAND = "Cannot start: /bin/nope: no such file or directory, restarted 4 times."
_CHILD = "Killed for memory in a child process (limit 256Mi): exit 5"
_INIT = "Init container migrate: crashes at start: exit 1, restarted 4 times."
_PLACELESS = "1 node(s) didn't match Pod's node affinity/selector (0 of 1 nodes fit)"

TABLE = {
    "missing-tag": ("image_pull", ["Cannot pull 127.0.0.1:15000/app:9: not found."] * 2),
    "missing-repo": ("image_pull", ["Cannot pull 127.0.0.1:15000/nope:1: not found."]),
    "registry-down": ("image_pull", ["Cannot pull 127.0.0.1:15009/app:1: 127.0.0.1:15009: connection refused."]),
    "registry-nohost": ("image_pull", ["Cannot pull registry.invalid/app:1: lookup registry.invalid: i/o timeout."]),
    "registry-auth": (
        "image_pull",
        [f"Cannot pull 127.0.0.1:15001/app:1: {_DENIED}: authorization failed: no basic auth credentials."] * 2,
    ),
    "bad-image-name": (
        "image_pull",
        ["App_:::1 is not an image name: repository name (library/App_) must be lowercase."],
    ),
    "never-pull": ("image_pull", ["127.0.0.1:15000/app:8 is not on the node, and its pull policy is Never."]),
    "crash": ("crash", ["Crashed at start: exit 3.", _AT_START, _AT_START, _AT_START]),
    "crash-fallback": ("crash", [_FALLBACK] * 6),
    "no-command": ("start", [_NO_COMMAND] * 2),
    "oom": ("oom", ["Killed for memory (limit 256Mi), restarted 4 times."] * 3),
    "oom-child": ("oom", [f"{_CHILD}.", *[f"{_CHILD}, restarted 4 times."] * 3]),
    "unready-refused": ("readiness", ["Not ready: readiness probe gets connection refused at :9090/."]),
    "post-start": (
        "hook",
        [
            "Its postStart hook fails: exit 4, hook says no, restarted 4 times.",
            "Its postStart hook fails, restarted 4 times.",
        ],
    ),
    "unready-404": ("readiness", ["Not ready: readiness probe answers HTTP 404."]),
    "unready-exec": ("readiness", ['Not ready: readiness probe says "cache cold".']),
    "unready-timeout": ("readiness", ["Not ready: readiness probe does not end within 1s (/bin/sleep 9)."]),
    "unlive": ("liveness", ["Killed because its liveness probe answers HTTP 404, restarted 4 times."] * 2),
    "no-configmap-env": ("config", ['Cannot be created: configmap "settings" not found.']),
    "no-configmap-vol": ("mount", ['Cannot mount volume v: configmap "settings" not found.']),
    "init-crash": ("init", [_INIT] * 4),
    "job-fails": ("crash", ["Crashed at start: exit 1."]),
    "too-big": ("unschedulable", ["Cannot be scheduled: 1 Insufficient cpu (0 of 1 nodes fit)."]),
    "no-node": ("unschedulable", [f"Cannot be scheduled: {_PLACELESS}."]),
    "no-pvc": (
        "unschedulable",
        ['Cannot be scheduled: persistentvolumeclaim "data" not found (0 of 1 nodes fit).'],
    ),
    "no-account": ("admission", ["No pod may be made: no PriorityClass with name urgent was found."]),
}
WITHOUT_PODS = {"no-account"}
OF_OTHER_KINDS = {"job"}


def _diagnosed(case: str, state: int) -> Diagnosis | None:
    pods = [] if case in WITHOUT_PODS else [recorded_pod(case, state)]
    return diagnose(workload(), pods, events(case), NOW)


def test_every_recorded_failure_has_its_sentence() -> None:
    assert set(TABLE) | OF_OTHER_KINDS == set(cases())


@pytest.mark.parametrize(
    ("case", "state", "code", "sentence"),
    [(case, i, code, s) for case, (code, sentences) in TABLE.items() for i, s in enumerate(sentences)],
)
def test_recorded_words_become_one_sentence(case: str, state: int, code: str, sentence: str) -> None:
    found = _diagnosed(case, state)
    assert found is not None
    assert (found.code, found.sentence) == (code, sentence)


@pytest.mark.parametrize("case", TABLE)
def test_no_state_of_a_recorded_failure_goes_unnoticed(case: str) -> None:
    assert len(TABLE[case][1]) == max(1, len(statuses(case)))


@pytest.mark.parametrize(
    ("said", "code", "sentence"),
    [
        (
            'pods "web-1" is forbidden: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1',
            "quota",
            "No pod may be made: quota small is used up (requested pods=1, used pods=1, limited pods=1).",
        ),
        (
            'pods "web-1" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
            "quota",
            "No pod may be made: maximum cpu usage per Container is 1, but limit is 2.",
        ),
        (
            'admission webhook "policy.example.com" denied the request: no latest tag',
            "admission",
            'No pod may be made: admission webhook "policy.example.com" denied the request: no latest tag.',
        ),
        (
            'Error creating: Internal error occurred: failed calling webhook "policy.example.com": failed to call '
            'webhook: Post "https://policy.shop.svc:443/": dial tcp 10.0.0.9:443: connect: connection refused',
            "admission",
            "No pod may be made: the webhook policy.example.com fails: 10.0.0.9:443: connection refused.",
        ),
        (
            'create Pod web-0 in StatefulSet web failed error: pods "web-0" is forbidden: violates PodSecurity '
            '"restricted:latest": runAsNonRoot != true',
            "admission",
            'No pod may be made: violates PodSecurity "restricted:latest": runAsNonRoot != true.',
        ),
    ],
)
def test_refused_pods_are_told_from_the_event(said: str, code: str, sentence: str) -> None:
    refusal = ClusterEvent(kind="StatefulSet", name="web", reason="FailedCreate", message=said, at=NOW)
    found = diagnose(workload(), [], [refusal], NOW)
    assert found is not None
    assert (found.code, found.sentence, found.certain) == (code, sentence, True)


def test_a_digest_is_shortened() -> None:
    image = f"127.0.0.1:15000/app:9@sha256:44c1f0e{'0' * 57}"
    waiting = Run(state="waiting", reason="ImagePullBackOff", message=f'Back-off pulling image "{image}"')
    pulling = pod(ContainerStatus(name="app", restarts=0, now=waiting), phase="Pending")
    found = diagnose(workload(containers=(Container(name="app", image=image),)), [pulling], [], NOW)
    assert found is not None
    assert found.sentence == "Cannot pull 127.0.0.1:15000/app:9@sha256:44c1f0e."
