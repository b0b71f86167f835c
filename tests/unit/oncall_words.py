"""What is said of things that are no release, for the golden files."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from bot.core import outage, schedules
from bot.core.alerts import Alert, AlertGroup, alert_notice, merge
from bot.core.catalogue import Catalogue, Environment, Service
from bot.core.errors import NotAllowed
from bot.core.events import Incident
from bot.core.heard import WORKDAYS
from bot.core.incident import incident_notice
from bot.core.model import CONSOLE, Place, Reply
from bot.core.render import refusal
from bot.core.schedules import Schedule
from bot.core.when import Timing
from bot.core.workload import Kind, Target
from tests.unit.world import NOON, ONCALL

UTC_ZONE = ZoneInfo("UTC")
ONCE = Schedule(
    ONCALL,
    Place(CONSOLE, CONSOLE),
    "deploy adderservice 3f2a91c to production",
    Timing(9 * 60, "Europe/Madrid", (NOON + timedelta(days=1)).date()),
    NOON + timedelta(hours=20),
    "given:1",
    NOON,
    "adderservice",
    "production",
    3,
)
OFTEN = Schedule(
    ONCALL,
    Place(CONSOLE, CONSOLE),
    "scale webapp 1 in staging",
    Timing(18 * 60, "UTC", days=WORKDAYS),
    NOON + timedelta(hours=6),
    "given:2",
    NOON,
    "webapp",
    "staging",
    4,
)
DENIED = refusal(NotAllowed("You may not scale webapp in staging.", fact="You have no role."))

INCIDENT = Incident(
    key="incident:main/uid/1",
    target=Target("production", "main", "micro", Kind.DEPLOYMENT, "eventservice"),
    service="eventservice",
    code="oom",
    sentence="Killed for memory (limit 256Mi), restarted 3 times.",
    started=NOON - timedelta(minutes=25),
    changed=NOON,
    image="3f2a91c",
)
CRASH = replace(
    INCIDENT,
    code="crash",
    sentence="Crashes: exit 3 after 2 h, restarted 4 times.",
    pods=2,
    times=3,
    heading="Last lines of eventservice-7d9c8f6b54-x2x4j:",
    evidence=("reading the queue", "panic: no database"),
)
ALERT = Alert(
    "a1b2c3d4e5f60718",
    "HighErrorRate",
    NOON - timedelta(minutes=12),
    severity="critical",
    summary="5.2 % of the requests of adderservice fail.",
    service="adderservice",
    namespace="micro",
    page="http://prometheus.example.com:9090/graph",
)
OTHER = replace(
    ALERT,
    fingerprint="b1b2c3d4e5f60719",
    service="eventservice",
    summary="7.9 % of the requests of eventservice fail.",
    starts=NOON - timedelta(minutes=3),
)
FIRES = merge(None, AlertGroup("main", "a", "HighErrorRate", (ALERT,), NOON - timedelta(minutes=11)))
CATALOGUE = Catalogue(
    {"production": Environment("production", "main", "micro")},
    {name: Service(name) for name in ("adderservice", "eventservice")},
)
AWAY = outage.Outage(
    "registry.local:5000",
    NOON - timedelta(minutes=88),
    ("registry.local:5000/adderservice",),
    ("adderservice", "auditservice", "eventservice", "mongo", "webapp"),
    NOON - timedelta(minutes=78),
    "registry.local:5000 does not answer.",
    "The connection is refused, or there is no way there.",
)

ONCALL_WORDS: dict[str, Reply] = {
    "scheduled-once": schedules.given(ONCE, NOON, "Now it would do: adderservice → 3f2a91c in production."),
    "scheduled-often": schedules.given(OFTEN, NOON, ""),
    "schedules": schedules.listed([OFTEN, ONCE]),
    "missed": schedules.missed(ONCE, NOON + timedelta(hours=23)),
    "missed-often": schedules.missed(OFTEN, NOON + timedelta(days=6)),
    "incident": incident_notice(INCIDENT, UTC_ZONE),
    "incident-again": incident_notice(CRASH, UTC_ZONE),
    "incident-calm": incident_notice(replace(INCIDENT, calm_since=NOON), UTC_ZONE),
    "alert": alert_notice(FIRES, CATALOGUE),
    "alerts": alert_notice(
        merge(FIRES, replace(FIRES, alerts=(replace(ALERT, ends=NOON), OTHER), heard=NOON)), CATALOGUE
    ),
    "alert-resolved": alert_notice(
        merge(FIRES, replace(FIRES, alerts=(replace(ALERT, ends=NOON),), heard=NOON)), CATALOGUE
    ),
    "alert-of-nobody": alert_notice(
        merge(
            None, replace(FIRES, alerts=(replace(ALERT, service="", namespace="", severity="warning"),), whole=False)
        ),
        CATALOGUE,
    ),
    "registry-away": outage.begun(AWAY, UTC_ZONE),
    "registry-back": outage.ended(AWAY, NOON, UTC_ZONE),
    "not-allowed-any-more": schedules.refused(OFTEN, DENIED, NOON + timedelta(hours=6)),
}
