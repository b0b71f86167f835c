"""What slips between two guards: several locks at once, a part of a service, rules that change while people agree."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.core.catalogue import Approvals, Catalogue, Environment, Service, WorkloadName
from bot.core.workload import Kind
from bot.plans.locking import LOCK_ANNOTATION
from tests.unit.talk import DEV, LEAD, Talk, talking
from tests.unit.test_agreeing import DEPLOY, DEPUTY, PEOPLE, SHOWN, asks, image
from tests.unit.test_config_lockout import mistakes

ONE = ", approvals: {count: 1, role: releasers}"
TWO = ", approvals: {count: 2, role: releasers}"


def configure(talk: Talk, **said: object) -> None:
    """As a reload would: one assignment."""
    current = talk.parts.current
    current._stands = (current.settings, replace(current(), **said))


def wanting(talk: Talk, approvals: Approvals | None) -> dict[str, Environment]:
    known = talk.parts.current().environments
    return {**known, "production": replace(known["production"], approvals=approvals)}


def annotation(talk: Talk, name: str) -> str | None:
    return talk.cluster.find("staging", "micro-staging", name).annotations.get(LOCK_ANNOTATION)


def test_an_environment_that_wants_more_by_now_gets_more(tmp_path: Path) -> None:
    with talking(tmp_path, more=PEOPLE, production=ONE) as talk:
        key, _ = asks(talk, DEPLOY, DEV)
        configure(talk, environments=wanting(talk, Approvals(2, "releasers")))
        assert talk.say("approve 1", LEAD).body == "It waits for 1 more approval."
        talk.until(lambda: talk.shown(key).title == f"{SHOWN} · waits for approval, 1 of 2")
        talk.say("approve 1", DEPUTY)
        assert talk.answer(key).title == f"{SHOWN} · done"


def test_who_has_left_the_role_has_agreed_to_nothing(tmp_path: Path) -> None:
    with talking(tmp_path, more=PEOPLE, production=TWO) as talk:
        key, _ = asks(talk, DEPLOY, DEV)
        before = image(talk)
        talk.say("approve 1", DEPUTY)
        configure(talk, teams={"platform": ()})
        assert talk.say("approve 1", LEAD).body == "It waits for 1 more approval."
        talk.until(lambda: "Approved by @lead. 1 of releasers" in talk.shown(key).body)
        assert image(talk) == before


def test_an_agreement_of_another_role_than_is_wanted_now_is_asked_for_again(tmp_path: Path) -> None:
    more = PEOPLE.replace("teams:", '  leads: {verbs: [approve], people: ["slack:U0DEPUTY"]}\nteams:')
    with talking(tmp_path, more=more, production=ONE) as talk:
        key, _ = asks(talk, DEPLOY, DEV)
        configure(talk, environments=wanting(talk, Approvals(1, "leads")))
        assert talk.say("approve 1", LEAD).body == "It waits for others to approve it now."
        talk.until(lambda: "1 of leads has to approve it" in talk.shown(key).body)
        talk.say("approve 2", DEPUTY)
        assert talk.answer(key).title == f"{SHOWN} · done"


def test_a_change_keeps_its_number_from_its_confirmation_to_its_approval(tmp_path: Path) -> None:
    with talking(tmp_path, more=PEOPLE, production=f", confirm: true{ONE}") as talk:
        key, _ = asks(talk, DEPLOY, DEV)
        confirmed = talk.say("confirm 1", DEV)
        assert (confirmed.title, confirmed.body) == (f"{SHOWN} confirmed", "It waits for others to approve it now.")
        talk.until(lambda: [b.command for b in talk.shown(key).buttons] == ["approve 1", "reject 1"])
        assert talk.say("confirm 1", DEV).title == f"1 is to be approved: {SHOWN}."
        assert talk.say("approve 1", LEAD).title == f"{SHOWN} approved"
        assert talk.answer(key).title == f"{SHOWN} · done"
        assert talk.say("approve 1", DEPUTY).title == f"1 is settled: {SHOWN} was approved."


def test_whoever_agrees_is_told_when_it_does_not_go_for_all_that(tmp_path: Path) -> None:
    with talking(tmp_path, more=PEOPLE, production=ONE) as talk:
        key, _ = asks(talk, DEPLOY, DEV)
        talk.say('freeze production "incident 4711"')
        told = talk.say("approve 1", LEAD)
        assert (told.title, told.body) == (f"{SHOWN} approved", 'production is frozen by @operator: "incident 4711".')
        assert talk.answer(key).code == "frozen"


def test_an_override_is_loud_where_no_rollout_tells_of_it(tmp_path: Path) -> None:
    with talking(tmp_path, more=PEOPLE, production=ONE) as talk:
        talk.say("pause webapp in production")
        reply = talk.say('resume webapp in production --override "the site is down"')
        assert "OVERRIDE by @operator: the site is down" in reply.body


def test_of_two_locks_one_stays_and_says_so(bot: Talk) -> None:
    bot.say('lock webapp in staging "mine"')
    bot.say('lock staging "all of it"')
    reply = bot.say("unlock webapp in staging")
    assert reply.title == "webapp in staging unlocked, but not free yet"
    held = 'Everything in staging is locked by @operator: "all of it".'
    assert reply.body.splitlines()[1:] == [held, "    unlock all in staging"]
    assert bot.say("restart webapp in staging").code == "locked"


def test_kubectl_users_see_the_lock_that_is_left(bot: Talk) -> None:
    bot.say('lock webapp in staging "mine"')
    bot.say('lock staging "all of it"')
    assert (annotation(bot, "webapp"), annotation(bot, "adderservice")) == ("operator: mine", "operator: all of it")
    assert "webapp in staging is locked by @operator" in bot.say("unlock staging").body
    assert (annotation(bot, "webapp"), annotation(bot, "adderservice")) == ("operator: mine", None)
    bot.say('lock all "upgrade"')
    bot.say("unlock webapp in staging")
    assert annotation(bot, "webapp") == "operator: upgrade"


def test_a_lock_that_concerns_something_else_is_not_offered(bot: Talk) -> None:
    bot.say('lock production "incident"')
    reply = bot.say("unlock webapp in staging")
    assert reply.title == "Nobody has locked webapp in staging."
    assert reply.body == "    locks"


WHOLE = Service("micro", {"*": "registry.local:5000/webapp"}, workloads=(WorkloadName(Kind.DEPLOYMENT, "webapp"),))
CAREFUL = """
  micro: {workloads: [{kind: Deployment, name: other}]}
