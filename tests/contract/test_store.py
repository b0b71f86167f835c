"""The Store port's contract, on every database it runs on: what is remembered, and how it is found again."""

from datetime import timedelta, timezone

import pytest
from msgspec.structs import replace
from sqlalchemy import inspect

from bot.core.events import BuildPhase, TagFound
from bot.core.workload import Kind, Phase, SetEnv
from bot.store import Store
from bot.store.sql.engine import Database
from bot.store.sql.tables import metadata
from tests.contract.store_kit import Stores
from tests.contract.store_nouns import (
    DEV,
    IMAGE,
    NOW,
    ONCALL,
    PASSWORD,
    SECOND,
    TARGET,
    all_due,
    ask,
    build,
    change,
    entry,
    freeze,
    lock,
    message,
    order,
    reply,
    request,
    rollout,
    secret_change,
)


def test_a_request_is_claimed_once(store: Store) -> None:
    assert store.claim_request(request(1))
    assert not store.claim_request(request(1))
    assert store.claim_request(request(2))


def test_an_order_is_found_as_it_was_given(store: Store) -> None:
    assert store.order("order:nothing") is None
    store.open_order(order(), "a")
    assert store.order(order().key) == (order(), None)
    store.save_change(change())
    assert store.order(order().key) == (order(), change())


def test_open_orders_are_the_unclosed_ones_oldest_first(store: Store) -> None:
    for number in (3, 1, 2):
        store.open_order(order(number), "a")
    store.save_change(change(3))
    store.close_order(order(2).key, "done")
    assert store.open_orders() == [(order(1), None), (order(3), change(3))]


def test_an_order_is_opened_once(store: Store) -> None:
    assert store.open_order(order(), "a")
    store.save_change(change())
    store.close_order(order().key, "done")
    assert not store.open_order(order(), "a")
    assert store.order(order().key) == (order(), change())
    assert store.open_orders() == []


def test_an_order_and_its_request_are_claimed_as_one(store: Store) -> None:
    store.open_order(order(1), "a")
    assert not store.claim_request(request(1))
    store.claim_request(request(2))
    assert not store.open_order(order(2), "a")
    assert store.order(order(2).key) is None


def test_secrets_never_reach_the_database(stores: Stores) -> None:
    store = stores.open()
    store.open_order(secret_change().order, "a")
    store.save_change(secret_change())
    assert b"DB_PASSWORD" in stores.stored()
    assert PASSWORD.encode() not in stores.stored()
    stores.close()
    assert PASSWORD.encode() not in stores.stored()


def test_a_stored_set_keeps_the_names_alone(store: Store) -> None:
    """Values that are masks would be applied by whoever resumes it."""
    store.save_change(secret_change())
    ((_, found),) = store.open_orders()
    assert found is not None
    assert found.steps[0].action == SetEnv("app", ("DB_PASSWORD",), ("OLD",), ())


def test_a_rollout_is_kept_as_it_was_last_saved(store: Store) -> None:
    assert store.rollout("nothing") is None
    store.save_rollout(rollout())
    later = replace(rollout(), phase=Phase.FAILED, ready=5, finished=NOW)
    store.save_rollout(later)
    assert store.rollout(rollout().key) == later
    assert store.rollouts_of(order().key) == [later]
    assert store.rollouts_of("order:other") == []


@pytest.mark.parametrize("phase", Phase)
def test_open_rollouts_are_those_without_a_final_phase(store: Store, phase: Phase) -> None:
    store.save_rollout(rollout(phase=phase))
    assert bool(store.open_rollouts()) is not phase.final


def test_recent_rollouts_are_of_one_workload_newest_first(store: Store) -> None:
    first, second = rollout("a"), rollout("b", started=NOW + SECOND)
    other = replace(second, key="c", target=replace(second.target, kind=Kind.STATEFUL_SET))
    for each in (first, other, second):
        store.save_rollout(each)
    assert store.recent_rollouts(TARGET) == [second, first]
    assert store.recent_rollouts(TARGET, limit=1) == [second]
    assert store.recent_rollouts(replace(TARGET, cluster="other")) == []


