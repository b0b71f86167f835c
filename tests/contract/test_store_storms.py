"""The contract of storms: which rollouts are told together, found from either side, also after a restart."""

from msgspec.structs import replace

from bot.core.workload import Phase
from bot.store import Store
from tests.contract.store_kit import Stores
from tests.contract.store_nouns import SECOND, rollout, storm

FIRST = rollout()
SECOND_ONE = replace(FIRST, key="rollout:main/uid-2/1", started=FIRST.started + SECOND)


def test_a_storm_knows_its_rollouts_as_they_stand_and_they_know_it(store: Store) -> None:
    store.save_rollout(FIRST)
    store.save_rollout(SECOND_ONE)
    store.save_storm(storm(), [SECOND_ONE.key])
    store.save_storm(storm(), [FIRST.key, SECOND_ONE.key])
    assert store.rollouts_in(storm().key) == [FIRST, SECOND_ONE]
    assert store.storms_of(FIRST.key) == store.storms_of(SECOND_ONE.key) == [storm()]
    done = replace(FIRST, phase=Phase.PROVEN)
    store.save_rollout(done)
    assert store.rollouts_in(storm().key) == [done, SECOND_ONE]


def test_one_rollout_may_be_told_in_several_channels(store: Store) -> None:
    store.save_storm(storm(1), [FIRST.key])
    store.save_storm(storm(2), [FIRST.key])
    assert store.storms_of(FIRST.key) == [storm(1), storm(2)]
    assert store.storms_of("another") == []
    assert store.rollouts_in("another") == []


def test_open_are_those_that_are_not_over_whoever_asks(stores: Stores) -> None:
    one, other = stores.open(), stores.open()
    one.save_storm(storm(2))
    one.save_storm(storm(1), [FIRST.key])
    assert other.open_storms() == [storm(1), storm(2)]
    over = replace(storm(1), over=True)
    other.save_storm(over)
    assert one.open_storms() == [storm(2)]
    assert one.storms_of(FIRST.key) == [over]
