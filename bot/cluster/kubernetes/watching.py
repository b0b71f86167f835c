"""One namespace, watched: a stream for each kind, all feeding one picture."""

from collections.abc import Callable, Sequence
from functools import partial
from time import monotonic
from typing import Any

import msgspec

from bot.cluster import Notice
from bot.cluster.kubernetes.client import Client
from bot.cluster.kubernetes.histories import CONTROLLER_REVISIONS, REPLICA_SETS
from bot.cluster.kubernetes.paths import PLURALS, apps, core
from bot.cluster.kubernetes.picture import Picture
from bot.cluster.kubernetes.shapes import HistoryObject, PodObject, WorkloadObject
from bot.cluster.kubernetes.stream import HasMeta, Outage, Sink, Stream
from bot.core.workload import Kind

PATIENCE = 30.0
_LOOK = 0.05


class Watching:
    """Templates are listed before those who bear them, and workloads before their pods."""

    def __init__(self, client: Client, environment: str, namespace: str, notice: Notice) -> None:
        self._client = client
        self._picture = Picture(client.cluster, environment, notice)
        self._outage = Outage(f"{namespace} in {client.cluster}")
        picture = self._picture
        past = [
            self._stream(apps(namespace, REPLICA_SETS), HistoryObject, self._past(picture.replica_set)),
            self._stream(apps(namespace, CONTROLLER_REVISIONS), HistoryObject, self._past(picture.controller_revision)),
        ]
        present = [
            self._stream(
                apps(namespace, PLURALS[kind]), WorkloadObject, self._sink(kind, partial(picture.workload, kind)), past
            )
            for kind in Kind
        ]
        pods = self._stream(core(namespace, "pods"), PodObject, self._sink("Pod", picture.pod), present)
        self._streams = [*past, *present, pods]

    def start(self) -> None:
        """Returns once all was listed; where that cannot be, it is tried on in the background."""
        for stream in self._streams:
            stream.start()
        deadline = monotonic() + PATIENCE
        for stream in self._streams:
            while not stream.listed.wait(_LOOK):
                if monotonic() > deadline or self._outage.began.is_set():
                    return

    def stop(self) -> None:
        self._picture.close()
        for stream in self._streams:
            stream.stop()

    def join(self, timeout: float) -> None:
        deadline = monotonic() + timeout
        for stream in self._streams:
            stream.join(max(0.0, deadline - monotonic()))

    def _stream(self, path: str, shape: type[Any], sink: Sink[Any], after: Sequence[Stream[Any]] = ()) -> Stream[Any]:
        return Stream(self._client, path, msgspec.json.Decoder(shape), sink, self._outage, after)

    def _sink(self, kind: str, seen: Callable[[Any], None]) -> Sink[Any]:
        def gone(found: HasMeta) -> None:
            self._picture.gone(kind, found.metadata.name, found.metadata.uid)

        return Sink(seen, gone, partial(self._picture.only, kind))

    def _past(self, seen: Callable[[Any], None]) -> Sink[Any]:
        """One that was forgotten while nobody looked does no harm: its uid never comes again."""
        return Sink(seen, self._picture.forget, lambda _names: None)
