"""The Cluster port: finding, changing, going back. Every implementation must do exactly this."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from bot.core.errors import Ambiguous, Conflict, Invalid, NotFound, Refused, UsageError
from bot.core.secret import Secret
from bot.core.workload import Action, Image, Kind, Pause, Restart, Resume, Scale, SetEnv, SetImage, Undo
from tests.contract.cluster_kit import CAUSE, ENVIRONMENT, IMPLEMENTATIONS, Bench, Wanted, bench

TWO = SetImage("app", Image("registry.local/adder", "2"))
SLOW = SetImage("app", Image("registry.local/adder", "slow-2"))
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(params=IMPLEMENTATIONS)
def bot(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with bench(request.param) as made:
        yield made


def test_a_workload_is_found_as_it_stands(bot: Bench) -> None:
    found = bot.running(Wanted(replicas=2))
    assert (found.target.environment, found.target.kind, found.target.name) == (ENVIRONMENT, Kind.DEPLOYMENT, "adder")
    assert found.target.cluster == bot.cluster.name
    assert [c.image for c in found.containers] == ["registry.local/adder:1"]
    assert found.containers[0].has_readiness_probe
    assert (found.wanted, found.ready, found.available, found.revision) == (2, 2, 2, 1)
    assert [w.target.name for w in bot.cluster.workloads(ENVIRONMENT, bot.kit.namespace)] == ["adder"]


def test_what_is_not_there_is_not_found(bot: Bench) -> None:
    bot.kit.create(Wanted())
    with pytest.raises(NotFound):
        bot.look("subtractor")
    with pytest.raises(NotFound):
        bot.look("adder", Kind.DAEMON_SET)


def test_two_kinds_of_one_name_are_ambiguous_until_named(bot: Bench) -> None:
    bot.kit.create(Wanted())
    bot.kit.create(Wanted(kind=Kind.STATEFUL_SET))
    with pytest.raises(Ambiguous):
        bot.look("adder")
    assert bot.look("adder", Kind.STATEFUL_SET).target.kind is Kind.STATEFUL_SET


@pytest.mark.parametrize("name", ["../secrets", "Adder", "a b", "", "a/b", "adder?x=1", "a" * 300, "adder\n"])
def test_a_name_that_cannot_be_never_reaches_the_server(bot: Bench, name: str) -> None:
    with pytest.raises((UsageError, NotFound)):
        bot.look(name)
    with pytest.raises((UsageError, NotFound)):
        bot.cluster.workloads(ENVIRONMENT, name)


def test_an_image_rolls_out_and_keeps_a_revision(bot: Bench) -> None:
    before = bot.running(Wanted())
    bot.do(before, TWO)
    after = bot.rolled_out()
    assert bot.kit.peek("adder").images == {"app": "registry.local/adder:2"}
    assert (after.revision, after.template != before.template) == (2, True)
    old, new = bot.cluster.revisions(after)
    assert (old.number, old.template, old.current) == (1, before.template, False)
    assert (new.number, new.template, new.current) == (2, after.template, True)
    assert new.images == {"app": "registry.local/adder:2"}
    assert new.cause == CAUSE.text


def test_the_pods_bear_the_template_and_their_workloads_name(bot: Bench) -> None:
    workload = bot.running(Wanted())
    pods = bot.cluster.pods(workload)
    assert {(p.template, p.workload, p.ready) for p in pods} == {(workload.template, "adder", True)}
    assert len(pods) == len({p.name for p in pods}) == 3


def test_a_digest_pins_what_runs(bot: Bench) -> None:
    digest = "sha256:" + "ab" * 32
    bot.do(bot.running(Wanted(replicas=1)), SetImage("app", Image("registry.local/adder", "2", digest)))
    assert bot.kit.peek("adder").images == {"app": f"registry.local/adder:2@{digest}"}


def test_a_surge_of_one_and_none_missing_is_kept_to(bot: Bench) -> None:
    bot.do(bot.running(Wanted()), TWO)
    seen: set[tuple[int, bool]] = set()

    def done() -> bool:
        now = bot.look()
        seen.add((now.current, now.available >= 3))
        return now.updated_ready == 3 or (now.updated == now.current == now.available == 3)

    bot.kit.until(done, "rolled out")
    assert max(count for count, _ in seen) <= 4
    assert all(enough for _, enough in seen)


def test_our_notes_say_who_and_for_which_template(bot: Bench) -> None:
    done = bot.do(bot.running(Wanted(replicas=1)), TWO)
    notes = bot.kit.peek("adder").annotations
    assert notes["kubernetes.io/change-cause"] == CAUSE.text
    assert notes["quarterdeck.io/order"] == CAUSE.request
    assert notes["quarterdeck.io/by"] == "oncall"
    assert notes["quarterdeck.io/where"] == "slack:C1"
    assert notes["quarterdeck.io/template"] == done.template == bot.rolled_out().template


def test_going_back_uses_the_old_template_under_the_next_number(bot: Bench) -> None:
    first = bot.running(Wanted())
    bot.do(first, TWO)
    bot.do(bot.rolled_out(), Undo(1))
    back = bot.rolled_out()
    assert (back.template, back.revision) == (first.template, 3)
    assert [(r.number, r.current) for r in bot.cluster.revisions(back)] == [(2, False), (3, True)]
    assert bot.kit.peek("adder").images == {"app": "registry.local/adder:1"}


@pytest.mark.parametrize("kind", [Kind.STATEFUL_SET, Kind.DAEMON_SET])
def test_the_other_kinds_go_back_too(bot: Bench, kind: Kind) -> None:
    first = bot.running(Wanted(kind=kind, replicas=2))
    bot.do(first, TWO)
    second = bot.rolled_out()
    assert second.template != first.template
    bot.do(second, Undo(1))
    back = bot.rolled_out()
    assert (back.template, back.revision) == (first.template, 3)


def test_going_back_to_where_it_is_is_refused(bot: Bench) -> None:
    with pytest.raises(Refused):
        bot.do(bot.running(Wanted(replicas=1)), Undo(1))


def test_a_revision_that_is_gone_is_refused_with_what_is_there(bot: Bench) -> None:
    bot.do(bot.running(Wanted(replicas=1)), TWO)
    with pytest.raises(NotFound) as refused:
        bot.do(bot.rolled_out(), Undo(99))
    assert "1" in refused.value.fact
    assert "2" in refused.value.fact


def test_scaling_keeps_the_revision_and_its_cause(bot: Bench) -> None:
    bot.do(bot.running(Wanted(replicas=1)), TWO)
    before = bot.rolled_out()
    bot.do(before, Scale(3), replace(CAUSE, text="scale adder 3"))
    after = bot.rolled_out()
    assert (after.wanted, after.revision, after.template) == (3, before.revision, before.template)
    assert bot.kit.peek("adder").replicas == 3
    assert bot.cluster.revisions(after)[-1].cause == CAUSE.text


def test_scaling_to_none_ends_all_pods(bot: Bench) -> None:
    bot.do(bot.running(Wanted()), Scale(0))
    bot.kit.until(lambda: not bot.cluster.pods(bot.look()), "no pods")


def test_a_pause_in_the_middle_holds_until_resumed(bot: Bench) -> None:
    bot.do(bot.running(Wanted(replicas=2)), SLOW)
    bot.kit.until(lambda: bot.look().updated == 1, "first new pod")
    bot.do(bot.look(), Pause())
    bot.condition("Progressing", "DeploymentPaused")
    bot.kit.until(lambda: any(p.ready for p in bot.new_pods()), "the first new pod ready")
    assert bot.look().updated == 1
    assert bot.look().paused
    assert bot.kit.peek("adder").paused
    bot.do(bot.look(), Resume())
    assert bot.rolled_out().revision == 2


def test_a_template_changed_while_paused_waits(bot: Bench) -> None:
    bot.do(bot.running(Wanted()), Pause())
    bot.do(bot.look(), TWO)
    bot.kit.until(lambda: bot.look().observed == bot.look().generation, "seen by its controller")
    assert {p.containers[0].now.state for p in bot.cluster.pods(bot.look())} == {"running"}
    assert bot.look().updated == 0
    bot.do(bot.look(), Resume())
    bot.rolled_out()


def test_a_paused_one_neither_goes_back_nor_restarts(bot: Bench) -> None:
    bot.do(bot.running(Wanted(replicas=1)), TWO)
    bot.do(bot.rolled_out(), Pause())
    for action in (Undo(1), Restart(NOON), Pause()):
        with pytest.raises(Refused):
            bot.do(bot.look(), action)


def test_resuming_what_is_not_paused_is_refused(bot: Bench) -> None:
    with pytest.raises(Refused):
        bot.do(bot.running(Wanted(replicas=1)), Resume())


@pytest.mark.parametrize("kind", [Kind.STATEFUL_SET, Kind.DAEMON_SET])
@pytest.mark.parametrize("action", [Pause(), Resume()])
def test_only_deployments_pause(bot: Bench, kind: Kind, action: Action) -> None:
    bot.kit.create(Wanted(kind=kind, replicas=1))
    with pytest.raises(Refused):
        bot.do(bot.look(), action)


def test_a_daemon_set_has_no_scale(bot: Bench) -> None:
    bot.kit.create(Wanted(kind=Kind.DAEMON_SET))
    with pytest.raises(Refused):
        bot.do(bot.look(), Scale(2))


@pytest.mark.parametrize("kind", Kind)
def test_a_restart_replaces_every_pod(bot: Bench, kind: Kind) -> None:
    before = bot.running(Wanted(kind=kind, replicas=2))
    pods = {(p.name, p.created, p.template) for p in bot.cluster.pods(before)}
    bot.do(before, Restart(NOON))
    after = bot.rolled_out()
    assert after.template != before.template
    assert pods.isdisjoint((p.name, p.created, p.template) for p in bot.cluster.pods(after) if not p.deleting)
    assert "kubectl.kubernetes.io/restartedAt" in bot.kit.peek("adder", kind).template_annotations


def test_variables_are_set_and_removed_and_their_values_unseen(bot: Bench) -> None:
    first = SetEnv("app", ("MODE", "TOKEN"), values=(Secret("fast"), Secret("hunter2")))
    bot.do(bot.running(Wanted(replicas=1)), first)
    assert bot.look().containers[0].env == ("MODE", "TOKEN")
    assert bot.kit.peek("adder").env == {"MODE": "fast", "TOKEN": "hunter2"}
    assert "hunter2" not in repr(bot.look())
    bot.do(bot.rolled_out(), SetEnv("app", ("MODE",), ("TOKEN",), (Secret("slow"),)))
    assert bot.kit.peek("adder").env == {"MODE": "slow"}
    assert bot.rolled_out().revision == 3


def test_a_container_that_is_not_there_is_named_with_those_that_are(bot: Bench) -> None:
    bot.kit.create(Wanted(containers=("app", "proxy")))
    with pytest.raises(NotFound) as refused:
        bot.do(bot.look(), SetImage("web", Image("registry.local/web", "1")))
    assert "app, proxy" in refused.value.fact


def test_what_the_server_refuses_is_said_in_its_words(bot: Bench) -> None:
    bot.kit.create(Wanted())
    with pytest.raises(Invalid) as refused:
        bot.do(bot.look(), Scale(-1))
    assert "must be greater than or equal to 0" in refused.value.fact


def test_a_template_somebody_changed_meanwhile_is_a_conflict(bot: Bench) -> None:
    planned = bot.running(Wanted())
    bot.kit.set_image("adder", "registry.local/adder:3")
    for attempt in (bot.cluster.apply, bot.cluster.dry_run):
        with pytest.raises(Conflict):
            attempt(bot.step(planned, TWO), CAUSE)
    assert bot.kit.peek("adder").images == {"app": "registry.local/adder:3"}


def test_one_made_anew_under_the_name_is_a_conflict(bot: Bench) -> None:
    planned = bot.running(Wanted())
    bot.kit.delete("adder", Kind.DEPLOYMENT)
    bot.kit.create(Wanted())
    with pytest.raises(Conflict):
        bot.do(planned, TWO)


def test_a_status_or_a_note_that_moved_is_no_conflict(bot: Bench) -> None:
    bot.kit.create(Wanted())
    planned = bot.look()
    moved = bot.rolled_out()
    bot.cluster.annotate(moved.target, {"team": "numbers"})
    assert bot.look().resource_version != planned.resource_version
    bot.do(planned, TWO)
    assert bot.kit.peek("adder").images == {"app": "registry.local/adder:2"}


def test_notes_are_written_and_removed(bot: Bench) -> None:
    target = bot.running(Wanted(replicas=1)).target
    bot.cluster.annotate(target, {"quarterdeck.io/lock": "migration", "team": "numbers"})
    assert bot.look().annotations["quarterdeck.io/lock"] == "migration"
    bot.cluster.annotate(target, {"quarterdeck.io/lock": None})
    annotations = bot.look().annotations
    assert "quarterdeck.io/lock" not in annotations
    assert annotations["team"] == "numbers"
    assert bot.look().revision == 1


def test_one_that_somebody_scaled_meanwhile_is_a_conflict(bot: Bench) -> None:
    planned = bot.running(Wanted(replicas=2))
    bot.do(planned, Scale(3))
    with pytest.raises(Conflict) as refused:
        bot.do(planned, Scale(1, before=2))
    assert refused.value.sentence == "adder was scaled meanwhile."
    assert refused.value.fact.startswith("It has 3 replicas, not 2: by ")
    bot.do(bot.look(), Scale(0, before=3))
    bot.do(bot.look(), Scale(1, before=0))
    assert bot.kit.peek("adder").replicas == 1
