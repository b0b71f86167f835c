"""Puts the world of a catalogue into the simulated clusters and the registry in memory."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.cluster.memory import MemoryCluster
from bot.cluster.memory.edits import Past
from bot.cluster.memory.spec import Spec, single
from bot.core.catalogue import Catalogue, Environment, Service
from bot.core.events import Build, BuildPhase, BuildResult
from bot.core.release import build_part, join
from bot.core.workload import Kind
from bot.demo.history import Commit, commits, image
from bot.registry.memory import MemoryRegistry
from bot.store import Store

STATEFUL = frozenset({"mongo", "redis"})
REPLICAS = {"adderservice": 6, "webapp": 4, "mongo": 3, "redis": 1}
DEADLINE = 60


def furnish(
    catalogue: Catalogue, clusters: Mapping[str, MemoryCluster], registry: MemoryRegistry, store: Store, now: datetime
) -> None:
    for number, service in enumerate(catalogue.services.values()):
        past = commits(service, now)
        for repository in dict.fromkeys(service.repositories.values()):
            for commit in past:
                registry.push(image(repository, commit.tag, commit.at))
        for build in _builds(service, past, 400 + number * 7):
            store.save_build(build)
            store.build_told(build)
            _release(store, service, build)
        for environment in catalogue.environments.values():
            cluster = clusters.get(environment.cluster)
            if cluster:
                _run(cluster, environment, service, past)


def _run(cluster: MemoryCluster, environment: Environment, service: Service, past: list[Commit]) -> None:
    """One that has a template waits for its first deploy."""
    repository = service.repository(environment.name)
    if repository is None or service.template is not None:
        return
    older, newer = past[0], past[1]
    before, after = image(repository, older.tag, older.at), image(repository, newer.tag, newer.at)
    replicas = REPLICAS.get(service.name, 3)
    spec = Spec(
        name=service.name,
        template=single(after.reference, memory_limit="256Mi"),
        kind=Kind.STATEFUL_SET if service.name in STATEFUL else Kind.DEPLOYMENT,
        replicas=replicas if environment.explicit else max(1, replicas // 3),
        deadline=DEADLINE,
    )
    first = Past(
        single(before.reference, memory_limit="256Mi"),
        older.at + timedelta(minutes=20),
        f"deploy {service.name} {older.tag}",
    )
    since = newer.at + timedelta(minutes=25)
    cluster.seed(environment.namespace, spec, since=since, cause=f"deploy {service.name} {newer.tag}", past=[first])


def _release(store: Store, service: Service, build: Build) -> None:
    part = build_part(build)
    edition, known = store.read_book(service.name, part.names.index())
    joined = join(known, service.name, part, build.started)
    if joined:
        store.write_book(service.name, edition, [joined.release])


def _builds(service: Service, past: list[Commit], first: int) -> list[Build]:
    jobs = service.builds
    return [finished(jobs[0], first + n, commit, 95.0 + 13 * n) for n, commit in enumerate(past)] if jobs else []


def finished(job: str, number: int, commit: Commit, seconds: float) -> Build:
    return Build(
        source="jenkins",
        job=job,
        number=number,
        phase=BuildPhase.FINISHED,
        started=commit.at - timedelta(seconds=seconds),
        result=BuildResult.SUCCESS,
        revision=commit.tag,
        branch="main",
        seconds=seconds,
        causes=(f"Started by changes from {commit.author} (3 file(s) changed)",),
        changes=(f"{commit.subject} [{commit.author}]",),
    )
