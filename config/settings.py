"""The whole file as one frozen value, and the core's nouns made of it."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from bot.core import catalogue as core
from bot.core.references import host
from bot.core.secret import Secret
from bot.core.workload import Manifest
from config.alerts import AlertHook
from config.builds import BuildHook
from config.kinds import (
    EnvironmentName,
    EnvironmentOrAny,
    Group,
    Label,
    Listed,
    Named,
    Person,
    Registry,
    ServiceOrAny,
    StoreUrl,
    TemplateFile,
    Text,
    TimeZone,
    Verb,
)
from config.places import Chat, Cluster, Environment, RegistryAccess, Web
from config.pushes import PushHook
from config.readers import or_empty
from config.routes import Route
from config.section import Section
from config.services import Service
from config.times import Allow, Freeze

Registries = Annotated[dict[Registry, RegistryAccess], BeforeValidator(or_empty)]


class Role(Section):
    """Who may do what. With no role at all everyone may read and nobody may change anything."""

    verbs: Listed[Verb] = Field(
        default=(), description="What it grants; none: it only denies.", examples=[["read", "deploy", "rollback"]]
    )
    people: Listed[Person] = Field(
        default=(), description="Who has it; none: nobody.", examples=[["oncall@example.com", "slack:U012AB3CD"]]
    )
    environments: Listed[EnvironmentOrAny] = Field(
        default=(core.ANY,), description="Where it counts.", examples=[["staging"]]
    )
    services: Listed[ServiceOrAny] = Field(
        default=(core.ANY,), description="For which services it counts.", examples=[["adderservice"]]
    )
    channels: Listed[Text] = Field(
        default=(core.ANY,),
        description="The channels it counts in: those of Slack by name or id, those of Webex by id. What bears a name "
        "that Slack does not know grants nothing, and is denied everywhere.",
        examples=[["releases", "C024BE91L"]],
    )
    groups: Listed[Group] = Field(
        default=(),
        description="Who has it besides: a Slack user group, the members of a Webex room, a team of this file.",
        examples=[["slack:S0RELEASE", "team:platform"]],
    )
    deny: Listed[Verb] = Field(
        default=(), description="What those who have it may not do, whatever other roles grant.", examples=[["set"]]
    )

    def noun(self, name: str) -> core.Role:
        return core.Role(
            name=name,
            verbs=self.verbs,
            people=self.people,
            environments=self.environments,
            services=self.services,
            channels=self.channels,
            groups=self.groups,
            deny=self.deny,
        )


class Settings(Section):
    """Everything that an installation decides. Made by `config.load`, which is where mistakes are found."""

    store: StoreUrl = Field(
        default=Secret("sqlite:///data/quarterdeck.db"),
        description="Where the bot remembers; a SQLite file needs nothing, PostgreSQL lets several replicas work. "
        "A relative path is relative to where the bot is started.",
        examples=["sqlite:///data/quarterdeck.db"],
    )
    web: Web = Field(default=Web(), description="Where the bot listens.")
    time_zone: TimeZone = Field(
        default="UTC", description="For schedules, and for the times that people read.", examples=["Europe/Madrid"]
    )
    chat: Chat = Field(default=Chat(), description="The chats that people write in.")
    clusters: Named[Cluster] = Field(default_factory=dict, description="The clusters, by the name people give them.")
    environments: Named[Environment] = Field(
        default_factory=dict, description="The environments, in promotion order; at least one."
    )
    registries: Registries = Field(default_factory=dict, description="How registries are reached, by host and port.")
    services: Named[Service] = Field(default_factory=dict, description="The services, by the name that orders use.")
    builds: Named[BuildHook] = Field(
        default_factory=dict,
        description="The builders that may deliver builds, by the last part of their hook's address.",
    )
    alerts: Named[AlertHook] = Field(
        default_factory=dict,
        description="The Alertmanagers that may deliver alerts, by the last part of their hook's address.",
    )
    pushes: Named[PushHook] = Field(
        default_factory=dict,
        description="The registries that may tell of pushes, by the last part of their hook's address.",
    )
    templates: Annotated[dict[Label, Listed[TemplateFile]], BeforeValidator(or_empty)] = Field(
        default_factory=dict,
        description="Manifests for a first deploy, with _NAME_ _IMAGE_ _PORT_ _NAMESPACE_ in them.",
        examples=[["templates/deployment.yaml", "templates/service.yaml"]],
    )
    routes: Listed[Route] = Field(
        default=(), description="Where what happens is told; what none takes goes to the service's own channel."
    )
    roles: Named[Role] = Field(default_factory=dict, description="Who may do what, by a name for it.")
    teams: Annotated[dict[Label, Listed[Person]], BeforeValidator(or_empty)] = Field(
        default_factory=dict,
        description="People who have roles together, by the name of their team.",
        examples=[["platform-one@example.com", "platform-two@example.com"]],
    )
    freezes: Listed[Freeze] = Field(default=(), description="When nothing may change.")
    allow: Annotated[dict[EnvironmentName, Allow], BeforeValidator(or_empty)] = Field(
        default_factory=dict, description="When alone an environment may be changed; none: at any time."
    )

    def manifests(self) -> dict[str, tuple[Manifest, ...]]:
        """What each template holds, of all its files."""
        return {name: tuple(one for file in files for one in file) for name, files in self.templates.items()}

    def catalogue(self) -> core.Catalogue:
        """The part that orders, policy and schedules read."""
        return core.Catalogue(
            environments={name: found.noun(name) for name, found in self.environments.items()},
            services={name: found.noun(name) for name, found in self.services.items()},
            roles=tuple(found.noun(name) for name, found in self.roles.items()),
            aliases={host(a): host(name) for name, found in self.registries.items() for a in found.aliases},
            routes=tuple(route.noun(self.time_zone) for route in self.routes),
            time_zone=self.time_zone,
            teams=dict(self.teams),
            freezes=tuple(found.noun(self.time_zone) for found in self.freezes),
            admin=self.chat.admin.noun(),
            allow={name: found.noun(self.time_zone) for name, found in self.allow.items()},
            templates=self.manifests(),
        )
