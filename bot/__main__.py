"""The command line. Thin: each command imports what it needs when it is given."""

import argparse
import io
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

INTERRUPTED = 130
RUN = "run"
LIVING = (RUN, "shell", "demo")


def main(arguments: Sequence[str] | None = None) -> int:
    """Ctrl-C is a person's way out, also while the rest is still being imported: it needs no traceback."""
    _open_what_is_closed()
    _spell_what_cannot_be()
    given = _parser().parse_args(arguments)
    try:
        return _version() if given.command == "version" else _carry_out(given)
    except KeyboardInterrupt:
        return INTERRUPTED


def _carry_out(given: argparse.Namespace) -> int:
    if given.command in LIVING:
        _listen(given.command)
    from bot import cli
    from bot.core.errors import QuarterdeckError

    commands: dict[str, Callable[..., int]] = {
        "audit": cli.audit,
        "slack-manifest": cli.slack_manifest,
        "check": cli.check,
        RUN: cli.run,
        "shell": cli.shell,
        "demo": cli.demo,
    }
    options = {name: value for name, value in vars(given).items() if name != "command"}
    try:
        return commands[given.command](**options)
    except QuarterdeckError as error:
        sys.stderr.write("\n".join(line for line in (error.sentence, error.fact, error.hint) if line) + "\n")
        return 2


def _listen(command: str) -> None:
    """From before the rest is imported: to process 1 of a container a signal that nobody listens for means nothing.

    Everything is let go in its order: a lease kept would hold up the next bot, a game's folder would stay. What `run`
    is told of its configuration so early is nothing new: it reads the file once more when it has started.
    """

    def end(number: int, _: object) -> None:
        sys.exit(0 if command == RUN else 128 + number)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGHUP, signal.SIG_IGN if command == RUN else end)


def _open_what_is_closed() -> None:
    """Or the number of a standard stream goes to the next file, and a stray line is written into the store."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull)  # noqa: SIM115, PTH123 - for as long as the process lives
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123


def _spell_what_cannot_be() -> None:
    """A terminal or a pipe of another alphabet: what it cannot say is spelt, and what it sends is read as bytes."""
    for stream, errors in ((sys.stdin, "surrogateescape"), (sys.stdout, "replace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)


def _version() -> int:
    from importlib.metadata import version

    sys.stdout.write(f"quarterdeck {version('quarterdeck')}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="quarterdeck", description="A ChatOps bot for Kubernetes services.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    demo = commands.add_parser("demo", help="a bot on a simulated cluster, here in the terminal and on a local page")
    demo.add_argument("--port", type=_port, default=8080, help="of the local page; 0 takes a free one")
    demo.add_argument("--no-web", dest="web", action="store_false", help="the terminal only")
    demo.add_argument("--speed", type=_speed, default=1.0, help="how many times as fast time passes")
    demo.add_argument("--json", action="store_true", help="one JSON object a line")
    shell = commands.add_parser("shell", help="the same terminal on the configured clusters")
    shell.add_argument("--json", action="store_true", help="one JSON object a line")
    shell.add_argument("--lead", action="store_true", help="a whole bot: follows everybody, polls, deploys by policy")
    run = commands.add_parser(RUN, help="the bot itself")
    manifest = commands.add_parser("slack-manifest", help="the Slack app to paste, for this configuration")
    check = commands.add_parser("check", help="every mistake in a configuration at once")
    check.add_argument("--live", action="store_true", help="ask the clusters too which orders the bot may carry out")
    audit = commands.add_parser("audit", help="the record of every attempt: does it hold, and all of it as JSON lines")
    actions = audit.add_subparsers(dest="action", required=True, metavar="ACTION")
    verify = actions.add_parser("verify", help="look at every seal; 1 and the first number that does not hold")
    export = actions.add_parser("export", help="one JSON object a line, oldest first")
    export.add_argument("--since", metavar="TIME", help="such as 7d or 2026-11-01")
    for command in (shell, run, manifest, check, verify, export):
        command.add_argument("--config", type=Path, required=True, metavar="FILE")
    commands.add_parser("version", help="which version this is")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port: 0 to 65535")
    return int(text)


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0.1 <= speed <= 1000:
        raise argparse.ArgumentTypeError(f"{text} is not a speed: 0.1 to 1000")
    return speed


if __name__ == "__main__":
    sys.exit(main())
