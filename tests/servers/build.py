"""Gets the real servers once, outside the tree: `make servers`.

Nine minutes of two cores the first time, so each one is told as it comes, what is
there is kept, and a server that cannot be had does not keep the others away.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.servers.find import ADAPTIVE_CARDS, DEBIAN, FOLDER, GO, LOCAL_SLACK, UNPACKED, Missing, cache, server, there

# Without the stamp the API server's version endpoint lies.
STAMP = "-X k8s.io/component-base/version.git"

Fetch = Callable[[], None]


def main() -> int:
    cache().mkdir(parents=True, exist_ok=True)
    print(f"servers for the tests, in {cache()}", flush=True)
    missing = [name for name, version, fetch in _wanted() if not _got(name, version, fetch)]
    print(f"could not get: {', '.join(missing)}" if missing else "all there")
    return 1 if missing else 0


def _wanted() -> list[tuple[str, str, Fetch]]:
    return [
        ("local-slack", LOCAL_SLACK, partial(_npm, "local-slack", "local-slack-linux-x64", LOCAL_SLACK)),
        ("adaptivecards", ADAPTIVE_CARDS, partial(_npm, "adaptivecards", "adaptivecards", ADAPTIVE_CARDS)),
        (UNPACKED, "Debian", _unpack),
        *((name, "Debian", partial(_install, name)) for name in DEBIAN),
        *((name, _version(name), partial(_go, name)) for name in GO),
    ]


def _got(name: str, version: str, fetch: Fetch) -> bool:
    began = time.monotonic()
    note = "cached"
    try:
        if not there(name):
            fetch()
            note = f"{time.monotonic() - began:.0f} s"
        yours = name in GO and not server(name).is_relative_to(cache())
    except (OSError, subprocess.CalledProcessError, Missing) as error:
        print(f"{name:24} {version:8} NOT THERE: {error}", flush=True)
        return False
    print(f"{name:24} {'yours' if yours else version:8} {note}", flush=True)
    return True


def _version(name: str) -> str:
    lines = [line.split() for line in (FOLDER / "go.mod").read_text().splitlines()]
    modules = {words[0]: words[1] for words in lines if len(words) > 1}
    return next(modules[part] for part in _parents(GO[name]) if part in modules)


def _parents(package: str) -> list[str]:
    return [package, *(str(path) for path in Path(package).parents)]


def _go(name: str) -> None:
    """Built beside its place and moved there, so that half a build is never found."""
    version = _version(name)
    major, minor, _ = version.removeprefix("v").split(".")
    stamps = {"Version": version, "Major": major, "Minor": minor}
    flags = " ".join(["-s -w", *(f"{STAMP}{key}={value}" for key, value in stamps.items())])
    part = cache() / "bin" / f"{name}.{os.getpid()}"
    _run(["go", "build", "-trimpath", "-ldflags", flags, "-o", str(part), GO[name]], FOLDER)
    part.rename(cache() / "bin" / name)


def _npm(name: str, package: str, version: str) -> None:
    """No install scripts: each is one file, and nothing else of it shall run."""
    prefix = cache() / f"{name}-{version}"
    prefix.mkdir(exist_ok=True)
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    _run(["npm", "install", *quiet, "--prefix", str(prefix), f"{package}@{version}"], prefix)


def _unpack() -> None:
    folder = cache() / "debian"
    folder.mkdir(exist_ok=True)
    _refresh()
    _run(["apt-get", "-qq", "download", UNPACKED], folder)
    for package in folder.glob(f"{UNPACKED}_*.deb"):
        _run(["dpkg-deb", "--extract", package.name, "."], folder)


def _install(name: str) -> None:
    if os.geteuid() != 0:
        raise Missing(name, f"as root: apt-get install {DEBIAN[name]}")
    _refresh()
    _run(["apt-get", "-qq", "install", "-y", "--no-install-recommends", DEBIAN[name]], FOLDER)


def _refresh() -> None:
    """Images come without package lists, and only root may fetch them."""
    if os.geteuid() == 0:
        _run(["apt-get", "-qq", "update"], FOLDER)


def _run(command: list[str], folder: Path) -> None:
    """What they say goes to stderr: stdout keeps one line per server."""
    if not shutil.which(command[0]):
        raise Missing(command[0], "install it first")
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    nice = ["nice", "-n", "10", *command]
    subprocess.run(nice, cwd=folder, env=environ, stdout=sys.stderr, check=True)


if __name__ == "__main__":
    sys.exit(main())
