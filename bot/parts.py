"""What a configuration asks for, made but not started. A vendor is loaded only where it is asked for."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.chat import Platform
from bot.cluster import Cluster
from bot.cluster.memory import MemoryCluster
from bot.core.catalogue import Catalogue
from bot.core.clock import Clock
from bot.core.events import BuildChanged, Event, RolloutChanged, TagFound
from bot.core.model import Place
from bot.demo.history import behave
from bot.demo.world import furnish
from bot.registry import Registry
from bot.registry.memory import MemoryRegistry
from bot.store import Store
from bot.store.sql import SqlStore
from config import Settings

Routes = Callable[[Event], Iterable[Place]]


@dataclass(frozen=True, slots=True)
class Parts:
    settings: Settings
    store: Store
    clusters: Mapping[str, Cluster]
    registry: Registry
    clock: Clock

    def close(self) -> None:
        for cluster in self.clusters.values():
            cluster.stop()
        self.registry.close()
        self.store.close()


def make_parts(settings: Settings, clock: Clock) -> Parts:
    store = SqlStore(settings.store.reveal())
    store.migrate()
    simulated = {name: MemoryCluster(name, clock, behave) for name, c in settings.clusters.items() if c.simulated}
    real = {name: _real_cluster(name, settings) for name in settings.clusters if name not in simulated}
    registry = _real_registry(settings) if real else MemoryRegistry()
    if isinstance(registry, MemoryRegistry):
        furnish(settings.catalogue(), simulated, registry, store, clock.now())
    return Parts(settings, store, {**simulated, **real}, registry, clock)


def make_platforms(settings: Settings, clock: Clock) -> list[Platform]:
    return [_slack(settings, clock)] if settings.chat.slack else []


def channels(catalogue: Catalogue, platforms: Sequence[Platform]) -> Routes:
    """Everything about a service goes to the service's own channels."""
    names = {platform.name for platform in platforms}

    def places(event: Event) -> Iterable[Place]:
        service = catalogue.services.get(_service(catalogue, event))
        found = service.channels if service else {}
        return [Place(platform, channel) for platform, channel in found.items() if platform in names]

    return places


def _service(catalogue: Catalogue, event: Event) -> str:
    match event:
        case RolloutChanged(rollout):
            return rollout.service
        case TagFound(service=service):
            return service
        case BuildChanged(build):
            return next((s.name for s in catalogue.services.values() if s.built_by(build.job)), "")


def _real_cluster(name: str, settings: Settings) -> Cluster:
    from bot.cluster.kubernetes import Access, KubernetesCluster

    asked = settings.clusters[name]
    return KubernetesCluster(name, Access(asked.kubeconfig, asked.context))


def _real_registry(settings: Settings) -> Registry:
    from bot.registry.oci import Access, OciRegistry

    return OciRegistry(
        {
            name: Access(
                plain_http=asked.plain_http,
                ca_file=asked.ca_file,
                username=asked.username,
                password=asked.password,
                aliases=tuple(asked.aliases),
            )
            for name, asked in settings.registries.items()
        }
    )


def _slack(settings: Settings, clock: Clock) -> Platform:
    from bot.chat.slack import Mode, SlackAccess, SlackPlatform

    asked = settings.chat.slack
    if asked is None:
        raise ValueError("chat.slack is not configured")
    access = SlackAccess(Mode(asked.mode), asked.bot_token, asked.app_token, asked.signing_secret, asked.api_url)
    return SlackPlatform(access, clock)
