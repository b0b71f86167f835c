"""Tells people that what was locked is free, however the lock ended: the leader looks at what stands, and not at what
happened. Said first and forgotten then, under one key: a crash in between, or a second leader, says nothing twice."""

import logging

from msgspec.structs import replace

from bot.chat import Direct
from bot.core.errors import NotAllowed, NotFound, QuarterdeckError
from bot.core.model import Message, Place
from bot.core.policy import blocking_lock
from bot.core.reminders import Reminder, freed
from bot.core.rights import right
from bot.engine.outbox import Outbox
from bot.ports import Ports

log = logging.getLogger(__name__)


def tell_what_is_free(ports: Ports, outbox: Outbox) -> None:
    waiting = ports.store.reminders()
    if not waiting:
        return
    now, locks = ports.clock.now(), ports.store.locks()
    for reminder in waiting:
        if reminder.until <= now:
            ports.store.forget_reminder(reminder)
        elif blocking_lock(reminder.asked, locks, now) is None:
            _settle(ports, outbox, reminder)


def _settle(ports: Ports, outbox: Outbox, reminder: Reminder) -> None:
    """Whoever may not do it any more is not told of it. One platform that is away keeps only its own people."""
    try:
        who = ports.present(reminder.who)
        if right(replace(reminder.asked, who=who), ports.catalogue).allowed:
            place = _alone(ports, reminder)
            reply = freed(reminder, aloud=place is None)
            outbox.put(Message(reminder.key, place or reminder.place, reply))
        ports.store.forget_reminder(reminder)
    except QuarterdeckError as error:
        log.warning("%s cannot be told yet: %s", reminder.key, error.sentence)


def _alone(ports: Ports, reminder: Reminder) -> Place | None:
    """None where the platform has no such place, or this person lets nobody in."""
    platform = ports.platforms.get(reminder.place.platform)
    if not isinstance(platform, Direct):
        return None
    try:
        return platform.direct(reminder.who)
    except (NotAllowed, NotFound):
        return None
