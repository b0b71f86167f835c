"""Alertmanager's webhook: one delivery is a whole group as it stands, with a token in front of it.

It is sent again until it is taken, and again every `repeat_interval`; two Alertmanagers may send the same. What
Grafana's own alerting sends has this shape too, as version 1.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256

from msgspec import Struct, field

from bot.core import verify
from bot.core.alerts import MOST, Alert, AlertGroup
from bot.core.clock import Clock
from bot.core.errors import Refused
from bot.core.outside import address, line
from bot.core.secret import Secret

VERSIONS = ("4", "1")
RESOLVED = "resolved"
SERVICE = ("service", "app", "app_kubernetes_io_name", "deployment", "statefulset", "daemonset")
ENVIRONMENT = ("environment", "env")
TEXT = ("summary", "description", "message")
YEARS = range(1990, 2200)

Texts = dict[str, str]


class ToldAlert(Struct, frozen=True):
    """What `endsAt` says of one that fires means nothing: only its status counts."""

    status: str
    labels: Texts
    starts: datetime = field(name="startsAt")
    ends: datetime | None = field(name="endsAt", default=None)
    annotations: Texts | None = None
    page: str = field(name="generatorURL", default="")
    fingerprint: str = ""


class Told(Struct, frozen=True):
    version: str
    group: str = field(name="groupKey")
    alerts: list[ToldAlert]
    truncated: int = field(name="truncatedAlerts", default=0)
    labels: Texts | None = field(name="groupLabels", default=None)
    page: str = field(name="externalURL", default="")


class Alertmanager:
    def __init__(self, name: str, token: Secret, clock: Clock) -> None:
        self._name = name
        self._token = token
        self._clock = clock
        self._read = verify.reader(Told)

    @property
    def name(self) -> str:
        return self._name

    def read(self, headers: Mapping[str, str], body: bytes) -> list[AlertGroup]:
        scheme, _, given = verify.header(headers, "authorization").partition(" ")
        if scheme.lower() != "bearer":
            given = ""
        verify.require_token(given.strip(), self._token, "another token, or none")
        verify.bounded(body)
        told = self._read(body)
        if told.version not in VERSIONS:
            raise Refused("The hook sent what cannot be read.", fact="Versions 4 and 1 of the webhook are known.")
        if not told.group or not told.alerts:
            return []
        now = self._clock.now()
        alerts = [_alert(each, now) for each in told.alerts[:MOST]]
        cut = told.truncated > 0 or len(told.alerts) > MOST
        name = line((told.labels or {}).get("alertname"))
        return [
            AlertGroup(self._name, _digest(told.group), name, tuple(alerts), now, address(told.page), whole=not cut)
        ]


def _alert(told: ToldAlert, now: datetime) -> Alert:
    starts, labels = _moment(told.starts, now), told.labels
    resolved = told.status == RESOLVED
    return Alert(
        fingerprint=line(told.fingerprint, 64) or _digest(repr(sorted(labels.items()))),
        name=line(labels.get("alertname")) or "alert",
        starts=starts,
        ends=max(starts, _moment(told.ends or now, now)) if resolved else None,
        severity=line(labels.get("severity"), 40),
        summary=next((text for key in TEXT if (text := line((told.annotations or {}).get(key), 300))), ""),
        service=_first(labels, SERVICE),
        environment=_first(labels, ENVIRONMENT),
        namespace=line(labels.get("namespace"), 63),
        page=address(told.page),
    )


def _first(labels: Texts, names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := line(labels.get(name), 63))), "")


def _moment(told: datetime, now: datetime) -> datetime:
    """One without a zone is in UTC; one that nobody can mean is now."""
    try:
        found = told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)
    except OverflowError:
        return now
    return found if found.year in YEARS else now


def _digest(text: str) -> str:
    return sha256(text.encode(errors="replace")).hexdigest()[:16]