def test_proven_is_the_very_template_that_stayed_healthy(store: Store) -> None:
    store.save_rollout(rollout(phase=Phase.DONE))
    assert not store.proven(TARGET, "7d9c8")
    store.save_rollout(rollout(phase=Phase.PROVEN))
    assert store.proven(TARGET, "7d9c8")
    assert not store.proven(TARGET, "other")
    assert not store.proven(replace(TARGET, namespace="micro-staging"), "7d9c8")


def test_a_rollout_that_ended_is_not_opened_again(store: Store) -> None:
    ended = rollout(phase=Phase.PROVEN)
    store.save_rollout(ended)
    store.save_rollout(rollout(phase=Phase.PROGRESSING))
    assert (store.rollout(ended.key), store.open_rollouts()) == (ended, [])
    failed = rollout(phase=Phase.FAILED)
    store.save_rollout(failed)
    assert store.rollout(ended.key) == failed


def test_a_lock_stands_until_it_is_released(store: Store) -> None:
    assert store.take_lock(lock()) is None
    assert store.take_lock(lock(ONCALL)) == lock()
    assert store.take_lock(lock(ONCALL, "webapp", at=NOW - SECOND)) is None
    assert store.locks() == [lock(ONCALL, "webapp", at=NOW - SECOND), lock()]
    assert store.release_lock("adderservice", "production") == lock()
    assert store.release_lock("adderservice", "production") is None
    assert store.take_lock(lock(ONCALL)) is None


def test_a_lock_that_is_over_gives_way_and_so_does_ones_own(store: Store) -> None:
    short = replace(lock(), until=NOW + SECOND)
    assert store.take_lock(short) is None
    assert store.take_lock(lock(ONCALL)) == short
    assert store.take_lock(replace(lock(), reason="again")) is None
    assert store.take_lock(replace(short, at=NOW)) is None
    assert store.take_lock(lock(ONCALL, at=NOW + SECOND)) is None
    assert store.locks() == [lock(ONCALL, at=NOW + SECOND)]


def test_one_freeze_stands_for_each_environment(store: Store) -> None:
    assert store.freeze(freeze()) is None
    assert store.freeze(freeze(at=NOW + SECOND)) == freeze()
    assert store.freeze(freeze("*")) is None
    assert store.freezes() == [freeze("*"), freeze(at=NOW + SECOND)]
    assert store.unfreeze("production") == freeze(at=NOW + SECOND)
    assert store.unfreeze("production") is None
    assert store.freezes() == [freeze("*")]


def test_locks_and_freezes_are_told_at_once(store: Store) -> None:
    assert store.guards() == ([], [])
    for held in (lock(), lock(ONCALL, "webapp", at=NOW - SECOND)):
        store.take_lock(held)
    for called in (freeze(at=NOW + SECOND), freeze("*")):
        store.freeze(called)
    assert store.guards() == (store.locks(), store.freezes())
    assert [len(each) for each in store.guards()] == [2, 2]


def test_an_ask_waits_until_it_is_settled_once(store: Store) -> None:
    first, second = store.ask(ask(1)), store.ask(ask(2))
    assert first.number < second.number
    assert store.open_asks() == [first, second]
    assert store.asked(first.number) == (first, None)
    assert store.settle(first, "approved", "a")
    assert not store.settle(first, "rejected", "a")
    assert store.asked(first.number) == (first, "approved")
    assert store.open_asks() == [second]
    assert store.asked(4711) is None


def test_the_order_of_an_ask_is_whose_who_settles_it(store: Store) -> None:
    for replica in ("a", "b"):
        store.live(replica, NOW, NOW + SECOND)
    store.open_order(order(), "a")
    waits = store.ask(ask())
    assert store.settle(waits, "approved", "a")
    assert not store.settle(waits, "approved", "b")
    assert store.cut_off_orders("b", NOW) == []
    assert store.hold_order(order().key, "a", NOW)


