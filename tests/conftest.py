"""What every test shares."""

import os

import pytest
from hypothesis import settings

from tests.servers.require import missed

# A slow machine is no mistake. People's machines look for new examples at every run; CI judges a change
# by the same ones each time.
settings.register_profile("quarterdeck", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("quarterdeck")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Skips for want of a server are told in one loud line, not hidden among the dots."""
    line = missed(terminalreporter.getreports("skipped"))
    if line:
        terminalreporter.write_line(line, yellow=True, bold=True)
