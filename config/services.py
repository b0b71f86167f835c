"""The section `services`: the catalogue entries."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from bot.core import catalogue as core
from config.grammar import sorted_regex, spell_duration
from config.kinds import (
    Cron,
    EnvironmentName,
    EnvironmentOrAny,
    Every,
    Glob,
    Label,
    Listed,
    Port,
    Range,
    Regex,
    Repository,
    Sha,
    SortBy,
    Tag,
    TemplateName,
    Text,
    WorkloadKind,
    WorkloadLabel,
)
from config.places import Channels
from config.section import Section

POLICIES = ("tags", "semver", "glob", "regex", "digest")


def _everywhere(value: object) -> object:
    """One repository for all environments, where not one for each is written."""
    return value if isinstance(value, dict) else {core.ANY: value}


Repositories = Annotated[
    dict[EnvironmentOrAny, Repository],
    BeforeValidator(_everywhere),
    "a repository such as myregistry:5000/adderservice, or a mapping of environments to repositories",
]


class Workload(Section):
    """One workload of a service."""

    kind: WorkloadKind = Field(description="What it is.", examples=["Deployment"])
    name: WorkloadLabel = Field(description="Its name in every environment.", examples=["adderservice"])
    container: Label | None = Field(
        default=None, description="The container that bears the image; none: the one that fits.", examples=["app"]
    )

    def noun(self) -> core.WorkloadName:
        return core.WorkloadName(kind=self.kind, name=self.name, container=self.container)


class Watch(Section):
    """Which new tags are news. Exactly one of tags, semver, glob, regex and digest is written."""

    tags: Sha | None = Field(default=None, description="Tags are commit SHAs; the newest build wins.", examples=["sha"])
    semver: Range | None = Field(
        default=None, description="Tags are versions; the highest in this range wins.", examples=["^1.2"]
    )
    glob: Glob | None = Field(
        default=None,
        description="Tags that fit the pattern; sorted as people count: rel.10 after rel.9.",
        examples=["rel.*"],
    )
    regex: Regex | None = Field(
        default=None,
        description="Tags that fit the expression, sorted by its group named after ` by `.",
        examples=[r"^b(?P<n>\d+)$ by n"],
    )
    by: Text | None = Field(default=None, description="The same group, as a key of its own.", examples=["n"])
    sort: SortBy = Field(
        default=core.Sort.NUMERIC, description="How the group of regex is compared.", examples=["numeric"]
    )
    digest: Tag | None = Field(
        default=None, description="One tag that moves; a new digest under it is news.", examples=["latest"]
    )
    exclude: Listed[Glob] = Field(default=(), description="Patterns of tags that never count.", examples=[["*-debug"]])
    every: Every | None = Field(
        default=None,
        description=f"How often to look; {spell_duration(core.USUALLY)} where cron is not written either.",
        examples=["1m"],
    )
    cron: Cron | None = Field(
        default=None,
        description="When to look, instead of every; in the file's time zone.",
        examples=["*/10 8-18 * * mon-fri"],
    )
    auto: EnvironmentName | None = Field(
        default=None, description="Deploy what is found to this environment; none: only tell.", examples=["staging"]
    )

    @model_validator(mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return with_group(value) if isinstance(value, dict) else value

    def noun(self) -> core.Watch:
        policy = next(name for name in POLICIES if getattr(self, name) is not None)
        return core.Watch(
            policy=self.tags or policy,
            argument="" if self.tags else getattr(self, policy),
            every=self.every or (None if self.cron else core.USUALLY),
            cron=self.cron,
            auto=self.auto,
            by=self.by,
            sort=self.sort,
            exclude=self.exclude,
        )


def with_group(watch: dict[str, Any]) -> dict[str, Any]:
    """`regex: … by n` as the two keys that it stands for."""
    if not isinstance(watch.get("regex"), str):
        return watch
    regex, by = sorted_regex(watch["regex"])
    return {**watch, "regex": regex} | ({"by": by} if by and watch.get("by") is None else {})


class Service(Section):
    """A catalogue entry. A workload of an environment is a service by its own name without one."""

    repository: Repositories = Field(
        default_factory=dict,
        description="Where its images are: one repository, or one per environment (`*`: every other).",
        examples=["myregistry:5000/adderservice"],
    )
    builds: Listed[Text] = Field(
        default=(), description="The CI jobs that build it, as patterns.", examples=[["team/adderservice-*"]]
    )
    channel: Channels = Field(default=Channels(), description="Where it is spoken of.")
    default_environment: EnvironmentName | None = Field(
        default=None, description="The environment of an order that names none.", examples=["staging"]
    )
    port: Port | None = Field(default=None, description="What _PORT_ is in its template.", examples=[8080])
    template: TemplateName | None = Field(
        default=None,
        description="What its first deploy is made from; `deploy … --template` applies it again.",
        examples=["default"],
    )
    workloads: Listed[Workload] = Field(default=(), description="What it is made of; none: what bears its name.")
    watch: Watch | None = Field(default=None, description="Which new tags are news; none: nobody looks.")

    def noun(self, name: str) -> core.Service:
        return core.Service(
            name=name,
            repositories=dict(self.repository),
            builds=self.builds,
            channels=self.channel.noun(),
            default_environment=self.default_environment,
            port=self.port,
            template=self.template,
            workloads=tuple(workload.noun() for workload in self.workloads),
            watch=self.watch.noun() if self.watch else None,
        )
