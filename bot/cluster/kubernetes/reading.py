"""What stands in the cluster: read as JSON, turned into nouns, kept by nobody."""

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock

import msgspec
from msgspec import Struct

from bot.cluster.kubernetes import histories, nouns, podlogs, templates
from bot.cluster.kubernetes.client import Client
from bot.cluster.kubernetes.histories import History
from bot.cluster.kubernetes.paths import PLURALS, apps, core
from bot.cluster.kubernetes.pods import belonging, template_of
from bot.cluster.kubernetes.shapes import EventObject, PodObject, WorkloadObject
from bot.cluster.kubernetes.told import Told
from bot.core.errors import Ambiguous, NotFound
from bot.core.nearest import nearest_hint
from bot.core.workload import ClusterEvent, Kind, Pod, Revision, Target, Workload

MOST, FEW = 256, 16
_workloads = msgspec.json.Decoder(WorkloadObject)
_pods = msgspec.json.Decoder(PodObject)
_events = msgspec.json.Decoder(EventObject)


class Found(Struct, frozen=True):
    """One workload as the server gave it: writing needs all of its template, a dry run all of its `body`."""

    target: Target
    object: WorkloadObject
    revision: int
    body: bytes = b"{}"

    @property
    def selector(self) -> str:
        return str(self.object.spec.selector)

    @property
    def version(self) -> tuple[str, str]:
        return self.object.metadata.uid, self.object.metadata.resource_version

    @property
    def noun(self) -> Workload:
        t = self.target
        return nouns.workload(self.object, t.kind, t.environment, t.cluster, self.revision)


