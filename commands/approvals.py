"""approvals: what waits for somebody to agree, and what I am asked to confirm."""

from bot.core.decision import Outcome
from bot.core.guards import Ask
from bot.core.model import Button, Cell, Order, Reply, Table, When
from bot.core.render import order_line
from bot.core.words import count
from bot.plans.changes import may_read
from bot.ports import Command, Ports


def plan(ports: Ports, order: Order) -> Reply:
    waiting = [ask for ask in ports.store.open_asks() if ask.until > ports.clock.now()]
    open_ones = [ask for ask in waiting if may_read(ports, order, ask.order.service, ask.order.environment)]
    if not open_ones:
        return Reply(title="Nothing waits for anybody.", body=order_line("audit"))
    approvals = [ask for ask in open_ones if ask.outcome is Outcome.APPROVE]
    return Reply(
        title=f"{count(len(open_ones), 'change')} {'waits' if len(open_ones) == 1 else 'wait'}",
        table=Table(
            ("number", "change", "by", "for", "until"),
            tuple(_row(ports, ask) for ask in open_ones),
            numeric=frozenset({"number"}),
        ),
        buttons=tuple(Button(f"Approve {ask.number}", f"approve {ask.number}") for ask in approvals[:3]),
    )


def _row(ports: Ports, ask: Ask) -> tuple[Cell, ...]:
    who = ask.order.request.who.mention
    waits = "confirmation"
    if ask.outcome is Outcome.APPROVE:
        waits = f"{len(ports.store.agreed(ask.number))} of {ask.need} of {ask.role}"
    return (str(ask.number), ask.what, who, waits, When(ask.until))


COMMAND = Command(
    usage="approvals",
    summary="what waits for somebody to agree",
    verb="read",
    examples=("approvals",),
    plan=plan,
    day=44,
)
