"""What a process that ended was at: each order is either followed on, or its person is told what became of it."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.core.audit import AuditEntry, entry_of
from bot.core.errors import NotFound, QuarterdeckError
from bot.core.live import cut_off
from bot.core.model import Change, Message, Order, Reply, Step, Tone
from bot.core.render import order_line
from bot.core.workload import Pause, Phase, Resume, Scale
from bot.engine.origin import ORDER
from bot.engine.outbox import Outbox
from bot.ports import Ports

log = logging.getLogger(__name__)
MOST = 1000
SEEN_WITHIN = timedelta(minutes=1)

Found = tuple[Order, Change | None]


class Recovery:
    """One thread only: the keeper's. What it is at falls to the next leader, should this one end as well.

    `retell` has the rollouts of an order told anew: where it was cut, and where they ended and nobody came to say so.
    """

    def __init__(self, ports: Ports, outbox: Outbox, retell: Callable[[str], None]) -> None:
        self._ports = ports
        self._outbox = outbox
        self._retell = retell
        self._taken: list[Found] = []

    def look(self) -> None:
        """Taken first, so that a process that was only frozen does not do what is told here as not done."""
        ports, now = self._ports, self._ports.clock.now()
        for found in ports.store.cut_off_orders(ports.replica, now):
            if ports.store.hold_order(found[0].key, ports.replica, now):
                self._taken.append(found)
        self._taken = [found for found in self._taken if not self._done(*found)]
        for order, change in ports.store.open_orders():
            if change and not ports.store.rollouts_of(order.key):
                self._overtaken(order, change, now)

    def _overtaken(self, order: Order, change: Change, now: datetime) -> None:
        """Of two orders for one workload in one moment the first may have no rollout that anybody saw."""
        ports = self._ports
        entry = _applied(ports, order)
        if entry is None or entry.at >= now - SEEN_WITHIN or _may_be_seen(ports, order, change):
            return
        where = f" in {order.environment}" if order.environment else ""
        told = Reply(
            title=f"{change.title} · superseded by a newer one",
            tone=Tone.WARNING,
            body=order_line(f"history {order.service}{where}"),
            code=Phase.SUPERSEDED.value,
        )
        _say(ports, self._outbox, order, told)

    def _done(self, order: Order, change: Change | None) -> bool:
        try:
            change = _recover(self._ports, self._outbox, order, change)
            rollouts = self._ports.store.rollouts_of(order.key)
            if (change and change.cut) or (rollouts and all(r.phase.final for r in rollouts)):
                self._retell(order.key)
        except QuarterdeckError as error:
            log.warning("order %s stays open: %s", order.key, error.sentence)
            return False
        return True


def _recover(ports: Ports, outbox: Outbox, order: Order, change: Change | None) -> Change | None:
    _unblock(ports, order, change)
    change = _taken(ports, order, change)
    if ports.store.rollouts_of(order.key):
        _account(ports, order, change)
    elif any(message.final for message in ports.store.messages(order.key)):
        ports.store.close_order(order.key, "told")
    else:
        _settle(ports, outbox, order, change)
    return change


def _taken(ports: Ports, order: Order, change: Change | None) -> Change | None:
    """Cut off between two workloads: the order ends with those that it came to."""
    if change is None or change.cut:
        return change
    begun = {(r.target.kind, r.target.name) for r in ports.store.rollouts_of(order.key)}
    taken = [s for s in change.steps if (s.target.kind, s.target.name) in begun or _landed(ports, order, s)]
    if not taken or len(taken) == len(change.steps):
        return change
    cut = change.cut_to(taken, "Quarterdeck restarted before it came to that.")
    ports.store.save_change(cut)
    return cut


def _unblock(ports: Ports, order: Order, change: Change | None) -> None:
    """Written, and cut off before the broken pods were deleted: nothing else would end them."""
    for step in change.steps if change else ():
        if step.blocking and _landed(ports, order, step):
            place, cluster = step.target, ports.cluster_of(step.target)
            there = cluster.pods(cluster.find(place.environment, place.namespace, place.name, place.kind))
            broken = {pod.uid for pod in there if not pod.ready}
            for pod in step.blocking:
                if pod.uid in broken:
                    cluster.delete_pod(place, pod)


def _settle(ports: Ports, outbox: Outbox, order: Order, change: Change | None) -> None:
    """A template that carries the order's id is found by the follower; everything else is said here."""
    landed = [_landed(ports, order, step) for step in change.steps] if change else []
    if any(landed):
        _account(ports, order, change)
    if change and landed and all(landed):
        if any(isinstance(step.action, Scale | Pause | Resume) for step in change.steps):
            done = Reply(title=f"{change.title} · done", tone=Tone.GOOD)
            _say(ports, outbox, order, cut_off(done, change.cut) if change.cut else done)
        return
    if not any(landed):
        _say(ports, outbox, order, _lost(ports, order, change))


def _lost(ports: Ports, order: Order, change: Change | None) -> Reply:
    """What a command does by itself leaves no trace under the order's name: it may have come to that, or not."""
    again, command = order.request.text, ports.commands.get(order.words.name)
    title = change.title if change else again
    if change and command and command.apply:
        told = "Quarterdeck restarted while it was carried out: it may be done or not."
        look = order_line(command.shown_by or again)
        return Reply(title=f"{title} · may be done", tone=Tone.WARNING, body=f"{told}\n{look}", code="restarted")
    body = f"Quarterdeck restarted before it was applied. Nothing was changed.\n{order_line(again)}"
    return Reply(title=f"{title} · not carried out", tone=Tone.WARNING, body=body, code="restarted")


def _may_be_seen(ports: Ports, order: Order, change: Change) -> bool:
    try:
        return any(_landed(ports, order, step) for step in change.steps)
    except QuarterdeckError as error:
        log.warning("order %s stays open: %s", order.key, error.sentence)
        return True


def _applied(ports: Ports, order: Order) -> AuditEntry | None:
    known = ports.store.audit(service=order.service, outcomes=["applied"], since=order.request.at, limit=MOST)
    return next((entry for entry in known if entry.request == order.request.id), None)


def _account(ports: Ports, order: Order, change: Change | None) -> None:
    """What was applied stands in the audit, also where the process ended between the two."""
    if change and _applied(ports, order) is None:
        ports.store.record(entry_of(order, change, ports.clock.now(), "found applied after a restart", "applied"))


def _landed(ports: Ports, order: Order, step: Step) -> bool:
    place = step.target
    cluster = ports.cluster(ports.catalogue.environment(place.environment))
    try:
        workload = cluster.find(place.environment, place.namespace, place.name, place.kind)
    except NotFound:
        return False
    match step.action:
        case Scale(replicas=replicas):
            return workload.wanted == replicas
        case Pause() | Resume():
            return workload.paused == isinstance(step.action, Pause)
        case _:
            return workload.annotations.get(ORDER) == order.request.id


def _say(ports: Ports, outbox: Outbox, order: Order, reply: Reply) -> None:
    outbox.put(Message(order.key, order.request.place, reply))
    ports.store.close_order(order.key, reply.code or "done")
