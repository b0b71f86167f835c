"""What this process takes, by the names that every exporter uses. Where the system does not tell, nothing is said."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from bot.web.metrics import Family, Kind

ITSELF = Path("/proc/self")
SINCE = time.time()


def process() -> list[Family]:
    return [
        _gauge("process_start_time_seconds", "When the process began, in seconds since 1970.", SINCE),
        Family("process_cpu_seconds_total", Kind.COUNTER, "Processor time it took.", {(): time.process_time()}),
        *_told(ITSELF),
    ]


def _told(itself: Path) -> Iterator[Family]:
    try:
        pages = int((itself / "statm").read_text().split()[1])
        files = sum(1 for _ in (itself / "fd").iterdir())
    except (OSError, ValueError, IndexError):
        return
    yield _gauge("process_resident_memory_bytes", "Memory it holds.", pages * os.sysconf("SC_PAGE_SIZE"))
    yield _gauge("process_open_fds", "Files and connections it holds open.", files)


def _gauge(name: str, words: str, value: float) -> Family:
    return Family(name, Kind.GAUGE, words, {(): value})
