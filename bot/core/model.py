"""The nouns of orders and of what is said. All frozen: what is shared between threads cannot change.

They are msgspec structs, so that the store and the JSON output read and write them without a second description.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from bot.core.owner import Owner
from bot.core.quiet import Quiet
from bot.core.secret import mask_assignment, mask_from
from bot.core.workload import Action, Image, PodName, Restart, SetEnv, Target

CONSOLE = "console"
BOT = "bot"
ALL = "*"
INNER = "order"  # the placeholder of an order inside an order

Spot = tuple[str, str]
"""A channel on its platform, wherever in it."""


class Who(Struct, frozen=True):
    """A person, the bot itself for automatic orders, or another bot that may order here (a `robot`).

    `outsider` says what keeps somebody from being a member ("a guest", "deactivated", …); members have none.
    """

    platform: str
    id: str
    name: str
    email: str | None = None
    groups: frozenset[str] = frozenset()
    outsider: str = ""
    robot: bool = False

    @property
    def mention(self) -> str:
        return f"@{self.name}"

    @property
    def person(self) -> str:
        """The same for one person on every platform that vouches for the e-mail address."""
        return (self.email or f"{self.platform}:{self.id}").casefold()


class Place(Struct, frozen=True):
    """Where something was said, or where a message stands; `beside` is what else the platform put there for it."""

    platform: str
    channel: str
    thread: str | None = None
    message: str | None = None
    beside: str | None = None

    @property
    def spot(self) -> Spot:
        return self.platform, self.channel


class Request(Struct, frozen=True):
    """One thing said to the bot. `id` is the dedupe key: two deliveries of one text carry the same.

    `parent` is the key of the message that an automatic order belongs under. `button` names the one that was pressed,
    as it stood then: what changes the world uses it up.
    """

    id: str
    who: Who
    place: Place
    text: str
    at: datetime
    parent: str | None = None
    button: str | None = None


class Words(Struct, frozen=True):
    """A parsed order: the command's name, its named arguments, the repeated last one, and its flags."""

    name: str
    values: dict[str, str] = {}
    rest: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()

    def get(self, key: str) -> str | None:
        return self.values.get(key)

    def __getitem__(self, key: str) -> str:
        return self.values[key]


class Order(Struct, frozen=True):
    """A request that was understood; what it is to change is found by its plan."""

    request: Request
    verb: str
    words: Words
    service: str | None = None
    environment: str | None = None

    @property
    def key(self) -> str:
        return f"order:{self.request.id}"

    def masked(self) -> "Order":
        """As it may be stored and shown: what was assigned to a variable stays in memory."""
        values = {key: mask_from(value) if key == INNER else value for key, value in self.words.values.items()}
        rest = tuple(mask_assignment(word) for word in self.words.rest)
        if (values, rest) == (self.words.values, self.words.rest):
            return self
        where = ("in", self.environment) if self.environment else ()
        said = values.values() if INNER in values else (self.service or "", *rest, *where)
        request = replace(self.request, text=" ".join((self.words.name, *said)))
        return replace(self, request=request, words=replace(self.words, values=values, rest=rest))


class Step(Struct, frozen=True):
    """One target's share of a change, with what it was planned upon: applied only while that still stands.

    `blocking` are broken pods that the cluster would wait for for ever: they are deleted once the change is written.
    """

    target: Target
    action: Action
    before: str
    after: str
    uid: str
    resource_version: str
    template: str
    owner: Owner | None = None
    blocking: tuple[PodName, ...] = ()

    def without_values(self) -> "Step":
        return replace(self, action=replace(self.action, values=())) if isinstance(self.action, SetEnv) else self


class Cut(Struct, frozen=True):
    """The workloads that a change of several did not come to, and why."""

    names: tuple[str, ...]
    why: str

    @property
    def told(self) -> str:
        return f", but not {', '.join(self.names)}"


class Change(Struct, frozen=True):
    """What plan() found. Exactly this is shown, confirmed, stored and applied.

    `notes` are said while it is applied; `marks` stand in its rollouts to the end (who approved it, an override).
    `cut` is of one that was stopped on the way: its `steps` are those that were taken.
    """

    order: Order
    steps: tuple[Step, ...]
    at: datetime
    title: str
    before: str
    after: str
    image: Image | None = None
    notes: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    cut: Cut | None = None

    def cut_to(self, taken: Sequence[Step], why: str) -> "Change":
        names = tuple(step.target.name for step in self.steps if step not in taken)
        return replace(self, steps=tuple(taken), cut=Cut(names, why))

    def without_values(self) -> "Change":
        """As it may be stored: a mask in a value's place would be applied by whoever resumes."""
        return replace(self, order=self.order.masked(), steps=tuple(step.without_values() for step in self.steps))

    def same_as(self, other: "Change") -> bool:
        """Would it do exactly the same to exactly the same? A restart at any moment; replicas may have moved."""
        return [_essence(step) for step in self.steps] == [_essence(step) for step in other.steps]


def _essence(step: Step) -> tuple[object, ...]:
    action = Restart if isinstance(step.action, Restart) else step.without_values().action
    return (step.target, action, step.before, step.after, step.uid, step.template)


class Cause(Struct, frozen=True):
    """Who wanted a change, and where: written to the workload for people who use kubectl."""

    request: str
    who: Who
    place: Place
    text: str


class Tone(StrEnum):
    PLAIN = "plain"
    WORKING = "working"
    GOOD = "good"
    BAD = "bad"
    WARNING = "warning"


class When(Struct, frozen=True, tag=True):
    """A moment: people read how long ago it was, and the exact time where they point at it."""

    at: datetime


Cell = str | When


class Field(Struct, frozen=True):
    """One whose value is an address is a link: where a platform can, its name leads there, also in the title."""

    name: str
    value: str

    @property
    def is_link(self) -> bool:
        return self.value.startswith(("https://", "http://"))


class Table(Struct, frozen=True):
    """`numeric` names the columns whose figures line up on the right."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: frozenset[str] = frozenset()


class Button(Struct, frozen=True):
    """Pressing it is typing its command, with the rights of the person who presses."""

    label: str
    command: str
    style: Tone = Tone.PLAIN
    confirm: str | None = None


class Reply(Struct, frozen=True):
    """An answer that knows no platform and no markup.

    `body` is plain text; lines indented by four spaces are verbatim (log lines, orders to type).
    `private` is for the eyes of whoever asked alone. `code` is empty for a good answer, else the error's or the
    verdict's stable name. `mentions` are whom it calls: `slack:ID` of a person or a user group, `webex:ADDRESS`, or
    `@here`; each platform draws its own.
    """

    title: str
    tone: Tone = Tone.PLAIN
    fields: tuple[Field, ...] = ()
    table: Table | None = None
    body: str = ""
    buttons: tuple[Button, ...] = ()
    private: bool = False
    code: str = ""
    mentions: tuple[str, ...] = ()


class Message(Struct, frozen=True):
    """What should stand in a place under a key: said once, edited until final. `at` is for the store alone.

    `quiet` says whether it is kept while it does not stand; None leaves it as it is, and keeps it with its parent.
    `tried` is of one that does not stand as far as is known, though somebody began to post it.
    """

    key: str
    place: Place
    reply: Reply
    final: bool = True
    parent: str | None = None
    edits: int = 0
    version: int = 1
    attempts: int = 0
    at: datetime | None = None
    quiet: Quiet | None = None
    tried: bool = False
