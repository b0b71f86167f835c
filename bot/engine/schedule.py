"""Orders for later: rows in the store, looked at by the leader, carried out as the people who gave them.

A firing is a request whose id is made of the schedule and its moment. The store lets an id be claimed once, so two
leaders, a crash between any two steps, or a clock that goes back carry nothing out twice. What comes too late is
claimed as well, and told instead.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from threading import Lock

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.core.errors import Busy, QuarterdeckError
from bot.core.model import Message, Reply, Request
from bot.core.schedules import Schedule, missed, refused
from bot.engine.outbox import Outbox
from bot.engine.retention import LOOK_EVERY as TIDY_EVERY
from bot.engine.retention import clear_away_daily
from bot.ports import Ports
from bot.workers import Job

log = logging.getLogger(__name__)
LATE = timedelta(minutes=5)
LOOK_EVERY = 1.0

CarryOut = Callable[[Request], Reply | None]


class Schedules:
    def __init__(self, ports: Ports, outbox: Outbox, carry_out: CarryOut, submit: Callable[[Job], None]) -> None:
        self._ports = ports
        self._outbox = outbox
        self._carry_out = carry_out
        self._submit = submit
        self._under_way: set[str] = set()
        self._lock = Lock()
        self._scheduler = BackgroundScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1})

    def start(self) -> None:
        seconds = max(0.1, self._ports.clock.real(LOOK_EVERY))
        self._scheduler.add_job(self.look, IntervalTrigger(seconds=seconds))
        apart = self._ports.clock.real(TIDY_EVERY.total_seconds())
        self._scheduler.add_job(self._tidy, IntervalTrigger(seconds=apart))
        self._scheduler.start(paused=True)

    def take_over(self) -> None:
        """Looks from now on: this replica leads."""
        self._scheduler.resume()

    def let_go(self) -> None:
        self._scheduler.pause()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def look(self) -> None:
        """Each is handed to a worker; where all are busy it is still due at the next look."""
        try:
            due = self._ports.store.schedules(self._ports.clock.now())
        except QuarterdeckError as error:
            log.warning("schedules: %s", error.sentence)
            return
        for schedule in due:
            if self._begin(schedule.key):
                try:
                    self._submit(partial(self._settle, schedule))
                except Busy:
                    self._end(schedule.key)

    def _tidy(self) -> None:
        with suppress(Busy):
            self._submit(partial(clear_away_daily, self._ports))

    def _settle(self, schedule: Schedule) -> None:
        try:
            now = self._ports.clock.now()
            late = now - schedule.due > LATE
            if late:
                self._tell_missed(schedule)
            if late or self._carried_out(schedule):
                self._ports.store.move_schedule(schedule, schedule.after(now))
        except QuarterdeckError as error:
            log.warning("schedule %d: %s", schedule.number, error.sentence)
        finally:
            self._end(schedule.key)

    def _carried_out(self, schedule: Schedule) -> bool:
        """False where somebody claimed it before us: they tell what became of it, or we do once it is too late.

        Where the platform does not say who that person is now, it is still due.
        """
        now = self._ports.clock.now()
        request = schedule.request(now, self._ports.present(schedule.who))
        reply = self._carry_out(request)
        if reply and reply.code and not self._ports.store.messages(f"order:{request.id}"):
            self._say(schedule, refused(schedule, reply, now))
        return reply is not None

    def _tell_missed(self, schedule: Schedule) -> None:
        """Whoever claims it will not carry it out. Claimed before, and no order of it: a crash came between."""
        now = self._ports.clock.now()
        request = schedule.request(now)
        claimed = self._ports.store.claim_request(request)
        if claimed or self._ports.store.order(f"order:{request.id}") is None:
            self._say(schedule, missed(schedule, now))

    def _say(self, schedule: Schedule, reply: Reply) -> None:
        self._outbox.put(Message(schedule.key, schedule.place, reply))

    def _begin(self, key: str) -> bool:
        with self._lock:
            if key in self._under_way:
                return False
            self._under_way.add(key)
            return True

    def _end(self, key: str) -> None:
        with self._lock:
            self._under_way.discard(key)
