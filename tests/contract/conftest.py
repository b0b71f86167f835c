"""What the contract suites share: a server that is started is started once for all of them."""

from tests.contract.store_kit import postgres_server, store, stores

__all__ = ["postgres_server", "store", "stores"]
