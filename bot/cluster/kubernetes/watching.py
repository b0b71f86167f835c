"""One namespace, or a whole cluster, watched: a stream for each kind, and a picture for each environment."""

from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Any

import msgspec

from bot.cluster import Notice
from bot.cluster.kubernetes.client import Client
from bot.cluster.kubernetes.histories import CONTROLLER_REVISIONS, REPLICA_SETS
from bot.cluster.kubernetes.outage import Outage
from bot.cluster.kubernetes.paths import PLURALS, apps, core
from bot.cluster.kubernetes.picture import Picture
from bot.cluster.kubernetes.shapes import HistoryObject, PodObject, WorkloadObject
from bot.cluster.kubernetes.stream import HasMeta, Names, Sink, Stream
from bot.core.workload import Kind

Telling = Callable[[Picture, Any], None]
PATIENCE = 30.0
_LOOK = 0.05


class Watching:
    """Templates are listed before those who bear them, and workloads before their pods.

    `whole`: one stream for each kind brings all namespaces, of which `places` are looked at; else there is one place.
    """

    def __init__(self, client: Client, places: Mapping[str, str], notice: Notice, *, whole: bool = False) -> None:
        self._client = client
        self._pictures = {space: Picture(client.cluster, title, notice) for title, space in places.items()}
        self._looked_at = frozenset(self._pictures) if whole else None
        where = None if whole else next(iter(self._pictures))
        self._outage = Outage(f"{where} in {client.cluster}" if where else client.cluster)
        past = [
            self._stream(apps(where, REPLICA_SETS), HistoryObject, self._past(Picture.replica_set)),
            self._stream(apps(where, CONTROLLER_REVISIONS), HistoryObject, self._past(Picture.controller_revision)),
        ]
        present = [
            self._stream(apps(where, PLURALS[kind]), WorkloadObject, self._sink(kind, _workload(kind)), past)
            for kind in Kind
        ]
        pods = self._stream(core(where, "pods"), PodObject, self._sink("Pod", Picture.pod), present)
        self._streams = [*past, *present, pods]

    def start(self) -> None:
        for stream in self._streams:
            stream.start()

    def wait(self) -> None:
        """Returns once all was listed; where that cannot be, it is tried on in the background."""
        deadline = monotonic() + PATIENCE
        for stream in self._streams:
            while not stream.listed.wait(_LOOK):
                if monotonic() > deadline or self._outage.began.is_set():
                    return

    def stop(self) -> None:
        for picture in self._pictures.values():
            picture.close()
        for stream in self._streams:
            stream.stop()

    def join(self, timeout: float) -> None:
        deadline = monotonic() + timeout
        for stream in self._streams:
            stream.join(max(0.0, deadline - monotonic()))

    def _stream(self, path: str, shape: type[Any], sink: Sink[Any], after: Sequence[Stream[Any]] = ()) -> Stream[Any]:
        return Stream(self._client, path, msgspec.json.Decoder(shape), sink, self._outage, after)

    def _sink(self, kind: str, seen: Telling) -> Sink[Any]:
        def gone(picture: Picture, found: HasMeta) -> None:
            picture.gone(kind, found.metadata.name, found.metadata.uid)

        def only(names: Names) -> None:
            for namespace, picture in self._pictures.items():
                picture.only(kind, names.get(namespace, set()))

        return Sink(self._to_its_picture(seen), self._to_its_picture(gone), only, self._looked_at)

    def _past(self, seen: Telling) -> Sink[Any]:
        """One that was forgotten while nobody looked does no harm: its uid never comes again."""
        forget = self._to_its_picture(Picture.forget)
        return Sink(self._to_its_picture(seen), forget, lambda _names: None, self._looked_at)

    def _to_its_picture(self, tell: Telling) -> Callable[[HasMeta], None]:
        def told(found: HasMeta) -> None:
            if picture := self._pictures.get(found.metadata.namespace):
                tell(picture, found)

        return told


def _workload(kind: Kind) -> Telling:
    return lambda picture, found: picture.workload(kind, found)
