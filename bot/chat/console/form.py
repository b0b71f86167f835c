"""The two forms in which a pipe is answered: text for people, one JSON object a line for programs."""

import json
from collections.abc import Mapping
from typing import Protocol

from bot.chat.console.entry import Entry
from bot.chat.console.text import INDENT, beneath, plain, visible
from bot.core.clock import Clock
from bot.core.model import Cell, Message, Reply, Table, When


class Form(Protocol):
    def entry(self, entry: Entry) -> str | None:
        """What to print for it, or None when it says nothing new."""

    def answer(self, message: Message) -> str: ...


class TextForm:
    """A live message is said again when its title changes and when it is final: a pipe cannot edit."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: dict[str, tuple[str, Reply | None]] = {}

    def entry(self, entry: Entry) -> str | None:
        message = entry.message
        if entry.who:
            return f"> {visible(message.reply.title)}"
        told = (message.reply.title, message.reply if message.final else None)
        if self._last.get(entry.id) == told:
            return None
        self._last[entry.id] = told
        if entry.thread:
            return "\n".join(f"{INDENT}{line.text}" for line in beneath(message.reply, self._clock.now()))
        return self.answer(message)

    def answer(self, message: Message) -> str:
        return plain(message.reply, self._clock.now())


class JsonForm:
    """Each answer and each change, with exactly these keys, kept stable: programs depend on them."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def entry(self, entry: Entry) -> str | None:
        message = entry.message
        if entry.who:
            self._texts[message.key.replace("said:", "order:", 1)] = message.reply.title
            return None
        return self.answer(message)

    def answer(self, message: Message) -> str:
        reply = message.reply
        return json.dumps(
            {
                "order": self._texts.get(message.key),
                "ok": not reply.code if message.final else None,
                "code": reply.code,
                "title": reply.title,
                "tone": reply.tone.value,
                "fields": {field.name: field.value for field in reply.fields},
                "table": _table(reply.table) if reply.table else None,
                "body": reply.body,
                "key": message.key,
                "final": message.final,
            }
        )


def _table(table: Table) -> Mapping[str, object]:
    return {"columns": table.columns, "rows": [[_cell(cell) for cell in row] for row in table.rows]}


def _cell(cell: Cell) -> str:
    return cell.at.isoformat() if isinstance(cell, When) else cell
