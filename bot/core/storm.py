"""Many rollouts at once become one message: a table, the worst first, and a count that is edited to its verdict."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from bot.core.events import Rollout
from bot.core.live import WORST_FIRST, finished
from bot.core.model import Field, Place, Reply, Table, Tone
from bot.core.render import order_line
from bot.core.words import bar, count, span
from bot.core.workload import Phase

ROWS = 20
NAMED = 3
ALONE = 10
"""So many of one storm get a message of their own when they fail: a hundred failures are a storm themselves."""
BAD = frozenset({Phase.FAILED, Phase.STUCK})
COUNTED = {
    Phase.PROVEN: "done",
    Phase.RECORDED: "done",
    Phase.FAILED: "failed",
    Phase.STUCK: "stuck",
    Phase.SUPERSEDED: "superseded",
}
UNDER_WAY = "under way"
ORDER = ("done", "failed", "stuck", "superseded", UNDER_WAY)


class Storm(Struct, frozen=True):
    """`over` once all of its rollouts have their verdict: what comes then is another one."""

    key: str
    place: Place
    began: datetime
    over: bool = False


def storm_notice(rollouts: Sequence[Rollout], began: datetime, now: datetime) -> Reply:
    """`100 rollouts in production · 62 done, 3 failed, 35 under way`. It is at work to the end: edits may be few."""
    standing = newest(rollouts)
    words = Counter(_word(r) for r in standing)
    counted = ", ".join(f"{words[word]:,} {word}" for word in ORDER if words[word])
    environments = list(dict.fromkeys(r.target.environment for r in standing))
    ended = settled(standing)
    return Reply(
        title=f"{count(len(standing), 'rollout')} in {_named(environments)} · {counted}",
        tone=_tone(words) if ended else Tone.WORKING,
        body="\n".join(_body(standing, words, environments, now - began)),
        fields=(Field("by", _named(_makers(standing))),),
        table=_table(standing),
        code="failed" if ended and words["failed"] else "",
    )


def newest(rollouts: Sequence[Rollout]) -> list[Rollout]:
    """Of one workload the last one, the worst first."""
    last = {r.target: r for r in sorted(rollouts, key=lambda r: (r.started, r.generation))}
    return sorted(last.values(), key=_rank)


def settled(rollouts: Sequence[Rollout]) -> bool:
    return finished(newest(rollouts))


def _rank(rollout: Rollout) -> tuple[int, str, str]:
    return WORST_FIRST.index(rollout.phase), rollout.service, rollout.target.environment


def _word(rollout: Rollout) -> str:
    return COUNTED.get(rollout.phase, UNDER_WAY)


def _tone(words: Counter[str]) -> Tone:
    return Tone.BAD if words["failed"] else Tone.WARNING if words["superseded"] else Tone.GOOD


def _body(standing: Sequence[Rollout], words: Counter[str], environments: Sequence[str], took: timedelta) -> list[str]:
    total, left = len(standing), words[UNDER_WAY] + words["stuck"]
    lasted = span(took)
    going = f"{bar(total - left, total)} {total - left}/{total} · {lasted}"
    lines = [going if left else f"All have ended after {lasted}."]
    bad = [r for r in standing if r.phase in BAD]
    if len(bad) > ALONE:
        lines += ["The first of them have a message of their own; of the others:", order_line(_why(bad[-1]))]
    elif bad:
        lines.append("What is not well has a message of its own, with the reason.")
    return [*lines, *(order_line(f"status in {name}") for name in environments[:NAMED])]


def _why(rollout: Rollout) -> str:
    return f"why {rollout.service} in {rollout.target.environment}"


def _makers(standing: Sequence[Rollout]) -> list[str]:
    makers = Counter(r.whose for r in standing)
    return [name or "unknown" for name, _ in makers.most_common()]


def _named(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _table(standing: Sequence[Rollout]) -> Table:
    rows = [(_called(r), r.target.environment, _state(r)) for r in standing[:ROWS]]
    if more := standing[ROWS:]:
        words = dict.fromkeys(_word(r) for r in more)
        rows.append((f"… {len(more):,} more", "", ", ".join(words)))
    return Table(("service", "environment", "state"), tuple(rows))


def _called(rollout: Rollout) -> str:
    """A service of several workloads has a row for each."""
    name = rollout.target.name
    return rollout.service if name == rollout.service else f"{rollout.service} ({name})"


def _state(rollout: Rollout) -> str:
    ready = f"{rollout.ready} of {rollout.wanted}"
    match rollout.phase:
        case Phase.PROGRESSING:
            return f"{ready} ready"
        case Phase.PAUSED | Phase.STUCK:
            return f"{rollout.phase.value} at {ready}"
        case Phase.DONE:
            return "rolled out, being watched"
        case Phase.FAILED if rollout.mending or rollout.remedy:
            return "failed, being rolled back" if rollout.mending else "failed, rolled back"
        case _:
            return _word(rollout)
