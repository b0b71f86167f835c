"""What is said of things that are no release, for the golden files."""

from datetime import timedelta

from bot.core import schedules
from bot.core.errors import NotAllowed
from bot.core.model import CONSOLE, Place, Reply
from bot.core.render import refusal
from bot.core.schedules import Schedule
from bot.core.when import WEEKDAYS, Timing
from tests.unit.world import NOON, ONCALL

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
    Timing(18 * 60, "UTC", days=WEEKDAYS),
    NOON + timedelta(hours=6),
    "given:2",
    NOON,
    "webapp",
    "staging",
    4,
)
DENIED = refusal(NotAllowed("You may not scale webapp in staging.", fact="You have no role."))

ONCALL_WORDS: dict[str, Reply] = {
    "scheduled-once": schedules.given(ONCE, NOON, "Now it would do: adderservice → 3f2a91c in production."),
    "scheduled-often": schedules.given(OFTEN, NOON, ""),
    "schedules": schedules.listed([OFTEN, ONCE]),
    "missed": schedules.missed(ONCE, NOON + timedelta(hours=23)),
    "missed-often": schedules.missed(OFTEN, NOON + timedelta(days=6)),
    "not-allowed-any-more": schedules.refused(OFTEN, DENIED, NOON + timedelta(hours=6)),
}
