"""Past and present templates of a workload: ReplicaSets of a Deployment, ControllerRevisions of the others."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from msgspec import Raw, Struct

from bot.cluster.kubernetes import nouns, templates
from bot.cluster.kubernetes.client import Client
from bot.cluster.kubernetes.paths import apps
from bot.cluster.kubernetes.shapes import HistoryObject
from bot.cluster.notes import CHANGE_CAUSE
from bot.core.workload import Kind, Revision

REPLICA_SETS, CONTROLLER_REVISIONS = "replicasets", "controllerrevisions"
_decoder = msgspec.json.Decoder(HistoryObject)


class History(Struct, frozen=True):
    """`owner` is the uid of the workload, `template` the hash of what stands in `raw`."""

    name: str
    uid: str
    owner: str
    number: int
    template: str
    created: datetime
    annotations: dict[str, str]
    raw: Raw

    def revision(self, current: str) -> Revision:
        return Revision(
            number=self.number,
            template=self.template,
            images=templates.images(self.raw),
            created=self.created,
            cause=self.annotations.get(CHANGE_CAUSE, ""),
            current=self.template == current,
        )


def plural(kind: Kind) -> str:
    return REPLICA_SETS if kind is Kind.DEPLOYMENT else CONTROLLER_REVISIONS


def read(client: Client, namespace: str, kind: Kind, selector: str = "") -> list[History]:
    query = {"labelSelector": selector} if selector else {}
    items = client.list(apps(namespace, plural(kind)), query)
    return [history(_decoder.decode(item)) for item in items]


def history(found: HistoryObject) -> History:
    """Only a ReplicaSet has no revision of its own: its number is an annotation."""
    meta = found.metadata
    raw = found.data.spec.template if found.revision else found.spec.template
    return History(
        name=meta.name,
        uid=meta.uid,
        owner=meta.controller.uid if meta.controller else "",
        number=found.revision or nouns.number(meta),
        template=templates.hash_of(raw),
        created=meta.creation_timestamp or nouns.LONG_AGO,
        annotations=meta.notes,
        raw=raw,
    )


def of(found: Iterable[History], uid: str) -> list[History]:
    """Oldest first; one that its controller has not numbered yet is none."""
    return sorted((h for h in found if h.owner == uid and h.number), key=lambda h: h.number)


def newest(found: Iterable[History], uid: str, name: str = "") -> int:
    """The number of the named one, where the workload names it, else the highest."""
    mine = of(found, uid)
    return next((h.number for h in mine if h.name == name), mine[-1].number if mine else 0)


def there(found: Sequence[History]) -> str:
    """What somebody may go back to, for whoever asked for something else."""
    said = [f"{h.number} ({', '.join(_tag(image) for image in templates.images(h.raw).values())})" for h in found]
    return f"There is {', '.join(said)}." if said else "There is none yet."


def _tag(image: str) -> str:
    return image.partition("@")[0].rpartition(":")[2]
