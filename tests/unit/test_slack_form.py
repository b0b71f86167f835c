"""`/deploy` alone: a form, its suggestions, its objections, and the order it becomes."""

import json
from collections.abc import Iterator, Sequence
from queue import SimpleQueue
from typing import Any

import pytest

from bot.core.model import Place, Who
from bot.core.workload import Image
from tests.contract.platform_kit import NOW
from tests.unit.slack_stub import Slack, slack

IMAGES = tuple(Image("registry.local:5000/web_app", tag, created=NOW) for tag in ("77be001", "3f2a91c", "9ab01de"))


class Snapshot:
    def __init__(self, names: Sequence[str] = ("adderservice", "web_app")) -> None:
        self.names = names
        self.images = IMAGES
        self.missing: tuple[str, ...] = ()
        self.wanted: SimpleQueue[str] = SimpleQueue()

    def services(self, who: Who, place: Place) -> Sequence[str]:
        return self.names if who.email and place.channel == "C1" else ()

    def environments(self, who: Who, place: Place) -> Sequence[str]:
        return ("staging", "production")

    def unseen(self, who: Who, place: Place) -> Sequence[str]:
        return self.missing

    def versions(self, service: str) -> Sequence[Image]:
        self.wanted.put(service)
        return self.images if service == "web_app" else ()

    def objection(self, who: Who, place: Place, service: str, environment: str) -> str:
        return f"{who.name} may not deploy to production." if environment == "production" else ""


@pytest.fixture
def snapshot() -> Snapshot:
    return Snapshot()


@pytest.fixture
def talk(snapshot: Snapshot) -> Iterator[Slack]:
    with slack(choices=snapshot) as found:
        yield found


def chosen(**values: str) -> dict[str, Any]:
    return {name: {name: {"selected_option": {"value": value}}} for name, value in values.items()}


def submission(**values: str) -> dict[str, Any]:
    view = {"id": "V1", "type": "modal", "callback_id": "deploy", "private_metadata": "C1"}
    return {"type": "view_submission", "user": {"id": "U1"}, "view": {**view, "state": {"values": chosen(**values)}}}


def offered(talk: Slack, typed: str, **values: str) -> list[dict[str, Any]]:
    view = {"type": "modal", "state": {"values": chosen(**values)}}
    asked = {"type": "block_suggestion", "action_id": "version", "block_id": "version", "value": typed, "view": view}
    found: list[dict[str, Any]] = json.loads(talk.interact(asked).body)["options"]
    return found


def suggested(talk: Slack, typed: str, **values: str) -> list[str]:
    return [option["value"] for option in offered(talk, typed, **values)]


def test_deploy_without_words_opens_the_form(talk: Slack) -> None:
    talk.slash("/deploy")
    opened = talk.stub.asked_for("views.open")
    assert opened["trigger_id"] == "t1"
    assert opened["view"]["private_metadata"] == "C1"
    assert [option["value"] for option in opened["view"]["blocks"][0]["element"]["options"]] == [
        "adderservice",
        "web_app",
    ]
    assert talk.received.empty()


def test_what_the_form_does_not_offer_is_said_in_it(talk: Slack, snapshot: Snapshot) -> None:
    snapshot.missing = ("production is not shown: The cluster main cannot be reached.",)
    talk.slash("/deploy")
    note, service, *_ = talk.stub.asked_for("views.open")["view"]["blocks"]
    assert note["text"] == {"type": "plain_text", "text": snapshot.missing[0], "emoji": False}
    assert service["block_id"] == "service"


def test_deploy_with_words_does_not(talk: Slack) -> None:
    talk.slash("/deploy", "web_app 3f2a91c")
    assert talk.next().text == "deploy web_app 3f2a91c"


def test_without_anything_to_choose_from_it_is_half_an_order() -> None:
    with slack() as talk:
        talk.slash("/deploy")
        assert talk.next().text == "deploy"


def test_more_services_than_a_list_takes_are_in_groups() -> None:
    names = tuple(f"service-{number:03}" for number in range(250))
    with slack(choices=Snapshot(names)) as talk:
        talk.slash("/deploy")
        groups = talk.stub.asked_for("views.open")["view"]["blocks"][0]["element"]["option_groups"]
    assert [option["value"] for group in groups for option in group["options"]] == list(names)
    assert [len(group["options"]) for group in groups] == [100, 100, 50]


def test_who_may_deploy_nothing_gets_no_form(talk: Slack) -> None:
    talk.slash("/deploy", channel_id="C2")
    said = talk.stub.asked_for("chat.postEphemeral")
    assert (said["channel"], said["user"]) == ("C2", "U1")
    assert said["text"] == "! There is nothing that you may deploy from here.\n    whoami"
    assert talk.received.empty()


def test_a_form_that_does_not_open_leaves_half_an_order(talk: Slack) -> None:
    talk.stub.says["views.open"] = {"error": "expired_trigger_id"}
    talk.slash("/deploy")
    assert talk.next().text == "deploy"


def choose(talk: Slack, opened: dict[str, Any], service: str) -> dict[str, Any]:
    """The form as it stands after a service was chosen in it."""
    view = {**opened, "id": "V1", "hash": "h1", "state": {"values": chosen(service=service)}}
    action = {"type": "static_select", "action_id": "service", "block_id": "service"}
    said = talk.interact({"type": "block_actions", "user": {"id": "U1"}, "view": view, "actions": [action]})
    assert said.status == 200
    told = talk.stub.asked_for("views.update")
    assert told["view_id"] == "V1"
    return dict(told["view"])


