"""Skips for want of a server are told in one loud line, not hidden among the dots."""

import pytest

from tests.servers.require import missed


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    line = missed(terminalreporter.getreports("skipped"))
    if line:
        terminalreporter.write_line(line, yellow=True, bold=True)
