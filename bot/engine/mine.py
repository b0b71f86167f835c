"""Which orders were given to this process: a replica that does not lead follows the rollouts of these."""

from threading import Lock

MOST = 1000


class Mine:
    """The newest ones that may have started a rollout; the leader follows everybody's, so also those forgotten here."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = Lock()
        self._keys: dict[str, None] = {}

    def add(self, key: str) -> None:
        with self._lock:
            self._keys.pop(key, None)
            self._keys[key] = None
            while len(self._keys) > self._most:
                del self._keys[next(iter(self._keys))]

    def __contains__(self, key: str | None) -> bool:
        with self._lock:
            return key in self._keys