def test_a_service_that_is_chosen_has_its_images_looked_at(snapshot: Snapshot) -> None:
    with slack(choices=snapshot) as talk:
        talk.slash("/deploy")
        choose(talk, talk.stub.asked_for("views.open")["view"], "web_app")
    assert snapshot.wanted.get_nowait() == "web_app"


def typed_into(talk: Slack, form: dict[str, Any], text: str) -> list[str]:
    """As Slack asks: with the form and the name of the block, and without what was chosen in it."""
    [block] = [block for block in form["blocks"] if block["element"]["action_id"] == "version"]
    where = {"action_id": "version", "block_id": block["block_id"], "view": {**form, "id": "V1"}}
    answer = talk.interact({"type": "block_suggestion", "user": {"id": "U1"}, "value": text, **where})
    return [option["value"] for option in json.loads(answer.body)["options"]]


def test_images_are_those_of_the_service_that_was_chosen_though_slack_does_not_say_which(talk: Slack) -> None:
    talk.slash("/deploy")
    opened = talk.stub.asked_for("views.open")["view"]
    assert typed_into(talk, opened, "") == []
    form = choose(talk, opened, "web_app")
    assert typed_into(talk, form, "") == ["77be001", "3f2a91c", "9ab01de"]
    form = choose(talk, form, "adderservice")
    assert typed_into(talk, form, "") == []
    assert {key: form[key] for key in opened if key != "blocks"} == {k: v for k, v in opened.items() if k != "blocks"}


def test_a_form_that_cannot_be_turned_to_its_service_takes_what_is_typed(talk: Slack) -> None:
    talk.stub.says["views.update"] = {"error": "not_found"}
    talk.slash("/deploy")
    opened = talk.stub.asked_for("views.open")["view"]
    choose(talk, opened, "web_app")
    assert typed_into(talk, opened, "3f2a91c") == ["3f2a91c"]


def test_an_objection_stands_at_the_block_of_its_field(talk: Slack) -> None:
    talk.slash("/deploy")
    form = choose(talk, talk.stub.asked_for("views.open")["view"], "web_app")
    sent = submission(service="web_app", environment="staging")
    sent["view"] = {**form, **sent["view"]}
    assert set(json.loads(talk.interact(sent).body)["errors"]) == {"version:web_app"}
    sent["view"]["state"]["values"]["version:web_app"] = {"version": {"selected_option": {"value": "3f2a91c"}}}
    talk.interact(sent)
    assert talk.next().text == "deploy web_app 3f2a91c to staging"


def test_images_are_suggested_in_the_answer_itself(talk: Slack) -> None:
    assert suggested(talk, "", service="web_app") == ["77be001", "3f2a91c", "9ab01de"]
    assert suggested(talk, "9AB", service="web_app") == ["9AB", "9ab01de"]
    assert suggested(talk, "sha256:44c1f0e") == ["sha256:44c1f0e"]
    assert suggested(talk, "x" * 500, service="web_app") == []
    assert offered(talk, "77be001", service="web_app")[0]["description"]["text"] == "built just now"


def test_no_more_images_are_suggested_than_slack_takes_and_none_twice() -> None:
    snapshot = Snapshot()
    tags = [f"1.0.{number}" for number in range(150)]
    snapshot.images = tuple(Image(f"registry.local:5000/{place}/web_app", tag) for tag in tags for place in "ab")
    with slack(choices=snapshot) as talk:
        assert suggested(talk, "", service="web_app") == tags[:100]
        assert suggested(talk, "1.0.14", service="web_app") == ["1.0.14", *(f"1.0.{n}" for n in range(140, 150))]


def test_what_was_chosen_is_an_order_by_who_chose_it(talk: Slack) -> None:
    said = talk.interact(submission(service="web_app", environment="staging", version="3f2a91c"))
    assert (said.status, said.body) == (200, "")
    request = talk.next()
    assert (request.text, request.who.id, request.place.channel) == ("deploy web_app 3f2a91c to staging", "U1", "C1")
    talk.interact(submission(service="web_app", environment="staging", version="3f2a91c"))
    assert talk.received.empty()


def test_objections_stand_at_their_fields(talk: Slack) -> None:
    answer = json.loads(talk.interact(submission(environment="staging", version="a b")).body)
    assert answer["response_action"] == "errors"
    assert set(answer["errors"]) == {"service", "version"}
    assert talk.received.empty()


@pytest.mark.parametrize("typed", ["a b", "--force", "`3f2a91c`", '"3f2a91c', "replicas=3", "<tag>"])
def test_what_cannot_be_an_image_is_said_at_its_field(talk: Slack, typed: str) -> None:
    answer = json.loads(talk.interact(submission(service="web_app", environment="staging", version=typed)).body)
    assert answer["errors"] == {"version": "An image is one word: a tag, a SHA or a digest."}


@pytest.mark.parametrize("typed", ["3f2a91c", "1.14.2-rc.1", "sha256:44c1f0e", "3f2a91c@sha256:44c1f0e", "_x"])
def test_whatever_may_be_an_image_is_ordered(talk: Slack, typed: str) -> None:
    talk.interact(submission(service="web_app", environment="staging", version=typed))
    assert talk.next().text == f"deploy web_app {typed} to staging"


def test_what_the_person_may_not_do_is_said_while_the_form_stands(talk: Slack) -> None:
    talk.slash("/deploy")
    talk.stub.asked_for("views.open")
    said = talk.interact(submission(service="web_app", environment="production", version="3f2a91c"))
    assert json.loads(said.body)["errors"] == {"environment": "dev1 may not deploy to production."}
    assert talk.received.empty()


def test_an_empty_form_is_no_order(talk: Slack) -> None:
    assert set(json.loads(talk.interact(submission()).body)["errors"]) == {"service", "environment", "version"}