def test_a_person_agrees_once_on_whatever_platform(store: Store) -> None:
    number = store.ask(ask()).number
    assert store.agreed(number) == []
    assert store.agree(number, DEV) == [DEV]
    assert store.agree(number, replace(ONCALL, email="DEV1@example.com")) == [DEV]
    assert store.agree(number, ONCALL) == [DEV, ONCALL]
    assert store.agreed(store.ask(ask(2)).number) == []


def test_an_ask_that_was_answered_goes_on_under_its_number(store: Store) -> None:
    first = store.ask(ask(1))
    store.settle(first, "confirmed", "a")
    again = store.ask(replace(ask(2), number=first.number))
    assert again.number == first.number
    assert store.open_asks() == [again]
    assert store.ask(replace(ask(3), number=first.number)).number > first.number
    assert store.settle(first, "approved", "a")


def test_an_ask_holds_no_secret(stores: Stores) -> None:
    store = stores.open()
    store.ask(replace(ask(), order=secret_change().order, change=secret_change()))
    assert b"DB_PASSWORD" in stores.stored()
    assert PASSWORD.encode() not in stores.stored()


def test_the_newest_automatic_deploy_waits(store: Store) -> None:
    older, newer = TagFound("webapp", IMAGE), TagFound("webapp", replace(IMAGE, tag="77be001", digest="sha256:1"))
    store.put_off(older, "production")
    store.put_off(newer, "production")
    store.put_off(older, "staging")
    assert store.waiting_deploys() == [(newer, "production"), (older, "staging")]
    store.taken_up(older, "production")
    assert (newer, "production") in store.waiting_deploys()
    store.taken_up(newer, "production")
    assert store.waiting_deploys() == [(older, "staging")]


def test_a_claim_holds_until_its_time_is_over(store: Store) -> None:
    later = NOW + SECOND
    assert store.claim("adderservice", "order:1", NOW, later) is None
    assert store.claim("adderservice", "order:2", NOW, later) == "order:1"
    assert store.claim("adderservice", "order:1", NOW, later) is None
    assert store.claim("adderservice", "order:2", later, later + SECOND) is None
    store.unclaim("adderservice", "order:1")
    assert store.claim("adderservice", "order:3", later, later) == "order:2"
    store.unclaim("adderservice", "order:2")
    assert store.claim("adderservice", "order:3", NOW, later) is None


def test_a_rollout_whose_end_is_not_said_is_untold(store: Store) -> None:
    told, untold, open_still, never = (rollout(key) for key in ("told", "untold", "open", "never"))
    for each in (told, untold, never):
        store.save_rollout(replace(each, phase=Phase.PROVEN))
    store.save_rollout(open_still)
    for each in (told, untold, open_still):
        store.put_message(message(each.key, final=each is told))
    assert store.untold_rollouts() == [replace(untold, phase=Phase.PROVEN)]
    store.put_message(message(untold.key, final=True))
    assert store.untold_rollouts() == []


def test_audit_is_found_by_service_person_and_time(store: Store) -> None:
    entries = [entry(), entry(ONCALL, NOW + SECOND, "webapp"), entry(DEV, NOW + 2 * SECOND, None)]
    for each in entries:
        store.record(each)
    first, second, third = entries
    assert store.audit() == [third, second, first]
    assert store.audit(limit=1) == [third]
    assert store.audit(service="webapp") == [second]
    assert store.audit(since=NOW + SECOND) == [third, second]
    assert store.audit(by="dev1@EXAMPLE") == [third, first]
    assert store.audit(by="@on_call") == store.audit(by="Y2LZ") == [second]
    assert store.audit(by="dev1", service="adderservice", since=NOW) == [first]


@pytest.mark.parametrize("by", ["%", "_ncall", "\\", "/", "'; DROP TABLE audit; --"])
def test_a_search_for_signs_finds_those_signs_only(store: Store, by: str) -> None:
    store.record(entry())
    assert store.audit(by=by) == []


def test_entries_of_one_moment_keep_their_order(store: Store) -> None:
    entries = [replace(entry(), request=str(number)) for number in range(5)]
    for each in entries:
        store.record(each)
    assert store.audit() == entries[::-1]


