"""An image that no node can run is refused before anything is changed; what is not known is said."""

import pytest
from msgspec.structs import replace

from bot.core.errors import Refused
from bot.core.platforms import checked
from bot.core.workload import Image
from tests.unit.talk import Talk

AMD, ARM = frozenset({"linux/amd64"}), frozenset({"linux/arm64"})
IMAGE = Image("team/app", "1.4.0", platforms=("linux/arm64/v8",))


def test_the_variant_is_no_other_processor() -> None:
    assert checked(IMAGE, ARM, "app", "production") == ""


def test_none_can_run_it() -> None:
    with pytest.raises(Refused) as refused:
        checked(IMAGE, AMD, "app", "production")
    assert refused.value.sentence == "app 1.4.0 cannot run in production: it is made for linux/arm64."
    assert refused.value.fact == "The nodes there are linux/amd64."


def test_some_can_run_it() -> None:
    assert checked(IMAGE, AMD | ARM, "app", "production") == "not for the nodes of linux/amd64"
    both = replace(IMAGE, platforms=("linux/amd64", "linux/arm64", "windows/amd64"))
    assert checked(both, AMD | ARM, "app", "production") == ""


@pytest.mark.parametrize(("image", "nodes"), [(IMAGE, None), (Image("team/app"), AMD)])
def test_what_is_not_known_is_said(image: Image, nodes: frozenset[str] | None) -> None:
    assert checked(image, nodes, "app", "production").startswith("platform not checked: ")


def test_an_image_for_other_nodes_is_never_deployed(bot: Talk) -> None:
    bot.cluster.have_nodes(ARM)
    reply = bot.say("deploy adderservice 9ab01de to production")
    assert reply.title == "adderservice 9ab01de cannot run in production: it is made for linux/amd64."
    assert bot.store.audit()[0].outcome == "refused"
    assert "3f2a91c" in bot.cluster.find("production", "micro", "adderservice").containers[0].image


def test_a_promotion_is_checked_too(bot: Talk) -> None:
    bot.say("deploy adderservice 9ab01de to staging")
    bot.cluster.have_nodes(ARM)
    assert bot.say("promote adderservice to production").code == "refused"


def test_without_the_right_to_know_the_deploy_goes_on_and_says_so(bot: Talk) -> None:
    bot.cluster.have_nodes(None)
    reply = bot.say("deploy adderservice 9ab01de to staging --dry-run")
    assert "platform not checked: the bot may not read the nodes" in reply.body


def test_a_registry_that_is_down_stops_no_promotion(bot: Talk) -> None:
    bot.say("deploy adderservice 9ab01de to staging")
    bot.registry.break_down("The registry does not answer.")
    reply = bot.say("promote adderservice to production --dry-run")
    assert "platform not checked: the registry does not tell it" in reply.body
