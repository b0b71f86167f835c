"""How the registry suite handles each implementation."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import Literal, Protocol

from bot.core.secret import Secret
from bot.core.workload import Image
from bot.registry import Registry
from bot.registry.memory import MemoryRegistry
from bot.registry.oci import Access, OciRegistry
from tests.servers import registry as real

REVISION = "org.opencontainers.image.revision"
Program = Literal["registry", "docker-registry"]


class RegistryKit(Protocol):
    @property
    def registry(self) -> Registry: ...

    def repository(self, path: str) -> str:
        """The full name of a repository in this registry."""

    def push(self, path: str, tag: str, revision: str = "") -> str:
        """Push an image and return its digest."""

    def stop(self) -> None:
        """From now on it answers nothing."""

    def close(self) -> None: ...


class MemoryKit:
    def __init__(self) -> None:
        self._registry = MemoryRegistry()

    @property
    def registry(self) -> Registry:
        return self._registry

    def repository(self, path: str) -> str:
        return f"registry.local:5000/{path}"

    def push(self, path: str, tag: str, revision: str = "") -> str:
        digest = f"sha256:{sha256(f'{path}:{tag}:{revision}'.encode()).hexdigest()}"
        created = datetime(2026, 11, 20, tzinfo=UTC)
        self._registry.push(Image(self.repository(path), tag, digest, revision or None, created))
        return digest

    def stop(self) -> None:
        self._registry.break_down("The registry does not answer.")

    def close(self) -> None:
        self._registry.break_down(None)


class OciKit:
    """A server of its own for each test: it starts in less time than it takes to tell tests apart on a shared one."""

    def __init__(self, program: Program, *, password: bool, tls: bool) -> None:
        self._server = real.Registry(program, password=password, tls=tls).__enter__()
        login = Access(username=real.USER, password=Secret(real.PASSWORD)) if password else Access()
        access = Access(
            plain_http=not tls, ca_file=self._server.ca_file, username=login.username, password=login.password
        )
        self._registry = OciRegistry({self._server.host: access})

    @property
    def registry(self) -> Registry:
        return self._registry

    def repository(self, path: str) -> str:
        return f"{self._server.host}/{path}"

    def push(self, path: str, tag: str, revision: str = "") -> str:
        return self._server.push(path, tag, labels={REVISION: revision} if revision else {})

    def stop(self) -> None:
        self._server.__exit__(None, None, None)

    def close(self) -> None:
        self._registry.close()
        self.stop()


def _real() -> Mapping[str, Callable[[], RegistryKit]]:
    """Both servers, each open and with a password, each in the clear and by TLS from an authority of its own."""
    programs: tuple[tuple[str, Program], ...] = (("oci-3", "registry"), ("oci-2.8", "docker-registry"))
    return {
        f"{name}{'-password' * password}{'-tls' * tls}": partial(OciKit, program, password=password, tls=tls)
        for name, program in programs
        for password in (False, True)
        for tls in (False, True)
    }


NEEDS = {name: "registry" if name.startswith("oci-3") else "docker-registry" for name in _real()}
KITS: Mapping[str, Callable[[], RegistryKit]] = {"memory": MemoryKit, **_real()}
