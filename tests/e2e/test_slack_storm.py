"""A hundred rollouts in a real Slack workspace that is not ours: one post, and edits that its tier grants."""

from collections import Counter
from pathlib import Path

from bot.app import Bot
from bot.clock import ScaledClock
from bot.cluster.memory import MemoryCluster
from bot.core.quiet import LOUD
from bot.core.workload import Kind, Phase, Target
from commands import load as load_commands
from tests.e2e.test_slack import SLOWLY, Ann, Office
from tests.unit.crowd import MICRO, NAMES, restart, seed

EDITS_A_MINUTE = 50
"""What Slack's tier 3 grants `chat.update`; `chat.postMessage` may be called once a second in each channel."""


class Loud(Office):
    """Everything is told in the one channel."""

    def _new(self) -> Bot:
        told = {self.kit.place: LOUD}
        return Bot(self.parts, [self.kit.platform], lambda _event: told, commands=load_commands(), lead=True)


def test_a_hundred_rollouts_are_one_post_and_few_edits(tmp_path: Path) -> None:
    office = Loud(tmp_path, "", ScaledClock(SLOWLY))
    cluster = office.parts.clusters["test"]
    assert isinstance(cluster, MemoryCluster)
    seed(cluster, deadline=600)
    office.bot.start()
    try:
        ann = Ann(office.kit)
        ann.mention("restart mongo in staging")
        ann.sees("mongo restart in staging · done")
        ann.gaps.calls.clear()
        restart(cluster)
        text = ann.sees("100 rollouts in production · 100 done")
        calls = Counter(ann.gaps.calls)
        assert calls["chat.postMessage"] == 1
        assert 0 < calls["chat.update"] <= EDITS_A_MINUTE
        assert "… 80 more" in text
        known = [
            office.parts.store.recent_rollouts(Target("", "test", MICRO, Kind.DEPLOYMENT, name))[0] for name in NAMES
        ]
        assert {rollout.phase for rollout in known} == {Phase.PROVEN}
    finally:
        office.bot.stop()
        office.parts.close()
