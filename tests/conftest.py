"""What every test shares."""

import os

import pytest
from hypothesis import settings

from tests.databases import compile_once
from tests.servers.left import left, left_by, pytest_deselected, pytest_sessionfinish, pytest_testnodedown
from tests.servers.require import missed

__all__ = ["pytest_deselected", "pytest_sessionfinish", "pytest_testnodedown"]

# A slow machine is no mistake. People's machines look for new examples at every run; CI judges a change
# by the same ones each time.
settings.register_profile("quarterdeck", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("quarterdeck")
compile_once()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """For `--dist loadgroup`: one worker runs all that needs a server, so that a session starts one of each."""
    for item in items:
        needs = item.get_closest_marker("server")
        own = "kube-apiserver" if "real" in getattr(item, "fixturenames", ()) else item.path.stem
        item.add_marker(pytest.mark.xdist_group(needs.args[0] if needs else own))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Skips for want of a server are told in one loud line, not hidden among the dots."""
    for line in (left(left_by(config)), missed(terminalreporter.getreports("skipped"))):
        if line:
            terminalreporter.write_line(line, yellow=True, bold=True)
