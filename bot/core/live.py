"""The words of a rollout from its start to its verdict: one message, said again as it changes."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from bot.core.events import Rollout
from bot.core.model import Button, Cut, Field, Reply, Table, Tone
from bot.core.progress import DELETED, flapping
from bot.core.render import VERBATIM, order_line
from bot.core.words import bar, count, span
from bot.core.workload import Kind, Phase, short_digest

WORST_FIRST = (
    Phase.FAILED,
    Phase.STUCK,
    Phase.PAUSED,
    Phase.PROGRESSING,
    Phase.SUPERSEDED,
    Phase.DONE,
    Phase.RECORDED,
    Phase.PROVEN,
)
TONES = {
    Phase.FAILED: Tone.BAD,
    Phase.STUCK: Tone.BAD,
    Phase.PAUSED: Tone.WARNING,
    Phase.SUPERSEDED: Tone.WARNING,
    Phase.PROVEN: Tone.GOOD,
    Phase.RECORDED: Tone.GOOD,
}

IN_PART = "in_part"
LAST_WORDS = 2


def worst(rollouts: Sequence[Rollout]) -> Rollout:
    return min(rollouts, key=lambda r: WORST_FIRST.index(r.phase))


def finished(rollouts: Sequence[Rollout]) -> bool:
    """Nothing more will be said; a failure that is being mended still waits for its remedy."""
    return all(r.phase.final and not r.mending and not r.examining for r in rollouts)


def goes_on(rollout: Rollout) -> bool:
    """Of many that supersede each other the next one goes on in the same message."""
    return rollout.phase is Phase.SUPERSEDED and flapping(rollout) is not None


def live(rollouts: Sequence[Rollout], now: datetime, settle: float) -> Reply:
    one = worst(rollouts)
    return Reply(
        title=f"{subject(one)} · {state(rollouts, one, settle)}{_times(one)}",
        tone=TONES.get(one.phase, Tone.WORKING),
        body=_body(rollouts, one, now, settle),
        fields=_fields(one),
        table=_workloads(rollouts) if len(rollouts) > 1 else None,
        buttons=_scaling(rollouts, one) if one.verb == "scale" else _buttons(one),
        code=one.phase.value if one.phase in (Phase.FAILED, Phase.SUPERSEDED) else "",
    )


def cut_off(reply: Reply, cut: Cut) -> Reply:
    """Said from the moment it is known: a verdict about the others is not the order's."""
    unchanged = f"{', '.join(cut.names)} {'is' if len(cut.names) == 1 else 'are'} as before: {cut.why}"
    told = replace(reply, body="\n".join(line for line in (reply.body, unchanged) if line))
    if reply.tone is not Tone.GOOD:
        return told
    return replace(told, title=f"{reply.title}{cut.told}", tone=Tone.WARNING, code=IN_PART)


def evidence(rollouts: Sequence[Rollout]) -> Reply | None:
    """What the live message has only the end of, to stand beneath it: that message stays short."""
    told = [r for r in rollouts if r.phase in (Phase.FAILED, Phase.STUCK) and r.evidence]
    if not told:
        return None
    lines = [line for r in told for line in (r.heading, *(f"{VERBATIM}{line}" for line in r.evidence))]
    return Reply(title=lines[0].rstrip(":"), body="\n".join(lines[1:]))


def subject(rollout: Rollout) -> str:
    """`adderservice → 3f2a91c in production`: what a notification or a watch shows."""
    where = f"in {rollout.target.environment}"
    match rollout.verb:
        case "scale":
            return f"{rollout.service} → {count(rollout.wanted, 'replica')} {where}"
        case "restart":
            return f"{rollout.service} restart {where}"
        case "set":
            return f"{rollout.service} new environment variables {where}"
        case "rollback":
            return f"{rollout.service} back to {rollout.image} {where}"
        case _:
            return f"{rollout.service} → {rollout.image} {where}"


def state(rollouts: Sequence[Rollout], one: Rollout, settle: float) -> str:
    ready, wanted = sum(r.ready for r in rollouts), sum(r.wanted for r in rollouts)
    return f"{ready} of {wanted} ready when last seen" if one.unseen else _state(one, ready, wanted, settle)


