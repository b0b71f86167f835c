"""One namespace, or a whole cluster, watched: a stream for each kind, and a picture for each environment."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
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
        self._whole = whole
        self._titles = frozenset(places)
        self._pictures: Mapping[str, tuple[Picture, ...]] = self._drawn(places, notice)
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

    def join_in(self, places: Mapping[str, str], notice: Notice) -> None:
        """Of what was told already nothing is told twice: the pictures see to that."""
        self._titles |= frozenset(places)
        for namespace, drawn in self._drawn(places, notice).items():
            self._pictures = {**self._pictures, namespace: (*self._pictures.get(namespace, ()), *drawn)}
        for stream in self._streams:
            stream.list_again()

    def unseen(self, title: str) -> str:
        return self._outage.why if title in self._titles else ""

    def wait(self) -> bool:
        """Returns once all was listed; where that cannot be (False), it is tried on in the background."""
        deadline = monotonic() + PATIENCE
        for stream in self._streams:
            while not stream.listed.wait(_LOOK):
                if monotonic() > deadline or self._outage.began.is_set():
                    return False
        return True

    def stop(self) -> None:
        for picture in chain.from_iterable(self._pictures.values()):
            picture.close()
        for stream in self._streams:
            stream.stop()

    def join(self, timeout: float) -> None:
        deadline = monotonic() + timeout
        for stream in self._streams:
            stream.join(max(0.0, deadline - monotonic()))

    def _drawn(self, places: Mapping[str, str], notice: Notice) -> dict[str, tuple[Picture, ...]]:
        """Two environments may share a namespace: each is told."""
        drawn: defaultdict[str, tuple[Picture, ...]] = defaultdict(tuple)
        for title, namespace in places.items():
            drawn[namespace] += (Picture(self._client.cluster, title, notice),)
        return drawn

    def _namespaces(self) -> frozenset[str]:
        return frozenset(self._pictures)

    def _stream(self, path: str, shape: type[Any], sink: Sink[Any], after: Sequence[Stream[Any]] = ()) -> Stream[Any]:
        return Stream(self._client, path, msgspec.json.Decoder(shape), sink, self._outage, after)

    def _sink(self, kind: str, seen: Telling) -> Sink[Any]:
        def gone(picture: Picture, found: HasMeta) -> None:
            picture.gone(kind, found.metadata.name, found.metadata.uid)

        def only(names: Names) -> None:
            for namespace, there in names.items():
                for picture in self._pictures.get(namespace, ()):
                    picture.only(kind, there)

        return Sink(self._to_its_picture(seen), self._to_its_picture(gone), only, self._namespaces, self._whole)

    def _past(self, seen: Telling) -> Sink[Any]:
        """One that was forgotten while nobody looked does no harm: its uid never comes again."""
        forget = self._to_its_picture(Picture.forget)
        return Sink(self._to_its_picture(seen), forget, lambda _names: None, self._namespaces, self._whole)

    def _to_its_picture(self, tell: Telling) -> Callable[[HasMeta], None]:
        def told(found: HasMeta) -> None:
            for picture in self._pictures.get(found.metadata.namespace, ()):
                tell(picture, found)

        return told


def _workload(kind: Kind) -> Telling:
    return lambda picture, found: picture.workload(kind, found)
