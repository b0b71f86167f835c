"""Why a workload is in trouble, with what proves it: the diagnosis, and the last lines where they may be shown."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from bot.core.alerts import concerning, line, where
from bot.core.catalogue import Environment, Logs
from bot.core.diagnosis import Diagnosis, diagnose, is_log, refine
from bot.core.errors import QuarterdeckError
from bot.core.events import Incident
from bot.core.model import Place, Who
from bot.core.rights import Asked, right
from bot.core.workload import ClusterEvent, Pod, Target, Workload
from bot.ports import Ports

LINES = 5
ALERTS = 5


class Evidence(Struct, frozen=True):
    """`heading` says whose lines they are, or why there are none."""

    events: tuple[ClusterEvent, ...] = ()
    trouble: Diagnosis | None = None
    heading: str = ""
    lines: tuple[str, ...] = ()


def examine(ports: Ports, environment: Environment, workload: Workload, pods: Sequence[Pod]) -> Evidence:
    events = tuple(ports.cluster(environment).events(workload))
    trouble = diagnose(workload, pods, events, ports.clock.now())
    pod = next((p for p in pods if trouble and p.name == trouble.pod), None)
    if trouble is None or pod is None or environment.logs is not Logs.CHANNEL:
        return Evidence(events, trouble)
    try:
        lines = _log(ports, environment, pod, trouble) or trouble.lines
    except QuarterdeckError as error:
        return Evidence(events, trouble, f"The log of {pod.name} cannot be read: {error.sentence}", trouble.lines)
    return Evidence(events, refine(trouble, lines), f"Last lines of {pod.name}:" if lines else "", lines)


def firing(ports: Ports, who: Who, place: Place, service: str | None, environment: str | None) -> list[str]:
    """What monitoring says just now, a line each; of others' services only what this person may read."""
    catalogue, now = ports.catalogue, ports.clock.now()
    firing = concerning(ports.store.firing_alerts(), catalogue, now, service, environment)
    asked = Asked(who, place, "read")
    seen = (
        (alert, replace(asked, service=alert.service or None, environment=where(alert, catalogue))) for alert in firing
    )
    found = [alert for alert, reading in seen if right(reading, catalogue).allowed]
    more = [f"… {len(found) - ALERTS} more alerts."] if len(found) > ALERTS else []
    return [*(line(alert, catalogue, now) for alert in found[:ALERTS]), *more]


def incident_of(incidents: Sequence[Incident], target: Target) -> Incident | None:
    return next((each for each in incidents if each.target == target), None)


def _log(ports: Ports, environment: Environment, pod: Pod, trouble: Diagnosis) -> tuple[str, ...]:
    if trouble.previous is None or not trouble.container:
        return ()
    lines = ports.cluster(environment).logs(pod, trouble.container, previous=trouble.previous, lines=LINES)
    return tuple(line for line in lines if is_log(line))
