"""The composition root: the parts become one bot, started in the order of need and stopped in the order of intake."""

import gc
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial

from bot.chat import Forms, Homes, Platform
from bot.core.alerts import AlertGroup
from bot.core.errors import Busy
from bot.core.events import Build, Commit, Rollout
from bot.core.model import Message, Reply
from bot.core.workload import Phase
from bot.engine.announce import Announcer, nobody
from bot.engine.choices import KnownChoices
from bot.engine.dispatch import Dispatcher
from bot.engine.follow import Follower
from bot.engine.home import Home
from bot.engine.intake import Intake
from bot.engine.keeper import Keeper
from bot.engine.leader import Leader
from bot.engine.names import Names
from bot.engine.outbox import Outbox
from bot.engine.poll import Poller
from bot.engine.presence import Presence
from bot.engine.reach import place, warn
from bot.engine.recover import Recovery
from bot.engine.remedy import Remedy
from bot.engine.saving import Step
from bot.engine.schedule import Schedules
from bot.parts import Calls, Parts, Routes
from bot.ports import Command, Ports
from bot.workers import Workers


def spare_the_collector() -> None:
    """What stands after the start stays: looking through it again and again costs orders tens of milliseconds."""
    gc.collect()
    gc.freeze()


class Bot:
    """One bot: started in the order of need, stopped in the order of intake first."""

    def __init__(
        self,
        parts: Parts,
        platforms: Sequence[Platform],
        routes: Routes,
        *,
        commands: Mapping[str, Command],
        lead: bool,
        calls: Calls = nobody,
    ) -> None:
        by_name = {p.name: p for p in platforms}
        self._names = Names(parts.current, platforms)
        self.ports = Ports(self._names, parts.clusters, parts.registry, parts.store, parts.clock, commands, by_name)
        self._platforms = platforms
        self._homes = [platform for platform in platforms if isinstance(platform, Homes)]
        self._workers = Workers()
        self._outbox = Outbox(parts.store, by_name, parts.clock)
        self.dispatcher = Dispatcher(
            self.ports, self._outbox, self._workers, self._renew_homes, self._retell, self._surely
        )
        self._choices = KnownChoices(self.ports, self._workers.submit)
        self._announcer = Announcer(self.ports, self._outbox, routes, calls)
        self._intake = Intake(parts.store, self._announcer.build)
        self._presence = Presence(self.ports)
        replica = self.ports.replica
        self._leader = Leader(parts.store, parts.clock, replica, self._take_over, self._let_go) if lead else None
        self._follower = Follower(
            self.ports,
            self._rollout,
            self._announcer.incident,
            self._workers.submit,
            self._follows,
            self._announcer.storms,
        )
        self._remedy = Remedy(self.ports, self.dispatcher.carry_out, self._workers.submit, self._follower.mended)
        self.poller = Poller(self.ports, self._announcer.tag, self.dispatcher.receive, self._say_to_admins)
        self._keeper = Keeper(
            self.ports,
            self._outbox,
            self.dispatcher.settle,
            [
                Recovery(self.ports, self._outbox, self._retell).look,
                self._intake.nudge,
                partial(self.poller.take_up, self.dispatcher.carry_out),
            ],
        )
        self.schedules = Schedules(self.ports, self._outbox, self.dispatcher.carry_out, self._workers.submit)
        self._led = (self._follower, self._keeper, self.poller, self.schedules)

    def start(self) -> None:
        self._presence.start()
        self._workers.start()
        self._outbox.start()
        self._keeper.start()
        self._intake.start()
        self.poller.start()
        self.schedules.start()
        if self._leader:
            self._leader.start()
        self._follower.start()
        self._furnish([platform for platform in self._platforms if isinstance(platform, Forms)])
        for home in self._homes:
            home.furnish(Home(self.ports).page)
        for platform in self._platforms:
            platform.start(self.dispatcher.receive)
        self._names.start()
        self._workers.submit(partial(warn, self._platforms, self.ports.catalogue))

    def _furnish(self, desks: Sequence[Forms]) -> None:
        """Where nobody fills in forms nothing is looked at for them."""
        for desk in desks:
            desk.offer(self._choices)
        if desks:
            self._choices.start()

    def stop(self) -> None:
        for platform in self._platforms:
            platform.stop()
        if self._leader:
            self._leader.stop()
        work = (self._names, self.schedules, self.poller, self._keeper, self._choices, self._intake, self._workers)
        for part in (*work, self._follower, self._outbox, self._presence):
            part.stop()

    @property
    def leading(self) -> bool:
        return bool(self._leader and self._leader.leading)

    @property
    def waiting(self) -> int:
        """How much of orders and of what they look into waits for a worker."""
        return self._workers.waiting

    def phases(self) -> Mapping[Phase, int]:
        """Of the rollouts that this replica follows."""
        return self._follower.phases()

    def store_trouble(self) -> str | None:
        """Asked by whoever wants to know whether it may be given work."""
        return self._presence.trouble

    def build(self, told: Build | Commit) -> None:
        """What a webhook, or the demo's life, tells."""
        if isinstance(told, Commit):
            self._announcer.commit(told)
        else:
            self._intake.build(told)

    def alerts(self, told: AlertGroup) -> None:
        """Said again when it comes again: the outbox knows what stands, and a crash in between loses nothing."""
        self._announcer.alerts(self.ports.store.merge_alerts(told))

    def configured(self) -> None:
        """Another configuration stands: what was made of the one before it is made anew."""
        self._follower.renew()
        self._names.renew()
        if self.poller.looking:
            self.poller.take_over()
        with suppress(Busy):
            self._workers.submit(partial(warn, self._platforms, self.ports.catalogue))

    def tell_admins(self, reply: Reply) -> None:
        """One of the replicas is enough to say it, and what stands by then is said once the store answers."""
        if not self.leading:
            return
        key = f"configuration:{self.ports.clock.now().isoformat()}"
        self._surely("what became of the configuration", partial(self._say_to_admins, key, reply, fresh=True))

    def _say_to_admins(self, key: str, reply: Reply, *, fresh: bool = False) -> None:
        for platform in self._platforms:
            channel = self.ports.catalogue.admin.get(platform.name)
            if channel:
                self._outbox.put(Message(key, place(platform, channel), reply), fresh=fresh)

    def _take_over(self) -> None:
        for part in self._led:
            part.take_over()
        self._intake.nudge()

    def _let_go(self) -> None:
        for part in reversed(self._led):
            part.let_go()

    def _follows(self, order: str | None) -> bool:
        """The leader follows everybody's rollouts; the others only what was ordered from them."""
        return self.leading or self.dispatcher.is_mine(order)

    def _rollout(self, rollout: Rollout) -> None:
        self._announcer.rollout(rollout)
        self._remedy.rollout(rollout)
        self._renew_homes()

    def _retell(self, order: str) -> None:
        self._follower.retell(order)

    def _surely(self, name: str, step: Step) -> None:
        self._follower.surely(name, step)

    def _renew_homes(self) -> None:
        for home in self._homes:
            home.renew()
