"""The table of kinds: each row is the words for what a value should be, and how it is read.

The words are what a mistake says *and* what the reference in docs/ prints, so they cannot differ.
"""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BeforeValidator

from bot.core.catalogue import ANY, Drift, Happening, Logs, OnFailure, Sort
from bot.core.references import is_tag
from bot.core.secret import Secret
from bot.core.transitions import NAMES
from bot.core.workload import Kind, Manifest
from config import grammar, manifests, readers
from config.scalars import Scalar, choice, kind, known, span, where, whole

T = TypeVar("T")
Text = Annotated[str, where("text", bool)]
Password = Annotated[Secret, Scalar("a secret, best written as ${NAME} or ${file:/path}", readers.secret, secret=True)]
Flag = Annotated[bool, Scalar("true or false", readers.flag)]
Port = Annotated[int, whole(1, 65_535)]
Settle = Annotated[timedelta, span(timedelta(0), timedelta(hours=1), "30s")]
Soak = Annotated[timedelta, span(timedelta(0), timedelta(days=7), "10m")]
Expire = Annotated[timedelta, span(timedelta(minutes=1), timedelta(days=7), "30m")]
Approvers = Annotated[int, whole(1, 20)]
Every = Annotated[timedelta, span(timedelta(seconds=5), timedelta(days=7), "1m")]
Cron = Annotated[str, kind("five cron fields with weekdays by name, such as 0 9 * * mon-fri", grammar.cron)]
Label = Annotated[str, where("a name of small letters, digits and -, at most 63", grammar.LABEL.fullmatch)]
WorkloadLabel = Annotated[
    str, where("a workload's name of small letters, digits, - and .", grammar.SUBDOMAIN.fullmatch)
]
StoreUrl = Annotated[
    Secret, Scalar("sqlite:///path or postgresql+psycopg://user:password@host/name", readers.store, secret=True)
]
TimeZone = Annotated[str, kind("a time zone such as Europe/Madrid", readers.time_zone)]
Host = Annotated[str, where("an address or host name to listen on, such as 0.0.0.0", readers.host)]
Url = Annotated[str, where("an address such as https://quarterdeck.example.com, without a login in it", readers.url)]
Registry = Annotated[
    str, where("a registry's host, with its port if it has one, such as myregistry:5000", grammar.registry)
]
Repository = Annotated[
    str, where("a repository without tag or digest, such as myregistry:5000/adderservice", grammar.repository)
]
File = Annotated[Path, Scalar("a file that is there", readers.file)]
TemplateFile = Annotated[tuple[Manifest, ...], Scalar("a file that is there, relative to this one", manifests.read)]
Verb = Annotated[str, kind(f'a verb such as read, deploy or scale, or "{ANY}" for all', readers.verb)]
Person = Annotated[str, where(f'an e-mail address, platform:id such as slack:U012AB3CD, or "{ANY}"', readers.person)]
Days = Annotated[str, kind("days and hours such as mon-thu 09:00-16:00 or daily 22:00-07:00", grammar.days)]
Hours = Annotated[str, kind("hours such as 22:00-07:00, from one time to another", grammar.hours)]
End = Annotated[str, kind("a day, with a time if need be, such as fri 18:00 or 2026-12-20", grammar.end)]
Group = Annotated[str, Scalar("a group such as slack:S0RELEASE, webex:Y2lzY29 or team:platform", readers.group)]
BotId = Annotated[str, where("the id of a bot in Slack such as B012AB3CD", grammar.BOT.fullmatch)]
Mentioned = Annotated[
    str,
    Scalar("@here, a team such as @oncall, slack:S0ONCALL, slack:U012AB3CD or an e-mail address", readers.mentioned),
]
FailurePolicy = Annotated[OnFailure, choice(OnFailure)]
DriftPolicy = Annotated[Drift, choice(Drift)]
LogsTo = Annotated[Logs, choice(Logs)]
SortBy = Annotated[Sort, choice(Sort)]
EventKind = Annotated[Happening, choice(Happening)]
Occasion = Annotated[str, where(f"one of {', '.join(sorted(NAMES))}", NAMES.__contains__)]
WorkloadKind = Annotated[Kind, choice(Kind)]
Sha = Annotated[str, where("sha (semver, glob, regex and digest are keys of their own)", "sha".__eq__)]
Range = Annotated[str, where("a version range such as ^1.2, ~1.4.0 or >=1.2 <2", grammar.version_range)]
Glob = Annotated[str, where("a pattern of tags such as rel.*", grammar.GLOB.fullmatch)]
Regex = Annotated[str, where(r"a regular expression with a named group, such as ^b(?P<n>\d+)$ by n", grammar.compiled)]
Tag = Annotated[str, where("a tag such as latest", is_tag)]
ClusterName = Annotated[str, known("clusters", "a cluster")]
EnvironmentName = Annotated[str, known("environments", "an environment")]
EnvironmentOrAny = Annotated[str, known("environments", "an environment", everything=True)]
ServiceOrAny = Annotated[str, known("services", "a service", everything=True)]
RoleName = Annotated[str, known("roles", "a role")]
TemplateName = Annotated[str, known("templates", "a template")]
OneOrMore = Annotated[tuple[T, ...], BeforeValidator(readers.or_one)]
Listed = Annotated[tuple[T, ...], BeforeValidator(readers.or_none)]
Named = Annotated[dict[Label, T], BeforeValidator(readers.or_empty)]
