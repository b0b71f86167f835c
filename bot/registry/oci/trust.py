"""Whose certificates are believed. Reading the system's authorities takes 70 ms and 1 MB, so it is done once."""

import ssl
from threading import Lock

from bot.core.errors import Unavailable
from bot.registry.oci.access import Access


class Trust:
    def __init__(self) -> None:
        self._system: ssl.SSLContext | None = None
        self._lock = Lock()

    def context(self, name: str, access: Access, *, home: bool) -> ssl.SSLContext:
        """`home`: the registry itself, which alone is shown our own certificate."""
        certificate = access.client_certificate if home else None
        if access.ca_file is None and certificate is None:
            return self._shared()
        try:
            return _own(access, certificate=home)
        except OSError as error:
            raise Unavailable(
                f"The certificate files of {name} cannot be read.",
                fact=f"{error.strerror or type(error).__name__}.",
                hint=f"Look at registries.{name}.ca_file and its like in the configuration.",
            ) from None

    def _shared(self) -> ssl.SSLContext:
        with self._lock:
            if self._system is None:
                self._system = ssl.create_default_context()
            return self._system


def _own(access: Access, *, certificate: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if access.ca_file:
        context.load_verify_locations(access.ca_file)
    if certificate and access.client_certificate:
        context.load_cert_chain(access.client_certificate, access.client_key)
    return context
