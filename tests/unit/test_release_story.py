"""A release from its merge to production, as it stands in the room: one thread, and the order where it was given."""

from datetime import timedelta

from msgspec.structs import replace

from bot.core.events import Build, BuildPhase, BuildResult, Commit
from bot.core.model import Message
from bot.core.workload import Image
from tests.unit.talk import Talk

REPOSITORY = "registry.local:5000/adderservice"
SHA = "abcdef1b7d05e8a6619f0c2d3e4b5a6978877661"
PARENT = "release:adderservice:abcdef1"


def merged_and_built(bot: Talk) -> None:
    now = bot.parts.clock.now()
    bot.bot.build(Commit("github", "adderservice", SHA, now, "Round half to even", "Dev Two", "main"))
    started = Build("jenkins", "adderservice", 418, BuildPhase.STARTED, now, revision=SHA, branch="main")
    bot.bot.build(started)
    bot.bot.build(replace(started, phase=BuildPhase.FINISHED, result=BuildResult.SUCCESS, seconds=123.0))


def pushed(bot: Talk) -> None:
    bot.bot.poller.look("adderservice")
    bot.pass_time(lambda: bot.store.tags_seen(REPOSITORY))
    created = bot.parts.clock.now() + timedelta(seconds=1)
    bot.registry.push(Image(REPOSITORY, "abcdef1", created=created))
    bot.bot.poller.look("adderservice")


def parent(bot: Talk) -> Message:
    (found,) = [m for m in bot.messages() if m.key == PARENT]
    return found


def under(bot: Talk) -> list[str]:
    return [m.reply.title for m in bot.messages() if m.place.thread == parent(bot).place.message]


def says(bot: Talk, title: str) -> bool:
    return bool(bot.titles(PARENT)) and parent(bot).reply.title == title


def test_from_the_merge_to_production_it_is_one_thread(bot: Talk) -> None:
    merged_and_built(bot)
    bot.until(lambda: says(bot, "adderservice abcdef1 · merge ✓ · build ✓"))
    pushed(bot)
    through = "adderservice abcdef1 · merge ✓ · build ✓ · image ✓ · staging ✓"
    bot.until(lambda: says(bot, through))
    told = [
        "Commit (abcdef1) of adderservice@main by Dev Two: Round half to even",
        "adderservice - #418 Success after 2 min 3 sec",
        "New image abcdef1 of adderservice",
        "adderservice → abcdef1 in staging · done",
    ]
    bot.until(lambda: under(bot) == told)
    key = bot.begin("deploy adderservice abcdef1 to production")
    assert bot.answer(key).title == "adderservice → abcdef1 in production · done"
    bot.until(lambda: says(bot, f"{through} · production ✓"))
    (order,) = [m for m in bot.messages() if m.key == key]
    assert order.place.thread != parent(bot).place.message
    assert len(under(bot)) == 4


def test_a_restart_in_the_middle_goes_on_in_the_same_thread(bot: Talk) -> None:
    merged_and_built(bot)
    bot.until(lambda: says(bot, "adderservice abcdef1 · merge ✓ · build ✓"))
    bot.restart()
    merged_and_built(bot)
    pushed(bot)
    bot.until(lambda: says(bot, "adderservice abcdef1 · merge ✓ · build ✓ · image ✓ · staging ✓"))
    assert len(under(bot)) == 4


def test_what_kubectl_brings_joins_the_thread_and_what_it_restarts_does_not(bot: Talk) -> None:
    merged_and_built(bot)
    bot.cluster.kubectl_set_image("micro", "adderservice", f"{REPOSITORY}:abcdef1")
    bot.until(lambda: says(bot, "adderservice abcdef1 · merge ✓ · build ✓ · production ✓"))
    bot.until(lambda: "adderservice → abcdef1 in production · done" in under(bot))
    reply = bot.say("restart adderservice in production")
    assert reply.title == "adderservice restart in production · done"
    assert len(under(bot)) == 3


def test_a_release_that_was_rolled_back_shows_what_stands_there_again(bot: Talk) -> None:
    merged_and_built(bot)
    bot.cluster.kubectl_set_image("micro", "adderservice", f"{REPOSITORY}:abcdef1")
    bot.until(lambda: says(bot, "adderservice abcdef1 · merge ✓ · build ✓ · production ✓"))
    target = bot.cluster.find("production", "micro", "adderservice").target
    before = bot.store.recent_rollouts(target)[0].previous
    assert bot.say("rollback adderservice in production").title.endswith(" in production · done")
    bot.until(lambda: says(bot, f"adderservice abcdef1 · merge ✓ · build ✓ · production ↩ {before}"))
    bot.cluster.kubectl_set_image("micro", "adderservice", f"{REPOSITORY}:abcdef1")
    bot.until(lambda: says(bot, "adderservice abcdef1 · merge ✓ · build ✓ · production ✓"))


