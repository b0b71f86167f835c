"""Storms as they stand at one moment, for their words: as many rollouts as people have services."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from bot.core.events import Rollout
from bot.core.model import Reply
from bot.core.storm import storm_notice
from bot.core.workload import Phase

LONG = "a-service-with-a-rather-long-name-of-fifty-letters"


def storm_words(rollout: Rollout, now: datetime) -> dict[str, Reply]:
    base = replace(rollout, order=None, who=None, by="kubectl", image="3f2a91c", previous="3f2a91c", wanted=3)

    def some(number: int, phase: Phase, environment: str = "production") -> list[Rollout]:
        named = [f"{phase.value}-{n:02}" for n in range(number)]
        target = replace(base.target, environment=environment)
        made = replace(base, phase=phase, ready=1 if phase in (Phase.FAILED, Phase.STUCK, Phase.PROGRESSING) else 3)
        return [replace(made, key=name, service=name, target=replace(target, name=name)) for name in named]

    under_way = [*some(62, Phase.PROVEN), *some(3, Phase.FAILED), *some(30, Phase.PROGRESSING), *some(5, Phase.DONE)]
    long = [
        replace(r, service=f"{LONG}-{r.service}") for r in [*some(50, Phase.STUCK), *some(50, Phase.STUCK, "staging")]
    ]
    began, over = now - timedelta(seconds=72), [*some(97, Phase.PROVEN), *some(3, Phase.FAILED)]
    return {
        "storm-under-way": storm_notice(under_way, began, now),
        "storm-over": storm_notice(over, began, now),
        "storm-done": storm_notice(some(12, Phase.PROVEN), began, now),
        "storm-of-failures": storm_notice(long, began, now),
    }
