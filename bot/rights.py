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
    rows: list[tuple[str, str, str]] = []
    for name, cluster in make_clusters(settings, clock).items():
        places = {e.namespace: title for title, e in settings.environments.items() if e.cluster == name}
        if isinstance(cluster, Asks):
            rows += [_row({**places, "": f"all of {name}"}, p) for p in cluster.permissions(list(places))]
        cluster.stop()
    lacking = sum(bool(missing) for _, _, missing in rows)
    return Reply(
        title=f"{count(lacking, 'right')} missing" if lacking else "Every order can be carried out everywhere.",
        tone=Tone.BAD if lacking else Tone.GOOD,
        table=Table(("environment", "order", "missing"), tuple(rows)) if rows else None,
        code="forbidden" if lacking else "",
    )


def _row(places: dict[str, str], permission: Permission) -> tuple[str, str, str]:
    return (places[permission.namespace], permission.order, ", ".join(permission.missing))
