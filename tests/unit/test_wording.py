"""A team's own titles: what may stand in them, what becomes of it, and that nothing else changes."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.chat.slack.blocks import render as slack
from bot.chat.webex.markdown import render as webex
from bot.core.alerts import Alert, AlertGroup, merge
from bot.core.catalogue import Catalogue, Happening, Route
from bot.core.events import (
    AlertRaised,
    Build,
    BuildChanged,
    BuildPhase,
    BuildResult,
    Commit,
    Committed,
    Event,
    Incident,
    IncidentChanged,
    Rollout,
    RolloutChanged,
    TagFound,
)
from bot.core.model import Button, Field, Place, Reply, Tone, Who
from bot.core.placeholders import EVERYWHERE, PLACEHOLDERS, Placeholder, usable
from bot.core.routes import OCCASIONS, happening, wording
from bot.core.wording import LONGEST_TITLE, LONGEST_VALUE, objection, retitled
from bot.core.workload import Image, Kind, Phase, Target
from config import ConfigError, load
from tests.servers.webex_text import drawn, html_of
from tests.unit.slack_look import markup

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
TARGET = Target("production", "main", "micro", Kind.DEPLOYMENT, "webapp")
USUAL = Reply(
    "as ever", Tone.BAD, (Field("Open", "https://ci/1"),), body="branch main", buttons=(Button("Why", "why"),)
)
BUILD = Build(
    "jenkins", "adder", 418, BuildPhase.FINISHED, AT, BuildResult.FAILURE, "3f2a91c4b7d05e8a", "main",
    seconds=123.0, author="Dev Two", changes=("Round half to even [dev2]", "Other"),
)  # fmt: skip
BARE = Build("jenkins", "adder", 418, BuildPhase.STARTED, AT)
ROLLOUT = Rollout(
    "r", TARGET, "webapp", "deploy", 2, "t", "1.4.1", "1.4.0", Phase.FAILED, 1, 3, AT, AT,
    who=Who("slack", "U1", "dev1"), reason="Crashes at start: exit 3.",
)  # fmt: skip
INCIDENT = Incident("i", TARGET, "webapp", "oom", "Killed for memory.", AT, AT, "1.4.1", times=2)
ALERT = Alert("f", "HighErrorRate", AT, severity="critical", summary="5 % fail.", service="webapp")
GROUP = merge(None, AlertGroup("main", "g", "HighErrorRate", (ALERT,), AT))
COMMIT = Commit("github", "team/adder", "3f2a91c4b7d05e8a", AT, "Round half", "Dev Two", "main")
IMAGE = Image("registry/webapp", "1.4.1", f"sha256:{'4' * 64}", "3f2a91c4b7d05e8a")
EVENTS: dict[Happening, tuple[Event, str, Event, str]] = {
    Happening.BUILD: (
        BuildChanged(BUILD, "adder"),
        "adder 418 Failure 2 min 3 sec Dev Two Round half to even [dev2] main 3f2a91c as ever adder",
        BuildChanged(BARE),
        "adder 418 under way an unknown time somebody no change no branch no commit as ever no service",
    ),
    Happening.MERGE: (
        Committed(COMMIT, "adder"),
        "Round half Dev Two main 3f2a91c team/adder as ever adder",
        Committed(replace(COMMIT, title="", author="", branch=""), "adder"),
        "no words somebody no branch 3f2a91c team/adder as ever adder",
    ),
    Happening.IMAGE: (
        TagFound("webapp", IMAGE),
        "1.4.1 registry/webapp sha256:4444444 3f2a91c as ever webapp",
        TagFound("webapp", Image("registry/webapp", "1.4.1")),
        "1.4.1 registry/webapp no digest no commit as ever webapp",
    ),
    Happening.ROLLOUT: (
        RolloutChanged(ROLLOUT),
        "production 1.4.1 1.4.0 deploy @dev1 Crashes at start: exit 3 as ever webapp",
        RolloutChanged(replace(ROLLOUT, who=None, previous="", reason="")),
        "production 1.4.1 nothing deploy somebody no reason known as ever webapp",
    ),
    Happening.INCIDENT: (
        IncidentChanged(INCIDENT),
        "production 1.4.1 Killed for memory 2 as ever webapp",
        IncidentChanged(replace(INCIDENT, image="", times=1)),
        "production no image Killed for memory 1 as ever webapp",
    ),
    Happening.ALERT: (
        AlertRaised(GROUP, "webapp"),
        "HighErrorRate critical 5 % fail. 1 1 as ever webapp",
        AlertRaised(replace(GROUP, alerts=()), ""),
        "HighErrorRate no severity no summary 0 1 as ever no service",
    ),
}


def said(event: Event, text: str, usual: Reply = USUAL) -> str:
    return retitled(usual, event, text).title


@pytest.mark.parametrize("kind", Happening)
def test_everything_that_may_be_named_is_said_and_what_is_missing_has_a_word(kind: Happening) -> None:
    known, told, unknown, instead = EVENTS[kind]
    everything = " ".join(f"{{{name}}}" for name in usable(kind))
    assert happening(known) is happening(unknown) is kind
    assert objection(kind, everything) == ""
    assert (said(known, everything), said(unknown, everything)) == (told, instead)


def test_only_the_title_is_another() -> None:
    assert retitled(USUAL, BuildChanged(BUILD), "{job} #{number} is broken by {author}") == replace(
        USUAL, title="adder #418 is broken by Dev Two"
    )


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("{author|all of you}", "all of you"),
        ("{job|nobody}", "adder"),
        ("{author|}", "as ever"),
        ("{author|} {job}", "adder"),
        ("{{{job}}} {{job}}", "{adder} {job}"),
        ("  two   words ", "two words"),
        ("{branch|a|b}", "a|b"),
    ],
)
def test_a_text_may_bring_its_own_word(text: str, title: str) -> None:
    assert objection(Happening.BUILD, text) == ""
    assert said(BuildChanged(BARE), text) == title


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{jb}", "there is no {jb}; did you mean {job}? It may hold {job}, {number}, "),
        ("{job.__class__}", "there is no {job.__class__}"),
        ("{job!r}", "there is no {job!r}"),
        ("{job:>999999999}", "there is no {job:>999999999}"),
        ("{job[0]}", "there is no {job[0]}"),
        ("{}", "there is no {}."),
        ("{0}", "there is no {0}."),
        ("{job", "a { that is meant as such is written {{."),
        ("job}", "a } that is meant as such is written }}."),
        ("{{job}", "a } that"),
        ("x" * 201, "one line of at most 200 letters"),
        ("a\nb", "one line of"),
        ("\u202egnp", "one line of"),
    ],
)
def test_what_may_not_stand_in_a_text(text: str, told: str) -> None:
    assert told in objection(Happening.BUILD, text)


HOSTILE = (
    "<!channel> <@U1> @all",
    "<https://evil.example|ok>",
    "[ok](https://evil.example)",
    "*b* _i_ `c` ~s~ # h",
    "<@all|x> <spark-mention data-object-type='groupMention'>",
    "{author} {job.x} {{",
    "\u202e\u200b\r\n    verbatim",
)


@given(st.text(max_size=300) | st.sampled_from(HOSTILE), st.sampled_from(["{author}", "{author} {change}{job}"]))
def test_a_commit_brings_nothing_but_text(words: str, text: str) -> None:
    build = replace(BUILD, author=words, changes=(words,), job=words or "job")
    reply = retitled(USUAL, BuildChanged(build), text)
    assert reply.title.isprintable()
    assert len(reply.title) <= LONGEST_TITLE
    assert markup(slack(reply, AT)) == []
    assert drawn(html_of(webex(reply, "key", AT).markdown))[1] <= {"p", "strong", "br", "pre", "code", "a"}


def test_what_is_put_in_is_not_read_again_and_cut() -> None:
    assert said(BuildChanged(replace(BUILD, author="{job} {{")), "{author}") == "{job} {{"
    assert len(said(BuildChanged(replace(BUILD, author="x" * 500)), "{author}")) == LONGEST_VALUE


def worded(event: Event, *routes: Route) -> dict[Place, str]:
    return wording(event, Catalogue({}, routes=routes), {"slack"})


def route(words: dict[str, str], channel: str = "C1", when: tuple[str, ...] = ()) -> Route:
    return Route({"slack": (channel,)}, when=when, words={Happening.BUILD: words})


HERE = Place("slack", "C1")


@pytest.mark.parametrize(
    ("occasions", "text"),
    [
        ({"always", "broken", "failure", "change", "regression"}, "broken"),
        ({"always", "still failing", "failure", "regression"}, "failure"),
        ({"always", "regression", "unstable", "change"}, "regression"),
        ({"always", "fixed", "success", "change"}, "change"),
        ({"always", "started"}, "always"),
    ],
)
def test_the_narrowest_occasion_counts(occasions: set[str], text: str) -> None:
    words = {name: name for name in ("always", "change", "regression", "failure", "broken")}
    event = BuildChanged(BUILD, "adder", frozenset(occasions))
    assert worded(event, route(words)) == worded(event, route(dict(reversed(words.items())))) == {HERE: text}


def test_the_first_route_that_has_words_counts_in_its_channels_alone() -> None:
    event = BuildChanged(BUILD, "adder", frozenset({"always"}))
    none, first, second = route({}), route({"always": "first"}), route({"always": "second"})
    assert worded(event, none, first, second, route({"always": "other"}, "C2")) == {
        HERE: "first",
        Place("slack", "C2"): "other",
    }
    assert worded(event, route({"broken": "b"})) == worded(TagFound("adder", IMAGE), first) == {}
    assert worded(event, replace(first, services=("webapp",))) == {}


def test_what_stands_is_worded_anew_where_the_route_would_keep_silent_by_then() -> None:
    event = BuildChanged(BUILD, "adder", frozenset({"always", "fixed"}))
    assert worded(event, route({"always": "a"}, when=("failure",))) == {HERE: "a"}


CONFIG = """
clusters: {{main: {{simulated: true}}}}
environments: {{production: {{cluster: main, namespace: micro}}}}
services: {{adder: {{}}}}
routes:
  - {{events: {events}, to: {{slack: C1}}, words: {words}}}
