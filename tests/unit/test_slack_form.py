"""`/deploy` alone: a form, its suggestions, its objections, and the order it becomes."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tests.unit.slack_stub import Slack, slack


class Snapshot:
    def services(self) -> Sequence[str]:
        return ("adderservice", "web_app")

    def environments(self) -> Sequence[str]:
        return ("staging", "production")

    def versions(self, service: str) -> Sequence[str]:
        return ("77be001", "3f2a91c", "9ab01de") if service == "web_app" else ()


@pytest.fixture
def talk() -> Iterator[Slack]:
    with slack(choices=Snapshot()) as found:
        yield found


def chosen(**values: str) -> dict[str, Any]:
    return {name: {name: {"selected_option": {"value": value}}} for name, value in values.items()}


def submission(**values: str) -> dict[str, Any]:
    view = {"id": "V1", "type": "modal", "callback_id": "deploy", "private_metadata": "C1"}
    return {"type": "view_submission", "user": {"id": "U1"}, "view": {**view, "state": {"values": chosen(**values)}}}


def suggested(talk: Slack, typed: str, **values: str) -> list[str]:
    view = {"type": "modal", "state": {"values": chosen(**values)}}
    asked = {"type": "block_suggestion", "action_id": "version", "block_id": "version", "value": typed, "view": view}
    return [option["value"] for option in json.loads(talk.interact(asked).body)["options"]]


def test_deploy_without_words_opens_the_form(talk: Slack) -> None:
    talk.slash("/deploy")
    opened = talk.stub.asked_for("views.open")
    assert opened["trigger_id"] == "t1"
    assert opened["view"]["private_metadata"] == "C1"
    offered = [option["value"] for option in opened["view"]["blocks"][0]["element"]["options"]]
    assert offered == ["adderservice", "web_app"]
    assert talk.received.empty()


def test_deploy_with_words_does_not(talk: Slack) -> None:
    talk.slash("/deploy", "web_app 3f2a91c")
    assert talk.next().text == "deploy web_app 3f2a91c"


def test_without_anything_to_choose_from_it_is_half_an_order() -> None:
    with slack() as talk:
        talk.slash("/deploy")
        assert talk.next().text == "deploy"


def test_images_are_suggested_in_the_answer_itself(talk: Slack) -> None:
    assert suggested(talk, "", service="web_app") == ["77be001", "3f2a91c", "9ab01de"]
    assert suggested(talk, "9AB", service="web_app") == ["9AB", "9ab01de"]
    assert suggested(talk, "sha256:44c1f0e") == ["sha256:44c1f0e"]
    assert suggested(talk, "x" * 500, service="web_app") == []


def test_what_was_chosen_is_an_order_by_who_chose_it(talk: Slack) -> None:
    said = talk.interact(submission(service="web_app", environment="staging", version="3f2a91c"))
    assert (said.status, said.body) == (200, "")
    request = talk.next()
    assert (request.text, request.who.id, request.place.channel) == ("deploy web_app 3f2a91c to staging", "U1", "C1")
    talk.interact(submission(service="web_app", environment="staging", version="3f2a91c"))
    assert talk.received.empty()


def test_objections_stand_at_their_fields(talk: Slack) -> None:
    said = talk.interact(submission(service="gone", environment="staging", version="a b"))
    answer = json.loads(said.body)
    assert answer["response_action"] == "errors"
    assert set(answer["errors"]) == {"service", "version"}
    assert talk.received.empty()


def test_an_empty_form_is_no_order(talk: Slack) -> None:
    assert set(json.loads(talk.interact(submission()).body)["errors"]) == {"service", "environment", "version"}
