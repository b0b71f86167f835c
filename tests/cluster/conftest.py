"""What the tests on a real control plane share."""

from collections.abc import Iterator

import pytest

from tests.cluster.plane import Plane, ended_with_the_session, plane
from tests.contract.kubernetes_kit import KubernetesKit
from tests.servers.require import or_skip

__all__ = ["ended_with_the_session"]


@pytest.fixture
def real() -> Plane:
    with or_skip():
        return plane()


@pytest.fixture
def kit(real: Plane) -> Iterator[KubernetesKit]:
    kit = KubernetesKit(real)
    yield kit
    kit.close()


@pytest.fixture
def nodes(real: Plane) -> Iterator[Plane]:
    """One on which the bot may list the nodes, as k8s/nodes allows it."""
    with real.granted("nodes"):
        yield real
