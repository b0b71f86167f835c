"""One file per order. Each holds one COMMAND; other packages add theirs by the entry point `quarterdeck.commands`."""

from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules

from bot.core.rights import VERBS
from bot.ports import Command

ENTRY_POINTS = "quarterdeck.commands"


def load() -> dict[str, Command]:
    """By name, in the sequence of a day. Two orders of one name are a mistake of the installation."""
    found = [import_module(f"{__name__}.{module.name}").COMMAND for module in iter_modules(__path__)]
    found += [point.load() for point in entry_points(group=ENTRY_POINTS)]
    commands: dict[str, Command] = {}
    for command in sorted(found, key=lambda c: (c.day, c.name)):
        if command.name in commands:
            raise ValueError(f"two orders are named {command.name}")
        if command.verb not in VERBS:
            raise ValueError(f"{command.name} goes by the verb {command.verb}, which no role can grant or deny")
        commands[command.name] = command
    return commands
