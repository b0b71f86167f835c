"""What the contract suites share: a server that is started is started once for all of them."""

from tests.cluster.plane import ended_with_the_session
from tests.contract.store_kit import postgres_server, store, stores

__all__ = ["ended_with_the_session", "postgres_server", "store", "stores"]
