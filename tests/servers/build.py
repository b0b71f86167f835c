"""Gets the real servers once, outside the tree: `make servers`.

Nine minutes of two cores the first time, so each one is told as it comes, what is
there is kept, and a server that cannot be had does not keep the others away.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.servers.find import ASSETS, DEBIAN, FOLDER, GO, LOCAL_SLACK, Missing, cache, server

# Without the stamp the API server's version endpoint lies.
STAMP = "-X k8s.io/component-base/version.git"


def main() -> int:
    cache().mkdir(parents=True, exist_ok=True)
    print(f"servers for the tests, in {cache()}", flush=True)
    wanted: list[tuple[str, str, Callable[[], None]]] = [
        ("local-slack", LOCAL_SLACK, _npm),
        *((name, "Debian", lambda name=name: _apt(name)) for name in DEBIAN),
        *((name, _version(name), lambda name=name: _go(name)) for name in GO),
    ]
    missing = [name for name, version, fetch in wanted if not _got(name, version, fetch)]
    print(f"could not get: {', '.join(missing)}" if missing else "all there")
    return 1 if missing else 0


def _got(name: str, version: str, fetch: Callable[[], None]) -> bool:
    began = time.monotonic()
    note = "cached"
    try:
        if not _there(name):
            fetch()
            note = f"{time.monotonic() - began:.0f} s"
        where = server(name)
    except (OSError, subprocess.CalledProcessError, Missing) as error:
        print(f"{name:24} {version:10} NOT THERE: {error}", flush=True)
        return False
    own = name in ASSETS and where.parent != cache() / "bin"
    print(f"{name:24} {'yours' if own else version:10} {note}", flush=True)
    return True


def _there(name: str) -> bool:
    try:
        return bool(server(name))
    except Missing:
        return False


def _version(name: str) -> str:
    lines = [line.split() for line in (FOLDER / "go.mod").read_text().splitlines()]
    modules = {words[0]: words[1] for words in lines if len(words) > 1}
    return next(version for module, version in modules.items() if _within(GO[name], module))


def _within(package: str, module: str) -> bool:
    return package == module or package.startswith(f"{module}/")


def _go(name: str) -> None:
    """Built beside its place and moved there, so that half a build is never found."""
    version = _version(name)
    major, minor, _ = version.removeprefix("v").split(".")
    stamps = {"Version": version, "Major": major, "Minor": minor}
    flags = " ".join(["-s -w", *(f"{STAMP}{key}={value}" for key, value in stamps.items())])
    part = cache() / "bin" / f"{name}.{os.getpid()}"
    command = ["go", "build", "-trimpath", "-ldflags", flags, "-o", str(part), GO[name]]
    _run(command, FOLDER)
    part.rename(cache() / "bin" / name)


def _npm() -> None:
    """No install scripts: the package is one binary, and nothing else of it shall run."""
    prefix = cache() / f"local-slack-{LOCAL_SLACK}"
    prefix.mkdir(exist_ok=True)
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    _run(["npm", "install", *quiet, "--prefix", str(prefix), f"local-slack-linux-x64@{LOCAL_SLACK}"])


def _apt(name: str) -> None:
    """RUNLEVEL=1 keeps the package from starting its daemon on this machine."""
    if os.geteuid() != 0:
        raise Missing(name, f"as root: apt-get install {DEBIAN[name]}")
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for words in (["update"], ["install", "-y", "--no-install-recommends", DEBIAN[name]]):
        _run(["apt-get", "-qq", *words], environ=environ)


def _run(command: list[str], folder: Path | None = None, environ: dict[str, str] | None = None) -> None:
    """Its output goes to stderr: stdout keeps one line per server."""
    nice = ["nice", "-n", "10", *command]
    subprocess.run(nice, cwd=folder, env=environ, stdout=sys.stderr, check=True)


if __name__ == "__main__":
    sys.exit(main())