def test_a_build_is_news_as_long_as_it_gets_on(store: Store) -> None:
    queued, started, waiting, finished = (build(phase=phase) for phase in BuildPhase)
    assert store.save_build(started)
    assert not store.save_build(started)
    assert not store.save_build(queued)
    assert store.save_build(waiting)
    assert not store.save_build(started)
    assert store.save_build(finished)
    assert not any(store.save_build(late) for late in (started, waiting))
    assert store.builds() == [finished]


def test_a_run_that_was_started_again_under_its_number_ends_anew(store: Store) -> None:
    first = replace(build(1, BuildPhase.FINISHED), tool="travis", seconds=60.0)
    again = replace(first, started=first.ended + 60 * SECOND, seconds=30.0)
    assert store.save_build(first)
    assert not store.save_build(replace(first, seconds=50.0))
    assert not store.save_build(replace(again, phase=BuildPhase.STARTED))
    assert store.save_build(again)
    assert not any(store.save_build(late) for late in (first, replace(build(1), tool="travis"), again))
    assert store.builds() == [again]


def test_builds_are_found_by_patterns_newest_first(store: Store) -> None:
    one, two = build(1), build(2, job="team/adderservice-main")
    three, four = build(3, job="Adderservice"), build(4, job="adder_service")
    for each in (two, one, four, three):
        store.save_build(each)
    assert store.builds() == [four, three, two, one]
    assert store.builds(limit=2) == [four, three]
    assert store.builds(["adderservice", "team/adderservice-*"]) == [two, one]
    assert store.builds(["adder?service"]) == [four]
    assert store.builds(["nothing"]) == []


def test_rollouts_of_a_namespace_since_a_moment_come_oldest_first(store: Store) -> None:
    three, one, two = (rollout(str(n), started=NOW + n * SECOND) for n in (3, 1, 2))
    elsewhere = replace(rollout("x"), target=replace(two.target, namespace="other"))
    for each in (three, one, elsewhere, two):
        store.save_rollout(each)
    assert store.rollouts_since(NOW, "main", "micro") == [one, two, three]
    assert store.rollouts_since(NOW + 2 * SECOND, "main", "micro") == [two, three]
    assert store.rollouts_since(NOW, "main", "micro", limit=2) == [two, three]
    assert store.rollouts_since(NOW, "other", "micro") == []


def test_a_build_is_untold_until_it_was_told_as_far_as_it_went(store: Store) -> None:
    started, finished, other = build(1), build(1, BuildPhase.FINISHED), build(2)
    for each in (other, started):
        store.save_build(each)
    assert store.untold_builds() == [started, other]
    assert store.untold_builds(limit=1) == [started]
    store.save_build(finished)
    store.build_told(started)
    assert store.untold_builds() == [finished, other]
    store.build_told(finished)
    store.save_build(started)
    store.save_build(finished)
    assert store.untold_builds() == [other]


def test_news_is_announced_once(store: Store) -> None:
    assert store.announce_once("tag:a", NOW)
    assert not store.announce_once("tag:a", NOW + SECOND)
    assert store.announce_once("tag:b", NOW)


def test_tags_are_those_last_looked_at(store: Store) -> None:
    assert store.tags_seen("a") is None
    store.save_tags("a", {})
    assert store.tags_seen("a") == {}
    store.save_tags("a", {"1": "sha256:1", "2": "sha256:2"})
    store.save_tags("a", {"2": "sha256:3"})
    store.save_tags("b", {"9": "sha256:9"})
    assert store.tags_seen("a") == {"2": "sha256:3"}


def test_leadership_is_renewed_lost_and_handed_over(store: Store) -> None:
    assert store.led_until() is None
    assert store.lead("a", NOW, NOW + SECOND)
    assert store.led_until() == NOW + SECOND
    assert not store.lead("b", NOW, NOW + SECOND)
    assert store.lead("a", NOW + SECOND, NOW + 2 * SECOND)
    assert store.lead("b", NOW + 2 * SECOND, NOW + 3 * SECOND)
    store.resign("a")
    assert not store.lead("a", NOW + 2 * SECOND, NOW + 3 * SECOND)
    store.resign("b")
    assert store.lead("a", NOW + 2 * SECOND, NOW + 3 * SECOND)


