"""What asking a registry costs, on the real one: `python -m tests.bench.registry`.

curl fetches the same pages, on one kept connection, in turn with ours: only the ratio of one run says anything.
"""

import resource
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bot.registry.oci import Access, OciRegistry
from bot.registry.oci.host import Host
from bot.registry.oci.pages import Pages
from bot.registry.oci.trust import Trust
from bot.registry.oci.wire import Patience
from tests.servers.registry import MANIFEST, Registry
from tests.unit.oci_server import OciServer, says

TAGS, REPOSITORIES, TURNS, BATCH = 3000, 1000, 15, 10
LIST = "/v2/team/app/tags/list"


def main() -> None:
    _many()
    with Registry() as real:
        _fill(real)
        registry = OciRegistry({real.host: Access(plain_http=True)})
        _against_curl(f"{TAGS} tags, one page", lambda: registry.tags(f"{real.host}/team/app"), [real.url + LIST])
        host = Host(real.host, Access(plain_http=True), Trust(), Patience(), time.monotonic)
        pages = [f"{LIST}?n=100", *(f"{LIST}?last=t{n:05}&n=100" for n in range(99, TAGS - 1, 100))]
        urls = [real.url + page for page in pages]
        _against_curl(f"{TAGS} tags, {len(pages)} pages", lambda: Pages().walk(host, pages[0], "team/app"), urls)
        _describe(registry, real)
        host.close()
        registry.close()


def _fill(real: Registry) -> None:
    real.push("team/app", "t00000")
    manifest = real.ask("/v2/team/app/manifests/t00000", headers={"Accept": MANIFEST}).body
    for n in range(1, TAGS):
        real.ask(f"/v2/team/app/manifests/t{n:05}", "PUT", manifest, {"Content-Type": MANIFEST})


def _against_curl(name: str, ours: Callable[[], object], urls: list[str]) -> None:
    """One curl for the whole batch, so that its start is not counted ten times."""
    command = [shutil.which("curl") or "curl", "--silent", "--fail"]
    command += [word for url in urls * BATCH for word in ("--output", "/dev/null", url)]
    mine, theirs = [], []
    for _ in range(TURNS):
        mine.append(_took(lambda: [ours() for _ in range(BATCH)]))
        theirs.append(_took(lambda: subprocess.run(command, check=True, timeout=60)))
    a, b = median(mine), median(theirs)
    print(f"{name:28}{a * 1000:9.2f} ms, curl{b * 1000:9.2f} ms, ratio {a / b:.2f}")


def _took(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) / BATCH


def _describe(registry: OciRegistry, real: Registry) -> None:
    tags = registry.tags(f"{real.host}/team/app")
    for name in ("new", "known"):
        start, cpu = time.perf_counter(), time.process_time()
        found = registry.describe(f"{real.host}/team/app", tags)
        took, cpu = time.perf_counter() - start, time.process_time() - cpu
        print(f"{f'{len(found)} images, {name}':28}{took * 1000:9.0f} ms, processor {cpu * 1000:.0f} ms")


def _many() -> None:
    """A minute's worth of polls. The server counts; its own time is in this process too, so the figure is too high."""
    with OciServer() as counting:
        for n in range(REPOSITORIES):
            counting.on(f"/v2/r{n}/tags/list", says({"tags": [f"t{i}" for i in range(10)]}, etag=f'"{n}"'))
        registry = OciRegistry({counting.host: Access(plain_http=True)})
        before = _resident()
        for _ in range(2):
            asked, cpu = len(counting.asked), time.thread_time()
            for n in range(REPOSITORIES):
                registry.tags(f"{counting.host}/r{n}")
            cpu = time.thread_time() - cpu
        asked = len(counting.asked) - asked
        conditional = sum("if-none-match" in each.headers for each in counting.asked[-asked:])
        grown = _resident() - before
        registry.close()
    print(
        f"{f'{REPOSITORIES} unchanged repositories':28}{cpu * 1000:9.0f} ms of processor: {cpu / 0.6:.1f} % of a minute"
    )
    print(f"{'questions per repository':28}{asked / REPOSITORIES:9.2f}, conditional {conditional / asked:.0%}")
    print(f"{'memory':28}{grown:9.1f} MiB more, the counting server's included")


def _resident() -> float:
    """In MiB, now: the most there ever was would hide what grows."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1024**2


if __name__ == "__main__":
    main()
