"""A certificate authority of one's own: real TLS, with nothing secret in the tree."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.servers.find import server

NAMES = "IP:127.0.0.1,DNS:localhost"


@dataclass(frozen=True)
class Certificate:
    ca: Path
    chain: Path
    key: Path


def issue(folder: Path, names: str = NAMES) -> Certificate:
    ca, ca_key = folder / "ca.crt", folder / "ca.key"
    chain, key = folder / "server.crt", folder / "server.key"
    _openssl("/CN=quarterdeck-test-ca", ca, ca_key, "-addext", "keyUsage=critical,keyCertSign")
    _openssl("/CN=localhost", chain, key, "-CA", ca, "-CAkey", ca_key, "-addext", f"subjectAltName={names}")
    return Certificate(ca, chain, key)


def _openssl(subject: str, certificate: Path, key: Path, *more: str | Path) -> None:
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc"]
    command: list[str | Path] = [server("openssl"), "req", "-x509", "-days", "2", *curve]
    command += ["-subj", subject, "-out", certificate, "-keyout", key, *more]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