def test_an_order_is_of_one_living_replica(store: Store) -> None:
    store.live("a", NOW, NOW + SECOND)
    store.live("b", NOW, NOW + 3 * SECOND)
    store.open_order(order(), "a")
    assert not store.hold_order(order().key, "b", NOW)
    assert store.cut_off_orders("b", NOW) == []
    later = NOW + SECOND
    assert store.cut_off_orders("b", later) == [(order(), None)]
    assert store.hold_order(order().key, "b", later)
    assert not store.hold_order(order().key, "a", later)
    assert store.cut_off_orders("a", later) == []
    store.end("b")
    assert store.cut_off_orders("a", later) == [(order(), None)]
    assert store.hold_order(order().key, "a", later)
    store.close_order(order().key, "done")
    assert not store.hold_order(order().key, "a", later)


def test_an_order_that_waits_for_people_is_nobodys_and_never_cut_off(store: Store) -> None:
    store.open_order(order(), "died")
    assert store.cut_off_orders("b", NOW) == [(order(), None)]
    asked = store.ask(ask())
    for _ in range(2):
        assert store.cut_off_orders("b", NOW) == []
        assert not store.hold_order(order().key, "b", NOW)
        store.settle(asked, "confirmed", "died")
        assert store.cut_off_orders("b", NOW) == [(order(), None)]
        asked = store.ask(asked)


def test_an_order_is_not_cut_off_for_who_is_at_it(store: Store) -> None:
    store.open_order(order(), "a")
    assert store.cut_off_orders("a", NOW) == []
    assert store.hold_order(order().key, "a", NOW)


def test_everything_is_there_after_a_restart(stores: Stores) -> None:
    store = stores.open()
    store.claim_request(request())
    store.save_change(change())
    store.put_message(message())
    store.save_rollout(rollout())
    store.take_lock(lock())
    store.freeze(freeze())
    asked = store.ask(ask())
    store.agree(asked.number, DEV)
    store.claim("adderservice", "order:1", NOW, NOW + SECOND)
    store.record(entry())
    store.save_build(build())
    store.announce_once("tag:a", NOW)
    store.save_tags("a", {"1": "sha256:1"})
    store.lead("a", NOW, NOW + SECOND)
    stores.close()
    again = stores.open()
    assert not again.claim_request(request())
    assert again.open_orders() == [(order(), change())]
    assert [m.reply for m in all_due(again, NOW)] == [reply("starting")]
    assert again.open_rollouts() == [rollout()]
    assert again.locks() == [lock()]
    assert again.freezes() == [freeze()]
    assert again.open_asks() == [asked]
    assert again.agreed(asked.number) == [DEV]
    assert again.claim("adderservice", "order:2", NOW, NOW) == "order:1"
    assert again.audit() == [entry()]
    assert again.builds() == [build()]
    assert not again.announce_once("tag:a", NOW)
    assert again.tags_seen("a") == {"1": "sha256:1"}
    assert not again.lead("b", NOW, NOW + SECOND)


def test_moments_of_any_zone_are_one_moment(store: Store) -> None:
    store.record(entry(at=NOW.astimezone(timezone(timedelta(hours=2)))))
    assert store.audit(since=NOW) == [entry()]


def test_the_migrations_make_what_the_statements_expect(stores: Stores) -> None:
    stores.open()
    database = Database(stores.url)
    with database.read() as connection:
        made = inspect(connection)
        for table in metadata.sorted_tables:
            columns = {column["name"]: column["nullable"] for column in made.get_columns(table.name)}
            key = [column.name for column in table.primary_key]
            assert made.get_pk_constraint(table.name)["constrained_columns"] == key
            assert columns | dict.fromkeys(key, False) == {column.name: column.nullable for column in table.c}
    database.close()
