"""A real registry on loopback: distribution 3, or Debian's 2.8, which ignores `n`."""

import base64
import gzip
import hashlib
import json
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urljoin

from tests.servers.certificates import issue
from tests.servers.find import server
from tests.servers.process import Process, free_ports
from tests.servers.stacked import Stacked
from tests.servers.wire import Answer, ask

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
USER, PASSWORD = "quarterdeck", "for-tests-only"
# The registry knows bcrypt only, which Python has not: made once, of the words above.
HTPASSWD = "quarterdeck:$2b$04$WcfqBJNe96xwD2X5VYrsn.bsAjb6XAv9BjiWBsh9aZBP.8JoLiDNy"
TAR = bytes(1024)  # an empty one


class Registry(Stacked):
    def __init__(
        self,
        program: Literal["registry", "docker-registry"] = "registry",
        *,
        password: bool = False,
        tls: bool = False,
        tells: tuple[str, str] | None = None,
    ) -> None:
        """`tells`: an address and the Authorization for it, where its notifications go."""
        self._program = program
        self._tells = tells
        self._password = password
        super().__init__()
        self._port = free_ports(1)[0]
        self._tls = tls
        self.host = f"127.0.0.1:{self._port}"
        self.url = f"{'https' if tls else 'http'}://{self.host}"
        self.ca_file: Path | None = None

    def push(
        self,
        repository: str,
        tag: str,
        *,
        created: datetime | None = None,
        labels: dict[str, str] | None = None,
        platform: str = "linux/amd64",
    ) -> str:
        """The digest. An image made at another time is another image: to have two tags of
        one, give both the same `created`."""
        at = (created or datetime.now(UTC)).isoformat()
        config = self._upload(repository, CONFIG, _config(at, labels or {}, platform))
        layer = self._upload(repository, LAYER, gzip.compress(TAR, mtime=0))
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]}
        path = f"/v2/{repository}/manifests/{tag}"
        body = json.dumps(manifest).encode()
        answer = self._expect(201, self.ask(path, "PUT", body, {"Content-Type": MANIFEST}))
        return answer.headers["docker-content-digest"]

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        login = {"Authorization": f"Basic {_basic()}"} if self._password else {}
        return ask(urljoin(self.url, path), method, body, {**login, **(headers or {})}, self.ca_file)

    def _upload(self, repository: str, kind: str, blob: bytes) -> dict[str, Any]:
        digest = f"sha256:{hashlib.sha256(blob).hexdigest()}"
        begun = self._expect(202, self.ask(f"/v2/{repository}/blobs/uploads/", "POST"))
        where = f"{begun.headers['location']}&digest={digest}"
        content = {"Content-Type": "application/octet-stream"}
        self._expect(201, self.ask(where, "PUT", blob, content))
        return {"mediaType": kind, "digest": digest, "size": len(blob)}

    def _expect(self, status: int, answer: Answer) -> Answer:
        if answer.status != status:
            raise RuntimeError(f"{self.host}: {answer.status} {answer.body.decode()}")
        return answer

    def _start(self, stack: ExitStack) -> None:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="quarterdeck-")))
        config = folder / "config.json"
        config.write_text(json.dumps(self._settings(folder)))
        process = Process(self._program, [server(self._program), "serve", config], folder)
        stack.enter_context(process).wait(self._answers)

    def _answers(self) -> bool:
        try:
            return self.ask("/v2/").status == 200
        except OSError:
            return False

    def _settings(self, folder: Path) -> dict[str, Any]:
        http: dict[str, Any] = {"addr": self.host}
        settings: dict[str, Any] = {"version": 0.1, "http": http}
        settings["storage"] = {"inmemory": {}, "delete": {"enabled": True}}
        if self._tls:
            made = issue(folder)
            self.ca_file = made.ca
            http["tls"] = {"certificate": str(made.chain), "key": str(made.key)}
        if self._tells:
            url, proof = self._tells
            end = {"name": "bot", "url": url, "headers": {"Authorization": [proof]}}
            settings["notifications"] = {"endpoints": [{**end, "timeout": "5s", "threshold": 5, "backoff": "1s"}]}
        if self._password:
            (folder / "htpasswd").write_text(HTPASSWD)
            access = {"realm": "tests", "path": str(folder / "htpasswd")}
            settings["auth"] = {"htpasswd": access}
        return settings


def _basic() -> str:
    return base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


def _config(created: str, labels: dict[str, str], platform: str) -> bytes:
    system, architecture = platform.split("/")
    layers = {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(TAR).hexdigest()}"]}
    config = {"created": created, "os": system, "architecture": architecture}
    return json.dumps({**config, "config": {"Labels": labels}, "rootfs": layers}).encode()