def test_a_build_without_a_commit_is_told_by_itself(bot: Talk) -> None:
    now = bot.parts.clock.now()
    alone = Build("jenkins", "adderservice", 9, BuildPhase.FINISHED, now, result=BuildResult.SUCCESS, seconds=2.0)
    bot.bot.build(alone)
    bot.until(lambda: any(m.key == alone.key for m in bot.messages()))
    (said,) = [m for m in bot.messages() if m.key == alone.key]
    assert (said.reply.title, said.place.thread) == ("adderservice - #9 Success after 2 sec", None)
    assert not any(m.key.startswith("release:") for m in bot.messages())


def test_who_is_on_call_is_called_once_for_a_build_that_fails_in_a_thread(bot: Talk) -> None:
    bot.called = ("slack:S0ONCALL",)
    merged_and_built(bot)
    now = bot.parts.clock.now()
    tests = Build("jenkins", "adderservice", 419, BuildPhase.FINISHED, now, BuildResult.FAILURE, SHA, "main")
    for _ in range(2):
        bot.bot.build(tests)
        bot.until(lambda: any(m.reply.mentions for m in bot.messages()))
    (call,) = [m for m in bot.messages() if m.reply.mentions]
    assert (call.reply.title, call.reply.mentions) == ("adderservice - #419 Failure", ("slack:S0ONCALL",))
    assert call.place.thread == parent(bot).place.message


def begun_without_a_commit(bot: Talk) -> Build:
    """Jenkins knows it once it has checked it out, so it tells it at the end."""
    begun = Build("jenkins", "adderservice", 418, BuildPhase.STARTED, bot.parts.clock.now())
    bot.bot.build(begun)
    bot.until(lambda: any(m.key == begun.key and m.place.message for m in bot.messages()))
    bot.pass_time(lambda: bot.store.next_due("console") is None)
    return replace(begun, phase=BuildPhase.FINISHED, result=BuildResult.SUCCESS, revision=SHA, seconds=123.0)


def test_a_build_that_names_its_commit_at_the_end_becomes_the_head_of_its_thread(bot: Talk) -> None:
    ended = begun_without_a_commit(bot)
    (begun,) = [m for m in bot.messages() if m.key == ended.key]
    for _ in range(2):
        bot.bot.build(ended)
        bot.until(lambda: says(bot, "adderservice abcdef1 · build ✓"))
        bot.until(lambda: under(bot) == ["adderservice - #418 Success after 2 min 3 sec"])
    assert parent(bot).place.message == begun.place.message
    assert not any(m.key == ended.key for m in bot.messages())


def test_where_the_thread_is_there_already_the_build_leads_to_it(bot: Talk) -> None:
    bot.bot.build(Commit("github", "adderservice", SHA, bot.parts.clock.now(), "Round half to even", "Dev Two", "main"))
    bot.until(lambda: says(bot, "adderservice abcdef1 · merge ✓"))
    ended = begun_without_a_commit(bot)
    for _ in range(2):
        bot.bot.build(ended)
        bot.until(lambda: "adderservice - #418 Success after 2 min 3 sec" in under(bot))
    bot.until(lambda: bot.titles(ended.key) == ["adderservice - #418 · goes on as adderservice abcdef1"])


def test_a_run_of_a_pushed_tag_is_one_of_the_tag_though_github_calls_it_a_branch(bot: Talk) -> None:
    now, home = bot.parts.clock.now(), "team/adderservice"
    run = Build("github", home, 7, BuildPhase.STARTED, now, revision=SHA, branch="v1.4.0", tool="github")
    bot.bot.build(Commit("github", home, SHA, now, "Round half to even", "Dev Two", tag="v1.4.0"))
    bot.bot.build(replace(run, repository=home))
    bot.bot.build(replace(run, repository=home, number=8, branch="main"))
    bot.bot.build(replace(run, repository="team/fork", number=9))
    found = {build.number: build.tag for build in bot.store.builds([home])}
    assert found == {7: "v1.4.0", 8: None, 9: None}


def test_a_pipeline_that_waits_for_a_person_is_neither_under_way_nor_passed(bot: Talk) -> None:
    now = bot.parts.clock.now()
    waits = Build("gitlab", "adderservice", 31, BuildPhase.WAITING, now, revision=SHA, branch="main", tool="gitlab")
    bot.bot.build(replace(waits, phase=BuildPhase.STARTED))
    bot.bot.build(waits)
    bot.until(lambda: says(bot, "adderservice abcdef1 · build ! waiting"))
    bot.until(lambda: under(bot) == ["Build #31 (abcdef1) of adderservice@main waits for a manual job"])
    bot.bot.build(Build("jenkins", "adderservice", 418, BuildPhase.STARTED, now, revision=SHA, branch="main"))
    bot.until(lambda: under(bot) == ["adderservice abcdef1 · 2 builds · 1 waiting, 1 under way"])
    assert "waiting" in str(bot.say("builds adderservice").table)
    bot.bot.build(replace(waits, phase=BuildPhase.FINISHED, result=BuildResult.SUCCESS, seconds=9.0))
    bot.until(lambda: says(bot, "adderservice abcdef1 · build …"))
