"""Whatever changes a cluster was decided upon, and the audit says by which rule: on every path there is."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.cluster import Cluster
from bot.core.model import Cause, Change, Order, Request, Step, Who, Words
from bot.core.workload import Image, Scale, Workload
from bot.plans.changes import change, step
from bot.ports import Command, Ports
from tests.unit.talk import DEV, LEAD, OPERATOR, ROOM, STRANGER, Talk, talking

RULES = """
roles:
  deployers: {verbs: ["*"], people: [dev1@example.com], deny: [override]}
  releasers: {verbs: [approve], people: [lead@example.com]}
"""
ORDERS = (
    "deploy adderservice 9ab01de to staging",
    "deploy adderservice 9ab01de to production",
    'deploy adderservice 9ab01de to production --override "now"',
    "scale webapp 3 in staging",
    "scale webapp 5 in production",
    "rollback webapp in production",
    "restart webapp in production",
    "pause webapp in production",
    "resume webapp in production",
    "set webapp A=b in staging",
    "approve 1",
    "confirm 1",
    "reject 1",
    "cancel 1",
)
PEOPLE = (DEV, LEAD, STRANGER, Who("slack", "U0GUEST", "guest", "dev1@example.com", outsider="a guest"))


class Recorded:
    """A cluster that remembers for whose requests it was changed."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.changed: list[str] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._cluster, name)

    def apply(self, step: Step, cause: Cause) -> Workload:
        self.changed.append(cause.request)
        return self._cluster.apply(step, cause)


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    wants = ", confirm: true, approvals: {role: releasers}"
    with talking(tmp_path, more=RULES, production=wants) as made:
        yield made


def recorded(talk: Talk) -> Recorded:
    """In place of the cluster, where every order finds it."""
    found = Recorded(talk.cluster)
    talk.parts.clusters["test"] = found  # type: ignore[index]
    return found


def decided(talk: Talk, request: str) -> bool:
    entries = [e for e in talk.store.audit(limit=1000) if e.request == request]
    return any(e.outcome == "applied" and e.rule for e in entries)


def test_no_order_of_anybody_changes_anything_undecided(talk: Talk) -> None:
    cluster = recorded(talk)
    for text in ORDERS:
        for who in PEOPLE:
            key = talk.begin(text, who)
            talk.until(partial(_stands, talk, key))
    assert cluster.changed
    assert [request for request in cluster.changed if not decided(talk, request)] == []
    allowed = {DEV.id, OPERATOR.id, "quarterdeck"}
    assert {e.who.id for e in talk.store.audit(limit=1000) if e.outcome == "applied" and e.before} <= allowed


def test_what_the_bot_does_by_itself_is_decided_too(talk: Talk) -> None:
    cluster = recorded(talk)
    talk.bot.poller.look("adderservice")
    talk.pass_time(lambda: talk.store.tags_seen("registry.local:5000/adderservice"))
    talk.registry.push(Image("registry.local:5000/adderservice", "aaaaaa1", created=talk.parts.clock.now()))
    talk.bot.poller.look("adderservice")
    talk.until(lambda: any(r.startswith("auto:") for r in cluster.changed))
    talk.pass_time(lambda: all(decided(talk, request) for request in cluster.changed))


@pytest.mark.parametrize("who", PEOPLE, ids=lambda who: who.name)
def test_a_pressed_button_is_decided_like_an_order(talk: Talk, who: Who) -> None:
    cluster = recorded(talk)
    pressed = Request("pressed", who, ROOM, "restart webapp in staging", talk.parts.clock.now(), button="b1")
    talk.bot.dispatcher.carry_out(pressed)
    assert cluster.changed == (["pressed"] if who is DEV else [])
    assert [r for r in cluster.changed if not decided(talk, r)] == []
    assert [e.who.id for e in talk.store.audit() if e.request == "pressed"] == [who.id]


def test_an_order_for_later_is_decided_when_it_comes(talk: Talk) -> None:
    cluster = recorded(talk)
    at = talk.parts.clock.now() + timedelta(minutes=2)
    talk.say(f"at {at:%H:%M} {at:%Y-%m-%d} restart webapp in staging", DEV)
    talk.until(lambda: any("webapp restart in staging · done" in m.reply.title for m in talk.messages()))
    assert cluster.changed
    assert [r for r in cluster.changed if not decided(talk, r)] == []


