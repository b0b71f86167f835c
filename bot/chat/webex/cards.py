"""Buttons → an Adaptive Card of its own, within version 1.3; and what was pressed, read back.

A card cannot be edited, so it never holds what changes. Pressing a button is typing its command, so whatever a client
sends as pressed is an order with the rights of whoever presses, and no more.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from bot.chat.webex.literal import cut, one_line
from bot.chat.webex.page import Page
from bot.core.model import Button, Tone

CARD_TYPE = "application/vnd.microsoft.card.adaptive"
SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
VERSION = "1.3"
BUTTONS, LABEL, COMMAND, QUESTION, SUBJECT = 5, 60, 2_000, 400, 200
STYLES = {Tone.BAD: "destructive", Tone.GOOD: "positive"}
ORDER, UNDER, DECIDES = "order", "under", "decides"

Json = dict[str, Any]


class Press(Struct, frozen=True):
    """`under` is what its card stands under, and so will the answer; a button that `decides` is pressed once."""

    order: str
    under: str = ""
    decides: bool = False


def card(subject: str, buttons: Sequence[Button], under: str) -> Json:
    """A command is never cut, since a part of an order is another order: what is too long is no button."""
    shown = fitting(buttons)
    missing = [f"… {len(buttons) - len(shown)} more"] if len(shown) < len(buttons) else []
    body = [plain(text) for text in (cut(one_line(subject), SUBJECT), *missing)]
    orders = cut("; ".join(one_line(button.command) for button in shown), SUBJECT)
    return attached(body, [_action(button, under) for button in shown], orders)


def attached(body: Sequence[Json], actions: Sequence[Json], instead: str) -> Json:
    """`instead` is for clients that cannot draw it."""
    content = {
        "type": "AdaptiveCard",
        "$schema": SCHEMA,
        "version": VERSION,
        "fallbackText": instead,
        "body": list(body),
        "actions": list(actions),
    }
    return {"contentType": CARD_TYPE, "content": content}


def plain(text: str, **looks: str) -> Json:
    """Only a text run knows no markup, so names with underscores stay as they are."""
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text or " ", **looks}]}


def fitting(buttons: Sequence[Button]) -> list[Button]:
    return [button for button in buttons if len(button.command) <= COMMAND][:BUTTONS]


def fallback(buttons: Sequence[Button]) -> str:
    """For clients that draw no cards: the button is what it types."""
    page = Page()
    page.lines([f"{one_line(b.label)}: {one_line(b.command)}" for b in fitting(buttons)])
    return page.text


def pressed(inputs: object) -> Press | None:
    """None for inputs that are of no card of ours."""
    if not isinstance(inputs, Mapping):
        return None
    order, under = inputs.get(ORDER), inputs.get(UNDER, "")
    if not isinstance(order, str) or not order.strip() or len(order) > COMMAND or not isinstance(under, str):
        return None
    return Press(order, under, inputs.get(DECIDES) == "yes")


def _action(button: Button, under: str) -> Json:
    label = cut(one_line(button.label), LABEL)
    decides = bool(button.confirm) or button.style in STYLES
    data = {ORDER: button.command, UNDER: under, DECIDES: "yes" if decides else "no"}
    style = {"style": STYLES[button.style]} if button.style in STYLES else {}
    submit: Json = {"type": "Action.Submit", "title": label, "data": data, **style}
    if not button.confirm:
        return submit
    question = {"type": "AdaptiveCard", "body": [plain(cut(one_line(button.confirm), QUESTION))], "actions": [submit]}
    return {"type": "Action.ShowCard", "title": label, "card": question, **style}
