"""Orders as people give them, and the answers they read."""

import pytest

from bot.cluster.memory import ContainerSpec, Spec, Template
from bot.core.model import Reply, Tone
from bot.core.workload import Reference
from tests.unit.talk import Talk


def column(reply: Reply, name: str) -> list[str]:
    assert reply.table is not None
    index = reply.table.columns.index(name)
    return [str(row[index]) for row in reply.table.rows]


def test_a_deploy_ends_in_one_message_that_says_done(bot: Talk) -> None:
    key = bot.begin("/deploy adderservice 9ab01de")
    reply = bot.answer(key)
    assert reply.title == "adderservice → 9ab01de in staging · done"
    assert reply.tone is Tone.GOOD
    assert "before: 3f2a91c" in reply.body
    assert len(bot.titles(key)) == 1


def test_the_deployed_image_is_pinned_to_its_digest(bot: Talk) -> None:
    bot.say("deploy adderservice 9ab01de to staging")
    workload = bot.cluster.find("staging", "micro-staging", "adderservice")
    assert "adderservice:9ab01de@sha256:" in workload.containers[0].image
    assert workload.annotations["kubernetes.io/change-cause"] == "deploy adderservice 9ab01de to staging"


def test_a_short_digest_finds_the_image(bot: Talk) -> None:
    digest = bot.registry.image("registry.local:5000/adderservice", "9ab01de").digest
    assert digest is not None
    assert bot.say(f"deploy adderservice {digest[:15]} to staging").title.endswith("done")


def test_what_runs_already_is_not_deployed_again(bot: Talk) -> None:
    reply = bot.say("deploy adderservice 3f2a91c to staging")
    assert reply.title == "adderservice already runs 3f2a91c in staging."
    assert reply.body.endswith("    restart adderservice in staging")
    assert reply.code == "refused"


def test_an_unknown_image_names_the_nearest(bot: Talk) -> None:
    reply = bot.say("deploy adderservice 3f2a91d to production")
    assert reply.title == "No image 3f2a91d of adderservice."
    assert "3f2a91c" in reply.body
    assert "deploy adderservice 3f2a91c to production" in [b.command for b in reply.buttons]


