"""What one watch has been told, so that it can name a pod's template, tell the end of things, and repeat nothing."""

from collections import defaultdict
from threading import Lock

from msgspec import Struct
from msgspec.structs import replace

from bot.cluster import Notice, Sight, Sighting
from bot.cluster.kubernetes import nouns, templates
from bot.cluster.kubernetes.nouns import REPLICA_SET
from bot.cluster.kubernetes.pods import revision_names
from bot.cluster.kubernetes.shapes import HistoryObject, PodObject, WorkloadObject
from bot.core.workload import Kind, Pod, Workload

OWNERS = (REPLICA_SET, Kind.STATEFUL_SET, Kind.DAEMON_SET)


class Told(Struct, frozen=True):
    """`aim` is the revision that a StatefulSet names as wanted; `keys` are a pod's ways to its template."""

    uid: str
    noun: Workload | Pod
    aim: str = ""
    keys: tuple[str, ...] = ()


class Picture:
    """Fed by one thread a kind. The lock keeps what is told in order; `notice` never blocks."""

    def __init__(self, cluster: str, environment: str, notice: Notice) -> None:
        self._cluster = cluster
        self._environment = environment
        self._notice = notice
        self._lock = Lock()
        self._closed = False
        self._told: defaultdict[str, dict[str, Told]] = defaultdict(dict)
        self._templates: dict[str, str] = {}
        self._numbers: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._waiting: defaultdict[str, set[str]] = defaultdict(set)

    def close(self) -> None:
        """Nothing is told any more once this returns."""
        with self._lock:
            self._closed = True

    def workload(self, kind: Kind, found: WorkloadObject) -> None:
        with self._lock:
            meta, aim = found.metadata, found.status.update_revision
            revision = 0 if kind is Kind.DEPLOYMENT else self._number(meta.uid, aim)
            noun = nouns.workload(found, kind, self._environment, self._cluster, revision)
            self._tell(kind, meta.name, Told(meta.uid, noun, aim))

    def pod(self, found: PodObject) -> None:
        """A pod of a Job, or of nobody, is not ours to follow."""
        owner, name = found.metadata.controller, found.metadata.name
        if owner is None or owner.kind not in OWNERS:
            return
        with self._lock:
            keys = _keys(found)
            template = next((self._templates[key] for key in keys if key in self._templates), "")
            if not template:
                before = self._told["Pod"].get(name)
                same = before is not None and before.uid == found.metadata.uid
                template = before.noun.template if before and same else ""
            if not template:
                for key in keys:
                    self._waiting[key].add(name)
            self._tell("Pod", name, Told(found.metadata.uid, nouns.pod(found, template), keys=keys))

    def replica_set(self, found: HistoryObject) -> None:
        """Of one that is scaled to nothing no pod is left to be told of."""
        with self._lock:
            if found.spec.replicas == 0 and not found.status.replicas:
                self._templates.pop(found.metadata.uid, None)
            elif found.metadata.uid not in self._templates:
                self._learn(found.metadata.uid, templates.hash_of(found.spec.template))

    def controller_revision(self, found: HistoryObject) -> None:
        owner = found.metadata.controller
        if owner is None:
            return
        with self._lock:
            self._numbers[owner.uid][found.metadata.name] = found.revision
            key = _key(owner.uid, found.metadata.name)
            if key not in self._templates:
                self._learn(key, templates.hash_of(found.data.spec.template))
            self._renumber(owner.kind, owner.name, owner.uid)

    def gone(self, kind: str, name: str, uid: str) -> None:
        with self._lock:
            told = self._told[kind].get(name)
            if told is not None and told.uid == uid:
                self._end(kind, name)

    def forget(self, found: HistoryObject) -> None:
        owner = found.metadata.controller
        with self._lock:
            self._templates.pop(found.metadata.uid, None)
            if owner is None:
                return
            self._templates.pop(_key(owner.uid, found.metadata.name), None)
            numbers = self._numbers.get(owner.uid, {})
            numbers.pop(found.metadata.name, None)
            if not numbers:
                self._numbers.pop(owner.uid, None)

    def only(self, kind: str, names: set[str]) -> None:
        """After a list: what was told and is not in it has ended."""
        with self._lock:
            for name in [n for n in self._told[kind] if n not in names]:
                self._end(kind, name)

    def _tell(self, kind: str, name: str, now: Told) -> None:
        before = self._told[kind].get(name)
        if before is not None and before.uid != now.uid:
            self._end(kind, name)
        elif before is not None and before.noun == now.noun:
            return
        self._told[kind][name] = now
        self._say(Sight.SEEN, now.noun)

    def _end(self, kind: str, name: str) -> None:
        told = self._told[kind].pop(name)
        for key in told.keys:
            if waiting := self._waiting.get(key):
                waiting.discard(name)
        self._say(Sight.GONE, told.noun)

    def _say(self, sight: Sight, noun: Workload | Pod) -> None:
        if not self._closed:
            self._notice(Sighting(sight, noun, self._environment))

    def _learn(self, key: str, template: str) -> None:
        """The pods may have come first: told again, now with their template."""
        self._templates[key] = template
        for name in self._waiting.pop(key, ()):
            told = self._told["Pod"].get(name)
            if told is not None and key in told.keys and isinstance(told.noun, Pod):
                self._tell("Pod", name, replace(told, noun=replace(told.noun, template=template)))

    def _number(self, uid: str, aim: str) -> int:
        numbers = self._numbers.get(uid, {})
        return numbers.get(aim) or max(numbers.values(), default=0)

    def _renumber(self, kind: str, name: str, uid: str) -> None:
        """The revision may come after the workload that has it."""
        told = self._told[kind].get(name)
        if told is not None and told.uid == uid and isinstance(told.noun, Workload):
            noun = replace(told.noun, revision=self._number(uid, told.aim))
            self._tell(kind, name, replace(told, noun=noun))


def _keys(pod: PodObject) -> tuple[str, ...]:
    owner = pod.metadata.controller
    if owner is None:
        return ()
    if owner.kind == REPLICA_SET:
        return (owner.uid,)
    return tuple(_key(owner.uid, name) for name in revision_names(pod))


def _key(uid: str, name: str) -> str:
    return f"{uid}/{name}"
