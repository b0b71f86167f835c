"""Who may do what, and what stands in the way of everybody."""

import re
from pathlib import Path

from tests.unit.talk import DEV, LEAD, OPERATOR, ROLES, STRANGER, Talk, talking
from tests.unit.test_orders import column


def test_a_role_ends_where_it_ends(guarded: Talk) -> None:
    reply = guarded.say("deploy adderservice 9ab01de to production", DEV)
    assert reply.title == "You may not deploy adderservice in production."
    assert reply.body.startswith("Your role deployers ends at staging. These can: lead@example.com.")
    assert (reply.code, reply.private) == ("not_allowed", True)


def test_a_role_grants_what_it_says(guarded: Talk) -> None:
    assert guarded.say("deploy adderservice 9ab01de to staging", DEV).title.endswith("done")


def test_a_verb_that_is_not_granted_is_named(guarded: Talk) -> None:
    assert "does not grant rollback" in guarded.say("rollback webapp in staging", DEV).body


def test_a_stranger_reads_and_changes_nothing(guarded: Talk) -> None:
    assert guarded.say("status", STRANGER).code == ""
    assert guarded.say("scale webapp 3 in staging", STRANGER).body.startswith("You have no role.")


def test_without_roles_nobody_but_the_console_changes_anything(bot: Talk) -> None:
    reply = bot.say("scale webapp 3 in staging", DEV)
    assert "no roles" in reply.body
    assert bot.say("scale webapp 3 in staging", OPERATOR).code == ""


def test_a_refused_order_reaches_no_cluster_and_stands_in_the_audit(guarded: Talk) -> None:
    before = guarded.cluster.find("production", "micro", "adderservice").resource_version
    guarded.say("scale adderservice 1 in production", DEV)
    assert guarded.cluster.find("production", "micro", "adderservice").resource_version == before
    entry = guarded.store.audit()[0]
    assert (entry.who.name, entry.outcome, entry.rule) == ("dev1", "not_allowed", "no role grants it")


def test_may_tells_the_rule_and_who_can(guarded: Talk) -> None:
    assert guarded.say("may deploy adderservice 9ab01de to staging", DEV).title.startswith("Yes: ")
    reply = guarded.say("may deploy adderservice 9ab01de to production", DEV)
    assert reply.title == "No: deploy adderservice in production is refused."
    assert "People who can: lead@example.com." in reply.body


def test_whoami_lists_what_i_may_do_where(guarded: Talk) -> None:
    reply = guarded.say("whoami", DEV)
    assert reply.title == "You are @dev1 (slack:U0DEV)"
    granted, read = "deploy, logs, read, scale (role deployers)", "logs, read (everyone may read)"
    assert column(reply, "you may") == [granted, read]


def test_a_lock_stops_everybody_until_it_is_taken_away(bot: Talk) -> None:
    assert bot.say('lock adderservice in production "migration running"').title == "adderservice in production locked"
    reply = bot.say("deploy adderservice 9ab01de to production")
    assert reply.title.startswith("adderservice in production is locked by @operator since ")
    assert reply.title.endswith('"migration running".')
    assert reply.code == "locked"
    assert bot.say("deploy adderservice 9ab01de to staging").code == ""
    assert bot.say("unlock adderservice in production").title == "adderservice in production unlocked"
    assert bot.say("deploy adderservice 9ab01de to production").code == ""


def test_kubectl_users_see_a_lock(bot: Talk) -> None:
    bot.say('lock webapp in staging "load test"')
    assert _annotation(bot) == "operator: load test"
    bot.say("unlock webapp in staging")
    assert _annotation(bot) is None


def test_a_second_lock_names_the_first(guarded: Talk) -> None:
    guarded.say('lock webapp in staging "one"')
    assert (
        guarded.say('lock webapp in staging "two"', LEAD).title
        == 'webapp in staging is locked already, by @operator: "one".'
    )


def test_audit_can_be_asked_by_service_person_and_time(guarded: Talk) -> None:
    guarded.say("scale webapp 2 in staging", DEV)
    guarded.say("scale webapp 3 in staging", OPERATOR)
    guarded.say("restart adderservice in staging", STRANGER)
    assert column(guarded.say("audit webapp"), "who") == ["@operator", "@dev1"]
    assert column(guarded.say("audit by dev1"), "order") == ["scale webapp 2 in staging"]
    assert guarded.say("audit by nobody since 1h").title == "No order by nobody is recorded since 1h."
    assert len(column(guarded.say("audit since 2 hours by dev1"), "who")) == 1
    assert len(column(guarded.say("audit since yesterday"), "who")) == 3


