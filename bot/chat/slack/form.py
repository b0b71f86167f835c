"""The form that `/deploy` alone opens: service, environment and image to choose from.

What it offers and what it objects to travel in Slack's three seconds, inside the acknowledgement itself, so all of it
comes from a snapshot in memory. What is chosen is an order like any other: the policy has yet to allow it.
"""

from collections.abc import Sequence
from typing import Protocol

from slack_sdk.models.blocks import (
    ExternalDataSelectElement,
    InputBlock,
    Option,
    PlainTextObject,
    StaticSelectElement,
)
from slack_sdk.models.views import View

from bot.chat.slack.blocks import Json
from bot.chat.slack.heard import Heard, Payload
from bot.chat.slack.literal import cut, visible

CALLBACK, SERVICE, ENVIRONMENT, VERSION = "deploy", "service", "environment", "version"
OPTIONS, LABEL = 100, 75


class Choices(Protocol):
    """What there is to choose from, as it was last known. Never asks anybody."""

    def services(self) -> Sequence[str]: ...

    def environments(self) -> Sequence[str]: ...

    def versions(self, service: str) -> Sequence[str]:
        """The newest first."""


class NoChoices:
    """Nothing is known, so no form is opened: `/deploy` alone is then answered as any half an order."""

    def services(self) -> Sequence[str]:
        return ()

    def environments(self) -> Sequence[str]:
        return ()

    def versions(self, service: str) -> Sequence[str]:  # noqa: ARG002 - the port's
        return ()


def asks(heard: Heard, choices: Choices) -> bool:
    empty = heard.slash and heard.text == CALLBACK and heard.trigger
    return bool(empty and choices.services() and choices.environments())


def view(heard: Heard, choices: Choices) -> Json:
    """The channel goes with it, since what is said back does not tell."""
    made = View(
        type="modal",
        callback_id=CALLBACK,
        private_metadata=heard.channel,
        title=_plain("Deploy"),
        submit=_plain("Deploy"),
        close=_plain("Cancel"),
        blocks=[
            _input(SERVICE, "Service", StaticSelectElement(action_id=SERVICE, options=_options(choices.services()))),
            _input(
                ENVIRONMENT,
                "Environment",
                StaticSelectElement(action_id=ENVIRONMENT, options=_options(choices.environments())),
            ),
            _input(
                VERSION,
                "Image",
                ExternalDataSelectElement(
                    action_id=VERSION, placeholder=_plain("A tag, or the beginning of a SHA"), min_query_length=0
                ),
            ),
        ],
    )
    return made.to_dict()


def suggestions(payload: Payload, choices: Choices) -> Json:
    """The images of the service that is chosen, and what was typed: a digest or a prefix is in no list."""
    typed = str(payload.get("value") or "").strip()
    service = _chosen(payload).get(SERVICE)
    known = [version for version in (choices.versions(service) if service else ()) if typed.lower() in version.lower()]
    offered = [*([typed] if typed and typed not in known else []), *known]
    return {"options": [option.to_dict() for option in _options(offered)]}


def objections(payload: Payload, choices: Choices) -> dict[str, str]:
    """By field, as Slack shows them: what changed since the form was opened."""
    chosen = _chosen(payload)
    found = {
        SERVICE: "" if chosen.get(SERVICE) in choices.services() else "There is no such service any more.",
        ENVIRONMENT: "" if chosen.get(ENVIRONMENT) in choices.environments() else "There is no such environment.",
        VERSION: "" if len(chosen.get(VERSION, "").split()) == 1 else "An image is one word: a tag, a SHA or a digest.",
    }
    return {field: said for field, said in found.items() if said}


def filled(payload: Payload) -> Heard | None:
    chosen = _chosen(payload)
    form = payload.get("view") or {}
    user, channel = (payload.get("user") or {}).get("id"), form.get("private_metadata")
    if not (user and channel and form.get("id")):
        return None
    text = f"deploy {chosen.get(SERVICE)} {chosen.get(VERSION)} to {chosen.get(ENVIRONMENT)}"
    return Heard(f"view:{form['id']}", user, channel, text, slash=True)


def _chosen(payload: Payload) -> dict[str, str]:
    values = ((payload.get("view") or {}).get("state") or {}).get("values") or {}
    found = {name: ((values.get(name) or {}).get(name) or {}).get("selected_option") for name in values}
    return {name: str(option["value"]) for name, option in found.items() if option}


def _input(name: str, label: str, element: StaticSelectElement | ExternalDataSelectElement) -> InputBlock:
    return InputBlock(block_id=name, label=_plain(label), element=element)


def _options(values: Sequence[str]) -> list[Option]:
    """What is longer than Slack takes as a value is left out: a part of it would be something else."""
    fitting = [value for value in values if 0 < len(value) <= 2 * LABEL]
    return [Option(value=value, text=_plain(cut(visible(value), LABEL))) for value in fitting[:OPTIONS]]


def _plain(text: str) -> PlainTextObject:
    return PlainTextObject(text=text, emoji=False)
