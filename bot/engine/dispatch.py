"""From what somebody typed to what was done: parse, decide, plan, decide, claim, apply, reply, audit.

The only broad `except` for commands stands here: whatever breaks, the person gets an answer.
"""

import logging
from datetime import timedelta
from functools import partial
from secrets import token_hex
from time import sleep

from msgspec.structs import replace

from bot.cluster import Cluster
from bot.core import render
from bot.core.catalogue import Environment
from bot.core.errors import Busy, QuarterdeckError
from bot.core.model import AuditEntry, Cause, Change, Decision, Message, Order, Reply, Request, Step, Words
from bot.core.parse import parse
from bot.core.policy import Asked, decide, refusal
from bot.engine.outbox import Outbox
from bot.engine.workers import Workers
from bot.ports import Command, Ports

log = logging.getLogger(__name__)
CLAIM = timedelta(seconds=60)
DRY_RUN = "dry-run"
NAMES = ("quarterdeck", "qd")


class Dispatcher:
    def __init__(self, ports: Ports, outbox: Outbox, workers: Workers) -> None:
        self._ports = ports
        self._outbox = outbox
        self._workers = workers
        self._mine: set[str] = set()

    def is_mine(self, order: str | None) -> bool:
        """Was this order given to this process?"""
        return order in self._mine

    def receive(self, request: Request) -> None:
        """What listeners call: only enqueues. Raises Busy when too much waits."""
        self._workers.submit(partial(self.carry_out, request))

    def carry_out(self, request: Request) -> Reply | None:
        """Returns what was said in the end; None for a request that was already taken."""
        attempt = Attempt(self._ports, self._outbox, request)
        try:
            command, order = attempt.understand()
            if not attempt.take(order):
                return None
            self._mine.add(order.key)
            return attempt.run(command, order)
        except QuarterdeckError as error:
            return attempt.refuse(error)
        except Exception:
            reference = token_hex(2)
            log.exception("order %s broke (ref %s)", request.id, reference)
            return attempt.end(render.broken(reference), "broken")


