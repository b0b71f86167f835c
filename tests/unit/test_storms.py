"""Many rollouts at once: one message with a table, and still a right verdict for each of them."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.core.model import Message, Reply, Tone
from bot.core.storm import ALONE
from bot.core.workload import Kind, Phase, Target
from bot.engine.storms import MANY
from tests.unit.crowd import CATALOGUED, MICRO, NAMES, bring, restart, seed
from tests.unit.talk import Talk, talking

SLOWLY = 8.0
"""So that what is gathered for three seconds is gathered on a busy machine too."""
MOST_EDITS = 12
"""One every five seconds for a minute, however many rollouts there are."""


@contextmanager
def crowded(folder: Path, deadline: int = 600) -> Iterator[Talk]:
    """Whoever carried out an order of ours has seen all that was there before it."""
    with talking(folder, more=CATALOGUED, speed=SLOWLY, settle="10s") as bot:
        seed(bot.cluster, deadline)
        bot.say("restart mongo in staging")
        yield bot


@pytest.fixture
def crowd(tmp_path: Path) -> Iterator[Talk]:
    with crowded(tmp_path) as bot:
        yield bot


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[Talk]:
    """What fails there is given up soon."""
    with crowded(tmp_path, deadline=60) as bot:
        yield bot


def told(bot: Talk) -> list[Message]:
    """What nobody ordered."""
    return [message for message in bot.messages() if not message.key.startswith(("order:", "said:"))]


def storms(bot: Talk) -> list[Message]:
    return [message for message in told(bot) if message.key.startswith("storm:")]


def verdict(bot: Talk) -> Reply:
    bot.until(lambda: storms(bot) and storms(bot)[0].final)
    (only,) = storms(bot)
    return only.reply


def phases(bot: Talk) -> Counter[Phase]:
    known = (bot.store.recent_rollouts(Target("", "test", MICRO, Kind.DEPLOYMENT, name), limit=5) for name in NAMES)
    return Counter(rollout.phase for rollouts in known for rollout in rollouts)


def test_a_restart_of_everything_is_one_message_and_a_hundred_verdicts(crowd: Talk) -> None:
    restart(crowd.cluster)
    reply = verdict(crowd)
    assert reply.title == "100 rollouts in production · 100 done"
    assert reply.tone is Tone.GOOD
    assert [message.key for message in told(crowd)] == [storms(crowd)[0].key]
    assert phases(crowd) == {Phase.PROVEN: 100}
    assert len(crowd.store.rollouts_in(storms(crowd)[0].key)) == 100
    assert storms(crowd)[0].edits <= MOST_EDITS


def test_a_new_image_everywhere_opens_no_release_for_each_service(crowd: Talk) -> None:
    bring(crowd.cluster, "1.1.0")
    assert verdict(crowd).title == "100 rollouts in production · 100 done"
    assert len(told(crowd)) == 1
    assert [r.label for r in crowd.store.releases(NAMES[0])] == ["1.1.0"]


@pytest.mark.slow
def test_one_that_fails_has_its_own_message_beside_the_table(impatient: Talk) -> None:
    bring(impatient.cluster, "1.1.0", NAMES[1:])
    bring(impatient.cluster, "crash-3", NAMES[:1])
    reply = verdict(impatient)
    assert reply.title == "100 rollouts in production · 99 done, 1 failed"
    assert (reply.tone, reply.code) == (Tone.BAD, "failed")
    assert reply.table and reply.table.rows[0] == ("crowd-000", "production", "failed, rolled back")
    own = [m for m in told(impatient) if m.reply.title.startswith("crowd-000 → crash-3 in production")]
    assert len(own) == 1
    assert "Crashes at start: exit 3" in own[0].reply.body
    assert [button.label for button in own[0].reply.buttons]


@pytest.mark.slow
def test_of_a_hundred_failures_the_first_have_a_message_of_their_own(impatient: Talk) -> None:
    bring(impatient.cluster, "missing")
    reply = verdict(impatient)
    assert reply.title == "100 rollouts in production · 100 failed"
    assert reply.table and {row[2] for row in reply.table.rows} == {"failed, rolled back", "failed"}
    others = [m for m in impatient.messages() if m.key != storms(impatient)[0].key and m.place.thread is None]
    assert len([m for m in others if "→ missing in production" in m.reply.title]) <= ALONE


@pytest.mark.slow
def test_a_restart_in_the_middle_goes_on_with_the_same_message(crowd: Talk) -> None:
    bring(crowd.cluster, "slow-9")
    crowd.until(lambda: storms(crowd) and storms(crowd)[0].reply.title.startswith("100 rollouts"))
    first = storms(crowd)[0]
    assert not first.final
    crowd.restart()
    assert verdict(crowd).title == "100 rollouts in production · 100 done"
    assert storms(crowd)[0].key == first.key
    assert len(told(crowd)) == 1


@pytest.mark.slow
def test_what_ends_while_the_bot_is_away_ends_in_the_same_message(crowd: Talk) -> None:
    restart(crowd.cluster)
    crowd.until(lambda: storms(crowd))
    crowd.bot.stop()
    crowd.pass_time(lambda: all(crowd.cluster.find("production", MICRO, name).ready for name in NAMES))
    crowd.restart()
    assert verdict(crowd).title.endswith(" done")
    assert len(told(crowd)) == 1


def test_a_few_are_told_by_themselves(crowd: Talk) -> None:
    few = NAMES[: MANY - 1]
    restart(crowd.cluster, few)
    crowd.until(lambda: len([m for m in told(crowd) if m.final]) == len(few))
    assert not storms(crowd)
    assert {m.reply.title for m in told(crowd)} == {f"{name} → 1.0.0 in production · done" for name in few}


def test_what_is_ordered_in_the_middle_of_a_storm_keeps_its_own_message(crowd: Talk) -> None:
    restart(crowd.cluster)
    crowd.until(lambda: storms(crowd))
    assert crowd.say("restart webapp in production").title == "webapp restart in production · done"
    assert verdict(crowd).title == "100 rollouts in production · 100 done"
