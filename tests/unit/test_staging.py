"""A StatefulSet deployed in stages, spoken as a person speaks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cluster.memory import ON_DELETE, Spec, single
from bot.core.model import Tone
from bot.core.references import label
from bot.core.workload import Kind
from tests.unit.talk import Talk, talking

MORE = """
  store: {repository: "registry.local:5000/store", default_environment: staging}
"""


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Talk]:
    with talking(tmp_path, more=MORE) as talk:
        talk.cluster.delete("micro-staging", "store")
        spec = Spec("store", single("registry.local:5000/store:9ab01de"), Kind.STATEFUL_SET, replicas=4)
        talk.cluster.seed("micro-staging", spec)
        yield talk


def images(bot: Talk) -> list[str]:
    workload = bot.cluster.find("staging", "micro-staging", "store")
    pods = bot.cluster.pods(workload)
    by_template = {r.template: label(r.images["app"]) for r in bot.cluster.revisions(workload)}
    return [by_template[p.template] for p in sorted(pods, key=lambda p: p.name)]


def test_the_pods_from_the_partition_on_take_it_and_then_all(bot: Talk) -> None:
    said = bot.say("deploy store 3f2a91c --partition 3")
    assert (said.tone, said.title) == (Tone.GOOD, "store → 3f2a91c in staging · done for 1 of 4 pods")
    assert said.body.startswith("1/1 in ")
    assert (
        "3 pods stay as before. All pods take it with:\n    deploy store 3f2a91c to staging --partition 0" in said.body
    )
    assert said.buttons[0].command == "deploy store 3f2a91c to staging --partition 0"
    assert bot.say("status store in staging").title == "store in staging · 4 of 4 ready"
    assert "4 of 4 ready in staging, 3 pods below partition 3 left as before." in bot.say("why store in staging").body
    assert images(bot) == ["9ab01de", "9ab01de", "9ab01de", "3f2a91c"]
    bot.say("deploy store 3f2a91c --partition 2")
    assert images(bot) == ["9ab01de", "9ab01de", "3f2a91c", "3f2a91c"]
    rest = bot.say(said.buttons[0].command)
    assert (rest.tone, rest.title) == (Tone.GOOD, "store → 3f2a91c in staging · done")
    assert rest.body.startswith("4/4 in ")
    assert "stay" not in rest.body
    assert images(bot) == ["3f2a91c"] * 4


def test_the_same_stage_again_has_nothing_to_do(bot: Talk) -> None:
    bot.say("deploy store 3f2a91c --partition 3")
    assert bot.say("deploy store 3f2a91c --partition 3").title == "store already runs 3f2a91c in staging."
    assert bot.say("deploy store 3f2a91c").title == "store already runs 3f2a91c in staging."


def test_a_plain_deploy_says_that_a_partition_stands(bot: Talk) -> None:
    bot.say("deploy store 3f2a91c --partition 3")
    shown = bot.say("deploy store 77be001 --dry-run").body
    assert "partition 3: store-3 and up, the pods below stay as they are" in shown


def test_a_dry_run_shows_the_partition(bot: Talk) -> None:
    shown = bot.say("deploy store 3f2a91c --partition 3 --dry-run").body
    assert "    spec.updateStrategy.rollingUpdate.partition: 0 → 3" in shown


def test_what_cannot_be_staged_is_refused(bot: Talk) -> None:
    refused = bot.say("deploy webapp 9ab01de to staging --partition 1")
    assert (refused.title, refused.code) == ("webapp is a Deployment: it cannot be staged.", "refused")
    assert "    deploy webapp 9ab01de to staging" in refused.body
    refused = bot.say("deploy store 3f2a91c --partition 4")
    assert refused.title == "store in staging has no pod store-4."
    assert "    deploy store 3f2a91c to staging --partition 3" in refused.body
    assert bot.say("deploy store 3f2a91c --partition 1 --template").title == "A template is applied to all pods."
    assert bot.say("deploy store 3f2a91c --partition one").code == "usage"


def test_one_that_waits_for_deletions_cannot_be_staged(bot: Talk) -> None:
    old = single("registry.local:5000/vault:1")
    bot.cluster.seed("micro-staging", Spec("vault", old, Kind.STATEFUL_SET, replicas=2, strategy=ON_DELETE))
    bot.push("vault", "2")
    refused = bot.say("deploy vault 2 to staging --partition 1")
    assert refused.title == "vault takes new pods by deletion only: it cannot be staged."
    recorded = bot.say("deploy vault 2 to staging")
    assert recorded.title == "vault → 2 in staging · recorded, 2 pods still old"
    assert "each pod takes it when somebody deletes that pod." in recorded.body
    assert bot.say("status vault in staging").title == "vault in staging · 2 of 2 ready"
    assert "2 of 2 ready in staging, recorded, 2 pods still old." in bot.say("why vault in staging").body


def test_a_restart_between_two_stages_finds_the_second(bot: Talk) -> None:
    bot.say("deploy store 3f2a91c --partition 3")
    key = bot.begin("deploy store 3f2a91c --partition 0")
    bot.pass_time(lambda: bot.cluster.find("staging", "micro-staging", "store").partition == 0)
    bot.restart()
    said = bot.answer(key)
    assert (said.tone, said.title) == (Tone.GOOD, "store → 3f2a91c in staging · done")
    assert images(bot) == ["3f2a91c"] * 4