def _state(one: Rollout, ready: int, wanted: int, settle: float) -> str:
    match one.phase:
        case Phase.PROGRESSING:
            return f"{ready} of {wanted} ready"
        case Phase.PAUSED:
            return f"paused at {ready} of {wanted}"
        case Phase.STUCK:
            return f"stuck at {ready} of {wanted}"
        case Phase.DONE:
            return f"{'scaled' if one.verb == 'scale' else 'rolled out'}, watching for {span(settle)}"
        case Phase.PROVEN:
            return f"done for {ready} of {ready + one.old} pods" if _in_part(one) else "done"
        case Phase.RECORDED:
            return one.reason or "recorded"
        case Phase.SUPERSEDED:
            return one.reason or "superseded"
        case _:
            return DELETED if _deleted(one) else "failed, being rolled back" if one.mending else "failed"


def _body(rollouts: Sequence[Rollout], one: Rollout, now: datetime, settle: float) -> str:
    ready, wanted = sum(r.ready for r in rollouts), sum(r.wanted for r in rollouts)
    took = span(((one.finished or now) - one.started).total_seconds())
    match one.phase:
        case Phase.DONE:
            lines = [f"{ready}/{wanted} in {took}", _staged(one)]
        case Phase.PROVEN:
            lines = [f"{ready}/{wanted} in {took}, healthy for {span(settle)}{_before(one)}", _staged(one)]
        case Phase.FAILED if _deleted(one):
            lines = [one.reason, order_line(f"status in {one.target.environment}")]
        case Phase.FAILED | Phase.STUCK:
            lines = [_old_and_new(one), one.reason, *_last_words(one), one.remedy]
        case Phase.RECORDED:
            lines = ["Its strategy is OnDelete: each pod takes it when somebody deletes that pod.", _status(one)]
        case Phase.SUPERSEDED:
            lines = [f"{ready} of {wanted} were ready after {took}."]
        case _:
            lines = [f"{bar(ready, wanted)} {ready}/{wanted}{_detail(one)} · {took}"]
    return "\n".join(line for line in [*lines, _unseen(one), _flaps(one), *one.marks] if line)


def _unseen(one: Rollout) -> str:
    return f"Not seen just now: {one.unseen} It is followed on as soon as it can be." if one.unseen else ""


def _deleted(one: Rollout) -> bool:
    """Nothing of it is left: neither to be looked at, nor to be taken back."""
    return one.phase is Phase.FAILED and one.code == DELETED


def _last_words(one: Rollout) -> list[str]:
    return [f"{VERBATIM}{line}" for line in one.evidence[-LAST_WORDS:]]


def _status(one: Rollout) -> str:
    return order_line(f"status {one.service} in {one.target.environment}")


def _times(one: Rollout) -> str:
    flaps = flapping(one)
    return f" · {flaps.count} rollouts in {span(one.started - flaps.since)}" if flaps else ""


def _flaps(one: Rollout) -> str:
    history = f"history {one.service} in {one.target.environment}"
    return f"Each superseded the one before it. Whose they were:\n{order_line(history)}" if flapping(one) else ""


def _staged(one: Rollout) -> str:
    """A partition leaves pods as they were: rolled out is not everywhere."""
    if not _in_part(one):
        return ""
    stay, go_on = count(one.old, "pod stays", "pods stay"), _go_on(one)
    return f"{stay} as before. All pods take it with:\n{order_line(go_on)}"


def _in_part(one: Rollout) -> bool:
    return bool(one.old) and one.verb != "scale"


def _go_on(one: Rollout) -> str:
    return f"deploy {one.service} {one.image} to {one.target.environment} --partition 0"


def _old_and_new(one: Rollout) -> str:
    """What serves now: the first thing to know when something fails."""
    if one.was_done:
        return "It was rolled out and did not stay healthy."
    up = f"{one.ready} of {one.wanted} new pods {'is' if one.ready == 1 else 'are'} up"
    if one.verb == "scale":
        return ""
    if not one.old:
        return f"{up}; no old ones are left."
    return f"{up}; {one.old} old {'one' if one.old == 1 else 'ones'} still {'serves' if one.old == 1 else 'serve'}."


