"""What monitoring says: groups of alerts, how what is told follows on what was told, and the words for it.

A delivery is a whole group: an alert that fired and is left out was silenced or inhibited, and no longer fires for us.
One that was resolved does not fire again by a delivery that comes late, because it would have the same beginning, or
an earlier one than what is known: so what was left out is remembered for a while, too.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from bot.core.catalogue import Catalogue
from bot.core.model import Button, Cell, Field, Reply, Table, Tone, When
from bot.core.words import count, span

MOST = 100
FLAPS = timedelta(minutes=30)
FORGOTTEN = timedelta(days=1)
SHOWN = 12


class Alert(Struct, frozen=True):
    """`ends` is None until it is resolved, `left` until it is left out of a delivery.

    `service` and `environment` are what its labels say, known here or not.
    """

    fingerprint: str
    name: str
    starts: datetime
    ends: datetime | None = None
    severity: str = ""
    summary: str = ""
    service: str = ""
    environment: str = ""
    namespace: str = ""
    page: str | None = None
    left: datetime | None = None

    @property
    def fires(self) -> bool:
        return self.ends is None and self.left is None


class AlertGroup(Struct, frozen=True):
    """`since` is when this episode began: what fires again soon after belongs to it, and `times` counts."""

    source: str
    group: str
    name: str
    alerts: tuple[Alert, ...]
    heard: datetime
    page: str | None = None
    whole: bool = True
    since: datetime | None = None
    times: int = 1

    @property
    def key(self) -> str:
        return f"alert:{self.source}:{self.group}:{int((self.since or self.heard).timestamp())}"

    @property
    def firing(self) -> tuple[Alert, ...]:
        return tuple(alert for alert in self.alerts if alert.fires)

    @property
    def services(self) -> list[str]:
        return list(dict.fromkeys(alert.service for alert in self.told if alert.service))

    @property
    def told(self) -> tuple[Alert, ...]:
        """What belongs to this episode: it fires, or it ended since."""
        return tuple(a for a in self.alerts if a.fires or (a.ends and (self.since is None or a.ends >= self.since)))


def merge(before: AlertGroup | None, told: AlertGroup) -> AlertGroup:
    """The group as it stands after this delivery, however often it came before."""
    known = {alert.fingerprint: alert for alert in before.alerts} if before else {}
    newest = {alert.fingerprint: _newer(known.get(alert.fingerprint), alert) for alert in told.alerts}
    kept = [kept for a in known.values() if a.fingerprint not in newest and (kept := _kept(a, told))]
    alerts = sorted([*newest.values(), *kept], key=lambda a: (not a.fires, -a.starts.timestamp(), a.fingerprint))
    after = replace(told, alerts=tuple(alerts[:MOST]), heard=max(told.heard, before.heard if before else told.heard))
    since, times = _episode(before, after)
    return replace(after, since=since, times=times)


def where(alert: Alert, catalogue: Catalogue) -> str | None:
    """The environment it tells of: by its label, else by its namespace."""
    if alert.environment in catalogue.environments:
        return alert.environment
    return next((e.name for e in catalogue.environments.values() if e.namespace == alert.namespace), None)


def concerning(
    groups: Iterable[AlertGroup], catalogue: Catalogue, now: datetime, service: str | None, environment: str | None
) -> list[Alert]:
    """What fires there, as far as it is known; a group of which nothing was heard for a day is not."""
    heard = (alert for group in groups if now - group.heard <= FORGOTTEN for alert in group.firing)
    return [
        alert
        for alert in heard
        if service in (None, alert.service) and environment in (None, where(alert, catalogue) or environment)
    ]


def alert_notice(group: AlertGroup, catalogue: Catalogue) -> Reply:
    """`adderservice in production · HighErrorRate fires`, edited to `… resolved after 12 min`."""
    told, zone = group.told, catalogue.zone
    subject = _subject(told, catalogue)
    return Reply(
        title=f"{f'{subject} · ' if subject else ''}{name_of(group)} {_state(group)}",
        tone=_tone(group),
        body="\n".join(_body(group, zone)),
        fields=tuple(_fields(group)),
        table=_table(told, catalogue) if len(told) > 1 else None,
        buttons=_buttons(told, catalogue) if group.firing else (),
        code="alert" if group.firing else "",
    )


def line(alert: Alert, catalogue: Catalogue, now: datetime) -> str:
    """For status and why: one alert in one line."""
    there = _place(alert, catalogue)
    severity = f", {alert.severity}" if alert.severity else ""
    said = f": {alert.summary.rstrip('.')}" if alert.summary else ""
    return f"{alert.name} fires for {span(now - alert.starts)}{f' ({there}{severity})' if there else ''}{said}."


def _newer(known: Alert | None, told: Alert) -> Alert:
    if known is None or known.starts < told.starts:
        return told
    if known.starts > told.starts or (told.fires and known.ends):
        return known
    return told


def _kept(alert: Alert, told: AlertGroup) -> Alert | None:
    """What becomes of one that this delivery does not name."""
    over = alert.ends or alert.left
    if over is None:
        return replace(alert, left=told.heard) if told.whole else alert
    return alert if told.heard - over <= FORGOTTEN else None


def _episode(before: AlertGroup | None, after: AlertGroup) -> tuple[datetime, int]:
    began = min((a.starts for a in after.firing or after.alerts), default=after.heard)
    if before is None or before.since is None:
        return began, 1
    if before.firing or not after.firing:
        return before.since, before.times
    ended = max((a.ends for a in before.alerts if a.ends), default=before.heard)
    again = max(a.starts for a in after.firing) - ended <= FLAPS
    return (before.since, before.times + 1) if again else (began, 1)


def name_of(group: AlertGroup) -> str:
    names = {alert.name for alert in group.told}
    return group.name or (names.pop() if len(names) == 1 else count(len(group.told), "alert"))


def _state(group: AlertGroup) -> str:
    firing, told = group.firing, group.told
    if firing:
        return "fires" if len(told) == 1 else f"fires, {len(firing)} of {len(told)}"
    ends = [alert.ends for alert in told if alert.ends]
    lasted = span(max(ends, default=group.heard) - (group.since or group.heard))
    return f"resolved after {lasted}"


def _tone(group: AlertGroup) -> Tone:
    if not group.firing:
        return Tone.GOOD
    return Tone.WARNING if {a.severity for a in group.firing} <= {"warning", "info", "none"} else Tone.BAD


def _body(group: AlertGroup, zone: ZoneInfo) -> list[str]:
    summary = group.told[0].summary if len(group.told) == 1 else ""
    again = f", {group.times} times so far" if group.times > 1 else ""
    since = f"Since {(group.since or group.heard).astimezone(zone):%H:%M %Z}{again}, told by {group.source}."
    cut = "" if group.whole else "It holds more than was sent."
    return [text for text in (summary, since, cut) if text]


def severities(group: AlertGroup) -> list[str]:
    return sorted({alert.severity for alert in group.told if alert.severity})


def _fields(group: AlertGroup) -> list[Field]:
    page = next((alert.page for alert in group.firing if alert.page), None) or group.page
    severe = ", ".join(severities(group))
    fields = [Field("severity", severe)] if severe else []
    return [*fields, Field("Open", page)] if page else fields


def _table(told: Sequence[Alert], catalogue: Catalogue) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            "fires" if alert.fires else "resolved",
            alert.summary or alert.name,
            _place(alert, catalogue),
            When(alert.starts),
        )
        for alert in told[:SHOWN]
    ]
    if len(told) > SHOWN:
        rows.append((f"{len(told) - SHOWN} more", "", "", ""))
    return Table(("state", "alert", "where", "since"), tuple(rows))


def _place(alert: Alert, catalogue: Catalogue) -> str:
    environment = where(alert, catalogue) or alert.environment or alert.namespace
    return f"{alert.service} in {environment}" if alert.service and environment else alert.service or environment


def _subject(told: Sequence[Alert], catalogue: Catalogue) -> str:
    places = {_place(alert, catalogue) for alert in told}
    services = {alert.service for alert in told}
    return places.pop() if len(places) == 1 else services.pop() if len(services) == 1 else ""


def _buttons(told: Sequence[Alert], catalogue: Catalogue) -> tuple[Button, ...]:
    alert = told[0]
    environment = where(alert, catalogue)
    if alert.service not in catalogue.services or environment is None:
        return ()
    there = f"{alert.service} in {environment}"
    return (Button("Why", f"why {there}"), Button("Status", f"status {there}"))