@pytest.mark.parametrize(
    ("text", "title", "said"),
    [
        ("deploi adderservice 3f2a91c", "There is no order deploi.", "deploy adderservice 3f2a91c"),
        (
            "deploy adderservise 9ab01de",
            "There is no service adderservise in staging.",
            "    deploy adderservice 9ab01de",
        ),
        ("deploy adderservice 9ab01de to producton", "There is no environment producton.", "production"),
        ("scale webapp many in staging", "many is not a number of replicas.", "scale webapp 3 in staging"),
        ("scale webapp 1 in staging", "webapp has 1 replica in staging already.", "status webapp in staging"),
        ("pause mongo in staging", "mongo is a StatefulSet, and only Deployments can pause.", "status mongo"),
        ("invite ann", "ann is no e-mail address.", "invite ann@example.com"),
        ("invite ann@example.com", "No chat of this bot can invite anybody.", "Webex can"),
        ("resume webapp in staging", "webapp in staging is not paused.", "status webapp in staging"),
        ("unlock webapp in staging", "Nobody has locked webapp in staging.", "locks"),
        ("rollback webapp to 77 in staging", "There is no revision 77 to go back to.", "There are: 1 (9ab01de)"),
        ("set webapp API_TOKEN=x in staging", "API_TOKEN looks like a secret.", "Put it into a Secret"),
        ("set webapp NOPE- in staging", "NOPE is not set on container app.", "Set there: nothing."),
        ("audit since ever", "ever is no length of time, and no moment.", "audit since 2h"),
        ("logs webapp in staging --lines 0", "0 is not a number of lines.", "from 1 to 200"),
        ("help deplo", "There is no order deplo.", "    help deploy"),
        ("deploy adder 9ab01de to staging", "There is no service adder in staging.", "deploy adderservice 9ab01de to"),
        ("restart webapp in prod", "There is no environment prod.", "    restart webapp in production"),
        ("set webapp A=b in prod", "There is no environment prod.", "    status"),
        ("status prod", "There is no service prod, and no environment.", "    status in production"),
        ("logs webapp in staging --previous", "", "    logs webapp in staging"),
        ("freeze staging for 2h", "freeze needs a reason.", 'freeze staging for 2h "migration running"'),
        ('lock webapp soon "x"', "lock does not know what soon is for.", '[until <moment>] "reason"'),
        ("audit verb deplyo", "There is no verb deplyo.", "    audit verb deploy"),
        ("audit verb qqq", "There is no verb qqq.", "There are: "),
        ("audit outcome refusd", "There is no outcome refusd.", "    audit outcome refused"),
        ("audit outcome qqq", "There is no outcome qqq.", "There are: agreed, ambiguous, applied, broken, "),
        ("releases webap", "There is no service webap in staging.", "    releases webapp"),
        ("builds webap", "There is no service webap in staging.", "    builds webapp"),
        ("stats webap since 7d", "There is no service webap in staging.", "    stats webapp since 7d"),
        ("audit webap", "There is no service webap in staging.", "    audit webapp"),
        ("at 03:10 restrat webapp", "There is no order restrat.", "    at 03:10 restart webapp"),
        ("restart webapp --dryrun in staging", "restart has no --dryrun.", "    restart webapp --dry-run in staging"),
        ("roll back webapp in staging", "There is no order roll.", "    rollback webapp in staging"),
        ("restrat", "There is no order restrat.", "    help restart"),
        ("may restrat webapp", "There is no order restrat.", "    may restart webapp"),
        ("every monday status", "At what time?", "    every weekday 09:00 status"),
        ("every 5m status", "every needs to know which days.", "    every weekday 09:00 status"),
        ("promote adderservice", "production must be named in the order.", "promote adderservice to production"),
        ("promote adderservice to staging", "staging is the first environment: nothing comes before it.", "images"),
    ],
)
def test_a_refusal_says_what_the_fact_and_the_next_order(bot: Talk, text: str, title: str, said: str) -> None:
    reply = bot.say(text)
    assert reply.title == title or not title
    assert said in reply.body
    assert reply.code


@pytest.mark.parametrize("text", ["status production", "Status Production", "please status in production"])
def test_an_environment_is_understood_as_people_say_it(bot: Talk, text: str) -> None:
    assert bot.say(text).title.startswith("production · ")


@pytest.mark.slow
def test_what_failed_there_is_gone_back_to_by_its_number_alone(bot: Talk) -> None:
    bot.say("deploy eventservice 77be001 to staging")
    bot.say("rollback eventservice in staging")
    reply = bot.say("rollback eventservice in staging")
    assert reply.title == "The revision before, 3, failed in staging."
    assert "77be001, " in reply.body
    assert "Crashes at start: exit 3" in reply.body
    assert reply.body.splitlines()[-1] == "    rollback eventservice to 1 in staging"
    assert bot.answer(bot.begin("rollback eventservice to 3 in staging")).title.startswith(
        "eventservice back to 77be001"
    )


def test_a_lock_somewhere_else_is_named(bot: Talk) -> None:
    bot.say('lock webapp in production "migration running"')
    reply = bot.say("unlock webapp")
    bot.say("unlock webapp in production")
    assert reply.title == "Nobody has locked webapp in staging."
    assert reply.body.splitlines()[-1] == "    unlock webapp in production"


def test_a_question_can_come_back_too(bot: Talk) -> None:
    reply = bot.say("every day 09:00 status")
    assert reply.title.startswith("status · scheduled for ")
    assert "Then every day at 09:00 (UTC)." in reply.body


def test_an_environment_that_must_be_named_is_never_the_default(bot: Talk) -> None:
    reply = bot.say("rollback nothing")
    assert reply.title == "There is no service nothing in staging."


