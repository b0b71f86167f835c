"""`"${NAME}"`, `"${NAME:-default}"` and `"${file:/path}"` inside text values, after the file was parsed.

After, so that what is put in can never become a key or a second line; and once, so that it is not looked
through again. `$${` stands for a literal `${`.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from config.mistakes import Found, clean
from config.tree import Steps

LARGEST = 64_000
_MARK = re.compile(r"\$\$\{|\$\{(?P<inside>[^}]*)\}|\$\{")
_NAME = re.compile(r"(?P<name>[A-Za-z_]\w*)(?P<default>:-.*)?", re.DOTALL | re.ASCII)


class _Missing(Exception):
    """There is nothing to put in."""


class Replacer:
    """Puts in what it can and keeps what it could not in `found`."""

    def __init__(self, environ: Mapping[str, str], folder: Path) -> None:
        self.found: list[Found] = []
        self._environ = environ
        self._folder = folder

    def tree(self, tree: object, steps: Steps = ()) -> object:
        match tree:
            case dict():
                return {key: self.tree(value, (*steps, key)) for key, value in tree.items()}
            case list():
                return [self.tree(value, (*steps, n)) for n, value in enumerate(tree)]
            case str() if "${" in tree:
                return self._text(tree, steps)
        return tree

    def _text(self, text: str, steps: Steps) -> str:
        try:
            return _MARK.sub(self._one, text)
        except _Missing as missing:
            self.found.append(Found(steps, str(missing)))
            return text

    def _one(self, mark: re.Match[str]) -> str:
        if mark[0] == "$${":
            return "${"
        inside = mark["inside"] or ""
        if inside.startswith("file:"):
            return self._file(inside.removeprefix("file:"))
        named = _NAME.fullmatch(inside)
        if named is None:
            raise _Missing("${…} holds NAME, NAME:-default or file:/path; a literal ${ is written $${")
        return self._variable(named["name"], named["default"])

    def _variable(self, name: str, default: str | None) -> str:
        value = self._environ.get(name)
        if default is not None:
            return value or default.removeprefix(":-")
        if value is None:
            raise _Missing(f"the environment variable {clean(name)} is not set")
        return value

    def _file(self, name: str) -> str:
        """A regular file only: a device or a pipe would never end."""
        path = self._folder / name
        try:
            if not path.is_file():
                raise _Missing(f"there is no file {clean(name)}")
            with path.open("rb") as file:
                raw = file.read(LARGEST + 1)
            text = raw.decode()
        except (OSError, ValueError):
            raise _Missing(f"the file {clean(name)} cannot be read as text") from None
        if len(raw) > LARGEST:
            raise _Missing(f"the file {clean(name)} is larger than 64 kB")
        return text.rstrip("\r\n")
