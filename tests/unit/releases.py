"""Releases as they stand at one moment, for the words of their threads."""

from datetime import timedelta

from msgspec.structs import replace

from bot.core.catalogue import Catalogue
from bot.core.events import Build, BuildChanged, BuildPhase, BuildResult, Commit, Rollout, RolloutChanged
from bot.core.live import live
from bot.core.model import Reply
from bot.core.news import build_notice
from bot.core.release import Release, build_part, commit_part, image_part, rollout_part
from bot.core.thread import builds_notice, builds_told, commit_notice, led_on, parent
from bot.core.wording import retitled
from bot.core.workload import Image, Phase

SHA = "3f2a91c4b7d05e8a6619f0c2d3e4b5a697887766"
PAGE = "https://github.com/team/adderservice"


def thread_words(catalogue: Catalogue, build: Build, rollout: Rollout) -> dict[str, Reply]:
    at = build.started
    pushed = Commit("github", "team/adderservice", SHA, at, "Round half to even", "Dev Two", "main", f"{PAGE}/commit/1")
    merged = replace(pushed, pull_request=12, pull_request_url=f"{PAGE}/pull/12", by="lead")
    one = replace(build, revision=SHA, url="https://ci.example.com/adderservice/418")
    tests = replace(one, job="adderservice-tests", result=BuildResult.FAILURE, passed=41, failed=1)
    tests = replace(tests, failed_tests=("adder.RoundTest.half",), started=at + timedelta(seconds=1))
    lint = replace(one, job="adderservice-lint", phase=BuildPhase.STARTED, result=None, seconds=None)
    staging = replace(rollout, key="staging", target=replace(rollout.target, environment="staging"), phase=Phase.PROVEN)
    image = image_part("tag", Image("registry/adderservice", "3f2a91c", "sha256:44c1f0e", SHA), at)
    release = Release("release:adderservice:3f2a91c", "adderservice", at, (build_part(one),))
    through = release.having(commit_part(merged)).having(image).having(rollout_part(staging))
    failed = replace(rollout, phase=Phase.FAILED)
    tagged = image_part("tag", Image("registry/adderservice", "1.4.0", "sha256:44c1f0e", SHA), at)
    by_tag = image_part("tag", Image("registry/adderservice", "1.4.0"), at)
    several = release.having(build_part(tests)).having(build_part(lint))
    together = [one, tests, lint]
    return {
        "release-built": parent(release, catalogue),
        "release-under-way": parent(through.having(rollout_part(rollout)), catalogue),
        "release-done": parent(through.having(rollout_part(replace(rollout, phase=Phase.PROVEN))), catalogue),
        "release-failed": parent(through.having(rollout_part(failed)), catalogue),
        "release-of-a-version": parent(release.having(tagged), catalogue),
        "release-of-several-builds": parent(several, catalogue),
        "release-goes-on": led_on(replace(release, parts=(by_tag,)), release.having(tagged)),
        "builds-of-one-commit": builds_notice(several, builds_told("adderservice", together, together)),
        "commit-pushed": commit_notice(pushed),
        "commit-merged": commit_notice(merged),
        "commit-tagged": commit_notice(replace(pushed, branch="", tag="v1.4.0")),
    }


def words_of_ones_own(build: Build, rollout: Rollout) -> dict[str, Reply]:
    """A build without an author, a commit that tries to be more than text, and a rollout."""
    broken = replace(build, result=BuildResult.FAILURE, url="https://ci.example.com/adderservice/418")
    hostile = replace(broken, author="<!channel> [ok](https://evil.example) *{job}* <@all>")
    live_there = replace(rollout, phase=Phase.PROVEN, ready=6, finished=rollout.changed, detail="")
    by, is_live = "{job} #{number} is broken by {author}", "{service} {image} is live in {environment}"
    return {
        "words-build": retitled(build_notice(broken), BuildChanged(broken), by),
        "words-hostile": retitled(build_notice(hostile), BuildChanged(hostile), by),
        "words-around": retitled(build_notice(broken), BuildChanged(broken), "Look, {author|somebody}: {title}"),
        "words-rollout": retitled(live([live_there], rollout.changed, 30.0), RolloutChanged(live_there), is_live),
    }
