"""The words of the tools, letter by letter."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from bot.core.events import Build, BuildPhase, BuildResult
from bot.core.model import Tone
from bot.core.news import build_notice, minutes, minutes_seconds
from bot.core.transitions import transition

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
URL = "https://ci.example.com/job/proj/13/"
JENKINS = Build("jenkins", "proj", 13, BuildPhase.FINISHED, NOON, BuildResult.SUCCESS, url=URL, seconds=123)
STARTED = replace(JENKINS, phase=BuildPhase.STARTED, result=None, seconds=None)
BROKEN = replace(JENKINS, number=12, result=BuildResult.FAILURE, started=NOON - timedelta(seconds=285), seconds=0)
WELL = replace(JENKINS, number=11)
TRAVIS = Build(
    "travis", "team/adder", 12, BuildPhase.FINISHED, NOON, BuildResult.SUCCESS,
    revision="3f2a91c4b7d05e8a", branch="main", url="https://travis/12", seconds=60, tool="travis",
    repository="team/adder", author="Dev Two", compare_url="https://github.com/team/adder/compare/a...b",
)  # fmt: skip
WAITING = replace(TRAVIS, phase=BuildPhase.WAITING, result=None)
RED = replace(TRAVIS, number=11, result=BuildResult.FAILURE)
GREEN = replace(TRAVIS, number=11)


@pytest.mark.parametrize(
    ("build", "title"),
    [
        (replace(STARTED, causes=("Started by user dev2",)), "proj - #13 Started by user dev2 (Open)"),
        (
            replace(STARTED, culprits=("dev1", "dev2"), files=3),
            "proj - #13 Started by changes from dev1, dev2 (3 file(s) changed) (Open)",
        ),
        (STARTED, "proj - #13 Starting... (Open)"),
        (replace(STARTED, phase=BuildPhase.QUEUED), "proj - #13 Starting... (Open)"),
        (replace(STARTED, phase=BuildPhase.WAITING), "proj - #13 Waiting for somebody (Open)"),
        (replace(STARTED, seconds=3), "proj - #13 Starting... after 3 sec and counting (Open)"),
        (JENKINS, "proj - #13 Success after 2 min 3 sec (Open)"),
        (replace(JENKINS, result=BuildResult.FAILURE), "proj - #13 Failure after 2 min 3 sec (Open)"),
        (replace(JENKINS, result=BuildResult.UNSTABLE), "proj - #13 Unstable after 2 min 3 sec (Open)"),
        (replace(JENKINS, result=BuildResult.ABORTED), "proj - #13 Aborted after 2 min 3 sec (Open)"),
        (replace(JENKINS, result=BuildResult.NOT_BUILT), "proj - #13 Not built after 2 min 3 sec (Open)"),
        (replace(JENKINS, result=None), "proj - #13 Unknown after 2 min 3 sec (Open)"),
        (replace(JENKINS, url=None, seconds=None), "proj - #13 Success"),
        (
            replace(JENKINS, job="qa-worker", images=("registry/worker:v28", "registry/worker:latest")),
            "qa-worker - #13 registry/worker:v28 registry/worker:latest Success after 2 min 3 sec (Open)",
        ),
        (replace(JENKINS, display_name="release 4"), "proj - release 4 Success after 2 min 3 sec (Open)"),
    ],
)
def test_jenkins(build: Build, title: str) -> None:
    assert build_notice(build).title == title


def test_jenkins_after_those_before() -> None:
    fixed = build_notice(JENKINS, transition(JENKINS, [WELL, BROKEN]))
    assert fixed.title == "proj - #13 Back to normal after 6 min 48 sec (Open)"
    assert fixed.tone is Tone.GOOD
    again = replace(JENKINS, result=BuildResult.FAILURE)
    assert build_notice(again, transition(again, [WELL, BROKEN])).title.startswith("proj - #13 Still Failing after 2")
    unstable = replace(JENKINS, result=BuildResult.UNSTABLE, failed=2)
    before = replace(unstable, number=12, failed=1)
    assert build_notice(unstable, transition(unstable, [before])).title.startswith("proj - #13 Regression after 2 min")


def test_the_address_is_a_field_that_bears_the_word_in_the_title() -> None:
    (link,) = build_notice(JENKINS).fields
    assert (link.name, link.value, link.is_link) == ("Open", URL, True)
    assert [(f.name, f.value) for f in build_notice(TRAVIS).fields] == [
        ("#12", "https://travis/12"),
        ("3f2a91c", "https://github.com/team/adder/compare/a...b"),
    ]


def test_jenkins_tests_and_changes() -> None:
    tests = ("adder.RoundTest.half",)
    body = build_notice(
        replace(
            JENKINS,
            branch="main",
            passed=42,
            failed=1,
            skipped=2,
            failed_tests=tests,
            changes=("Round half to even [dev2]",),
        )
    ).body
    assert body.split("\n") == [
        "branch main",
        "Test Status: Passed: 42, Failed: 1, Skipped: 2",
        "1 Failed Tests:",
        "- adder.RoundTest.half",
        "Changes:",
        "- Round half to even [dev2]",
    ]
    assert build_notice(replace(JENKINS, culprits=("dev2",), files=3)).body == "Changes from dev2 (3 file(s) changed)"


def test_long_lists_end_with_a_number() -> None:
    lines = build_notice(replace(JENKINS, changes=tuple(f"change {n}" for n in range(30)))).body.split("\n")
    assert (len(lines), lines[-1]) == (10, "… 22 more")
    crowd = build_notice(replace(STARTED, culprits=tuple(f"dev{n}" for n in range(9)), files=1)).title
    assert "from dev0, dev1, dev2, dev3 and 5 more (1 file(s) changed)" in crowd


@pytest.mark.parametrize(
    ("build", "before", "end"),
    [
        (TRAVIS, GREEN, "by Dev Two passed in 1 min 0 sec"),
        (TRAVIS, RED, "by Dev Two passed in 1 min 0 sec · fixed"),
        (replace(TRAVIS, result=BuildResult.FAILURE), GREEN, "by Dev Two failed in 1 min 0 sec · broken"),
        (replace(TRAVIS, result=BuildResult.FAILURE), RED, "by Dev Two failed in 1 min 0 sec · still failing"),
        (replace(TRAVIS, result=BuildResult.ERRORED), RED, "by Dev Two errored in 1 min 0 sec"),
        (replace(TRAVIS, result=BuildResult.ABORTED), RED, "by Dev Two canceled in 1 min 0 sec"),
        (replace(TRAVIS, result=BuildResult.NOT_BUILT, seconds=None), RED, "by Dev Two skipped"),
        (replace(TRAVIS, phase=BuildPhase.STARTED, result=None), RED, "by Dev Two started"),
        (replace(TRAVIS, phase=BuildPhase.QUEUED, result=None), RED, "by Dev Two is pending"),
        (WAITING, RED, "by Dev Two waits for somebody"),
        (replace(WAITING, tool="github"), RED, "by Dev Two waits for approval"),
        (
            replace(WAITING, tool="gitlab"),
            RED,
            "by Dev Two waits for a manual job",
        ),
    ],
)
def test_travis(build: Build, before: Build, end: str) -> None:
    said = build_notice(build, transition(build, [before]))
    assert said.title == f"Build #12 (3f2a91c) of team/adder@main {end}"


def test_travis_of_a_pull_request_and_without_what_is_not_known() -> None:
    pull = replace(TRAVIS, pull_request=7, pull_request_url="https://github.com/team/adder/pull/7")
    said = build_notice(pull)
    assert said.title == "Build #12 (3f2a91c) of team/adder@main in PR #7 by Dev Two passed in 1 min 0 sec"
    assert said.fields[-1].name == "#7"
    merge = replace(pull, tool="gitlab")
    assert " in MR !7 by Dev Two " in build_notice(merge).title
    bare = replace(TRAVIS, revision=None, branch=None, author=None, url=None, seconds=None)
    assert (build_notice(bare).title, build_notice(bare).fields) == ("Build #12 of team/adder passed", ())


@pytest.mark.parametrize(
    ("result", "tone"),
    [
        (BuildResult.SUCCESS, Tone.GOOD),
        (BuildResult.FAILURE, Tone.BAD),
        (BuildResult.UNSTABLE, Tone.WARNING),
        (BuildResult.ABORTED, Tone.WARNING),
        (BuildResult.NOT_BUILT, Tone.WARNING),
        (BuildResult.ERRORED, Tone.WARNING),
        (None, Tone.WARNING),
    ],
)
def test_colours(result: BuildResult | None, tone: Tone) -> None:
    assert build_notice(replace(JENKINS, result=result)).tone is tone
    assert build_notice(STARTED).tone is Tone.WORKING


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 ms"),
        (0.05, "50 ms"),
        (0.52, "0.52 sec"),
        (1.25, "1.2 sec"),
        (3, "3 sec"),
        (48.9, "48 sec"),
        (60, "1 min 0 sec"),
        (123, "2 min 3 sec"),
        (725, "12 min"),
        (3725, "1 hr 2 min"),
        (90_000, "1 day 1 hr"),
        (40 * 86400, "1 mo 10 day"),
        (400 * 86400, "1 yr 1 mo"),
    ],
)
def test_durations_as_jenkins_writes_them(seconds: float, words: str) -> None:
    assert minutes(seconds) == words


def test_who_waits_for_a_person_is_no_failure_and_not_under_way() -> None:
    said = build_notice(WAITING)
    assert said.tone is Tone.WARNING


def test_durations_as_travis_writes_them() -> None:
    assert [minutes_seconds(s) for s in (0, 52, 60, 3665)] == [
        "0 min 0 sec",
        "0 min 52 sec",
        "1 min 0 sec",
        "61 min 5 sec",
    ]
