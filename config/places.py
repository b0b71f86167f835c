"""The sections that say where things are: web, chat, clusters, registries, environments."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from bot.core import catalogue as core
from config.kinds import (
    Approvers,
    BotId,
    ClusterName,
    DriftPolicy,
    EnvironmentName,
    Expire,
    FailurePolicy,
    File,
    Flag,
    Host,
    Label,
    Listed,
    LogsTo,
    Password,
    Port,
    Registry,
    RoleName,
    Settle,
    Soak,
    Text,
    Url,
)
from config.scalars import choice
from config.section import Section


class Web(Section):
    """Where the bot listens."""

    host: Host = Field(
        default="127.0.0.1", description="The address to listen on; in a pod 0.0.0.0.", examples=["127.0.0.1"]
    )
    port: Port = Field(default=8080, description="The port to listen on.", examples=[8080])
    public_url: Url | None = Field(
        default=None,
        description="How others reach the bot: for webhooks it registers and links it writes.",
        examples=["https://quarterdeck.example.com"],
    )
    metrics_token: Password | None = Field(
        default=None,
        description="Opens GET /metrics to whoever sends it as a Bearer token; none: closed.",
        examples=["${METRICS_TOKEN}"],
    )


class SlackMode(StrEnum):
    SOCKET = "socket"
    HTTP = "http"


class Slack(Section):
    """A Slack app."""

    mode: Annotated[SlackMode, choice(SlackMode)] = Field(
        default=SlackMode.SOCKET,
        description="Socket needs no public address; http receives at /slack/events.",
        examples=["socket"],
    )
    bot_token: Password = Field(description="The bot's token, xoxb-….", examples=["${SLACK_BOT_TOKEN}"])
    app_token: Password | None = Field(
        default=None,
        description="The app-level token, xapp-…, which mode socket needs.",
        examples=["${SLACK_APP_TOKEN}"],
    )
    signing_secret: Password | None = Field(
        default=None,
        description="Verifies what Slack sends, which mode http needs.",
        examples=["${SLACK_SIGNING_SECRET}"],
    )
    api_url: Url = Field(
        default="https://slack.com/api/", description="Where Slack's Web API is.", examples=["https://slack.com/api/"]
    )
    allow_bots: Listed[BotId] = Field(
        default=(),
        description="Other bots that may order, by mention, what a role grants to slack:B…; none: only people.",
        examples=[["B012AB3CD"]],
    )


class Webex(Section):
    """A Webex bot."""

    token: Password = Field(description="The bot's access token.", examples=["${WEBEX_TOKEN}"])
    webhook_secret: Password = Field(
        description="Verifies what Webex sends; any long random text.", examples=["${WEBEX_WEBHOOK_SECRET}"]
    )
    api_url: Url = Field(
        default="https://webexapis.com/v1/", description="Where Webex's API is.", examples=["https://webexapis.com/v1/"]
    )
    invite_token: Password | None = Field(
        default=None,
        description="Opens POST /webex/invite to whoever sends it as a Bearer token; none: closed.",
        examples=["${WEBEX_INVITE_TOKEN}"],
    )
    orgs: Listed[Text] = Field(
        default=(), description="The organisations whose people it listens to; none: its own.", examples=[["Y2lzY29z"]]
    )
    domains: Listed[Text] = Field(
        default=(), description="The e-mail domains it listens to; none: any.", examples=[["example.com"]]
    )


class Channels(Section):
    """Where something is spoken of, by platform."""

    slack: Text | None = Field(
        default=None, description="A Slack channel, by its name or its id.", examples=["deploys"]
    )
    webex: Text | None = Field(default=None, description="The id of a Webex room.", examples=["Y2lzY29zcGFyazov"])

    def noun(self) -> dict[str, str]:
        return {platform: channel for platform, channel in (("slack", self.slack), ("webex", self.webex)) if channel}


class Chat(Section):
    """The chats that people write in. Several may be configured."""

    slack: Slack | None = Field(default=None, description="A Slack app.")
    webex: Webex | None = Field(default=None, description="A Webex bot.")
    admin: Channels = Field(
        default=Channels(),
        description="Where the bot speaks of itself: of a configuration that changed or is refused, "
        "of a registry that is away.",
    )


class Scope(StrEnum):
    NAMESPACE = "namespace"
    CLUSTER = "cluster"


class Cluster(Section):
    """A Kubernetes cluster. Exactly one of in_cluster, kubeconfig and simulated is written."""

    in_cluster: Flag = Field(
        default=False, description="Use the account of the pod that the bot runs in.", examples=[True]
    )
    kubeconfig: File | None = Field(
        default=None, description="Use this kubeconfig; relative to this file.", examples=["kubeconfig.yaml"]
    )
    context: Text | None = Field(
        default=None, description="Which context of the kubeconfig; none: its current one.", examples=["staging"]
    )
    simulated: Flag = Field(
        default=False, description="A cluster in memory: nothing leaves the process.", examples=[True]
    )
    scope: Annotated[Scope, choice(Scope)] = Field(
        default=Scope.NAMESPACE,
        description="What one watch spans: the namespace of each environment, or all of the cluster at once, for many "
        "environments; that needs k8s/watch.",
        examples=["cluster"],
    )


class RegistryAccess(Section):
    """How one registry is reached. A registry that needs nothing special needs no entry."""

    ca_file: File | None = Field(
        default=None,
        description="The authority that signed its certificate; relative to this file.",
        examples=["certs/ca.crt"],
    )
    cert_file: File | None = Field(
        default=None, description="The certificate the bot shows it; relative to this file.", examples=["certs/bot.crt"]
    )
    key_file: File | None = Field(
        default=None,
        description="The key of cert_file; none: it is in the same file.",
        examples=["certs/bot.key"],
    )
    username: Text | None = Field(default=None, description="Who the bot is there.", examples=["bot"])
    password: Password | None = Field(
        default=None, description="The password of username.", examples=["${REGISTRY_PASSWORD}"]
    )
    token_server: Registry | None = Field(
        default=None,
        description="Where it gives out tokens, if that is in a domain of another owner: a login is sent there too.",
        examples=["auth.example.net"],
    )
    plain_http: Flag = Field(
        default=False, description="Speak HTTP without TLS: for a registry on a trusted net.", examples=[True]
    )
    aliases: Listed[Registry] = Field(
        default=(), description="Other names of the same registry.", examples=[["registry.local:5000"]]
    )


class Approvals(Section):
    """Who has to agree to a change before it happens. Never the one who ordered it."""

    count: Approvers = Field(default=1, description="How many people have to agree.", examples=[1])
    role: RoleName = Field(description="The role they have.", examples=["releasers"])
    expire: Expire = Field(
        default=timedelta(minutes=30), description="How long a request for it stands.", examples=["30m"]
    )

    def noun(self) -> core.Approvals:
        return core.Approvals(count=self.count, role=self.role, expire=self.expire)


class Environment(Section):
    """A namespace of a cluster that services are deployed to."""

    cluster: ClusterName = Field(description="The cluster it is in.", examples=["main"])
    namespace: Label = Field(description="The namespace it is.", examples=["micro-staging"])
    explicit: Flag = Field(
        default=False, description="An order must name it; it is never the default.", examples=[True]
    )
    on_failure: FailurePolicy = Field(
        default=core.OnFailure.LEAVE,
        description="What becomes of a rollout that failed: it is left as it is, paused, or rolled back.",
        examples=["rollback"],
    )
    settle: Settle = Field(
        default=timedelta(seconds=30),
        description="How long a rollout stays healthy before it counts as done.",
        examples=["30s"],
    )
    logs: LogsTo = Field(
        default=core.Logs.CHANNEL,
        description="Who sees log lines: the channel, only who asked, or nobody.",
        examples=["private"],
    )
    confirm: Flag = Field(
        default=False, description="Whoever orders a change is shown it first, and confirms it.", examples=[True]
    )
    approvals: Approvals | None = Field(default=None, description="Who else has to agree to a change; none: nobody.")
    after: EnvironmentName | None = Field(
        default=None, description="Takes only what has run healthy there; none: takes anything.", examples=["staging"]
    )
    soak: Soak = Field(default=timedelta(0), description="For how long it has to have run there.", examples=["10m"])
    drift: DriftPolicy = Field(
        default=core.Drift.REFUSE,
        description="What becomes of an order that Argo CD, Flux or the addon manager would take back: it is refused, "
        "or carried out all the same.",
        examples=["allow"],
    )
    pull_secrets: Flag = Field(
        default=False,
        description="Ask registries with the pull secrets of its workloads, where no username is configured; needs "
        "the right to get secrets.",
        examples=[True],
    )

    def noun(self, name: str) -> core.Environment:
        return core.Environment(
            name=name,
            cluster=self.cluster,
            namespace=self.namespace,
            explicit=self.explicit,
            on_failure=self.on_failure,
            settle=self.settle,
            logs=self.logs,
            confirm=self.confirm,
            approvals=self.approvals.noun() if self.approvals else None,
            after=self.after,
            soak=self.soak,
            drift=self.drift,
            pull_secrets=self.pull_secrets,
        )