def test_an_order_of_another_package_is_decided_too(tmp_path: Path) -> None:
    def plan(ports: Ports, order: Order) -> Change:
        found = ports.workloads(order.service or "", ports.catalogue.environment(order.environment or ""))[0]
        return change(ports, order, [step(found, Scale(4), "2", "4")], "webapp quadrupled")

    foreign = Command(
        usage="quadruple <service> [in <environment>]",
        summary="four replicas",
        verb="scale",
        examples=("quadruple webapp", "quadruple webapp in staging"),
        refusals=("no",),
        plan=plan,
        opening=lambda order: f"{order.service} quadrupled",
    )
    with talking(tmp_path, more=RULES, commands={"quadruple": foreign}) as talk:
        cluster = recorded(talk)
        assert talk.say("quadruple webapp in staging", LEAD).code == "not_allowed"
        assert cluster.changed == []
        assert talk.say("quadruple webapp in staging", DEV).code == ""
        assert cluster.changed
        assert [r for r in cluster.changed if not decided(talk, r)] == []


def test_an_order_of_another_package_hides_no_change_behind_a_harmless_verb(tmp_path: Path) -> None:
    def plan(ports: Ports, order: Order) -> Change:
        found = ports.workloads(order.service or "", ports.catalogue.environment("staging"))[0]
        made = replace(order, environment="staging")
        return change(ports, made, [step(found, Scale(0), "2", "0")], "webapp looked at")

    foreign = Command(usage="look <service>", summary="looks", verb="read", examples=("look webapp",), plan=plan)
    with talking(tmp_path, more=RULES, commands={"look": foreign}) as talk:
        cluster = recorded(talk)
        assert talk.say("look webapp", DEV).code == "broken"
        assert cluster.changed == []


def test_an_approval_is_decided_for_the_one_who_ordered_it(talk: Talk) -> None:
    cluster = recorded(talk)
    key = talk.begin("deploy adderservice 9ab01de to production", DEV)
    talk.until(lambda: talk.shown(key).code == "confirm")
    talk.say("confirm 1", DEV)
    talk.until(lambda: talk.shown(key).code == "approve")
    assert cluster.changed == []
    talk.say("approve 1", LEAD)
    talk.answer(key)
    assert cluster.changed
    assert {decided(talk, request) for request in cluster.changed} == {True}
    outcomes = [e.outcome for e in talk.store.audit(limit=50)]
    assert outcomes.count("asked") == 2
    assert {"confirmed", "approved", "applied"} <= set(outcomes)


def _stands(talk: Talk, key: str) -> bool:
    message = next((m for m in reversed(talk.messages()) if m.key == key), None)
    return message is not None and (message.final or message.reply.code in ("confirm", "approve"))


def test_what_was_applied_in_the_moment_of_a_crash_is_accounted_for(talk: Talk) -> None:
    """Stored and applied, and the process ended before it wrote into the audit."""
    workload = talk.cluster.find("staging", "micro-staging", "webapp")
    request = Request("crashed", DEV, ROOM, "scale webapp 5 in staging", talk.parts.clock.now())
    words = Words("scale", {"service": "webapp", "replicas": "5", "environment": "staging"})
    order = Order(request, "scale", words, "webapp", "staging")
    made = Step(workload.target, Scale(5), "2", "5", workload.uid, workload.resource_version, workload.template)
    planned = Change(order, (made,), request.at, "webapp → 5 replicas in staging", "2", "5")
    talk.bot.stop()
    talk.store.open_order(order, "died")
    talk.store.save_change(planned)
    talk.cluster.apply(made, Cause(request.id, DEV, ROOM, request.text))
    talk.restart()
    talk.pass_time(lambda: decided(talk, "crashed"))
    talk.restart()
    talk.answer("order:crashed")
    assert [e.outcome for e in talk.store.audit(service="webapp")] == ["applied"]
