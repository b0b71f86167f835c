"""Nouns for the store's contract: as full as they come, so that nothing gets lost unseen."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from bot.core.alerts import Alert, AlertGroup
from bot.core.audit import AuditEntry
from bot.core.decision import Outcome
from bot.core.events import Build, BuildPhase, Commit, Incident, Rollout
from bot.core.guards import Ask, Freeze
from bot.core.heard import EVERY_DAY
from bot.core.locks import Lock
from bot.core.model import (
    Button,
    Change,
    Field,
    Message,
    Order,
    Place,
    Reply,
    Request,
    Step,
    Table,
    Tone,
    When,
    Who,
    Words,
)
from bot.core.outage import Outage
from bot.core.release import BUILD, Names, Part, Release
from bot.core.reminders import Reminder
from bot.core.schedules import Schedule
from bot.core.secret import Secret
from bot.core.storm import Storm
from bot.core.when import Timing
from bot.core.workload import Image, Kind, Phase, SetEnv, SetImage, Target
from bot.store import Store

NOW = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DEV = Who("slack", "U012AB3CD", "dev1", "Dev1@example.com", frozenset({"deployers", "reviewers"}))
ONCALL = Who("webex", "Y2lzY29", "on_call", "oncall@example.com")
CHANNEL = Place("slack", "C024BE91L")
TARGET = Target("production", "main", "micro", Kind.DEPLOYMENT, "adderservice", "app")
IMAGE = Image("myregistry:5000/adderservice", "3f2a91c", "sha256:44c1f0e", created=NOW, size=84)
PASSWORD = "hunter2-is-not-a-password"


def request(number: int = 1) -> Request:
    return Request(f"C024BE91L:{number}", DEV, CHANNEL, "deploy adderservice 3f2a91c", NOW + number * SECOND)


def order(number: int = 1) -> Order:
    words = Words("deploy", {"service": "adderservice"}, ("3f2a91c",), frozenset({"dry-run", "force"}))
    return Order(request(number), "deploy", words, "adderservice", "production")


def change(number: int = 1) -> Change:
    step = Step(TARGET, SetImage("app", IMAGE), "9ab01de", "3f2a91c", "uid-1", "812", "7d9c8")
    return Change(order(number), (step,), NOW, "adderservice → 3f2a91c", "9ab01de", "3f2a91c", IMAGE, ("a note",))


def secret_change() -> Change:
    """`set`, which carries values that nobody may find afterwards."""
    plain = order(7)
    words = Words("set", {"service": "adderservice"}, (f"DB_PASSWORD={PASSWORD}",))
    said = replace(plain.request, text=f"set adderservice DB_PASSWORD={PASSWORD}")
    action = SetEnv("app", ("DB_PASSWORD",), ("OLD",), (Secret(PASSWORD),))
    step = replace(change().steps[0], action=action)
    return replace(change(), order=replace(plain, request=said, verb="set", words=words), steps=(step,))


def reply(title: str = "adderservice → 3f2a91c in production · starting") -> Reply:
    table = Table(("pod", "age"), (("adderservice-x2x4j", When(NOW)),), frozenset({"age", "pod", "ready"}))
    button = Button("Roll back", "rollback adderservice", Tone.BAD, "Sure?")
    return Reply(title, Tone.WORKING, (Field("by", "@dev1"),), table, "    panic: ¿no database? ✗", (button,), code="x")


def message(key: str = "order:1", title: str = "starting", *, place: Place = CHANNEL, final: bool = False) -> Message:
    return Message(key, place, reply(title), final=final)


def rollout(key: str = "main/uid-1/7d9c8", *, phase: Phase = Phase.PROGRESSING, started: datetime = NOW) -> Rollout:
    return Rollout(
        key,
        TARGET,
        "adderservice",
        "deploy",
        42,
        "7d9c8",
        "3f2a91c",
        "9ab01de",
        phase,
        4,
        6,
        started,
        started,
        order=order().key,
        who=DEV,
        evidence=("starting", "panic: no database"),
    )


def build(number: int = 418, phase: BuildPhase = BuildPhase.STARTED, *, job: str = "adderservice") -> Build:
    return Build("jenkins", job, number, phase, NOW + number * SECOND, revision="3f2a91c", causes=("changes",))


def release(number: int = 1, service: str = "adderservice", *, into: str = "") -> Release:
    names = Names(
        f"{number:07x}" * 5, frozenset({f"1.{number}.0", "rel.3"}), frozenset({number}), frozenset({"sha256:4"})
    )
    part = Part(f"build:{number}", BUILD, names, NOW, Tone.BAD, "adderservice", "failure", "#418", "Round half to even")
    return Release(f"release:{service}:{number}", service, NOW + number * SECOND, (part,), into)


def commit(number: int = 1) -> Commit:
    return Commit(
        "github", "team/adder", f"{number:07x}" * 5, NOW, "Round half to even", "Dev Two", pull_request=number
    )


def lock(owner: Who = DEV, service: str = "adderservice", *, at: datetime = NOW) -> Lock:
    return Lock(service, "production", owner, "migration running", at)


def freeze(environment: str = "production", *, at: datetime = NOW) -> Freeze:
    return Freeze(environment, "year-end", at, at + SECOND, DEV)


def ask(number: int = 1, *, outcome: Outcome = Outcome.APPROVE) -> Ask:
    return Ask(outcome, order(number), change(number), NOW, NOW + 60 * SECOND, need=2, role="releasers")


def entry(who: Who = DEV, at: datetime = NOW, service: str | None = "adderservice") -> AuditEntry:
    """Of an order of its own for each moment."""
    request = f"C024BE91L:{1 + (at - NOW) // SECOND}"
    return AuditEntry(
        at, request, who, CHANNEL, "deploy", "deploy", service, "production", "9ab01de", "3f2a91c", "role", "done"
    )


def incident(key: str = "incident:main/uid-1/1", started: int = 0) -> Incident:
    begun = NOW + started * SECOND
    return Incident(key, TARGET, "adderservice", "oom", "Killed for memory.", begun, begun, evidence=("a ✗", "b"))


def alert_group() -> AlertGroup:
    return AlertGroup("main", "a", "HighErrorRate", (Alert("f", "HighErrorRate", NOW, service="adderservice"),), NOW)


def schedule(given: str = "C024BE91L:1", due: timedelta = timedelta(days=1)) -> Schedule:
    timing = Timing(9 * 60, "Europe/Madrid", days=EVERY_DAY)
    return Schedule(DEV, CHANNEL, "restart webapp in staging", timing, NOW + due, given, NOW, "webapp", "staging")


def reminder(given: str = "C024BE91L:1", who: Who = DEV, at: datetime = NOW) -> Reminder:
    text = "deploy adderservice 3f2a91c to production"
    until = at + timedelta(days=1)
    return Reminder(who, CHANNEL, text, "deploy", "adderservice", "production", given, at, until)


def storm(number: int = 1) -> Storm:
    return Storm(f"storm:slack:C024BE91L:{number}", CHANNEL, NOW + number * SECOND)


def outage(registry: str = "myregistry:5000", *, over: datetime | None = None) -> Outage:
    where = (f"{registry}/adderservice",)
    return Outage(registry, NOW, where, ("adderservice",), NOW + SECOND, "It does not answer.", "Why.", "images", over)


def all_due(store: Store, now: datetime, platform: str = "slack") -> list[Message]:
    """Whatever waits on a platform, channel by channel."""
    channels = store.waiting_channels(platform, now)
    return [message for channel in channels for message in store.waiting_messages(platform, channel, now)]
