"""What `check --live` tells: which orders the clusters let the bot carry out, environment by environment."""

from typing import Protocol, runtime_checkable

from bot.cluster.kubernetes import Permission
from bot.core.clock import Clock
from bot.core.model import Reply, Table, Tone
from bot.core.words import count
from bot.parts import make_clusters
from config import Settings


@runtime_checkable
class Asks(Protocol):
    """A cluster that can be asked what the bot may do in it; a simulated one lets it do everything."""

    def permissions(self, namespaces: list[str]) -> list[Permission]: ...


def rights(settings: Settings, clock: Clock) -> Reply:
    found: list[tuple[dict[str, str], Permission]] = []
    for name, cluster in make_clusters(settings, clock).items():
        places = {e.namespace: title for title, e in settings.environments.items() if e.cluster == name}
        if isinstance(cluster, Asks):
            found += [({**places, "": f"all of {name}"}, p) for p in cluster.permissions(list(places))]
        cluster.stop()
    lacking = sum(not permission.allowed for _, permission in found)
    rows = [_row(places, permission) for places, permission in found]
    return Reply(
        title=f"{count(lacking, 'order')} cannot be carried out"
        if lacking
        else "Every order can be carried out everywhere.",
        tone=Tone.BAD if lacking else Tone.GOOD,
        table=Table(("environment", "order", "may the bot"), tuple(rows)) if rows else None,
        code="forbidden" if lacking else "",
    )


def _row(places: dict[str, str], permission: Permission) -> tuple[str, str, str]:
    told = "yes" if permission.allowed else f"no: it may not {', '.join(permission.missing)}"
    return (places[permission.namespace], permission.order, told)
