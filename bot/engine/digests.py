"""What was kept in quiet hours is told once they are over: the leader looks, so that it is told once."""

from itertools import groupby

from bot.core.digest import digest, has_row, sorted_out
from bot.core.model import Message, Place
from bot.core.quiet import LOUD
from bot.engine.outbox import Outbox
from bot.ports import Ports


def tell_what_was_kept(ports: Ports, outbox: Outbox) -> None:
    kept = sorted(ports.store.kept_messages(ports.clock.now()), key=lambda message: message.place.spot)
    for spot, there in groupby(kept, key=lambda message: message.place.spot):
        _tell(outbox, Place(*spot), list(there))


def _tell(outbox: Outbox, place: Place, kept: list[Message]) -> None:
    """The key is of what no digest told before, however the clock leaps."""
    told, alone = sorted_out(kept)
    news = [message for message in told if has_row(message)]
    key = f"digest:{news[0].key}:{news[0].version}" if news else ""
    message = Message(key, place, digest(news), quiet=LOUD) if news else None
    outbox.tell_together(place, message, told, alone)
