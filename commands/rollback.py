"""rollback: back to an older template, exactly as kubectl rollout undo would."""

from collections.abc import Sequence

from msgspec.structs import replace

from bot.core.again import with_flags
from bot.core.errors import NotFound, Refused, UsageError
from bot.core.events import Build, BuildResult
from bot.core.model import Change, Order, Step
from bot.core.provenance import build_of
from bot.core.references import image, label
from bot.core.words import ago
from bot.core.workload import Revision, Undo, Workload
from bot.plans.changes import change, environment_of, opening, refuse_paused, step, stuck_pods, workloads_of
from bot.plans.proof import failed_here, way_back
from bot.ports import Command, Ports

LAST_GOOD = "last-good"
KNOWN_BUILDS = 200


def plan(ports: Ports, order: Order) -> Change:
    wanted = order.words.get("revision")
    planned = [_step(ports, order, workload, wanted) for workload in workloads_of(ports, order)]
    first, note = planned[0]
    title = f"{order.service} back to {first.after} in {order.environment}"
    return change(ports, order, [s for s, _ in planned], title, notes=[note])


def _step(ports: Ports, order: Order, workload: Workload, wanted: str | None) -> tuple[Step, str]:
    refuse_paused(workload)
    environment = environment_of(ports, order)
    revisions = ports.cluster(environment).revisions(workload)
    older = [r for r in revisions if not r.current]
    if not older:
        raise NotFound(
            f"{workload.target.name} in {order.environment} has no older revision.",
            fact="Nothing was rolled out there before.",
            hint=f"history {order.service} in {order.environment}",
        )
    target, note = _target(ports, order, workload, older, wanted)
    if target.template == workload.template:
        raise Refused(
            f"{workload.target.name} in {order.environment} runs the template of revision {target.number} already.",
            hint=f"history {order.service} in {order.environment}",
        )
    container = workload.containers[0].name
    after = label(target.images.get(container, next(iter(target.images.values()), "")))
    undo = step(workload, Undo(target.number), label(workload.containers[0].image), after)
    undo = replace(undo, blocking=stuck_pods(ports, environment, workload, but=target.template))
    return undo, f"revision {workload.revision} → {target.number}{note}"


def _target(
    ports: Ports, order: Order, workload: Workload, older: list[Revision], wanted: str | None
) -> tuple[Revision, str]:
    service = order.service or ""
    if wanted is None:
        _refuse_failed(ports, order, workload, older)
        return older[-1], ""
    if wanted.lower() == LAST_GOOD:
        return _last_good(ports, workload, older, ports.service(service).builds or (service,))
    hint = with_flags(f"rollback {service} to {older[-1].number} in {order.environment}", order.words)
    if wanted.lower() in ports.catalogue.environments:
        there = with_flags(f"rollback {service} in {wanted.lower()}", order.words)
        raise UsageError(f"{wanted} is an environment, not a revision.", hint=there)
    if not wanted.isascii() or not wanted.isdecimal():
        raise UsageError(
            f"{wanted[:40]} is not a revision.", fact=f"It is a number, or last-good. {_known(older)}", hint=hint
        )
    if int(wanted[:12]) == workload.revision:
        raise Refused(
            f"{service} runs revision {workload.revision} in {order.environment}.", fact=_known(older), hint=hint
        )
    found = next((r for r in older if r.number == int(wanted[:12])), None)
    if found is None:
        raise NotFound(f"There is no revision {wanted[:12]} to go back to.", fact=_known(older), hint=hint)
    return found, ""


def _refuse_failed(ports: Ports, order: Order, workload: Workload, older: list[Revision]) -> None:
    """The one before may be what was just taken back; who wants that names it."""
    previous = older[-1]
    last = failed_here(ports, workload).get(previous.template)
    if last is None:
        return
    way = way_back(ports, workload, older)
    there = way[1] if way else f" to {previous.number} in {order.environment}"
    raise Refused(
        f"The revision before, {previous.number}, failed in {order.environment}.",
        fact=f"{last.image}, {ago(last.started, ports.clock.now())}: {last.reason} {_known(older)}",
        hint=with_flags(f"rollback {order.service}{there}", order.words),
    )


def _last_good(ports: Ports, workload: Workload, older: list[Revision], jobs: tuple[str, ...]) -> tuple[Revision, str]:
    """Proven healthy here, and not known to be of a build that failed."""
    builds = ports.store.builds(jobs, limit=KNOWN_BUILDS)
    for revision in reversed(older):
        build = _build_of(revision, builds)
        passed = build is None or build.result is BuildResult.SUCCESS
        if passed and ports.store.proven(workload.target, revision.template):
            return revision, f", proven healthy here, {_built(build)}"
    last = _build_of(older[-1], builds)
    return older[-1], f", the previous one: none is known to be good here, {_built(last)}"


def _build_of(revision: Revision, builds: Sequence[Build]) -> Build | None:
    """Of several containers the first whose build is known speaks for the revision."""
    made = (build_of(image(reference), builds) for reference in revision.images.values())
    return next((build for build in made if build), None)


def _built(build: Build | None) -> str:
    if build is None:
        return "no build of it is known"
    ended = "passed" if build.result is BuildResult.SUCCESS else f"ended with {build.result or 'no result'}"
    return f"build {build.job} #{build.number} {ended}"


def _known(older: list[Revision]) -> str:
    """The list of what is there, newest first."""
    said = (f"{r.number} ({label(next(iter(r.images.values()), ''))})" for r in reversed(older[-8:]))
    return f"There are: {', '.join(said)}."


COMMAND = Command(
    usage="rollback <service> [to <revision>] [in <environment>] [--dry-run]",
    summary="go back to the previous revision, a numbered one, or last-good",
    verb="rollback",
    examples=(
        "rollback adderservice in production",
        "rollback adderservice to 41 in production",
        "rollback adderservice to last-good in production",
    ),
    refusals=("there is no older revision", "that revision is gone", "the workload is paused"),
    plan=plan,
    opening=opening("{service} back"),
    day=32,
)