def test_a_dry_run_changes_nothing_and_shows_the_order(bot: Talk) -> None:
    before = bot.cluster.find("production", "micro", "adderservice")
    reply = bot.say("deploy adderservice 9ab01de to production --dry-run")
    assert reply.title == "adderservice → 9ab01de in production · dry run, nothing changed"
    assert "    deploy adderservice 9ab01de@sha256:304e6e3 to production" in reply.body
    assert bot.cluster.find("production", "micro", "adderservice").template == before.template


def test_promote_takes_the_digest_that_runs(bot: Talk) -> None:
    bot.say("deploy adderservice 9ab01de to staging")
    assert bot.say("promote adderservice to production").title == "adderservice → 9ab01de in production · done"
    images = [
        bot.cluster.find(e, n, "adderservice").containers[0].image
        for e, n in (("staging", "micro-staging"), ("production", "micro"))
    ]
    assert images[0] == images[1]


def test_scale_is_followed_to_its_end(bot: Talk) -> None:
    reply = bot.say("scale webapp 3 in staging")
    assert reply.title == "webapp → 3 replicas in staging · done"
    assert bot.cluster.find("staging", "micro-staging", "webapp").available == 3


def test_rollback_goes_to_the_previous_revision(bot: Talk) -> None:
    bot.say("deploy webapp 9ab01de to staging")
    assert bot.say("rollback webapp in staging").title == "webapp back to 3f2a91c in staging · done"


def test_restart_makes_new_pods_of_the_same_image(bot: Talk) -> None:
    workload = bot.cluster.find("staging", "micro-staging", "webapp")
    before = {p.name for p in bot.cluster.pods(workload)}
    assert bot.say("restart webapp in staging").title == "webapp restart in staging · done"
    assert not before & {p.name for p in bot.cluster.pods(workload)}


def test_pause_stops_a_rollout_and_resume_ends_it(bot: Talk) -> None:
    bot.push("adderservice", "slow-20")
    key = bot.begin("deploy adderservice slow-20 to production")
    bot.until(lambda: any("of 6 ready" in t for t in bot.titles(key)))
    assert bot.say("pause adderservice in production").title == "adderservice pause in production · done"
    bot.until(lambda: any("paused" in t for t in bot.titles(key)))
    bot.say("resume adderservice in production")
    assert bot.answer(key).title == "adderservice → slow-20 in production · done"


def test_a_newer_deploy_supersedes_and_says_so(bot: Talk) -> None:
    bot.push("adderservice", "slow-20")
    key = bot.begin("deploy adderservice slow-20 to production")
    bot.until(lambda: any("of 6 ready" in t for t in bot.titles(key)))
    bot.say("rollback adderservice in production")
    assert bot.answer(key).title == "adderservice → slow-20 in production · superseded by 3f2a91c"


def test_set_never_shows_stores_or_audits_a_value(bot: Talk) -> None:
    reply = bot.say("set webapp GREETING=xyzzy-plugh in staging")
    assert reply.title == "webapp new environment variables in staging · done"
    assert "GREETING" in bot.cluster.find("staging", "micro-staging", "webapp").containers[0].env
    everything = (
        "\n".join(str(m.reply) for m in bot.messages())
        + str(bot.store.audit())
        + str(bot.cluster.find("staging", "micro-staging", "webapp").annotations)
    )
    assert "xyzzy" not in everything
    assert "GREETING=•••" in bot.store.audit()[0].text


def test_set_leaves_alone_what_stands_elsewhere_before_anybody_confirms(bot: Talk) -> None:
    login = Reference("LOGIN", "Secret", "billing", "login")
    app = ContainerSpec("app", "registry.local:5000/billing:1", references=(login,))
    bot.cluster.create("micro-staging", Spec("billing", Template((app,))))
    for text in ("set billing LOGIN=me in staging --dry-run", "set billing LOGIN- in staging"):
        said = bot.say(text)
        assert said.title == "LOGIN is not set here: it stands in the Secret billing, key login."
        assert "kubectl edit secret billing --namespace micro-staging" in said.body


