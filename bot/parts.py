"""What a configuration asks for, made but not started. A vendor is loaded only where it is asked for."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.alerts import AlertSource
from bot.alerts.alertmanager import Alertmanager
from bot.builds import BuildSource
from bot.builds.generic import GenericSource
from bot.builds.github import GithubSource
from bot.builds.gitlab import GitlabSource
from bot.builds.jenkins import JenkinsSource
from bot.builds.travis import FetchedKey, FixedKey, Key, TravisSource
from bot.chat import Platform
from bot.cluster import Cluster
from bot.cluster.memory import MemoryCluster
from bot.core.catalogue import Catalogue
from bot.core.clock import Clock
from bot.core.digest import heard
from bot.core.errors import Refused
from bot.core.events import Event
from bot.core.model import Place
from bot.core.quiet import Quiet
from bot.core.rights import groups_of
from bot.core.routes import calls
from bot.core.secret import Secret
from bot.demo.history import behave
from bot.demo.world import furnish
from bot.engine.reach import placed
from bot.registry import PushSource, Registry
from bot.registry.hooks import Hook
from bot.registry.memory import MemoryRegistry
from bot.reload import Current
from bot.store import Store
from bot.store.sql import SqlStore
from config import Settings
from config.builds import Builder, BuildHook
from config.places import Scope

WEBEX = "webex"
Routes = Callable[[Event], Mapping[Place, Quiet]]
Calls = Callable[[Event], Mapping[Place, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Parts:
    """`settings` is what they were made of; what stands now is `current`."""

    settings: Settings
    current: Current
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
    clusters = make_clusters(settings, clock)
    simulated = {name: c for name, c in clusters.items() if isinstance(c, MemoryCluster)}
    registry = MemoryRegistry() if len(simulated) == len(clusters) else _real_registry(settings)
    if isinstance(registry, MemoryRegistry):
        furnish(settings.catalogue(), simulated, registry, store, clock.now())
    return Parts(settings, Current(settings), store, clusters, registry, clock)


def make_clusters(settings: Settings, clock: Clock) -> dict[str, Cluster]:
    return {
        name: MemoryCluster(name, clock, behave) if asked.simulated else _real_cluster(name, settings)
        for name, asked in settings.clusters.items()
    }


def make_platforms(settings: Settings, clock: Clock, current: Callable[[], Catalogue]) -> list[Platform]:
    """Every chat that is configured; one that is away holds up none of the others."""
    made = (_slack(settings, clock), _webex(settings, clock, current))
    return [platform for platform in made if platform]


def invite_tokens(settings: Settings) -> dict[str, Secret]:
    """What proves who may invite people from outside the chat, by the platform."""
    webex = settings.chat.webex
    return {WEBEX: webex.invite_token} if webex and webex.invite_token else {}


def routed(current: Callable[[], Catalogue], platforms: Sequence[Platform], clock: Clock) -> Routes:
    """By the configuration that stands when something happens, and by the hour."""
    by_name = {platform.name: platform for platform in platforms}

    def where(event: Event) -> Mapping[Place, Quiet]:
        return placed(heard(event, current(), by_name.keys(), clock.now()), by_name)

    return where


def calling(current: Callable[[], Catalogue], platforms: Sequence[Platform]) -> Calls:
    """Who is to be called where, by the configuration that stands then."""
    by_name = {platform.name: platform for platform in platforms}

    def whom(event: Event) -> Mapping[Place, tuple[str, ...]]:
        return placed(calls(event, current(), by_name.keys()), by_name)

    return whom


def make_alerters(settings: Settings, clock: Clock) -> dict[str, AlertSource]:
    return {name: Alertmanager(name, hook.token, clock) for name, hook in settings.alerts.items()}


def make_builders(settings: Settings, clock: Clock) -> dict[str, BuildSource]:
    return {name: _builder(name, hook, clock) for name, hook in settings.builds.items()}


def _builder(name: str, hook: BuildHook, clock: Clock) -> BuildSource:
    """Which keys are there was checked when the configuration was read."""
    nothing = Secret("")
    match hook.builder(name):
        case Builder.JENKINS:
            return JenkinsSource(name, hook.username or "", hook.password or nothing, clock)
        case Builder.GITHUB:
            return GithubSource(name, hook.secret or nothing, clock)
        case Builder.GITLAB:
            return GitlabSource(name, hook.token or nothing, clock)
        case Builder.GENERIC:
            return GenericSource(name, hook.secret or nothing, clock)
        case Builder.TRAVIS:
            return TravisSource(name, _travis_key(name, hook), clock)


def _travis_key(name: str, hook: BuildHook) -> Key:
    file = hook.public_key_file
    try:
        return FixedKey(file.read_text()) if file else FetchedKey(hook.config_url or "")
    except ValueError as error:
        raise Refused(f"builds.{name} has no key that can be used.", fact=str(error), hint="See docs/ci.md.") from None


def make_pushers(settings: Settings) -> dict[str, PushSource]:
    return {name: Hook(name, hook.pusher(name), hook.secret, hook.registry) for name, hook in settings.pushes.items()}


def _real_cluster(name: str, settings: Settings) -> Cluster:
    from bot.cluster.kubernetes import Access, KubernetesCluster

    asked = settings.clusters[name]
    return KubernetesCluster(name, Access(asked.kubeconfig, asked.context), whole=asked.scope is Scope.CLUSTER)


def _real_registry(settings: Settings) -> Registry:
    from bot.registry.oci import Access, OciRegistry, Proxies

    return OciRegistry(
        {
            name: Access(
                plain_http=asked.plain_http,
                ca_file=asked.ca_file,
                client_certificate=asked.cert_file,
                client_key=asked.key_file,
                username=asked.username,
                password=asked.password,
                token_server=asked.token_server,
                aliases=tuple(asked.aliases),
            )
            for name, asked in settings.registries.items()
        },
        proxies=Proxies(os.environ),
    )


def _webex(settings: Settings, clock: Clock, current: Callable[[], Catalogue]) -> Platform | None:
    asked = settings.chat.webex
    if asked is None:
        return None
    from bot.chat.webex import WebexAccess, WebexPlatform

    access = WebexAccess(
        asked.token,
        asked.webhook_secret,
        settings.web.public_url,
        asked.api_url,
        frozenset(asked.orgs),
        frozenset(asked.domains),
        lambda: groups_of(WEBEX, current()),
    )
    return WebexPlatform(access, clock)


def _slack(settings: Settings, clock: Clock) -> Platform | None:
    asked = settings.chat.slack
    if asked is None:
        return None
    from bot.chat.slack import Mode, SlackAccess, SlackPlatform

    access = SlackAccess(
        Mode(asked.mode),
        asked.bot_token,
        asked.app_token,
        asked.signing_secret,
        asked.api_url,
        frozenset(asked.allow_bots),
    )
    return SlackPlatform(access, clock)
