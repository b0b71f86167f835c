"""Tells people that what was locked is free, however the lock ended: the leader looks at what stands, and not at what
happened. Said first and forgotten then, under one key: a crash in between, or a second leader, says nothing twice."""

import logging

from msgspec.structs import replace

from bot.chat import Direct
from bot.core.errors import Invalid, QuarterdeckError, Refused
from bot.core.model import Message, Place, Request, Who
from bot.core.policy import blocking_lock
from bot.core.reminders import Reminder, freed
from bot.core.rights import right
from bot.engine.outbox import Outbox
from bot.plans.inner import understand
from bot.plans.waiting import READ
from bot.ports import Ports

log = logging.getLogger(__name__)


def tell_what_is_free(ports: Ports, outbox: Outbox) -> None:
    """Of those who asked at a console that is another process, only that one can tell them."""
    waiting = ports.store.reminders()
    if not waiting:
        return
    now, locks = ports.clock.now(), ports.store.locks()
    for reminder in waiting:
        if reminder.until <= now:
            ports.store.forget_reminder(reminder)
        elif reminder.place.platform in ports.platforms and blocking_lock(reminder.asked, locks, now) is None:
            _settle(ports, outbox, reminder)


def _settle(ports: Ports, outbox: Outbox, reminder: Reminder) -> None:
    """A platform that is away keeps only its own people."""
    try:
        who = ports.present(reminder.who)
        if _stands(ports, reminder) and _may(ports, reminder, who, reminder.place):
            place = _alone(ports, reminder, who)
            reply = freed(reminder, aloud=place is None)
            outbox.put(Message(reminder.key, place or reminder.place, reply))
        else:
            log.info("%s is told to nobody: it cannot be ordered like that any more", reminder.key)
        ports.store.forget_reminder(reminder)
    except QuarterdeckError as error:
        log.warning("%s cannot be told yet: %s", reminder.key, error.sentence)


def _stands(ports: Ports, reminder: Reminder) -> bool:
    """By a newer configuration its words may be about another place, or about none."""
    request = Request(reminder.given, reminder.who, reminder.place, reminder.text, reminder.at)
    try:
        _, order = understand(ports, request, reminder.text)
    except Refused:
        return False
    return (order.verb, order.service, order.environment) == (reminder.verb, reminder.service, reminder.environment)


def _may(ports: Ports, reminder: Reminder, who: Who, place: Place) -> bool:
    """Whoever may not do it any more, or not read of it, is not told."""
    order = replace(reminder.asked, who=who, place=place)
    return all(right(replace(order, verb=verb), ports.catalogue).allowed for verb in (reminder.verb, READ))


def _alone(ports: Ports, reminder: Reminder, who: Who) -> Place | None:
    """None where the platform has no such place, where this person lets nobody in, and where the order would be
    refused there: a role may count in some channels only.
    """
    platform = ports.platforms.get(reminder.place.platform)
    if not isinstance(platform, Direct):
        return None
    try:
        place = platform.direct(who)
    except (Refused, Invalid):
        return None
    return place if _may(ports, reminder, who, place) else None
