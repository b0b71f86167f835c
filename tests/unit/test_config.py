"""Loading a file: the nouns it becomes, and every mistake in it at once."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.catalogue import Logs, OnFailure, Sort, WorkloadName
from bot.core.workload import Kind
from config import DEMO, ConfigError, Settings, describe, load

BASE = """\
clusters: {main: {simulated: true}}
environments:
  staging: {cluster: main, namespace: micro-staging}
  production: {cluster: main, namespace: micro, explicit: true, on_failure: rollback, settle: 1m30s, logs: never}
"""

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "bot.yaml"
        path.write_text(text, "utf-8")
        return path

    return write


def refused(path: Path, environ: Mapping[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(path, environ or {})
    assert caught.value.fact == "\n".join(describe(caught.value.mistakes))
    return describe(caught.value.mistakes)


def test_environments_keep_the_order_of_the_file(write: Write) -> None:
    catalogue = load(write(BASE), {}).catalogue()
    assert list(catalogue.environments) == ["staging", "production"]
    production = catalogue.environments["production"]
    assert (production.cluster, production.namespace, production.explicit) == ("main", "micro", True)
    assert (production.on_failure, production.logs) == (OnFailure.ROLLBACK, Logs.NEVER)
    assert production.settle == timedelta(seconds=90)
    assert catalogue.environments["staging"].settle == timedelta(seconds=30)


def test_a_service_becomes_the_noun(write: Write) -> None:
    text = """
services:
  adder:
    repository: {"*": "r:5000/adder", production: "r:5000/release/adder"}
    builds: [adder, "team/*"]
    default_environment: staging
    workloads: [{kind: StatefulSet, name: adder, container: app}]
    watch: {regex: '^b(?P<n>\\d+)$ by n', sort: semver, exclude: ["*-x"], cron: "0 9 * * MON-FRI", auto: staging}
  mongo:
"""
    services = load(write(BASE + text), {}).catalogue().services
    adder = services["adder"]
    assert (adder.repository("staging"), adder.repository("production")) == ("r:5000/adder", "r:5000/release/adder")
    assert adder.workloads == (WorkloadName(Kind.STATEFUL_SET, "adder", "app"),)
    assert adder.builds == ("adder", "team/*")
    assert adder.watch is not None
    assert (adder.watch.policy, adder.watch.argument, adder.watch.by) == ("regex", r"^b(?P<n>\d+)$", "n")
    assert (adder.watch.cron, adder.watch.every, adder.watch.auto) == ("0 9 * * mon-fri", None, "staging")
    assert (adder.watch.sort, adder.watch.exclude) == (Sort.SEMVER, ("*-x",))
    assert services["mongo"].repository("staging") is None


@pytest.mark.parametrize(
    ("watch", "policy", "argument"),
    [
        ("tags: sha", "sha", ""),
        ("semver: ^1.2", "semver", "^1.2"),
        ("glob: rel.*", "glob", "rel.*"),
        ("digest: latest", "digest", "latest"),
    ],
)
def test_watch_policies(write: Write, watch: str, policy: str, argument: str) -> None:
    found = load(write(f"{BASE}services: {{a: {{watch: {{{watch}}}}}}}"), {}).catalogue().services["a"].watch
    assert found is not None
    assert (found.policy, found.argument, found.every) == (policy, argument, timedelta(minutes=5))


def test_a_role_becomes_the_noun(write: Write) -> None:
    text = "roles: {ops: {verbs: [read, deploy], people: [a@example.com, 'slack:U1'], environments: [staging]}}"
    role = load(write(BASE + text), {}).catalogue().roles[0]
    assert (role.name, role.verbs, role.people) == ("ops", ("read", "deploy"), ("a@example.com", "slack:U1"))
    assert (role.environments, role.services, role.channels) == (("staging",), ("*",), ("*",))


def test_the_demo_is_the_micro_system(tmp_path: Path) -> None:
    settings = load(DEMO, {"QUARTERDECK_DEMO_FOLDER": str(tmp_path)})
    catalogue = settings.catalogue()
    assert settings.store.reveal() == f"sqlite:///{tmp_path}/demo.db"
    assert list(catalogue.services) == ["adderservice", "auditservice", "eventservice", "webapp", "mongo", "redis"]
    assert {e.name: e.namespace for e in catalogue.environments.values()} == {
        "staging": "micro-staging",
        "production": "micro",
    }
    assert [s.name for s in catalogue.services.values() if s.watch and s.watch.auto] == ["adderservice"]


def test_every_mistake_is_told_at_once_with_path_value_and_line(write: Write) -> None:
    text = """\
tim_zone: Europe/Madrid
time_zone: Europe/Madrd
web: {port: 70000}
clusters: {main: {simulated: true}, Two: {}}
environments:
  staging: {cluster: mian, namespace: micro}
  production:
    cluster: main
    namespace: micro
    settle: soon
    setle: 3s
    on_failure: rolback
  third: {cluster: main, namespace: micro}
services:
  a: {watch: {every: 1m, cron: "0 9 * * 1-5", tags: sha}, workloads: [{kind: Pod}, 5]}
