"""What only a real registry can show: its pages, its index, and its own reading of a token."""

import base64
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

from bot.core.errors import NotFound
from bot.registry.oci import Access, OciRegistry
from bot.registry.oci.host import Host
from bot.registry.oci.pages import Pages
from bot.registry.oci.trust import Trust
from bot.registry.oci.wire import Patience
from tests.servers.certificates import Certificate, issue
from tests.servers.find import server
from tests.servers.registry import MANIFEST, Registry
from tests.servers.require import or_skip
from tests.servers.wire import Answer
from tests.unit.oci_server import INDEX, Hand, OciServer, says

Program = Literal["registry", "docker-registry"]
PROGRAMS: tuple[Program, ...] = ("registry", "docker-registry")
SERVICE, ISSUER = "quarterdeck-tests", "tests"
SCOPE = "/token?service=quarterdeck-tests&scope=repository%3Ateam%2Fapp%3Apull"


pytestmark = pytest.mark.server(*PROGRAMS)


@pytest.fixture(autouse=True)
def _no_docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may be logged in somewhere: not looked at."""
    (tmp_path / "config.json").write_text("{}")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))


@pytest.fixture(params=PROGRAMS)
def real(request: pytest.FixtureRequest) -> Iterator[Registry]:
    with or_skip(), Registry(request.param) as real:
        yield real


def test_its_pages_are_followed_by_its_own_links() -> None:
    with or_skip(), Registry() as real:
        pushed = [real.push("team/app", f"t{n:03}") and f"t{n:03}" for n in range(25)]
        host = Host(real.host, Access(plain_http=True), Trust(), Patience(), Hand())
        assert Pages().walk(host, "/v2/team/app/tags/list?n=10", "team/app") == pushed
        host.close()


def test_an_index_of_two_platforms(real: Registry) -> None:
    children = []
    for platform in ("linux/arm64", "linux/amd64"):
        digest = real.push("app", platform.partition("/")[2], platform=platform, labels={"a": "b"})
        size = len(real.ask(f"/v2/app/manifests/{digest}", headers={"Accept": MANIFEST}).body)
        system, architecture = platform.split("/")
        described = {"os": system, "architecture": architecture}
        children.append({"mediaType": MANIFEST, "digest": digest, "size": size, "platform": described})
    body = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": children}).encode()
    put = real.ask("/v2/app/manifests/one", "PUT", body, {"Content-Type": INDEX})
    registry = OciRegistry({real.host: Access(plain_http=True)})
    for _ in range(2):
        image = registry.image(f"{real.host}/app", "one")
        assert image.digest == put.headers["docker-content-digest"]
        assert image.platforms == ("linux/arm64", "linux/amd64")
    registry.close()


class TokenRegistry(Registry):
    """One that believes what a token server signed."""

    realm = ""

    def _settings(self, folder: Path) -> dict[str, Any]:
        self._signer = issue(folder)
        believed = {"realm": self.realm, "service": SERVICE, "issuer": ISSUER, "rootcertbundle": str(self._signer.ca)}
        return {**super()._settings(folder), "auth": {"token": believed}}

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        pass_key = self.token("pull", "push")
        return super().ask(path, method, body, {"Authorization": f"Bearer {pass_key}", **(headers or {})})

    def token(self, *actions: str) -> str:
        """A JSON web token by hand: the algorithm is ES256."""
        now = int(time.time())
        access = [{"type": "repository", "name": "team/app", "actions": list(actions)}]
        times = {"nbf": now - 10, "iat": now - 10, "exp": now + 300}
        claims = {"iss": ISSUER, "sub": "bot", "aud": SERVICE, "jti": "1", "access": access, **times}
        header = {"typ": "JWT", "alg": "ES256", "x5c": [_der(self._signer)]}
        signed = ".".join(_base64(json.dumps(part).encode()) for part in (header, claims))
        return f"{signed}.{_base64(_signature(self._signer, signed))}"


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _der(signer: Certificate) -> str:
    return "".join(line for line in signer.chain.read_text().splitlines() if "CERTIFICATE" not in line)


def _signature(signer: Certificate, text: str) -> bytes:
    """Two numbers of 32 bytes, out of the ASN.1 that openssl writes."""
    command = [str(server("openssl")), "dgst", "-sha256", "-sign", str(signer.key)]
    made = subprocess.run(command, input=text.encode(), capture_output=True, check=True, timeout=30).stdout
    first = made[4 : 4 + made[3]]
    second = made[6 + made[3] :]
    return b"".join(int.from_bytes(number, "big").to_bytes(32, "big") for number in (first, second))


@pytest.mark.parametrize("program", PROGRAMS)
def test_its_token_server_is_asked_for_what_it_wants(program: Program) -> None:
    with OciServer() as tokens, or_skip():
        real = TokenRegistry(program)
        real.realm = f"{tokens.url}/token"
        with real:
            digest = real.push("team/app", "one")
            tokens.on(SCOPE, lambda _: says({"token": real.token("pull"), "expires_in": 300}))
            registry = OciRegistry({real.host: Access(plain_http=True)})
            assert registry.tags(f"{real.host}/team/app") == ["one"]
            assert registry.image(f"{real.host}/team/app", "one").digest == digest
            assert len(tokens.asked) == 1
            registry.close()


def test_a_token_for_nothing_opens_nothing() -> None:
    with OciServer() as tokens, or_skip():
        real = TokenRegistry()
        real.realm = f"{tokens.url}/token"
        with real:
            real.push("team/app", "one")
            tokens.on(SCOPE, lambda _: says({"token": real.token()}))
            registry = OciRegistry({real.host: Access(plain_http=True)})
            with pytest.raises(NotFound, match="not found, or not logged in"):
                registry.tags(f"{real.host}/team/app")
            registry.close()