roles:
  deployers: {verbs: ["*"], people: [dev1@example.com]}
  careful: {people: [dev1@example.com], services: [micro], deny: [scale]}
"""


@pytest.mark.parametrize("order", ["scale webapp 3 in staging", "restart webapp in staging", "why webapp in staging"])
def test_a_part_of_a_service_is_no_way_around_what_holds_for_the_whole(tmp_path: Path, order: str) -> None:
    with talking(tmp_path, more=CAREFUL) as talk:
        configure(talk, services={"micro": WHOLE})
        assert talk.say("scale micro 3 in staging", DEV).code == "not_allowed"
        talk.say('lock micro in staging "migration"')
        reply = talk.say(order, DEV)
        assert (reply.code, reply.title) == ("not_found", "webapp is a part of micro.")
        assert reply.body.splitlines()[-1].strip() == order.replace("webapp", "micro")


def test_whose_a_workload_is() -> None:
    catalogue = Catalogue({}, {"micro": WHOLE})
    assert (catalogue.service_of("webapp"), catalogue.service_of("mongo")) == ("micro", "mongo")


@pytest.mark.parametrize(
    ("services", "told"),
    [
        ("a: {workloads: [{kind: Deployment, name: x}]}, b: {workloads: [{kind: Deployment, name: x}]}", "services.a"),
        ("x: {}, b: {workloads: [{kind: Deployment, name: x}]}", "services.x"),
        (
            "a: {workloads: [{kind: Deployment, name: x, container: c}]}, b: {workloads: [{kind: DaemonSet, name: x}]}",
            "services.a",
        ),
    ],
)
def test_a_workload_of_two_services_is_refused(services: str, told: str) -> None:
    assert [line.partition(" (")[0] for line in mistakes(f"services: {{{services}}}")] == [
        f"services.b.workloads[0]: belongs to {told} already"
    ]


def test_two_containers_of_one_workload_may_be_two_services() -> None:
    one, other = (f"{name}: {{workloads: [{{kind: Deployment, name: x, container: {name}}}]}}" for name in "ab")
    assert mistakes(f"services: {{{one}, {other}}}") == []
