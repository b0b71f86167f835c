"""What the hands do in the terminal: completion, history, and the two ways to leave."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from bot.chat.console.entry import veil

Suggest = Callable[[str], list[str]]


def last_word(text: str) -> str:
    """What a suggestion takes the place of."""
    return text.rpartition(" ")[2]


class OrderCompleter(Completer):
    """`suggest` gets the text so far and returns the words that its last one may become."""

    def __init__(self, suggest: Suggest) -> None:
        self._suggest = suggest

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        typed = document.text_before_cursor
        if not typed.strip() and not complete_event.completion_requested:
            return
        for suggestion in self._suggest(typed):
            yield Completion(suggestion, start_position=-len(last_word(typed)))


class DiscreetHistory(FileHistory):
    """Orders of earlier days, but for those that hold a value nobody may read."""

    def store_string(self, string: str) -> None:
        if veil(string) == string:
            super().store_string(string)


def open_history(environ: Mapping[str, str]) -> History:
    """Under the XDG state folder; in memory alone where that cannot be written."""
    state = environ.get("XDG_STATE_HOME") or Path(environ.get("HOME", "~")).expanduser() / ".local" / "state"
    path = Path(state) / "quarterdeck" / "history"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
    except OSError:
        return InMemoryHistory()
    return DiscreetHistory(str(path))


def bindings() -> KeyBindings:
    """Ctrl-C takes the line away; on an empty line the second one in a row ends it, as Ctrl-D does."""
    keys = KeyBindings()

    @keys.add("c-c")
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.text or not event.is_repeat:
            buffer.reset()
        else:
            event.app.exit(exception=KeyboardInterrupt)

    return keys