class Recent:
    """The workloads looked at last: an order looks first and writes a moment later, without asking again.

    With each the revisions that were listed of exactly that version of it.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: OrderedDict[str, Found] = OrderedDict()
        self._past: OrderedDict[tuple[str, str], list[History]] = OrderedDict()

    def keep(self, found: Found) -> Found:
        with self._lock:
            self._found[found.object.metadata.uid] = found
            self._found.move_to_end(found.object.metadata.uid)
            if len(self._found) > MOST:
                self._found.popitem(last=False)
        return found

    def get(self, uid: str) -> Found | None:
        with self._lock:
            return self._found.get(uid)

    def keep_past(self, found: Found, past: list[History]) -> list[History]:
        with self._lock:
            self._past[found.version] = past
            if len(self._past) > FEW:
                self._past.popitem(last=False)
        return past

    def past(self, found: Found) -> list[History] | None:
        with self._lock:
            return self._past.get(found.version)


class Reader:
    def __init__(self, client: Client) -> None:
        self._client = client
        self.recent = Recent()
        self.told = Told()

    def find(self, environment: str, namespace: str, name: str, kind: Kind | None) -> Found:
        """The kinds that were told of it are asked for first: mostly that is one question, not three."""
        kinds = [kind] if kind else self.told.kinds(namespace, name)
        found = self._of_kinds(environment, namespace, name, kinds)
        if not found and kind is None and len(kinds) < len(Kind):
            found = self._of_kinds(environment, namespace, name, Kind)
        if not found:
            raise self._nowhere(environment, namespace, name, kind)
        if len(found) > 1:
            several = " and ".join(f"a {f.target.kind}" for f in found)
            raise Ambiguous(f"{name} is {several} in the namespace {namespace}.", hint=f"status {name}")
        return found[0]

    def _of_kinds(self, environment: str, namespace: str, name: str, kinds: Iterable[Kind]) -> list[Found]:
        targets = [Target(environment, self._client.cluster, namespace, k, name) for k in kinds]
        return [found for target in targets if (found := self.there(target))]

    def at(self, target: Target) -> Found:
        return self.find(target.environment, target.namespace, target.name, target.kind)

    def decode(self, body: bytes, target: Target, revision: int, *, keep: bool = True) -> Found:
        """Also the answer to a patch; that to a dry run is nothing to plan upon."""
        found = Found(target, _workloads.decode(body), revision, body)
        return self.recent.keep(found) if keep else found

    def workloads(self, environment: str, namespace: str) -> list[Workload]:
        found: list[Workload] = []
        past: list[History] | None = None
        for kind in Kind:
            objects = self._all(namespace, kind)
            if objects and kind is not Kind.DEPLOYMENT and past is None:
                past = histories.read(self._client, namespace, kind)
            found += [self._noun(o, kind, environment, past or []) for o in objects]
        return sorted(found, key=lambda w: (w.target.name, w.target.kind))

    def pods(self, workload: Workload) -> list[Pod]:
        found = self._known(workload)
        if found is None:
            return []
        namespace, selector = workload.target.namespace, {"labelSelector": found.selector}
        items = self._client.list(core(namespace, "pods"), selector)
        objects = [_pods.decode(item) for item in items]
        past = self._listed(found)
        nouned = [nouns.pod(p, template_of(p, past)) for p in belonging(objects, workload, past)]
        return sorted(nouned, key=lambda p: (p.created, p.name))

    def events(self, workload: Workload) -> list[ClusterEvent]:
        """Those of pods that are gone too, while their ReplicaSet stands."""
        found = self._known(workload)
        if found is None:
            return []
        items = self._client.list(core(workload.target.namespace, "events"))
        told = [nouns.event(e) for e in map(_events.decode, items)]
        kind, name = workload.target.kind, workload.target.name
        sets = {h.name for h in self._listed(found)} if kind is Kind.DEPLOYMENT else {name}
        mine = [e for e in told if _about(e, kind, name, sets)]
        return sorted(mine, key=lambda e: e.at)

    def revisions(self, workload: Workload) -> list[Revision]:
        found = self._known(workload)
        if found is None:
            return []
        past = self._listed(found)
        if found.object.metadata.resource_version == workload.resource_version:
            self.recent.keep_past(found, past)
        return [h.revision(workload.template) for h in past]

    def histories(self, found: Found) -> list[History]:
        """Those that the order was planned upon, where it looked at them."""
        return self.recent.past(found) or self._listed(found)

    def known(self, workload: Workload) -> Found:
        """To look at what stands around it."""
        return self._known(workload) or self.at(workload.target)

    def _listed(self, found: Found) -> list[History]:
        target = found.target
        past = histories.read(self._client, target.namespace, target.kind, found.selector)
        return histories.of(past, found.object.metadata.uid)

    def logs(self, pod: Pod, container: str, *, previous: bool, lines: int) -> list[str]:
        return podlogs.read(self._client, pod, container, previous=previous, lines=lines)

    def there(self, target: Target) -> Found | None:
        try:
            body = self._client.get(apps(target.namespace, PLURALS[target.kind], target.name))
        except NotFound:
            return None
        found = self.decode(body, target, 0)
        if target.kind is Kind.DEPLOYMENT:
            return found
        return self.recent.keep(Found(target, found.object, self._revision(found), body))

    def _revision(self, found: Found) -> int:
        place, meta = found.target, found.object.metadata
        told = self.told.revision(
            place.kind, place.namespace, place.name, templates.hash_of(found.object.spec.template)
        )
        name = found.object.status.update_revision
        return told or histories.newest(self._listed(found), meta.uid, name)

    def _known(self, workload: Workload) -> Found | None:
        """A selector never changes, so one that was seen for this uid is right."""
        return self.recent.get(workload.uid) or self.there(workload.target)

    def _all(self, namespace: str, kind: Kind) -> list[WorkloadObject]:
        items = self._client.list(apps(namespace, PLURALS[kind]))
        return [_workloads.decode(item) for item in items]

    def _noun(self, found: WorkloadObject, kind: Kind, environment: str, past: list[History]) -> Workload:
        revision = 0
        if kind is not Kind.DEPLOYMENT:
            revision = histories.newest(past, found.metadata.uid, found.status.update_revision)
        return nouns.workload(found, kind, environment, self._client.cluster, revision)

    def _nowhere(self, environment: str, namespace: str, name: str, kind: Kind | None) -> NotFound:
        there = self.told.names(namespace)
        if there is None:
            there = [w.target.name for w in self.workloads(environment, namespace)]
        return NotFound(
            f"There is no {kind or 'workload'} {name} in the namespace {namespace}.",
            hint=nearest_hint(name, there, "status"),
        )


def _about(event: ClusterEvent, kind: Kind, name: str, sets: set[str]) -> bool:
    """The workload itself, its ReplicaSets, and the pods named after either."""
    if event.kind == "Pod":
        return event.name.rpartition("-")[0] in sets
    return (event.kind, event.name) == (kind, name) or (event.kind == "ReplicaSet" and event.name in sets)
