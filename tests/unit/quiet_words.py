"""What a night left behind, for the words of the morning."""

from msgspec.structs import replace

from bot.core.digest import digest
from bot.core.events import Build, BuildResult, Rollout
from bot.core.live import live
from bot.core.model import Message, Place, Reply
from bot.core.news import build_notice
from bot.core.quiet import LOUD, Quiet
from bot.core.workload import Phase

PAGE = "https://ci.example.com/adderservice"


def quiet_words(build: Build, rollout: Rollout) -> dict[str, Reply]:
    at = build.started
    results = [BuildResult.SUCCESS, BuildResult.SUCCESS, BuildResult.FAILURE, BuildResult.FAILURE, BuildResult.UNSTABLE]
    builds = [
        replace(build, number=414 + n, result=result, url=f"{PAGE}/{414 + n}") for n, result in enumerate(results)
    ]
    base = replace(rollout, order=None, who=None, by="kubectl-set", started=at, finished=at, detail="")
    done = replace(base, phase=Phase.PROVEN, service="webapp", image="1.14.2", previous="1.14.1")
    failed = replace(base, phase=Phase.FAILED, reason="Crashes at start: exit 3, restarted 4 times.", ready=1, old=5)
    image = Reply("New image 3f2a91c of adderservice")
    travis = replace(build, tool="travis", repository="team/web", branch="main", author="Dev Two", url=f"{PAGE}/7")
    told = [
        *(_kept(build_notice(each), "build:adderservice", number) for number, each in enumerate(builds)),
        _kept(image, "image:adderservice"),
        _kept(live([done], at, 30.0), "rollout:webapp"),
        _kept(live([failed], at, 30.0), "rollout:adderservice"),
        _kept(build_notice(travis), "build:web"),
    ]
    return {"quiet-night": digest(told), "quiet-night-nothing-failed": digest([*told[:2], *told[5:7]])}


def _kept(reply: Reply, about: str, number: int = 0) -> Message:
    return Message(f"{about}:{number}", Place("slack", "C0PROD"), reply, quiet=Quiet(LOUD.until, about))
