"""What stands in the way of an order, for the golden files: questions, how they ended, and refusals."""

from datetime import timedelta

from msgspec.structs import replace

from bot.core.asking import CANCELLED, EXPIRED, REJECTED, VOID, asking, differs, ended
from bot.core.catalogue import Approvals, Catalogue, Environment, FreezeRule, Role
from bot.core.decision import Outcome
from bot.core.guards import Ask, Freeze
from bot.core.locks import Lock
from bot.core.model import Change, Order, Place, Reply, Request, Who, Words
from bot.core.policy import Facts, Planned
from bot.core.reminders import Reminder, freed
from bot.core.rights import Asked
from bot.core.windows import from_until, weekly
from bot.core.workload import Image
from tests.unit.world import NOON, ONCALL

DEV = Who("slack", "U1", "dev1", "dev1@example.com")
LEAD = Who("slack", "U2", "lead", "lead@example.com")
HERE = Place("slack", "C1")
IMAGE = Image("registry.local:5000/adderservice", "3f2a91c", f"sha256:{'44c1f0e' * 9}4")
REQUEST = Request("r1", DEV, HERE, "deploy adderservice 3f2a91c to production", NOON)
ORDER = Order(REQUEST, "deploy", Words("deploy"), "adderservice", "production")
CHANGE = Change(
    ORDER,
    (),
    NOON,
    "adderservice → 3f2a91c in production",
    "9ab01de",
    "3f2a91c",
    IMAGE,
    ("sha256:44c1f0e · Deployment, 6 replicas",),
)
TOLD = (
    "2 builds and 5 changes newer than 9ab01de",
    "Last failure here, 2 d ago: 77be001. Crashes at start: exit 3, restarted 4 times.",
)
CONFIRM = Ask(Outcome.CONFIRM, ORDER, CHANGE, NOON, NOON + timedelta(minutes=2), 7)
APPROVE = Ask(Outcome.APPROVE, ORDER, CHANGE, NOON, NOON + timedelta(minutes=30), 8, 2, "releasers")
PEOPLE = ("lead@example.com", "team:platform")
CATALOGUE = Catalogue(
    {
        "staging": Environment("staging", "main", "staging"),
        "production": Environment(
            "production",
            "main",
            "production",
            approvals=Approvals(1, "releasers"),
            after="staging",
            soak=timedelta(minutes=10),
        ),
    },
    roles=(
        Role("deployers", ("read", "deploy", "set"), ("dev1@example.com",)),
        Role("careful", (), ("dev1@example.com",), ("production",), deny=("set", "override")),
    ),
)
FROZEN = replace(
    CATALOGUE,
    freezes=(FreezeRule("year-end", from_until("2026-11-19", "2027-01-04", "UTC"), reason="Year-end closing"),),
)
HOURS = replace(CATALOGUE, allow={"production": (weekly("mon-thu 09:00-16:00", "UTC"),)})
DEPLOY = Asked(DEV, HERE, "deploy", service="adderservice", environment="production")
FACTS = Facts(NOON)
CALLED = Facts(NOON, freezes=[Freeze("production", "release weekend", NOON, NOON + timedelta(hours=2), ONCALL)])
LOCKED = Facts(NOON, [Lock("*", "production", ONCALL, "incident 4711", NOON, until=NOON + timedelta(hours=2))])
FOUR = timedelta(minutes=4)
PROVING = Planned("3f2a91c", healthy=FOUR, standing=FOUR)
CLOSES = NOON.replace(day=19, hour=15, minute=58)
REMINDER = Reminder(
    DEV, HERE, REQUEST.text, "deploy", "adderservice", "production", "r1", NOON, NOON + timedelta(days=1)
)

ASKS: dict[str, Reply] = {
    "confirm": asking(replace(CONFIRM, told=TOLD), (), (), NOON.tzinfo),
    "approve": asking(replace(APPROVE, told=TOLD), (), PEOPLE, NOON.tzinfo),
    "approve-one-left": asking(APPROVE, (LEAD,), PEOPLE, NOON.tzinfo),
    "confirm-expired": ended(CONFIRM, EXPIRED),
    "approve-expired": ended(APPROVE, EXPIRED),
    "cancelled": ended(CONFIRM, CANCELLED, DEV),
    "rejected": ended(APPROVE, REJECTED, LEAD, '"not before the migration"'),
    "free": freed(REMINDER, aloud=False),
    "free-aloud": freed(REMINDER, aloud=True),
    "void": ended(
        APPROVE, VOID, reason=differs(CHANGE, replace(CHANGE, image=replace(IMAGE, digest=f"sha256:{'0' * 64}")))
    ),
}
GUARDED: dict[str, tuple[Asked, Catalogue, Facts, Planned | None]] = {
    "policy-denied": (replace(DEPLOY, verb="set"), CATALOGUE, FACTS, None),
    "policy-override-denied": (replace(DEPLOY, override="now"), CATALOGUE, FACTS, None),
    "policy-frozen": (DEPLOY, FROZEN, FACTS, None),
    "policy-frozen-by-somebody": (DEPLOY, CATALOGUE, CALLED, None),
    "policy-outside-its-hours": (DEPLOY, HOURS, FACTS, None),
    "policy-environment-locked": (DEPLOY, CATALOGUE, LOCKED, None),
    "policy-never-ran-before": (DEPLOY, CATALOGUE, FACTS, Planned("3f2a91c")),
    "policy-not-long-enough": (DEPLOY, CATALOGUE, FACTS, PROVING),
    "policy-not-long-enough-and-closed-by-then": (DEPLOY, HOURS, replace(FACTS, now=CLOSES), PROVING),
    "policy-not-long-enough-and-gone": (DEPLOY, CATALOGUE, FACTS, replace(PROVING, standing=None)),
}
