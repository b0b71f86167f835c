"""Another configuration is taken over as a whole, or not at all, and people are told which."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, current_thread

import pytest

from bot.core.errors import Unavailable
from bot.core.model import Reply, Tone
from bot.reload import Current, Reloader
from config import Settings, load
from config.check import check
from config.source import parse
from tests.unit.away import Flaky, about, stand_on
from tests.unit.talk import DEV, ROLES, Talk, talking

BASE = """\
store: sqlite:///a.db
clusters: {main: {simulated: true}, other: {simulated: true}}
environments:
  staging: {cluster: main, namespace: micro-staging}
services: {webapp: {builds: [webapp]}}
roles: {ops: {verbs: ["*"], people: [a@example.com]}}
"""


@dataclass
class World:
    path: Path
    said: list[Reply] = field(default_factory=list)
    took: int = 0

    def __post_init__(self) -> None:
        self.write(BASE)
        self.current = Current(load(self.path, {}))
        self.reloader = Reloader(self.path, self.current, lambda: load(self.path, {}), self._took, self.said.append)

    def _took(self) -> None:
        self.took += 1

    def write(self, text: str) -> None:
        fresh = self.path.with_suffix(".new")
        fresh.write_text(text, "utf-8")
        fresh.replace(self.path)

    def change(self, old: str, new: str, text: str = BASE) -> Reply:
        assert old in text
        self.write(text.replace(old, new, 1))
        self.rest()
        return self.said[-1]

    def rest(self) -> None:
        self.reloader.look()
        self.reloader.look()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "bot.yaml")


def test_a_file_that_stays_says_nothing(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    world.rest()
    assert (world.said, world.took, caplog.messages) == ([], 0, [])


def test_a_change_is_logged_in_the_words_that_are_told(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    world.change("a@example.com", "b@example.com", BASE.replace("a.db", "b.db"))
    assert caplog.messages == ["bot.yaml is in force: roles: ops changed. Only after a restart: store."]


def test_what_changed_while_the_bot_started_is_seen(tmp_path: Path) -> None:
    world = World(tmp_path / "bot.yaml")
    world.write(BASE.replace("webapp", "shop"))
    world.rest()
    assert world.took == 1


def test_what_changed_is_in_force_and_said_in_a_sentence(world: World) -> None:
    told = world.change("a@example.com", "b@example.com")
    assert (told.title, told.tone, told.body) == ("bot.yaml is in force: roles: ops changed", Tone.GOOD, "")
    assert world.current().roles[0].people == ("b@example.com",)
    assert world.took == 1


def test_a_file_is_read_once_it_rests(world: World) -> None:
    world.write(BASE.replace("webapp:", "w"))
    world.reloader.look()
    world.write(BASE.replace("staging:", "lab:"))
    world.reloader.look()
    assert world.said == []
    world.reloader.look()
    assert world.said[0].title == "bot.yaml is in force: environments: lab added, staging removed"


def test_a_bad_one_is_refused_as_a_whole_and_the_old_one_stays(world: World) -> None:
    before = world.current()
    told = world.change("a@example.com", "nobody", BASE.replace("webapp:", "shop:"))
    assert (told.title, told.tone) == ("bot.yaml is refused: what stood before it stays", Tone.BAD)
    assert told.body.splitlines()[0] == "bot.yaml has 1 mistake."
    assert 'roles.ops.people[0]: "nobody" is not an e-mail address' in told.body
    assert world.current() is before
    world.rest()
    assert len(world.said) == 1


def test_that_it_is_good_again_is_said_too(world: World) -> None:
    world.change("a@example.com", "nobody")
    assert world.reloader.refused
    world.write(BASE)
    world.rest()
    assert not world.reloader.refused
    assert world.said[-1].title == "bot.yaml is good again: it says what is in force"


def test_a_file_that_is_gone_is_told_and_changes_nothing(world: World) -> None:
    world.path.unlink()
    world.rest()
    assert "cannot be read" in world.said[-1].body
    assert world.current().roles


def test_a_touch_says_nothing(world: World) -> None:
    world.write(BASE)
    world.rest()
    assert (world.said, world.took) == ([], 0)


def test_a_mounted_config_map_changes_by_a_link(tmp_path: Path) -> None:
    """As the kubelet does it: the file leads through `..data`, which is what is replaced."""
    for number, text in enumerate((BASE, BASE.replace("webapp", "shop"))):
        (tmp_path / f"..{number}").mkdir()
        (tmp_path / f"..{number}" / "bot.yaml").write_text(text)
        os.utime(tmp_path / f"..{number}" / "bot.yaml", (1, 1))
    (tmp_path / "..data").symlink_to("..0")
    (tmp_path / "bot.yaml").symlink_to("..data/bot.yaml")
    path, said = tmp_path / "bot.yaml", list[Reply]()
    reloader = Reloader(path, Current(load(path, {})), lambda: load(path, {}), lambda: None, said.append)
    (tmp_path / "..new").symlink_to("..1")
    (tmp_path / "..new").replace(tmp_path / "..data")
    reloader.look()
    reloader.look()
    assert [reply.title for reply in said] == ["bot.yaml is in force: services: shop added, webapp removed"]


def test_asked_it_is_read_at_once_changed_or_not(world: World) -> None:
    world.reloader.look(asked=True)
    assert (world.said, world.took) == ([], 0)
    world.write(BASE.replace("webapp", "shop"))
    world.reloader.look(asked=True)
    assert world.took == 1


@pytest.mark.parametrize(
    ("new", "named"),
    [
        (BASE.replace("a.db", "b.db"), "store"),
        (BASE + "web: {port: 1}", "web"),
        (BASE.replace("other", "third"), "clusters: third added, other removed"),
        (BASE + "registries: {r: {plain_http: true}}", "registries: r added"),
        (BASE + "builds: {generic: {secret: a-test-value}}", "builds: generic added"),
        (BASE + "alerts: {main: {token: a-test-value}}", "alerts: main added"),
        (BASE + "pushes: {generic: {secret: a-test-value}}", "pushes: generic added"),
        (BASE + "chat: {webex: {token: a-test-value, webhook_secret: b-test-value}}", "chat.webex"),
    ],
)
def test_what_cannot_change_at_run_time_says_that_it_waits(world: World, new: str, named: str) -> None:
    world.write(new)
    world.rest()
    assert world.said[-1].title == "bot.yaml changed what needs a restart"
    assert world.said[-1].body == f"Only after a restart: {named}."
    assert "a-test-value" not in str(world.said)
    told = world.change("people: [a@", "people: [b@", new)
    assert (told.title, told.tone) == ("bot.yaml is in force: roles: ops changed", Tone.WARNING)
    assert told.body == f"Only after a restart: {named}."
    assert world.change("webapp", "shop").body == ""


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("namespace: micro-staging", "namespace: elsewhere", "staging"),
        ("cluster: main, namespace", "cluster: other, namespace", "staging"),
        ("  staging", "  lab: {cluster: new, namespace: lab}\n  staging", "lab"),
    ],
)
def test_what_this_process_cannot_follow_is_refused_with_all_the_rest(
    world: World, old: str, new: str, named: str
) -> None:
    before = world.current()
    told = world.change(old, new, BASE.replace("{main:", "{new: {simulated: true}, main:"))
    assert told.body.startswith(f"bot.yaml needs a restart.\nMoved, or in a cluster that is new: {named}.\n")
    assert world.current() is before


def test_who_asks_in_the_moment_when_a_round_begins_is_heard(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    is_set, read = Event.is_set, Event()
    asked: list[str] = []

    def asked_just_then(event: Event) -> bool:
        found = is_set(event)
        if current_thread().name == "reload" and not asked:
            asked.append("now")
            reloader.ask()
        return found

    def read_it() -> Settings:
        if asked:
            read.set()
        return load(world.path, {})

    monkeypatch.setattr(Event, "is_set", asked_just_then)
    reloader = Reloader(world.path, world.current, read_it, lambda: None, world.said.append)
    reloader.look()
    reloader.look()
    reloader.start()
    assert read.wait(30)
    reloader.stop()


def test_the_order_of_environments_is_the_order_of_promotion(world: World) -> None:
    lab = "  lab: {cluster: main, namespace: lab}\n"
    staging = "  staging: {cluster: main, namespace: micro-staging}\n"
    world.write(BASE.replace(staging, staging + lab))
    world.rest()
    world.write(BASE.replace(staging, lab + staging))
    world.rest()
    assert world.said[-1].title == "bot.yaml is in force: the order of environments"


def take(bot: Talk, change: Callable[[str], str]) -> None:
    file = Path(bot.parts.settings.store.reveal().removeprefix("sqlite:///")).with_name("talk.yaml")
    bot.parts.current.take(check(parse(change(file.read_text("utf-8"))), {}, path=file))
    bot.bot.configured()


def test_what_cannot_be_told_just_then_is_in_force_all_the_same(world: World) -> None:
    def away(_reply: Reply) -> None:
        raise Unavailable("The store does not answer.")

    reloader = Reloader(world.path, world.current, lambda: load(world.path, {}), world._took, away)
    with pytest.raises(Unavailable):
        world.write("services: [")
        reloader.look(asked=True)
    assert (reloader.refused, world.took) == (True, 0)
    with pytest.raises(Unavailable):
        world.write(BASE.replace("webapp", "shop"))
        reloader.look(asked=True)
    assert (reloader.refused, world.took) == (False, 1)


def test_what_became_of_it_is_told_once_the_store_answers(tmp_path: Path) -> None:
    with talking(tmp_path, more="chat: {admin: {slack: C0ADMIN}}") as bot:
        flaky = Flaky(bot.store, "put_message", 3, about("configuration"))
        stand_on(bot, flaky)
        bot.pass_time(lambda: bot.bot.leading)
        bot.bot.tell_admins(Reply("bot.yaml is in force: roles"))
        bot.pass_time(lambda: "bot.yaml is in force: roles" in [m.reply.title for m in dict(bot.slack.stands).values()])
    assert flaky.refused == 3


def test_a_bot_that_has_its_hands_full_takes_over_all_of_it(tmp_path: Path) -> None:
    """That a channel cannot be written to is said another time."""
    with talking(tmp_path) as bot:
        bot.pass_time(lambda: bot.bot.poller.looking)
        bot.bot._workers.stop()
        take(bot, lambda text: text.replace("default_environment: staging}", "watch: {tags: sha, every: 5s}}", 1))
        bot.pass_time(lambda: bot.store.tags_seen("registry.local:5000/eventservice"))


def test_rights_are_those_of_the_configuration_that_stands(bot: Talk) -> None:
    assert bot.say("scale webapp 3 in staging", DEV).code == "not_allowed"
    take(bot, lambda text: text + ROLES)
    assert bot.say("scale webapp 3 in staging", DEV).code == ""
    take(bot, lambda text: text + ROLES.replace("[read, logs, deploy, scale]", "[read]"))
    assert bot.say("scale webapp 4 in staging", DEV).code == "not_allowed"


def test_an_environment_that_comes_is_followed(tmp_path: Path) -> None:
    with talking(tmp_path) as bot:
        take(
            bot,
            lambda text: text.replace("  production: {", "  zoo: {cluster: test, namespace: micro, settle: 1s}\n  #"),
        )
        assert bot.say("restart webapp in zoo").title.endswith("done")


def test_one_that_goes_is_known_no_more(bot: Talk) -> None:
    take(bot, lambda text: text.replace("  production: {", "  # production: {"))
    assert bot.say("restart webapp in production").title == "There is no environment production."
    assert bot.say("restart webapp in staging").title.endswith("done")


def test_how_long_a_rollout_settles_is_looked_up_when_it_counts(bot: Talk) -> None:
    take(bot, lambda text: text.replace("settle: 2s", "settle: 59m"))
    key = bot.begin("restart webapp in staging")
    bot.until(lambda: any("watching for 59 min" in title for title in bot.titles(key)))
    take(bot, lambda text: text)
    assert bot.answer(key).title.endswith("done")


def test_the_schedule_of_a_repository_follows(bot: Talk) -> None:
    take(bot, lambda text: text.replace("default_environment: staging}", "watch: {tags: sha, every: 5s}}", 1))
    bot.pass_time(lambda: bot.store.tags_seen("registry.local:5000/eventservice"))
