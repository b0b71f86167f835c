"""What every test shares."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from tests.databases import compile_once
from tests.servers.left import left, left_by, pytest_deselected, pytest_sessionfinish, pytest_testnodedown, suite_of
from tests.servers.require import missed

__all__ = ["pytest_deselected", "pytest_sessionfinish", "pytest_testnodedown"]

# A slow machine is no mistake. People's machines look for new examples at every run; CI judges a change
# by the same ones each time.
settings.register_profile(
    "quarterdeck",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("quarterdeck")
compile_once()


class BySuite(LoadScopeScheduling):  # type: ignore[misc]
    """For `--dist loadscope`: one worker runs all of a suite, so that a session starts one server of a kind."""

    def _split_scope(self, nodeid: str) -> str:
        path = Path(nodeid.partition("::")[0])
        return "cluster" if path.parent.name == "cluster" else suite_of(path)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BySuite | None:
    return BySuite(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Skips for want of a server are told in one loud line, not hidden among the dots."""
    for line in (left(left_by(config)), missed(terminalreporter.getreports("skipped"))):
        if line:
            terminalreporter.write_line(line, yellow=True, bold=True)
