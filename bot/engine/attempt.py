"""One request on its way through: understand, decide, take, open, plan, decide, ask or apply, answer, record."""

import dataclasses
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from time import sleep

from msgspec.structs import replace

from bot.core import render
from bot.core.asking import APPROVED, CONFIRMED, VOID, agreement, differs, ended, settled
from bot.core.audit import ASKED, entry_of
from bot.core.decision import Decision, Outcome
from bot.core.errors import QuarterdeckError, Refused
from bot.core.guards import Ask
from bot.core.model import Change, Order, Reply, Request, Who
from bot.core.parse import parse, split
from bot.core.policy import UNASKED, Planned, decide
from bot.core.rights import Asked, right
from bot.engine.applying import apply_change, cause, hold
from bot.engine.hidden import Hidden
from bot.engine.notes import Later, Notes
from bot.engine.outbox import Outbox
from bot.engine.saving import Step
from bot.plans.briefing import briefing
from bot.plans.changes import asked, environment_asked
from bot.plans.proof import proven
from bot.plans.waiting import DRY_RUN, stopped
from bot.ports import Command, Ports, Settled

log = logging.getLogger(__name__)
OVERRIDE = "override"
NAMES = ("quarterdeck", "qd")
CONFIRM_WITHIN = timedelta(minutes=2)
BREATH = 0.001


