"""A night on call, as it stands in the room: what the page is looked at with."""

from datetime import UTC, datetime, timedelta
from queue import SimpleQueue

from bot.chat.console.page import page_routes
from bot.chat.console.room import Room
from bot.core.model import Button, Field, Message, Place, Reply, Request, Table, Tone, When, Who
from bot.web.server import WebServer

OPERATOR = Who(platform="console", id="oncall", name="oncall")
ROOM = Place("console", "console")
WORDS = ["deploy", "diff", "promote", "status", "adderservice", "auditservice"]
NOW = datetime(2026, 11, 3, 14, 32, 5, tzinfo=UTC)


class StillClock:
    """Time stands, so that a picture of it can be compared."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def real(self, seconds: float) -> float:
        return seconds


def when(**ago: float) -> When:
    return When(NOW - timedelta(**ago))


BACK = Button(
    "Roll back",
    "rollback adderservice in production",
    Tone.BAD,
    confirm="Roll adderservice in production back to 9ab01de?",
)
WHY = Button("Why", "why adderservice in production")
ORDERED = Field("ordered by", "@oncall")

STARTING = Reply(
    "adderservice → 3f2a91c in production · starting",
    Tone.WORKING,
    fields=(Field("image", "9ab01de → 3f2a91c (sha256:44c1f0e)"), Field("Deployment", "6 replicas"), ORDERED),
    body='"Round half to even" by @dev2',
)


def progress(ready: int, seconds: int) -> Reply:
    drawn = "█" * (3 * ready) + "░" * (18 - 3 * ready)
    return Reply(
        f"adderservice → 3f2a91c in production · {ready} of 6 ready",
        Tone.WORKING,
        fields=(Field("before", "9ab01de"), ORDERED),
        body=f"{drawn} {ready}/6 · 1 waiting for readiness · {seconds} s",
        buttons=(Button("Pause", "pause adderservice in production"), BACK, WHY),
    )


WATCHING = Reply(
    "adderservice → 3f2a91c in production · rolled out, watching for 30 s", Tone.WORKING, body="6/6 in 52 s"
)
DONE = Reply(
    "adderservice → 3f2a91c in production · done",
    Tone.GOOD,
    body="6/6 in 52 s, healthy for 30 s · before: 9ab01de",
    buttons=(BACK, Button("History", "history adderservice in production")),
)
FAILED = Reply(
    "adderservice → 3f2a91c in production · failed",
    Tone.BAD,
    body="1 of 6 new pods is up; 5 old ones still serve.\n"
    "Crashes at start: exit 3, restarted 4 times. Last lines of adderservice-7d9c-x2x4j:\n"
    "    2026-11-03T14:31:58.201Z INFO  starting adderservice 3f2a91c with 4 workers, pool 16, region eu-south-2\n"
    "    panic: no database\n"
    "Rolled back to 9ab01de (revision 41), 6/6 ready. Locked until someone unlocks:\n"
    "    unlock adderservice in production",
    buttons=(
        Button("Logs", "logs adderservice in production --previous"),
        Button("Unlock", "unlock adderservice in production"),
        Button("Try again", "deploy adderservice 3f2a91c to production"),
    ),
    code="failed",
)
NO_IMAGE = Reply(
    "No image 3f2a91d of adderservice.",
    Tone.WARNING,
    body="Nearest: 3f2a91c (2 h ago, build #418). Newest: 77be001 (5 min ago).\n"
    "    deploy adderservice 3f2a91c to staging",
    buttons=(
        Button("Deploy 3f2a91c", "deploy adderservice 3f2a91c to staging"),
        Button("Images", "images adderservice"),
    ),
    private=True,
    code="not_found",
)
STATUS = Reply(
    "production · 6 services, 1 rolling out, 1 in trouble",
    table=Table(
        ("", "service", "image", "ready", "age", "last change"),
        (
            ("✗", "eventservice", "77be001", "2/3", when(minutes=4), "deploy by @dev1 · CrashLoop: panic: no database"),
            ("…", "adderservice", "9ab01de → 3f2a91c", "4/6", when(seconds=38), "deploy by @oncall"),
            ("✓", "auditservice", "9ab01de", "3/3", when(days=2), "auto from staging"),
            ("✓", "webapp", "1.14.2", "12/12", when(hours=5), "scale by autoscaler"),
            ("✓", "mongo", "7.0.14", "1/1", when(days=31), "deploy by @dev1"),
            ("✓", "redis", "7.4.1-alpine", "1/1", when(days=31), "deploy by @dev1"),
        ),
        numeric=frozenset({"ready", "age"}),
    ),
)
WHY_REPLY = Reply(
    "eventservice in production crashes at start: exit 1 after 2 s, 6 restarts, next try in 80 s.",
    Tone.BAD,
    body="    panic: no database\n"
    "Since revision 17 (77be001, deployed by @dev1 4 minutes ago). Revision 16 (9ab01de) ran healthy for 3 days.\n"
    "    rollback eventservice in production",
    buttons=(
        Button("Roll back to 9ab01de", "rollback eventservice in production", Tone.BAD, confirm="Roll it back?"),
        Button("Logs", "logs eventservice in production --previous"),
    ),
)
HISTORY = Reply(
    "adderservice in production · 4 revisions",
    table=Table(
        ("revision", "image", "by", "when", "verdict", "cause"),
        (
            ("42", "3f2a91c", "@oncall", when(seconds=82), "✗ failed", "deploy adderservice 3f2a91c to production"),
            ("41", "9ab01de", "@dev2", when(days=2), "✓ done", "promote adderservice"),
            ("40", "c0ffee1", "@dev2", when(days=9), "✓ done", "deploy adderservice c0ffee1 to production"),
            ("39", "51ab3d0", "kubectl", when(days=31), "recorded", "kubectl (dev1@laptop), not through this bot"),
        ),
        numeric=frozenset({"revision", "when"}),
    ),
    buttons=(Button("Roll back to 41", "rollback adderservice to 41 in production", Tone.BAD, confirm="Roll back?"),),
)
RELEASE = Reply("adderservice 3f2a91c · build ✓ · image ✓ · staging ✓ · production …", Tone.WORKING)
THREAD = (
    Reply("adderservice - #418 Started by changes from @dev2 (3 file(s) changed) (Open)"),
    Reply("adderservice - #418 Success after 2 min 3 sec (Open)", Tone.GOOD),
    Reply(
        "New image 3f2a91c of adderservice · sha256:44c1f0e · 84 MB",
        buttons=(Button("Deploy to staging", "deploy adderservice 3f2a91c to staging"),),
    ),
    Reply("adderservice → 3f2a91c in staging · done", Tone.GOOD, body="2/2 in 9 s (auto)"),
)


def answer(room: Room, text: str, *replies: Reply, live: bool = False) -> Place:
    """One order and its answer, said and then edited through these states."""
    key = f"order:{room.say(text, OPERATOR).id}"
    first, *others = replies
    place = room.post(Message(key, ROOM, first, final=not others and not live))
    for number, reply in enumerate(others, 1):
        room.edit(place, Message(key, ROOM, reply, final=number == len(others) and not live))
    return place


def play(room: Room, clock: StillClock) -> Place:
    """Everything the models show, and a rollout that still runs; returns where that one stands."""
    clock.at = NOW - timedelta(minutes=9)
    answer(room, "status in production", STATUS)
    room.whisper(room.say("deploy adderservice 3f2a91d", OPERATOR), NO_IMAGE)
    clock.at = NOW - timedelta(minutes=7)
    parent = room.post(Message("release:adderservice:3f2a91c", ROOM, RELEASE, final=False))
    for number, reply in enumerate(THREAD):
        room.post(Message(f"release:{number}", Place("console", "console", thread=parent.message), reply))
    answer(room, "why eventservice in production", WHY_REPLY)
    clock.at = NOW - timedelta(minutes=4)
    answer(room, "deploy adderservice 3f2a91c to production", STARTING, progress(2, 11), FAILED)
    answer(room, "history adderservice in production", HISTORY)
    clock.at = NOW - timedelta(seconds=38)
    answer(room, "deploy adderservice 3f2a91c to production", STARTING, WATCHING, DONE)
    place = answer(room, "deploy adderservice 3f2a91c to production", STARTING, progress(4, 38), live=True)
    clock.at = NOW
    return place


class Demo:
    """The room and its page, as the demo serves them; `received` is what reached the bot."""

    def __init__(self, port: int = 0) -> None:
        self.clock = StillClock()
        self.room = Room(self.clock)
        self.received: SimpleQueue[Request] = SimpleQueue()
        self.room.start(self.received.put)
        routes = page_routes(self.room, OPERATOR, suggest, allowed_hosts=["127.0.0.1"])
        self.server = WebServer(routes, "127.0.0.1", port)
        self.port = self.server.start()
        self.url = f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self.room.stop()
        self.server.stop()

    def order(self) -> str:
        return self.received.get(timeout=10).text


def suggest(text: str) -> list[str]:
    return [word for word in WORDS if word.startswith(text.rpartition(" ")[2])]
