"""Reply → Block Kit. Pure; every limit of Slack is kept here, so that the API has nothing to refuse.

Its own models check single fields. What they do not check, nor any document says, is the size of all blocks together:
measured, Slack refuses from about eleven thousand letters on, so a message here stays under nine.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    RichTextBlock,
    RichTextElement,
    RichTextElementParts,
    RichTextSectionElement,
    SectionBlock,
)

from bot.chat.slack.body import BLOCK, Body, body
from bot.chat.slack.fallback import fallback, heading, mentions
from bot.chat.slack.grid import grid
from bot.chat.slack.literal import code, cut, escaped, visible
from bot.core.links import Part, links, titled
from bot.core.model import Button, Field, Reply, Table, Tone

HEADER, TITLE, CONTEXT, VALUE, LABEL, COMMAND, CONFIRM = 150, 600, 160, 150, 75, 2_000, 300
FIELDS, FIELDS_IN_SECTION, FEW_FIELDS, BUTTONS, ROWS = 20, 10, 3, 25, 100
ROOM, PART = 5_600, 1_800
ACTION = "order"
CODE = re.compile(r"[a-z_]{1,40}")

COLOURS = {Tone.WORKING: "#1d9bd1", Tone.GOOD: "#2eb67d", Tone.BAD: "#e01e5a", Tone.WARNING: "#ecb22e"}
STATES = {Tone.WORKING: "under way", Tone.GOOD: "good", Tone.BAD: "trouble", Tone.WARNING: "attention"}

Json = dict[str, Any]


class Rendered(Struct, frozen=True):
    """`file` is what is too long for the message, to be put under it."""

    text: str
    blocks: list[Json]
    attachments: list[Json]
    file: str = ""


def render(reply: Reply, now: datetime) -> Rendered:
    found = links(reply)
    facts = [field for field in reply.fields if field not in found]
    rows = _rows(reply.table, now) if reply.table else ""
    said = body(reply.body, ROOM - len(rows))
    blocks = [
        *_called(reply),
        *(_linked(reply, found) if found else _title(reply)),
        *_fields(facts),
        *([_mono(rows)] if rows else []),
        *_body(said),
        *_context(facts),
        *_buttons(reply.buttons),
    ]
    return Rendered(fallback(reply, now), [block.to_dict() for block in blocks], _tone(reply, now), said.file)


def noted(said: Rendered, note: str) -> Rendered:
    """With one more small line at its end."""
    blocks = [*said.blocks, _line(cut(visible(note), CONTEXT)).to_dict()]
    return replace(said, text=f"{said.text}\n{escaped(note)}", blocks=blocks)


def _called(reply: Reply) -> Iterator[Block]:
    """The one place where markup of ours is meant as such."""
    if called := mentions(reply):
        yield SectionBlock(text=MarkdownTextObject(text=called))


def moment(at: datetime) -> str:
    """A time of the day, which each reader's Slack says in the reader's own zone."""
    at = at.astimezone(UTC)
    return f"<!date^{int(at.timestamp())}^{{time_secs}}|{at:%H:%M:%S} UTC>"


def _title(reply: Reply) -> Iterator[Block]:
    """What does not fit into a header stands below it in full."""
    title = heading(reply)
    if len(title) <= HEADER:
        yield HeaderBlock(text=_plain(title))
        return
    yield HeaderBlock(text=_plain(title[: HEADER - 1] + "…"))
    yield SectionBlock(text=_plain(cut(title, TITLE)))


def _linked(reply: Reply, found: Sequence[Field]) -> Iterator[Block]:
    """A header takes no links. Rich text does, and knows no markup either: what is no link stays the text it is."""
    parts, others = titled(cut(heading(reply), TITLE), found)
    yield RichTextBlock(elements=[RichTextSectionElement(elements=[_part(part) for part in parts])])
    if others:
        texts = [_part(Part(cut(visible(field.name), LABEL), field.value), bold=False) for field in others[:FIELDS]]
        apart = [RichTextElementParts.Text(text=" · ")] * len(texts)
        between = [element for pair in zip(texts, apart, strict=True) for element in pair][:-1]
        yield RichTextBlock(elements=[RichTextSectionElement(elements=between)])


def _part(part: Part, *, bold: bool = True) -> RichTextElement:
    style = RichTextElementParts.TextStyle(bold=True) if bold else None
    if part.url:
        return RichTextElementParts.Link(url=part.url, text=part.text, style=style)
    return RichTextElementParts.Text(text=part.text, style=style)


def _fields(fields: Sequence[Field]) -> Iterator[Block]:
    if _few(fields):
        return
    texts = [f"{cut(visible(f.name), VALUE)}\n{cut(visible(f.value), VALUE)}" for f in fields[:FIELDS]]
    texts = texts[: _fitting(map(len, texts))]
    for start in range(0, len(texts), FIELDS_IN_SECTION):
        yield SectionBlock(fields=[_plain(text) for text in texts[start : start + FIELDS_IN_SECTION]])
    if len(fields) > len(texts):
        yield _line(f"… {len(fields) - len(texts)} more")


def _fitting(sizes: Iterable[int]) -> int:
    """How many of them there is room for."""
    return sum(total <= PART for total in accumulate(sizes))


def _context(fields: Sequence[Field]) -> Iterator[Block]:
    """Who and where: a few short facts in one small line."""
    if fields and _few(fields):
        yield _line(_joined(fields))


def _few(fields: Sequence[Field]) -> bool:
    return len(fields) <= FEW_FIELDS and len(_joined(fields)) <= CONTEXT


def _joined(fields: Sequence[Field]) -> str:
    return " · ".join(f"{visible(f.name)} {visible(f.value)}" for f in fields).replace("\n", " ")


def _rows(table: Table, now: datetime) -> str:
    """As many rows as one block takes."""
    head, *rows = grid(table, now, ROWS)
    kept = [cut(head, BLOCK // 3)]
    for row in rows:
        if len(code("\n".join([*kept, row]))) > BLOCK:
            break
        kept.append(row)
    missing = len(table.rows) - (len(kept) - 1)
    return code("\n".join(kept + ([f"… {missing:,} more rows"] if missing else [])))


def _body(said: Body) -> Iterator[Block]:
    for piece in said.pieces:
        yield _mono(piece.text) if piece.verbatim else SectionBlock(text=_plain(piece.text))


def _buttons(buttons: Sequence[Button]) -> Iterator[Block]:
    """A command is never cut, since a part of an order is another order: what is too long is no button."""
    fitting = [button for button in buttons if len(button.command) <= COMMAND][:BUTTONS]
    sizes = (min(len(button.label), LABEL) + min(len(button.confirm or ""), CONFIRM) for button in fitting)
    fitting = fitting[: _fitting(sizes)]
    if fitting:
        yield ActionsBlock(elements=[_button(button, number) for number, button in enumerate(fitting)])
    if len(fitting) < len(buttons):
        yield _line(f"… {len(buttons) - len(fitting)} more")


def _button(button: Button, number: int) -> ButtonElement:
    label = cut(visible(button.label), LABEL)
    return ButtonElement(
        text=_plain(label),
        action_id=f"{ACTION}:{number}",
        value=button.command,
        style={Tone.BAD: "danger", Tone.GOOD: "primary"}.get(button.style),
        confirm=_confirm(button.confirm, label) if button.confirm else None,
    )


def commands(blocks: Iterable[Json]) -> list[str]:
    """The other way round: what the buttons of a message type."""
    rows = [block.get("elements") or () for block in blocks if block.get("type") == "actions"]
    return [str(element.get("value")) for row in rows for element in row]


def _confirm(question: str, label: str) -> ConfirmObject:
    return ConfirmObject(
        title=_plain("Are you sure?"),
        text=_plain(cut(visible(question), CONFIRM)),
        confirm=_plain(label[:30]),
        deny=_plain("Cancel"),
    )


def _tone(reply: Reply, now: datetime) -> list[Json]:
    """Colour is something only attachments have, so one small line is one: the state, and since when it stands."""
    if reply.tone not in COLOURS:
        return []
    word = reply.code.replace("_", " ") if CODE.fullmatch(reply.code) else STATES[reply.tone]
    block = ContextBlock(elements=[MarkdownTextObject(text=f"{word} · {moment(now)}", verbatim=True)])
    return [{"color": COLOURS[reply.tone], "fallback": word, "blocks": [block.to_dict()]}]


def _line(text: str) -> Block:
    return ContextBlock(elements=[_plain(text)])


def _mono(text: str) -> Block:
    return SectionBlock(text=MarkdownTextObject(text=text, verbatim=True))


def _plain(text: str) -> PlainTextObject:
    """Slack refuses an empty text; a space is one."""
    return PlainTextObject(text=text or " ", emoji=False)