def test_status_shows_the_worst_first(bot: Talk) -> None:
    bot.begin("deploy eventservice 77be001 to staging")
    bot.until(lambda: any("stuck" in m.reply.title for m in bot.messages()))
    reply = bot.say("status in staging")
    assert reply.title == "staging · 4 services, 1 in trouble"
    assert column(reply, "state")[0] == "✗ trouble"
    assert column(reply, "service")[0] == "eventservice"
    assert "why eventservice in staging" in [b.command for b in reply.buttons]


def test_status_of_one_service_lists_its_pods(bot: Talk) -> None:
    reply = bot.say("status adderservice in production")
    assert reply.title == "adderservice in production · 6 of 6 ready"
    assert [(f.name, f.value) for f in reply.fields][:4] == [
        ("DESIRED", "6"),
        ("CURRENT", "6"),
        ("UP-TO-DATE", "6"),
        ("AVAILABLE", "6"),
    ]
    assert column(reply, "ready") == ["1/1"] * 6
    assert column(reply, "status") == ["Running"] * 6


def test_why_names_the_cause_the_evidence_and_what_was_before(bot: Talk) -> None:
    bot.begin("deploy eventservice 77be001 to staging")
    bot.until(lambda: any("stuck" in m.reply.title for m in bot.messages()))
    reply = bot.say("why eventservice")
    assert reply.title.startswith("eventservice in staging: Crashes at start: exit 3")
    assert "    panic: no database" in reply.body
    assert "77be001, deploy by @operator" in reply.body
    assert "rollback eventservice in staging" in [b.command for b in reply.buttons]


def test_why_says_so_when_nothing_is_wrong(bot: Talk) -> None:
    reply = bot.say("why webapp in production")
    assert reply.title == "webapp: nothing is wrong that the cluster knows of"
    assert "logs webapp in production" in reply.body


def test_logs_of_a_crash_are_the_lines_of_the_crash(bot: Talk) -> None:
    bot.begin("deploy eventservice 77be001 to staging")
    bot.until(lambda: any("stuck" in m.reply.title for m in bot.messages()))
    assert "    panic: no database" in bot.say("logs eventservice in staging").body


def test_history_names_image_person_and_verdict(bot: Talk) -> None:
    bot.say("deploy webapp 9ab01de to staging")
    reply = bot.say("history webapp in staging")
    assert column(reply, "image")[:2] == ["9ab01de", "3f2a91c"]
    assert column(reply, "by")[0] == "@operator"
    assert column(reply, "verdict")[0] == "runs now · healthy"


def test_images_tell_which_runs_where(bot: Talk) -> None:
    reply = bot.say("images adderservice")
    runs = dict(zip(column(reply, "tag"), column(reply, "runs in"), strict=True))
    assert runs["3f2a91c"] == "staging, production"
    assert runs["9ab01de"] == ""


def test_diff_shows_both_references(bot: Talk) -> None:
    reply = bot.say("diff adderservice 9ab01de to production")
    assert "    - registry.local:5000/adderservice:3f2a91c@sha256:" in reply.body
    assert "    + registry.local:5000/adderservice:9ab01de@sha256:" in reply.body


def test_builds_are_listed_by_service(bot: Talk) -> None:
    reply = bot.say("builds adderservice")
    assert set(column(reply, "job")) == {"adderservice"}


def test_words_are_understood_as_chats_write_them(bot: Talk) -> None:
    assert bot.say("Deploy adderservice 9ab01de to staging —dry-run").code == ""
    assert bot.say("lock webapp in staging “load test”").title == "webapp in staging locked"
    assert bot.say("locks").table is not None


def test_a_workload_that_nobody_catalogued_is_a_service_by_its_name(bot: Talk) -> None:
    from bot.cluster.memory import Spec, single

    bot.cluster.create("micro-staging", Spec("oddjob", single("registry.local:5000/webapp:slow-20"), replicas=1))
    bot.until(lambda: any("oddjob" in m.reply.title and "done" in m.reply.title for m in bot.messages()))
    assert bot.say("deploy oddjob 9ab01de to staging").title == "oddjob → 9ab01de in staging · done"