class Attempt:
    """`outcome` is what became of it so far, in one word of ours; `later` gets what the store did not take of that."""

    def __init__(
        self,
        ports: Ports,
        outbox: Outbox,
        request: Request,
        hidden: Hidden,
        settle: Callable[[Settled], Reply | None],
        retell: Callable[[str], None],
        later: Later,
    ) -> None:
        self._ports = dataclasses.replace(ports, sees=self._sees)
        self._notes = Notes(ports, outbox, request, later)
        self.key = self._notes.key
        self._request = request
        self._hidden = hidden
        self._settle = settle
        self._retell = retell
        self._order: Order | None = None
        self._change: Change | None = None
        self.outcome = ""
        self._rule = ""
        self._button: str | None = None
        self._number = 0
        self._taken = False
        self._opened = False

    @property
    def verb(self) -> str:
        return self._order.verb if self._order else "unknown"

    def understand(self) -> tuple[Command, Order]:
        """What is meant, and whether it is allowed as far as can be told before it was planned."""
        words = parse(self._request.text, {name: c.shape for name, c in self._ports.commands.items()}, names=NAMES)
        command = self._ports.commands[words.name]
        name = environment_asked(self._ports, command, words, self._request)
        self._order = order = Order(self._request, command.verb, words, words.get("service"), name)
        self._require(order)
        return command, order

    def take(self, order: Order) -> bool:
        """False where the same request was taken before."""
        self._taken = self._ports.store.open_order(order.masked(), self._ports.replica)
        return self._taken

    def run(self, command: Command, order: Order) -> Reply | None:
        dry_run = DRY_RUN in order.words.flags
        if command.opening and not dry_run:
            self._open(command.opening(order))
            self._button = self._request.button
        planned = command.plan(self._ports, order)
        if isinstance(planned, Reply):
            return self._answer(planned)
        self._order = planned.order
        self._change = change = replace(planned, order=planned.order.masked())
        return self._show(change) if dry_run else self._proceed(command, change, Planned())

    def resume(self, by: Settled) -> Reply | None:
        """The order of an ask goes on where it stopped."""
        ask = by.ask
        self._taken = self._opened = self._notes.said = True
        self._order, self._change, self._rule = ask.order, ask.change, ask.outcome.value
        self._notes.go_on()
        if not by.how:
            return self._notes.wait(ask, by.agreed)
        if by.how not in (CONFIRMED, APPROVED):
            return self.end(ended(ask, by.how, by.by, by.reason), by.how)
        return self._go_on(ask, self._hidden.take(ask), by.agreed)

    def _go_on(self, ask: Ask, order: Order, agreed: tuple[Who, ...]) -> Reply | None:
        """If it still is what was shown; else who ordered it is asked again, and an approval is void.

        With the rights that person has by now.
        """
        hold(self._ports, order)
        who = self._ports.present(order.request.who)
        self._order = order = replace(order, request=replace(order.request, who=who))
        command = self._ports.commands[order.words.name]
        planned = command.plan(self._ports, order)
        if isinstance(planned, Reply):
            return self._answer(planned)
        by = (agreement(agreed),) if agreed else ()
        self._change = change = replace(planned, order=order.masked(), marks=(*planned.marks, *by))
        if change.same_as(ask.change):
            self._number = 0 if agreed else ask.number
            return self._proceed(
                command, change, Planned(confirmed=True, approved=bool(agreed) and self._by_the_role(ask))
            )
        moved = differs(ask.change, change)
        if agreed:
            return self.end(ended(ask, VOID, reason=moved), VOID)
        return self._proceed(command, change, Planned(), f"Not the same as was shown: {moved}")

    def _by_the_role(self, ask: Ask) -> bool:
        """Is it the role still whose people the environment wants to agree?"""
        wanted = self._ports.catalogue.environment(ask.order.environment or "").approvals
        return wanted is None or wanted.role == ask.role

    def refuse(self, error: QuarterdeckError) -> Reply | None:
        return self.end(render.refusal(error, self._request.text), error.code)

    def end(self, reply: Reply, outcome: str) -> Reply | None:
        """Said in place of the opening line where there is one, else to the person alone. Never silence.

        What never became an order is claimed here, so that its second delivery is not answered again.
        """
        self.outcome = outcome
        try:
            if not (self._taken or self._ports.store.claim_request(self._request)):
                return None
        except QuarterdeckError as error:
            log.error("order %s has no record: %s", self._request.id, error.sentence)  # noqa: TRY400 - no bug of ours
        else:
            says = [partial(self._notes.say, replace(reply, private=False), final=True)] if self._opened else []
            closes = [partial(self._ports.store.close_order, self.key, outcome)] if self._order else []
            if self._notes.note(outcome, *self._record(outcome), *says, *closes) and says:
                return reply
        self._notes.whisper(reply)
        return reply

    def _sees(self, service: str | None, environment: str | None) -> bool:
        asked = Asked(self._request.who, self._request.place, "read", service=service, environment=environment)
        return right(asked, self._ports.catalogue).allowed

    def _require(self, order: Order) -> None:
        decision = self._decide(order, None)
        if not decision.allowed:
            raise self._stopped(order, decision)

    def _stopped(self, order: Order, decision: Decision) -> Refused:
        return stopped(self._ports, order, split(self._request.text, NAMES).text, decision)

    def _decide(self, order: Order, planned: Planned | None) -> Decision:
        decision = decide(asked(order), self._ports.catalogue, self._ports.facts(order.verb), planned)
        self._rule = decision.rule
        return decision

    def _proceed(self, command: Command, change: Change, planned: Planned, note: str = "") -> Reply | None:
        order = self._order or change.order
        if change.steps and order.verb in UNASKED:
            raise ValueError(f"{command.name} changes a cluster under the verb {order.verb}, which no guard looks at")
        decision = self._decide(order, proven(self._ports, order, change.image, planned))
        if decision.outcome is not Outcome.REFUSED:
            self._use_up_button()
        if decision.outcome in (Outcome.CONFIRM, Outcome.APPROVE):
            return self._ask(decision, change, note)
        if not decision.allowed:
            raise self._stopped(order, decision)
        reason = order.words.get(OVERRIDE)
        if reason:
            change = replace(change, marks=(*change.marks, f"OVERRIDE by {self._request.who.mention}: {reason}"))
        return self._carry_out(command, change)

    def _use_up_button(self) -> None:
        """Pressed twice it would be two orders, though nobody who presses an old message means a second one."""
        button, self._button = self._button, None
        if button and not self._ports.store.claim_request(replace(self._request, id=f"button:{button}")):
            raise Refused("That button was used already.", fact="To do it once more, type it.", hint=self._request.text)

    def _ask(self, decision: Decision, change: Change, note: str) -> Reply:
        """It goes on when the people that the environment wants have agreed, or ends when they have not in time."""
        ports, order = self._ports, self._order or change.order
        told = tuple(line for line in (note, *briefing(ports, change)) if line)
        ask = ports.store.ask(replace(self._asked(decision, order, change, ports.clock.now()), told=told))
        self._hidden.keep(ask.number, order)
        self._notes.note(f"{ASKED}:{ask.at}", *self._record(ASKED))
        return self._notes.wait(ask, ())

    def _asked(self, decision: Decision, order: Order, change: Change, now: datetime) -> Ask:
        approvals = self._ports.catalogue.environment(order.environment or "").approvals
        if decision.outcome is Outcome.CONFIRM or approvals is None:
            return Ask(decision.outcome, order, change, now, now + CONFIRM_WITHIN)
        until, number = now + approvals.expire, self._number
        return Ask(decision.outcome, order, change, now, until, number, approvals.count, approvals.role)

    def _open(self, title: str) -> None:
        """The sender is let speak before the plan takes the processor: people wait for this line.

        To yield is not enough: by the time the sender has woken up the interpreter is taken again.
        """
        self._notes.say(render.opening(title, self._request.who.mention), final=False)
        self._opened = True
        sleep(BREATH)

    def _answer(self, reply: Reply) -> Reply:
        self.outcome = "answered"
        if reply.private and not self._opened:
            self._notes.whisper(reply)
        else:
            self._notes.say(reply, final=True)
        if self._order:
            self._ports.store.close_order(self.key, self.outcome)
        return reply

    def _show(self, change: Change) -> Reply:
        """A dry run: what the policy or the cluster would refuse is refused now, and the cluster's answer is shown."""
        order = self._order or change.order
        decision = self._decide(order, proven(self._ports, order, change.image, Planned()))
        if decision.outcome is Outcome.REFUSED:
            raise self._stopped(order, decision)
        found = [self._ports.cluster_of(s.target).dry_run(s, cause(change)).differences for s in change.steps]
        first = "" if decision.allowed else f"First it would be asked about ({decision.rule})."
        return self._answer(render.shown(replace(change, notes=(*change.notes, first)), found))

    def _carry_out(self, command: Command, change: Change) -> Reply | None:
        self._change = change
        hold(self._ports, change.order)
        self._ports.store.save_change(change)
        if command.apply:
            done = command.apply(self._ports, change)
            if isinstance(done, Reply):
                return self.end(done if done.private else render.by_whom(done, change), "applied")
            return self.end(settled(done.reply, done.how, self._settle(done)), done.how or "agreed")
        self._notes.say(render.planned(change), final=False)
        self._change, rolls_out = apply_change(self._ports, change)
        if not rolls_out:
            return self.end(render.applied(change), "applied")
        cut = self._change.cut
        saves = (partial(self._ports.store.save_change, self._change), partial(self._retell, self.key)) if cut else ()
        self._notes.note("applied", *saves, *self._record("applied"))
        return render.planned(change)

    def _record(self, outcome: str) -> Sequence[Step]:
        """Every attempt to change something, and every refusal; answered questions leave no trace."""
        self.outcome = outcome
        if self._order is None:
            return ()
        entry = entry_of(self._order, self._change, self._ports.clock.now(), self._rule, outcome)
        return (partial(self._ports.store.record, entry),)
