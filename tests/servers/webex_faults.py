"""What goes wrong on order: statuses instead of answers, and answers that get lost after the deed was done."""

from collections import Counter
from threading import Lock

from msgspec import Struct
from msgspec.structs import replace


class Fault(Struct, frozen=True):
    """Answered `times` times to calls of this method whose path begins so. `after`: it was done nevertheless."""

    method: str
    path: str
    status: int
    headers: dict[str, str] = {}
    times: int = 1
    after: bool = False
    body: bytes = b'{"message": "a fault of the test"}'


class Faults:
    """`calls` counts what was asked, `refused` keeps what was refused, `broken` what no client should do."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: list[Fault] = []
        self.calls: Counter[str] = Counter()
        self.refused: list[str] = []
        self.broken: list[str] = []

    def inject(self, *faults: Fault) -> None:
        with self._lock:
            self._waiting.extend(faults)

    @property
    def waiting(self) -> int:
        with self._lock:
            return len(self._waiting)

    def clear(self) -> None:
        with self._lock:
            for what in (self._waiting, self.refused, self.broken, self.calls):
                what.clear()

    def next(self, method: str, path: str) -> Fault | None:
        with self._lock:
            self.calls[f"{method} {path.split('/')[0]}"] += 1
            for number, fault in enumerate(self._waiting):
                if fault.method == method and path.startswith(fault.path):
                    self._waiting[number : number + 1] = [replace(fault, times=fault.times - 1)][: fault.times > 1]
                    return fault
        return None