roles:
  r: {verbs: [deploi]}
"""
    cron = "five cron fields with weekdays by name, such as 0 9 * * mon-fri"
    name = "a name of small letters, digits and -, at most 63"
    assert refused(write(text)) == [
        "tim_zone: unknown key; did you mean time_zone? (line 1)",
        'time_zone: "Europe/Madrd" is not a time zone; did you mean Europe/Madrid? (line 2)',
        "web.port: 70000 is not a whole number from 1 to 65535 (line 3)",
        "clusters.Two: needs exactly one of in_cluster, kubeconfig, simulated (line 4)",
        f'clusters.Two: "Two" is not {name} (line 4)',
        'environments.staging.cluster: "mian" is not the name of a cluster; did you mean main? (line 6)',
        'environments.production.settle: "soon" is not a duration from 0s to 1h, such as 30s (line 10)',
        "environments.production.setle: unknown key; did you mean settle? (line 11)",
        'environments.production.on_failure: "rolback" is not one of leave, pause, rollback (line 12)',
        "environments.third.namespace: is the namespace of environments.production already, in the same cluster"
        " (line 13)",
        "services.a.watch.cron: goes without every: write one of them (line 15)",
        'services.a.workloads[0].kind: "Pod" is not one of Deployment, StatefulSet, DaemonSet (line 15)',
        "services.a.workloads[0].name: is missing: a workload's name of small letters, digits, - and . (line 15)",
        "services.a.workloads[1]: 5 is not a mapping of keys (line 15)",
        f'services.a.watch.cron: "0 9 * * 1-5" is not {cron} (line 15)',
        'roles.r.verbs[0]: "deploi" is not a verb; did you mean deploy? (line 17)',
    ]


@pytest.mark.parametrize("text", ["", "environments:", "environments: {}", "clusters: {main: {simulated: true}}"])
def test_at_least_one_environment(write: Write, text: str) -> None:
    assert any("name at least one environment" in line for line in refused(write(text)))


@pytest.mark.parametrize(
    ("watch", "sentence"),
    [
        ("{every: 1m}", "services.a.watch: needs exactly one of tags, semver, glob, regex, digest"),
        ("{tags: sha, glob: x}", "services.a.watch: needs exactly one of tags, semver, glob, regex, digest"),
        (r"{regex: '^b(?P<n>\d+)$'}", "services.a.watch.regex: needs the group to sort by"),
        (r"{regex: '^b(?P<n>\d+)$ by m'}", "services.a.watch.regex: has no group of the name"),
        (r"{regex: '^b(?P<n>\d+)$', by: m}", "services.a.watch.regex: has no group of the name"),
        (r"{regex: '^(?P<a>.)(?P<b>.)$ by a', by: b}", "services.a.watch.by: names another group than regex does"),
        ("{tags: sha, sort: semver}", "services.a.watch.sort: goes with regex only"),
    ],
)
def test_rules_between_the_keys_of_a_watch(write: Write, watch: str, sentence: str) -> None:
    found = refused(write(f"{BASE}services: {{a: {{watch: {watch}}}}}"))
    assert len(found) == 1
    assert found[0].startswith(sentence)


def test_a_workload_is_listed_once(write: Write) -> None:
    workload = "{kind: Deployment, name: a}"
    text = f"{BASE}services: {{a: {{workloads: [{workload}, {workload}]}}}}"
    assert refused(write(text)) == ["services.a.workloads[1]: is listed twice (line 5)"]


def test_a_flood_of_mistakes_is_cut(write: Write) -> None:
    found = refused(write(BASE + "".join(f"key{n}: 1\n" for n in range(5_000))))
    assert len(found) == 101
    assert found[-1] == "there are more: mend these first"


def test_settings_are_frozen(write: Write) -> None:
    settings: Settings = load(write(BASE), {})
    with pytest.raises(ValueError, match="frozen"):
        settings.time_zone = "UTC"


@pytest.mark.parametrize(
    ("pushes", "found"),
    [
        ("{dockerhub: {secret: a}, ghcr: {secret: a}, x: {kind: generic, secret: a}}", []),
        ("{harbor: {secret: a, registry: harbor.local}, micro: {kind: distribution, secret: a, registry: r:1}}", []),
        ("{harbor: {secret: a}}", ["pushes.harbor.registry: is missing: whose repositories harbor tells of (line 4)"]),
        ("{ghcr: {}}", ["pushes.ghcr.secret: is missing: a secret, best written as ${NAME} or ${file:/path} (line 4)"]),
        (
            "{house: {secret: a}}",
            [
                "pushes.house.kind: is needed, since the name is no kind:"
                " dockerhub, distribution, harbor, ghcr, generic (line 4)"
            ],
        ),
    ],
)
def test_who_may_tell_of_pushes(write: Write, pushes: str, found: list[str]) -> None:
    path = write(f"{BASE}pushes: {pushes}\n")
    if found:
        assert [line.partition(" (line")[0] for line in refused(path)] == [f.partition(" (line")[0] for f in found]
    else:
        assert load(path, {}).pushes