"""


def loaded(folder: Path, words: str, events: str = "[]") -> Route:
    path = folder / "bot.yaml"
    path.write_text(CONFIG.format(words=words, events=events))
    return load(path, {}).catalogue().routes[0]


def test_words_are_read_from_the_configuration(tmp_path: Path) -> None:
    words = '{image: "{tag} is there", build: {still failing: "{job}"}, rollout: }'
    assert loaded(tmp_path, words).words == {
        Happening.IMAGE: {"always": "{tag} is there"},
        Happening.BUILD: {"still failing": "{job}"},
    }


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            '{build: {broken: "{jb}"}}',
            'routes[0].words.build.broken: "{jb}" is not text for build events: there is no {jb}',
        ),
        ('{image: "{job}"}', 'routes[0].words.image: "{job}" is not text for image events: there is no {job}'),
        ('{build: {brokn: "x"}}', 'routes[0].words.build.brokn: "brokn" is not one of aborted, always, broken, '),
        ('{build: {brokn: "x"}}', "; did you mean broken?"),
        ('{merge: {failure: "x"}}', 'routes[0].words.merge.failure: "failure" is not one of always, change'),
        ('{biuld: "x"}', "routes[0].words.biuld: unknown key; did you mean build?"),
        ("{build: {broken: 5}}", "routes[0].words.build.broken: 5 is not text; put it in quotes"),
        ('{rollout: "x"}', "routes[0].words.rollout: is never said: it is not among events"),
    ],
)
def test_the_mistakes_in_words(words: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, words, "[build, image, merge]")
    assert told in caught.value.fact


def test_the_table_of_the_placeholders_is_true() -> None:
    table = (ROOT / "docs" / "ci.md").read_text().partition("<!-- words -->\n")[2].partition("<!-- /words -->")[0]
    rows = ["| of | a text may name | on the occasions |", "|---|---|---|", f"| every event | {_named(EVERYWHERE)} | |"]
    rows += [f"| {kind} | {_named(PLACEHOLDERS[kind])} | {', '.join(sorted(OCCASIONS[kind]))} |" for kind in Happening]
    assert table.splitlines() == rows, "\n".join(rows)


def _named(known: Mapping[str, Placeholder[Any]]) -> str:
    return " · ".join(f"`{{{n}}}` {p.what}" + (f" ({p.missing})" if p.missing else "") for n, p in known.items())
