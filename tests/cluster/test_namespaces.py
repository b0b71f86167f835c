"""A template for a namespace that is not there, to a bot that may look everywhere, and to one that may not."""

import pytest

from bot.cluster.kubernetes import Access, KubernetesCluster
from bot.core.errors import NotAllowed, NotFound
from tests.cluster.plane import Plane
from tests.contract.cluster_kit import CAUSE
from tests.contract.test_cluster_install import ONE, planned, service


def test_a_namespace_that_is_not_there_is_refused_with_its_manifest(real: Plane) -> None:
    cluster = KubernetesCluster("main", Access(real.control.kubeconfig))
    for attempt in (cluster.apply, cluster.dry_run):
        with pytest.raises(NotFound) as refused:
            attempt(planned("nowhere", ONE, None, None, service()), CAUSE)
        assert refused.value.sentence == "There is no namespace nowhere in the cluster main."
        assert "    kind: Namespace\n    metadata:\n      name: nowhere" in refused.value.fact
        assert refused.value.hint == "Apply it, and order again."
    cluster.stop()


def test_where_the_bot_may_not_look_it_may_be_the_namespace_that_is_missing(real: Plane) -> None:
    cluster = KubernetesCluster("main", real.access)
    with pytest.raises(NotAllowed) as refused:
        cluster.find("staging", "nowhere", "adder")
    assert refused.value.fact.endswith("to its account, or there is no namespace nowhere.")
    cluster.stop()
