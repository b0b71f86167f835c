"""The command line. Thin: each command imports what it needs when it is given."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    if given.command == "version":
        return _version()
    from bot import cli
    from bot.core.errors import QuarterdeckError

    commands: dict[str, Callable[..., int]] = {
        "audit": cli.audit,
        "slack-manifest": cli.slack_manifest,
        "check": cli.check,
        "run": cli.run,
        "shell": cli.shell,
        "demo": cli.demo,
    }
    options = {name: value for name, value in vars(given).items() if name != "command"}
    try:
        return commands[given.command](**options)
    except QuarterdeckError as error:
        sys.stderr.write("\n".join(line for line in (error.sentence, error.fact, error.hint) if line) + "\n")
        return 2


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
    run = commands.add_parser("run", help="the bot itself")
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