def test_audit_can_be_asked_by_verb_and_outcome(guarded: Talk) -> None:
    guarded.say("scale webapp 2 in staging", DEV)
    guarded.say("scale webapp 3 in production", DEV)
    guarded.say("restart webapp in staging", STRANGER)
    assert column(guarded.say("audit verb restart"), "who") == ["@stranger"]
    refused = guarded.say("audit webapp outcome refused by dev1")
    assert refused.title == "The last order on webapp by dev1 with outcome refused"
    assert column(refused, "outcome") == ["not allowed"]
    assert column(guarded.say("audit outcome 'not allowed'"), "who") == ["@stranger", "@dev1"]
    assert column(guarded.say("audit outcome applied"), "order") == ["scale webapp 2 in staging"]
    assert guarded.say("audit outcome failed").title == "No order with outcome failed is recorded."


def _annotation(bot: Talk) -> str | None:
    return bot.cluster.find("staging", "micro-staging", "webapp").annotations.get("quarterdeck.io/lock")


def test_what_may_not_be_read_is_left_out_of_every_list(tmp_path: Path) -> None:
    more = "roles: {contractors: {people: [dev1@example.com], deny: [read, logs], environments: [production]}}"
    with talking(tmp_path, more=more) as bot:
        bot.say('lock adderservice in production "migration running"')
        bot.say('lock webapp in staging "load test"')
        assert column(bot.say("locks", DEV), "locked") == ["webapp in staging"]
        assert column(bot.say("audit", DEV), "order") == ['lock webapp in staging "load test"']
        assert set(column(bot.say("status", DEV), "environment")) == {"staging"}
        bot.say("at 09:00 tomorrow restart webapp in production")
        assert bot.say("schedules", DEV).title == "Nothing is scheduled."
        assert bot.say("schedules", STRANGER).title.startswith("1 order scheduled")
        refused = bot.say("status in production", DEV)
        assert refused.title == "You may not read in production."
        assert "Your role contractors denies read in production." in refused.body
        assert bot.say("why adderservice", DEV).code == "not_allowed"
        assert bot.say("logs adderservice in production", DEV).title.startswith("You may not read the logs of adder")


def test_no_word_of_what_may_not_be_read_slips_out(tmp_path: Path) -> None:
    more = """
roles:
  contractors: {people: [dev1@example.com], deny: [read, logs], environments: [production]}
  strangers: {people: [dev1@example.com], deny: [read, logs], services: [mongo]}
  deployers: {people: [dev1@example.com], verbs: [deploy, lock], environments: [staging]}
freezes: [{name: merger, environments: [production], from: 2020-01-01, until: 2099-01-01, reason: the merger}]
"""
    with talking(tmp_path, more=more, production=", confirm: true") as bot:
        key = bot.begin("scale mongo 2 in production")
        bot.until(lambda: bot.shown(key).code == "confirm")
        bot.say('lock mongo in production "the merger"')
        bot.say('freeze production "the merger"')
        for text in (
            *("freezes", "locks", "approvals", "whoami", "audit", "confirm", "cancel", "confirm 1", "cancel 1"),
            *("deploy mong 7 to staging", "deploy nothing 7 to staging", "unlock staging", "unlock webapp", "status"),
        ):
            reply = bot.say(text, DEV)
            told = f"{reply.title} {reply.body} {reply.table} {reply.buttons}"
            assert not {"merger", "mongo"} & set(re.findall(r"\w+", told)), text


def test_the_last_orders_are_those_that_may_be_read(tmp_path: Path) -> None:
    more = "roles: {contractors: {people: [dev1@example.com], deny: [read, logs], environments: [production]}}"
    with talking(tmp_path, more=more) as bot:
        bot.say('lock webapp in staging "load test"')
        for number in range(25):
            bot.say(f'freeze production "{number}"')
        assert column(bot.say("audit", DEV), "order") == ['lock webapp in staging "load test"']


def test_may_names_those_who_can_take_away_what_stops_everybody(guarded: Talk) -> None:
    guarded.say('lock webapp in staging "load test"')
    assert "People who can unlock it: lead@example.com." in guarded.say("may scale webapp 3 in staging", DEV).body
    guarded.say('freeze staging "release"')
    assert "People who can override it: lead@example.com." in guarded.say("may deploy mongo 7 to staging", DEV).body


def test_whose_order_it_was_stands_in_what_others_see(bot: Talk) -> None:
    """Nobody else sees a slash order."""
    for order in ('lock webapp in staging "x"', "unlock webapp", 'freeze staging "x"', "unfreeze staging"):
        assert [(f.name, f.value) for f in bot.say(order).fields] == [("ordered by", "@operator")]
    assert bot.say("pause webapp in staging").fields


def test_may_names_everything_that_is_asked_first(tmp_path: Path) -> None:
    more = f'{ROLES}  approvers: {{verbs: [approve], people: ["slack:A", "slack:B"]}}'
    wants = ", confirm: true, approvals: {role: approvers}"
    with talking(tmp_path, more=more, production=wants) as bot:
        reply = bot.say("may scale webapp 3 in production", LEAD)
        assert reply.title == "Yes: scale webapp in production is allowed, once you confirm it and others approve it."
        assert reply.body.startswith(
            "By: confirm: production wants it confirmed; then approvals: production wants 1 of"
        )
