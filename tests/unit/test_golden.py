"""The words people read, held letter by letter. `make golden` writes them anew: read the difference."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from bot.chat.console.text import plain
from bot.core import errors, render
from bot.core.catalogue import Catalogue, Environment, Role
from bot.core.events import Build, BuildPhase, BuildResult, Flaps, Rollout, TagFound
from bot.core.live import evidence, live
from bot.core.locks import Lock
from bot.core.model import Cause, Change, Place, Reply, Tone, Who
from bot.core.news import build_notice, tag_found
from bot.core.policy import Facts, decide, refusal
from bot.core.rights import Asked
from bot.core.workload import Image, Kind, Phase, Target
from bot.ports import Ports
from tests.unit.guard_words import ASKS, GUARDED
from tests.unit.oncall_words import ONCALL_WORDS
from tests.unit.quiet_words import quiet_words
from tests.unit.releases import thread_words, words_of_ones_own
from tests.unit.storm_words import storm_words
from tests.unit.world import NOON, ONCALL, planned, standing_still

GOLDEN = Path(__file__).parents[1] / "golden"

ORDERS = (
    "status",
    "status in production",
    "status adderservice",
    "status adderservice in production",
    "why webapp",
    "why eventservice",
    "status eventservice in staging",
    "logs eventservice in staging",
    "logs webapp in staging",
    "history adderservice in production",
    "images adderservice",
    "images --find 3f2a",
    "images --find ffff",
    "builds adderservice",
    "builds mongo",
    "releases adderservice",
    "releases mongo",
    "stats",
    "stats adderservice since 7d",
    "diff adderservice 9ab01de to production",
    "deploy adderservice 9ab01de to production --dry-run",
    "rollback adderservice in production --dry-run",
    "rollback adderservice to last-good in production --dry-run",
    "scale webapp 9 in production --dry-run",
    "restart webapp in production --dry-run",
    "pause webapp in production --dry-run",
    "set webapp LOG_LEVEL=debug in staging --dry-run",
    "locks",
    "freezes",
    "approvals",
    "schedules",
    "help remind",
    "audit since 2h",
    "whoami",
    "may deploy adderservice 9ab01de to production",
    "help",
    "help all",
    "help deploy",
    "help set",
)
REFUSED = (
    "deploy adderservice 3f2a91d to production",
    "deploy adderservice 9ab01de@sha256:44c1f0e to production",
    "deploy adderservice 3f2a91c to production",
    "deploy addersrvice 9ab01de to staging",
    "deploy adderservice 9ab01de to prod",
    "deploy adderservice",
    "promote adderservice to production",
    "promote webapp",
    "scale webapp lots in staging",
    "scale webapp 4 in production",
    "rollback webapp to 99 in production",
    "resume webapp in staging",
    "pause mongo in staging",
    "unlock webapp in staging",
    "set webapp DB_PASSWORD=x in staging",
    "history nothing",
    "invite ann",
    "at 11:00 today status",
    "every 18:00 scale webapp 1 in staging",
    "unschedule 3",
    "remind deploy adderservice 9ab01de to production",
    "remind status",
    "images",
    "stats since ever",
    "deplyo adderservice 9ab01de to staging",
    "what is going on",
)

ROLLOUT = Rollout(
    key="rollout:main/uid/7",
    target=Target("production", "main", "micro", Kind.DEPLOYMENT, "adderservice"),
    service="adderservice",
    verb="deploy",
    revision=42,
    template="new",
    image="3f2a91c",
    previous="9ab01de",
    phase=Phase.PROGRESSING,
    ready=4,
    wanted=6,
    started=NOON - timedelta(seconds=52),
    changed=NOON,
    order="order:1",
    previous_revision=41,
    who=ONCALL,
    detail="1 waiting for readiness",
)
STORE = Target("production", "main", "micro", Kind.STATEFUL_SET, "adderservice")
DONE = replace(ROLLOUT, phase=Phase.DONE, ready=6, finished=NOON, detail="")
FAILED = replace(
    ROLLOUT,
    phase=Phase.FAILED,
    ready=1,
    old=5,
    finished=NOON,
    reason="Crashes at start: exit 3, restarted 4 times.",
    heading="Last lines of adderservice-7d9c8f6b54-x2x4j:",
    evidence=("starting", "panic: no database"),
)
MENDED = (
    "Rolled back to 9ab01de (revision 43), 6/6 ready. Locked until someone unlocks: unlock adderservice in production"
)
FLAPS = Flaps(7, ROLLOUT.started - timedelta(minutes=4), "rollout:main/uid/3")
ROLLOUTS = {
    "progressing": ROLLOUT,
    "paused": replace(ROLLOUT, phase=Phase.PAUSED),
    "stuck": replace(FAILED, phase=Phase.STUCK, finished=None),
    "rolled-out": DONE,
    "done": replace(DONE, phase=Phase.PROVEN),
    "failed-after-done": replace(FAILED, was_done=True, ready=6, old=0),
    "scaled": replace(DONE, verb="scale", previous="3f2a91c", were=4),
    "scaled-proven": replace(DONE, verb="scale", phase=Phase.PROVEN, previous="3f2a91c", were=4),
    "failed": FAILED,
    "failed-mending": replace(FAILED, mending=True),
    "failed-mended": replace(FAILED, remedy=MENDED),
    "superseded": replace(ROLLOUT, phase=Phase.SUPERSEDED, reason="superseded by 77be001", finished=NOON),
    "staged": replace(DONE, phase=Phase.PROVEN, target=STORE, ready=1, wanted=1, old=5),
    "recorded": replace(ROLLOUT, phase=Phase.RECORDED, reason="recorded, 3 pods still old", finished=NOON),
    "by-kubectl": replace(DONE, phase=Phase.PROVEN, order=None, who=None, by="kubectl-set"),
    "flapping": replace(ROLLOUT, order=None, who=None, by="argocd-controller", flaps=FLAPS),
    "scale": replace(ROLLOUT, verb="scale", previous="3f2a91c", were=4),
    "restart": replace(ROLLOUT, verb="restart", previous="3f2a91c"),
    "set": replace(ROLLOUT, verb="set", previous="3f2a91c"),
    "rollback": replace(ROLLOUT, verb="rollback", image="9ab01de", previous="3f2a91c"),
}
DEV = Who("slack", "U1", "dev1", "dev1@example.com")
HERE = Place("slack", "C1")
RULED = Catalogue(
    {name: Environment(name, "main", name) for name in ("staging", "production")},
    roles=(
        Role("deployers", ("read", "deploy"), ("dev1@example.com",), environments=("staging",)),
        Role("releasers", ("*",), ("lead@example.com",)),
    ),
)
LOCKS = [Lock("webapp", "staging", ONCALL, "migration running", NOON - timedelta(hours=2))]
DECIDED = {
    "policy-environment": Asked(DEV, HERE, "deploy", service="webapp", environment="production"),
    "policy-verb": Asked(DEV, HERE, "scale", service="webapp", environment="staging"),
    "policy-stranger": Asked(Who("slack", "U2", "new"), HERE, "deploy", service="webapp", environment="staging"),
    "policy-guest": Asked(replace(DEV, outsider="a guest"), HERE, "deploy", service="webapp", environment="staging"),
    "policy-locked": Asked(DEV, HERE, "deploy", service="webapp", environment="staging"),
}
BUILD = Build(
    "jenkins",
    "adderservice",
    418,
    BuildPhase.FINISHED,
    NOON - timedelta(seconds=123),
    result=BuildResult.SUCCESS,
    revision="3f2a91c",
    branch="main",
    seconds=123.0,
    causes=("Started by changes from dev2 (3 file(s) changed)",),
    changes=("Round half to even [dev2]",),
)
CALLED = ("@here", "slack:S0ONCALL", "slack:U0ANN", "webex:ann@example.com", "slack:<!channel>", "webex:a b@c>")
NEWS = {
    "build-started": build_notice(replace(BUILD, phase=BuildPhase.STARTED, result=None, seconds=None)),
    **{f"build-{result.name.lower()}": build_notice(replace(BUILD, result=result)) for result in BuildResult},
    **thread_words(RULED, BUILD, ROLLOUT),
    **words_of_ones_own(BUILD, ROLLOUT),
    "evidence": evidence([FAILED, DONE]) or Reply(""),
    **storm_words(ROLLOUT, NOON),
    **quiet_words(BUILD, ROLLOUT),
    "call": Reply("webapp → 77be001 in production · stuck at 0 of 3", Tone.BAD, mentions=CALLED),
}


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ports]:
    with standing_still(tmp_path_factory.mktemp("golden")) as made:
        yield made


def hold(folder: str, name: str, reply: Reply) -> None:
    """As people read it, and as programs do."""
    data = msgspec.json.format(msgspec.json.encode(reply, order="deterministic")).decode()
    text = f"{plain(reply, NOON)}\n---\n{data}\n"
    path = GOLDEN / folder / f"{name}.txt"
    if os.environ.get("QUARTERDECK_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert path.read_text() == text


@pytest.mark.parametrize("text", ORDERS)
def test_answer(ports: Ports, text: str) -> None:
    found = planned(ports, text)
    reply = shown(ports, found) if isinstance(found, Change) else found
    hold("answers", _file(text), reply)


def shown(ports: Ports, change: Change) -> Reply:
    cause = Cause("r", ONCALL, HERE, change.order.request.text)
    asked = [(ports.cluster(ports.catalogue.environment(s.target.environment)), s) for s in change.steps]
    found = [cluster.dry_run(step, cause).differences for cluster, step in asked]
    return render.shown(replace(change, order=change.order.masked()), found)


@pytest.mark.parametrize("text", REFUSED)
def test_refusal(ports: Ports, text: str) -> None:
    with pytest.raises(errors.QuarterdeckError) as caught:
        planned(ports, text)
    hold("refusals", _file(text), render.refusal(caught.value, text))


@pytest.mark.parametrize("name", DECIDED)
def test_a_refusal_of_the_policy(name: str) -> None:
    hold("refusals", name, render.refusal(refusal(decide(DECIDED[name], RULED, Facts(NOON, LOCKS)))))


@pytest.mark.parametrize("name", GUARDED)
def test_a_guard(name: str) -> None:
    hold("refusals", name, render.refusal(refusal(decide(*GUARDED[name]))))


@pytest.mark.parametrize("name", ASKS)
def test_a_question(name: str) -> None:
    hold("asks", name, ASKS[name])


@pytest.mark.parametrize("name", ROLLOUTS)
def test_rollout(name: str) -> None:
    hold("rollouts", name, live([ROLLOUTS[name]], NOON, 30.0))


@pytest.mark.parametrize("name", NEWS)
def test_build(name: str) -> None:
    hold("news", name, NEWS[name])


def test_new_image(ports: Ports) -> None:
    image = Image(
        "registry.local:5000/adderservice", "3f2a91c", f"sha256:{'44c1f0e' * 9}4", created=NOON, size=84_000_000
    )
    hold("news", "new-image", tag_found(TagFound("adderservice", image), ports.catalogue, NOON, BUILD))
    held = TagFound("adderservice", image, "Not deployed to staging by itself: it failed there before.")
    hold("news", "new-image-held", tag_found(held, ports.catalogue, NOON))
    undated = replace(image, tag="b42", revision="3f2a91c0ffee", created=None)
    why = "It bears no date of its build, and nobody can tell whether it is newer than b41, which runs in staging."
    hold("news", "new-image-unclear", tag_found(TagFound("adderservice", undated, why), ports.catalogue, NOON))


@pytest.mark.parametrize("name", ONCALL_WORDS)
def test_what_is_no_release(name: str) -> None:
    hold("oncall", name, ONCALL_WORDS[name])


def test_nothing_is_held_that_nobody_says() -> None:
    held = {
        p.relative_to(GOLDEN).with_suffix("").as_posix()
        for p in GOLDEN.rglob("*.txt")
        if "slack" not in p.relative_to(GOLDEN).parts
    }
    said = {f"answers/{_file(t)}" for t in ORDERS} | {f"refusals/{_file(t)}" for t in REFUSED}
    said |= {f"refusals/{name}" for name in [*DECIDED, *GUARDED]} | {f"asks/{name}" for name in ASKS}
    said |= {f"rollouts/{name}" for name in ROLLOUTS} | {f"news/{name}" for name in NEWS} | {"news/new-image"}
    said |= {f"oncall/{name}" for name in ONCALL_WORDS}
    said |= {f"rollouts/{name}" for name in ROLLOUTS} | {f"news/{name}" for name in NEWS}
    said |= {"news/new-image", "news/new-image-held", "news/new-image-unclear"}
    assert held == said


def _file(text: str) -> str:
    return text.replace(" ", "_").replace("=", "-").replace(":", "-")
