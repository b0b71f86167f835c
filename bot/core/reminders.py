"""Who is to be told when a service is free again, and the order that was refused meanwhile."""

from datetime import datetime

from msgspec import Struct

from bot.core.model import BOT, CONSOLE, Button, Place, Reply, Tone, Who
from bot.core.render import order_line
from bot.core.rights import Asked

WEBEX = "webex"


class Reminder(Struct, frozen=True):
    """One a person and target. `given` is the request it was asked for by; past `until` nobody is told."""

    who: Who
    place: Place
    text: str
    verb: str
    service: str
    environment: str
    given: str
    at: datetime
    until: datetime

    @property
    def key(self) -> str:
        return f"free:{self.given}"

    @property
    def what(self) -> str:
        return f"{self.service} in {self.environment}"

    @property
    def asked(self) -> Asked:
        """The order itself, as the guards will look at it."""
        return Asked(self.who, self.place, self.verb, self.service, self.environment)


def freed(reminder: Reminder, *, aloud: bool) -> Reply:
    """`aloud` among others, where a mention is what makes it theirs. Nothing here may differ from one telling to the
    next: that is how it stands there once.
    """
    return Reply(
        title=f"{reminder.what} is free",
        tone=Tone.GOOD,
        body=order_line(reminder.text),
        buttons=(Button("Order it", reminder.text),),
        mentions=_mention(reminder.who) if aloud else (),
    )


def _mention(who: Who) -> tuple[str, ...]:
    """As each platform calls its people."""
    name = who.email if who.platform == WEBEX else who.id
    return (f"{who.platform}:{name}",) if name and who.platform not in (CONSOLE, BOT) else ()
