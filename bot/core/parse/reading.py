"""Reads words into a shape, one by one: the parser takes the result, the completion asks what may come next."""

import re
from itertools import takewhile

from msgspec.structs import replace

from bot.core.again import with_flags
from bot.core.errors import UsageError
from bot.core.model import Words
from bot.core.nearest import nearest
from bot.core.parse.split import Line, Token
from bot.core.secret import MASK
from bot.core.shape import ENVIRONMENT, PLACES, REVISION, SAMPLES, VERSION, Flag, Shape, Slot, Takes
from bot.core.when import spoken
from bot.core.words import clip

_PAIR = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*(?:=.*|-)", re.DOTALL)
_NUMBER = re.compile(r"[0-9]{1,9}")
_NAMED = ("service", ENVIRONMENT)
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:_-]{0,62}")
_REVISION = re.compile(r"[0-9]+|last-good", re.IGNORECASE)
_TORN = re.compile(r"[:@]")
_REPLICAS = "replicas"
_SAID = {_REPLICAS: "a number of replicas", "days": "to know which days"}
_POLITE = frozenset({"please", "pls", "plz", "thanks", "thx", "now", "asap"})


class Reading:
    """What was understood so far. `waiting` is the slot or flag whose value has to be the next word."""

    def __init__(self, shape: Shape, line: Line) -> None:
        self.shape = shape
        self.line = line
        self.waiting: Slot | Flag | None = None
        self.ended = False
        self._values: dict[str, str] = {}
        self._rest: list[str] = []
        self._flags: set[str] = set()
        self._taken = 0

    @property
    def words(self) -> Words:
        return Words(
            name=self.shape.name, values=dict(self._values), rest=tuple(self._rest), flags=frozenset(self._flags)
        )

    @property
    def next_word(self) -> Slot | None:
        """The slot that a word without anything before it would fill."""
        if self.ended:
            return None
        slots = self.shape.words
        return next((s for s in slots if s.key not in self._values or s.takes is Takes.PAIRS), None)

    @property
    def unsaid(self) -> list[Slot]:
        return [slot for slot in self.shape.named if slot.key not in self._values]

    @property
    def unset(self) -> list[Flag]:
        return [f for f in self.shape.flags if f.name not in self._flags and f.name not in self._values]

    def feed(self, token: Token) -> None:
        """Take one more word. UsageError for one that fits nowhere."""
        if self.ended or self._taken:
            self._taken = max(0, self._taken - 1)
        elif self.waiting is not None:
            self._answer(token)
        elif self._takes_line():
            self._end(self.shape.words[-1], token)
        elif _is_flag(token):
            self._flag(token)
        elif not token.quoted and (slot := self.shape.named_by(token.text.lower())):
            self._announce(slot)
        else:
            self._word(token)

    def finish(self) -> Words:
        if isinstance(self.waiting, Slot):
            raise self._usage(f"{self.shape.name} lacks the {self.waiting.placeholder} after {self.waiting.before}.")
        if isinstance(self.waiting, Flag):
            raise self._lacking(self.waiting)
        for slot in [*self.shape.words, *self.shape.named]:
            given = self._rest if slot.takes is Takes.PAIRS else slot.key in self._values
            if slot.required and not given:
                sentence = f"{self.shape.name} needs {_SAID.get(slot.placeholder) or _article(slot.noun)}."
                raise self._usage(sentence, hint=self._with_text(slot) or self._torn(slot))
        return self.words

    def _takes_line(self) -> bool:
        slot = self.next_word
        return slot is not None and slot.takes is Takes.LINE

    def _answer(self, token: Token) -> None:
        if isinstance(self.waiting, Flag) and _is_flag(token):
            raise self._lacking(self.waiting)
        waiting, self.waiting = self.waiting, None
        slot = self.next_word
        if slot and slot.placeholder == _REPLICAS and _is_number(token) and isinstance(waiting, Slot):
            self._values[slot.key] = token.text
        elif isinstance(waiting, Slot):
            self._values[waiting.key] = (
                self._moment(token) if waiting.takes is Takes.TIME else _folded(waiting, token.text)
            )
        elif waiting is not None:
            self._set(waiting, token.text)

    def _moment(self, token: Token) -> str:
        """As many words as say a time; what is none is taken alone, to be named by whoever reads it."""
        ahead = takewhile(lambda t: t == token or not t.quoted, self.line.tokens[self.line.tokens.index(token) :])
        words = [each.text for each in ahead]
        number = 1 if token.quoted else max(1, spoken(words))
        self._taken = number - 1
        return " ".join(words[:number])

    def _announce(self, slot: Slot) -> None:
        if slot.key in self._values:
            raise self._usage(f"The {slot.noun} is given twice.")
        self.waiting = slot

    def _flag(self, token: Token) -> None:
        name, equals, value = token.text[2:].partition("=")
        flag = self.shape.flag(name.lower())
        if flag is None:
            raise self._no_flag(token, name)
        if flag.takes is None:
            self._flags.add(flag.name)
            if equals:
                raise self._usage(f"--{flag.name} takes no value.")
        elif flag.name in self._values:
            raise self._usage(f"--{flag.name} is given twice.")
        elif equals:
            self._set(flag, value)
        else:
            self.waiting = flag

    def _set(self, flag: Flag, value: str) -> None:
        if flag.takes == "N" and not _NUMBER.fullmatch(value):
            raise self._usage(f"--{flag.name} needs a whole number, not {clip(value)}.")
        self._values[flag.name] = value

    def _word(self, token: Token) -> None:
        slot = self.next_word
        if polite(token) and (slot is None or self._may_end(slot, token)):
            return
        if slot is None:
            raise self._too_many(token)
        if slot.takes is Takes.PAIRS:
            self._pair(token)
        elif slot.takes is Takes.TEXT and not token.quoted:
            self._end(slot, token)
        else:
            self._values[slot.key] = _folded(slot, token.text)

    def _pair(self, token: Token) -> None:
        """What does not fit is not repeated: it may be half of a secret."""
        if not _PAIR.fullmatch(token.text):
            number = self.line.tokens.index(token) + 1
            raise self._usage(
                f"Word {number} is neither KEY=value nor KEY-.", hint='Quote a value that has spaces: KEY="two words"'
            )
        self._rest.append(token.text)

    def _end(self, slot: Slot, token: Token) -> None:
        """What stands before a quoted end is no part of a text: taken for one, `tomorrow "x"` would lock for ever."""
        if slot.takes is Takes.TEXT and self.line.tokens[-1].quoted:
            raise self._too_many(token)
        self._values[slot.key] = self.line.text[token.start :].strip()
        self.ended = True

    def _with_text(self, slot: Slot) -> str:
        sample = SAMPLES.get(slot.key, f'"{slot.key}"')
        return f"{self.line.text} {sample}" if slot.takes is Takes.TEXT else ""

    def _torn(self, slot: Slot) -> str:
        """`deploy app:1.2`, as images are written."""
        service = self._values.get("service", "")
        if slot.placeholder != VERSION or not _TORN.search(service):
            return ""
        return self.line.text.replace(service, _TORN.sub(" ", service, count=1), 1)

    def _may_end(self, slot: Slot, token: Token) -> bool:
        return not slot.required and slot.takes is Takes.WORD and token is self.line.tokens[-1]

    def _too_many(self, token: Token) -> UsageError:
        sentence, text = f"{self.shape.name} does not know what {shown(token.text)} is for.", self.line.text
        behind = self.line.tokens[self.line.tokens.index(token) + 1 :]
        if "=" in text or not all(t.text.startswith("--") for t in behind):
            return self._usage(sentence)
        before, after = text[: token.start], text[token.start :]
        meant = REVISION if _REVISION.fullmatch(token.text) else ENVIRONMENT
        place = next((s for s in self.unsaid if s.placeholder == meant and s.before in PLACES), None)
        if place is not None:
            return self._usage(sentence, hint=f"{before}{place.before} {after}")
        return self._usage(sentence, hint="" if behind or self.next_word else before.rstrip())

    def _no_flag(self, token: Token, name: str) -> UsageError:
        sentence, text = f"{self.shape.name} has no --{clip(name)}.", self.line.text
        close = nearest(name, (flag.name for flag in self.shape.flags), most=1)
        if not close:
            return self._usage(sentence)
        after = text[token.start :].partition(name)[2]
        hint = "" if "=" in text else f"{text[: token.start]}--{close[0]}{after}"
        return self._usage(sentence, f"Did you mean --{close[0]}?", hint)

    def _lacking(self, flag: Flag) -> UsageError:
        """Taken for its value, another flag would count for nothing: with `--dry-run` as a reason it would be done."""
        return self._usage(f"--{flag.name} needs a value after it.")

    def _usage(self, sentence: str, fact: str = "", hint: str = "") -> UsageError:
        return UsageError(sentence, fact=fact or self.shape.usage, hint=hint or self._example())

    def _example(self) -> str:
        """With what was typed in its place: tired hands paste it, and it must not be about another service.

        A flag may have taken what was meant for a variable, and that may be a secret.
        """
        order, *words = self.shape.example.split(" ")
        ahead, announced = iter(self.shape.words), False
        for at, word in enumerate(words):
            slot = self.shape.named_by(words[at - 1]) if announced else None
            announced = slot is None and self.shape.named_by(word) is not None
            if not announced:
                words[at] = self._typed(slot or next(ahead, None)) or word
        torn = [flag for flag, value in self._values.items() if "=" in value]
        return with_flags(" ".join([order, *words]), replace(self.words, flags=self._typed_flags()), but=torn)

    def _typed_flags(self) -> frozenset[str]:
        """Also those behind the word that does not fit."""
        names = (token.text[2:].partition("=")[0].lower() for token in self.line.tokens if _is_flag(token))
        known = (self.shape.flag(name) for name in names)
        return frozenset(flag.name for flag in known if flag and flag.takes is None)

    def _typed(self, slot: Slot | None) -> str:
        typed = self._values.get(slot.key, "") if slot and slot.takes is Takes.WORD else ""
        return typed if _PLAIN.fullmatch(typed) else ""


def shown(word: str) -> str:
    """A word as it may be repeated: what stands after = may be a secret."""
    name, equals, _ = word.partition("=")
    return clip(f"{name}={MASK}" if equals else word)


def _is_flag(token: Token) -> bool:
    return not token.quoted and token.text.startswith("--")


def polite(token: Token) -> bool:
    """Means nothing where nothing else can stand."""
    return not token.quoted and token.text.lower().rstrip(".,!") in _POLITE


def _folded(slot: Slot, text: str) -> str:
    """Phones write capitals, and people end words with a full stop; no service and no environment has any."""
    return (text.lower().rstrip(".,:;!?") or text) if slot.placeholder in _NAMED else text


def _is_number(token: Token) -> bool:
    """`scale app to 3`: no environment is called so."""
    return not token.quoted and token.text.isascii() and token.text.isdecimal()


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
