"""What a form offers: known from memory, by what the person may do, and renewed by being asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.chat import Choices
from bot.cluster.memory import MemoryCluster
from bot.cluster.memory.spec import Spec, single
from bot.core.errors import Unavailable
from bot.core.model import Who
from bot.core.workload import Image, Workload
from bot.engine.choices import FRESH, KnownChoices
from bot.workers import Job
from tests.unit.talk import DEV, OPERATOR, ROLES, ROOM, STRANGER, Talk, talking


def at_once(job: Job) -> None:
    job()


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Talk]:
    with talking(tmp_path, more=ROLES) as talk:
        yield talk


@pytest.fixture
def choices(bot: Talk) -> Iterator[KnownChoices]:
    choices = KnownChoices(bot.bot.ports, at_once)
    choices.start()
    yield choices
    choices.stop()


def tags(choices: Choices, service: str) -> list[str | None]:
    return [image.tag for image in choices.versions(service)]


def offered(choices: Choices, who: Who) -> tuple[Sequence[str], Sequence[str]]:
    return choices.services(who, ROOM), choices.environments(who, ROOM)


def test_what_runs_without_being_named_is_offered_too(bot: Talk) -> None:
    bot.cluster.create("micro", Spec("unnamed", single("registry.local:5000/unnamed:9ab01de")))
    choices = KnownChoices(bot.bot.ports, at_once)
    choices.start()
    bot.pass_time(lambda: "unnamed" in choices.services(OPERATOR, ROOM))
    choices.stop()
    assert choices.services(OPERATOR, ROOM) == ["adderservice", "eventservice", "webapp", "mongo", "unnamed"]


class Remote(MemoryCluster):
    """Of which some namespaces cannot be read."""

    away: frozenset[str] = frozenset()

    def workloads(self, environment: str, namespace: str) -> list[Workload]:
        if namespace in self.away:
            raise Unavailable("The cluster does not answer.")
        return super().workloads(environment, namespace)


def test_what_was_never_seen_is_said_and_what_was_stays(bot: Talk) -> None:
    cluster = Remote("test", bot.parts.clock)
    cluster.create("micro", Spec("unnamed", single("registry.local:5000/unnamed:9ab01de")))
    cluster.away = frozenset({"micro"})
    choices = KnownChoices(replace(bot.bot.ports, clusters={"test": cluster}), at_once)
    choices._round()
    assert choices.unseen(OPERATOR, ROOM) == ["production is not shown: The cluster does not answer."]
    assert choices.unseen(DEV, ROOM) == []
    cluster.away = frozenset()
    choices._round()
    cluster.away = frozenset({"micro", "micro-staging"})
    choices._round()
    assert choices.unseen(OPERATOR, ROOM) == []
    assert "unnamed" in choices.services(OPERATOR, ROOM)
    cluster.stop()


def test_only_what_the_person_may_deploy_is_offered(choices: KnownChoices) -> None:
    assert offered(choices, OPERATOR)[1] == ["staging", "production"]
    assert offered(choices, DEV)[1] == ["staging"]
    assert offered(choices, STRANGER) == ([], [])
    guest = Who("slack", "U0GUEST", "guest", "dev1@example.com", outsider="a guest")
    assert offered(choices, guest) == ([], [])


def test_the_objection_is_the_one_of_the_policy(choices: KnownChoices) -> None:
    assert choices.objection(DEV, ROOM, "webapp", "staging") == ""
    against = choices.objection(DEV, ROOM, "webapp", "production")
    assert against.startswith("You may not deploy webapp in production. Your role deployers ends at staging.")
    assert choices.objection(DEV, ROOM, "webapp", "gone") == "There is no environment gone any more."


def test_a_watched_service_is_known_before_anybody_asks_and_the_newest_is_first(
    bot: Talk, choices: KnownChoices
) -> None:
    bot.registry.push(Image("registry.local:5000/adderservice", "abcdef1", created=bot.parts.clock.now()))
    bot.pass_time(lambda: tags(choices, "adderservice")[:1] == ["abcdef1"])


def test_who_asks_has_it_looked_at_anew(bot: Talk, choices: KnownChoices) -> None:
    bot.pass_time(lambda: tags(choices, "webapp"))
    bot.registry.push(Image("registry.local:5000/webapp", "abcdef1", created=bot.parts.clock.now()))
    bot.pass_time(lambda: tags(choices, "webapp")[:1] == ["abcdef1"])


def test_nothing_is_asked_about_what_there_is_not(bot: Talk) -> None:
    asked: list[object] = []
    choices = KnownChoices(bot.bot.ports, asked.append)
    assert choices.versions("never/heard:of") == []
    assert asked == []


def test_a_registry_that_is_away_takes_nothing_from_what_is_known(bot: Talk, choices: KnownChoices) -> None:
    bot.pass_time(lambda: tags(choices, "webapp"))
    known = tags(choices, "webapp")
    bot.registry.break_down("The registry is away.")
    later = bot.parts.clock.now() + 2 * FRESH
    bot.pass_time(lambda: bot.parts.clock.now() > later)
    assert tags(choices, "webapp") == tags(choices, "webapp") == known