def _detail(one: Rollout) -> str:
    return f" · {one.detail}" if one.detail else ""


def _before(one: Rollout) -> str:
    was = _was(one)
    return f" · before: {was}" if was else ""


def _was(one: Rollout) -> str:
    if one.were is not None:
        return str(one.were)
    return one.previous if one.previous != one.image else ""


def _fields(one: Rollout) -> tuple[Field, ...]:
    by = Field("ordered by", one.who.mention) if one.who else Field("by", f"{one.by}, not through this bot")
    before = "" if one.phase is Phase.PROVEN else _was(one)
    change = Field("before", before) if before else None
    revision = Field("revision", str(one.revision)) if one.revision else None
    digest = Field("digest", short_digest(one.digest)) if _pushed_again(one) else None
    return tuple(f for f in (change, digest, revision, by) if f)


def _pushed_again(one: Rollout) -> bool:
    """The tag is the same as before, so only the digest says that the image is another one."""
    return one.verb == "deploy" and one.image == one.previous and bool(one.digest)


def _workloads(rollouts: Sequence[Rollout]) -> Table:
    rows = tuple((f"{r.target.kind} {r.target.name}", f"{r.ready}/{r.wanted}", r.phase.value) for r in rollouts)
    return Table(("workload", "ready", "phase"), rows, numeric=frozenset({"ready"}))


def _buttons(one: Rollout) -> tuple[Button, ...]:
    """The next orders that make sense now; never one that would be refused."""
    where = f"{one.service} in {one.target.environment}"
    why = Button("Why", f"why {where}")
    if one.phase is Phase.FAILED:
        return _after_failure(one, where)
    back = () if _first(one) else (_back(one, where),)
    going_on = (Button("All pods", _go_on(one), Tone.GOOD),) if _in_part(one) else ()
    pause = (Button("Pause", f"pause {where}"),) if one.target.kind is Kind.DEPLOYMENT else ()
    return {
        Phase.PROGRESSING: (*pause, *back, why),
        Phase.PAUSED: (Button("Resume", f"resume {where}", Tone.GOOD), why),
        Phase.STUCK: (*back, why, Button("Logs", f"logs {where}")),
        Phase.PROVEN: (*going_on, *back, Button("History", f"history {where}")),
    }.get(one.phase, ())


def _scaling(rollouts: Sequence[Rollout], one: Rollout) -> tuple[Button, ...]:
    """Back to one number: what had several before has no order that brings them all back."""
    where, were = f"{one.service} in {one.target.environment}", {r.were for r in rollouts}
    why = () if one.phase is Phase.PROVEN else (Button("Why", f"why {where}"),)
    if one.phase is Phase.SUPERSEDED:
        return ()
    if len(were) > 1 or one.were is None:
        return () if one.phase.final else why
    order = f"scale {one.service} {one.were} in {one.target.environment}"
    back = Button("Scale back", order, confirm=f"{where} back to {count(one.were, 'replica')}?")
    return (back, *why)


def _after_failure(one: Rollout, where: str) -> tuple[Button, ...]:
    logs, why = Button("Logs", f"logs {where}"), Button("Why", f"why {where}")
    if _deleted(one):
        return ()
    if one.mending:
        return (logs, why)
    if one.remedy:
        return (logs, Button("Unlock", f"unlock {where}"))
    return (why, logs) if _first(one) else (_back(one, where), why, logs)


def _first(one: Rollout) -> bool:
    """Nothing was there before it."""
    return one.revision <= 1 and not one.previous


def _back(one: Rollout, where: str) -> Button:
    """It names the revision, so that a button pressed days later means what it meant or is refused."""
    if one.previous_revision is None:
        return Button("Roll back", f"rollback {where}", Tone.BAD, confirm=f"Roll back {where}?")
    order = f"rollback {one.service} to {one.previous_revision} in {one.target.environment}"
    return Button("Roll back", order, Tone.BAD, confirm=f"{where} back to {one.previous}?")