class Attempt:
    """One request on its way through."""

    def __init__(self, ports: Ports, outbox: Outbox, request: Request) -> None:
        self._ports = ports
        self._outbox = outbox
        self._request = request
        self._order: Order | None = None
        self._change: Change | None = None
        self._rule = ""
        self._taken = False
        self._opened = False
        self._said = False

    @property
    def key(self) -> str:
        return f"order:{self._request.id}"

    def understand(self) -> tuple[Command, Order]:
        """What is meant, and whether it is allowed as far as can be told before it was planned."""
        words = parse(self._request.text, {name: c.shape for name, c in self._ports.commands.items()}, names=NAMES)
        command = self._ports.commands[words.name]
        service = words.get("service")
        environment = self._environment(command, words, service)
        name = environment.name if environment else None
        self._order = order = Order(self._request, command.verb, words, service, name)
        self._require(order)
        return command, order

    def take(self, order: Order) -> bool:
        """False where the same request was taken before."""
        self._taken = self._ports.store.open_order(order.masked())
        return self._taken

    def run(self, command: Command, order: Order) -> Reply | None:
        dry_run = DRY_RUN in order.words.flags
        if command.opening and not dry_run:
            self._open(command.opening(order))
        planned = command.plan(self._ports, order)
        if isinstance(planned, Reply):
            return self._answer(planned)
        self._change = change = replace(planned, order=order.masked())
        self._require(order)
        return self._show(change) if dry_run else self._carry_out(command, change)

    def refuse(self, error: QuarterdeckError) -> Reply | None:
        return self.end(render.refusal(error), error.code)

    def end(self, reply: Reply, outcome: str) -> Reply | None:
        """Said in place of the opening line where there is one, else to the person alone. Never silence.

        What never became an order is claimed here, so that its second delivery is not answered again.
        """
        try:
            if not (self._taken or self._ports.store.claim_request(self._request)):
                return None
            self._audit(outcome)
            if self._order:
                self._ports.store.close_order(self.key, outcome)
            if self._opened:
                self._say(replace(reply, private=False), final=True)
                return reply
        except QuarterdeckError as error:
            log.error("order %s has no record: %s", self._request.id, error.sentence)  # noqa: TRY400 - no bug of ours
        self._outbox.whisper(self._request, reply)
        return reply

    def _environment(self, command: Command, words: Words, service: str | None) -> Environment | None:
        catalogue = self._ports.catalogue
        if command.environment:
            return command.environment(catalogue, words)
        named = words.get("environment")
        if named is not None:
            return catalogue.environment(named)
        if not command.changes_the_world or service is None:
            return None
        text = self._request.text.strip().rstrip(".")
        return catalogue.environment_for(catalogue.services.get(service), None, f"{text} in")

    def _require(self, order: Order) -> None:
        decision = self._decide(order)
        self._rule = decision.rule
        if not decision.allowed:
            raise refusal(decision)

    def _decide(self, order: Order) -> Decision:
        asked = Asked(
            order.request.who, order.request.place, order.verb, service=order.service, environment=order.environment
        )
        return decide(asked, self._ports.catalogue, self._ports.store.locks())

    def _open(self, title: str) -> None:
        """The sender is let speak before the plan takes the processor: people wait for this line."""
        self._say(render.opening(title, self._request.who.mention), final=False)
        self._opened = True
        sleep(0)

    def _answer(self, reply: Reply) -> Reply:
        if self._order:
            self._ports.store.close_order(self.key, "answered")
        if reply.private and not self._opened:
            self._outbox.whisper(self._request, reply)
        else:
            self._say(reply, final=True)
        return reply

    def _show(self, change: Change) -> Reply:
        """A dry run: the cluster is asked too, so that what it would refuse is refused now."""
        for step in change.steps:
            self._cluster(step).dry_run(step, self._cause(change))
        return self._answer(render.shown(change))

    def _carry_out(self, command: Command, change: Change) -> Reply | None:
        self._ports.store.save_change(change)
        if command.apply:
            return self.end(command.apply(self._ports, change), "applied")
        self._say(render.planned(change), final=False)
        if not self._apply(change):
            return self.end(render.applied(change), "applied")
        self._audit("applied")
        return render.planned(change)

    def _apply(self, change: Change) -> bool:
        """One change at a time per target, for just as long as it takes. True where a rollout follows."""
        owner = f"{self._request.who.mention}/{self._request.id}"
        held: list[str] = []
        try:
            for step in change.steps:
                held.append(self._claim(step, owner))  # noqa: PERF401 - what is held so far must be known when one fails
            self._apply_steps(change)
        finally:
            for target in held:
                self._ports.store.unclaim(target, owner)
        return any(step.rolls_out for step in change.steps)

    def _apply_steps(self, change: Change) -> None:
        """Several workloads cannot change as one: when a later one is refused, the earlier ones are named."""
        done: list[str] = []
        for step in change.steps:
            try:
                self._cluster(step).apply(step, self._cause(change))
            except QuarterdeckError as error:
                if done:
                    error.fact = f"{error.fact} Changed already: {', '.join(done)}.".strip()
                raise
            done.append(step.target.name)

    def _claim(self, step: Step, owner: str) -> str:
        now = self._ports.clock.now()
        target = f"{step.target.cluster}/{step.uid}"
        other = self._ports.store.claim(target, owner, now, now + CLAIM)
        if other:
            raise Busy(f"{other.split('/')[0]} is changing {step.target.name} just now.")
        return target

    def _cluster(self, step: Step) -> Cluster:
        return self._ports.cluster(self._ports.catalogue.environment(step.target.environment))

    def _cause(self, change: Change) -> Cause:
        request = change.order.request
        return Cause(request.id, request.who, request.place, request.text)

    def _say(self, reply: Reply, *, final: bool) -> None:
        request = self._request
        place = replace(request.place, message=None)
        message = Message(self.key, place, reply, final=final, parent=request.parent)
        self._outbox.put(message, fresh=not self._said)
        self._said = True

    def _audit(self, outcome: str) -> None:
        """Every attempt to change something, and every refusal; answered questions leave no trace."""
        if self._order is None:
            return
        order, change = self._order.masked(), self._change
        request = order.request
        self._ports.store.record(
            AuditEntry(
                at=self._ports.clock.now(),
                request=request.id,
                who=request.who,
                place=request.place,
                text=request.text,
                verb=order.verb,
                service=order.service,
                environment=order.environment,
                before=change.before if change else "",
                after=change.after if change else "",
                rule=self._rule,
                outcome=outcome,
            )
        )
