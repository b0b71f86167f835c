"""What a test does without its server: a loud skip for a newcomer, a failure in CI."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest

from tests.servers.find import Missing


@contextmanager
def or_skip() -> Iterator[None]:
    """Around the start of a server: `with or_skip(), ControlPlane() as cluster:`."""
    try:
        yield
    except Missing as missing:
        if os.environ.get("QUARTERDECK_REQUIRE_SERVERS") == "1":
            pytest.fail(f"{missing} (QUARTERDECK_REQUIRE_SERVERS=1)", pytrace=False)
        pytest.skip(str(missing))


def each(implementations: Iterable[str], needs: Mapping[str, str]) -> list[pytest.ParameterSet]:
    """The parameters of a contract suite; whichever needs a real server bears its mark."""
    marks = {name: [pytest.mark.server(needs[name])] if name in needs else [] for name in implementations}
    return [pytest.param(name, marks=found) for name, found in marks.items()]


def missed(skips: Sequence[pytest.TestReport]) -> str:
    """One line for all of them; empty when every server was there."""
    found = [(one.nodeid.partition("::")[0].rpartition("/")[0], _name(one)) for one in skips]
    suites = sorted({suite for suite, name in found if name})
    names = sorted({name for _, name in found if name})
    if not names:
        return ""
    return f"NOT RUN in {', '.join(suites)} for want of {', '.join(names)}: make servers"


def _name(skip: pytest.TestReport) -> str:
    said = re.search(r"no (\S+) on this machine", str(skip.longrepr))
    return said.group(1) if said else ""
