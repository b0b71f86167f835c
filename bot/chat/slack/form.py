"""The form that `/deploy` alone opens: service, environment and image to choose from.

What it offers and what it objects to travel in Slack's three seconds, inside the acknowledgement itself, so all of it
comes from a snapshot in memory. What is chosen is an order like any other: the policy has yet to allow it.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from slack_sdk.models.blocks import (
    ExternalDataSelectElement,
    InputBlock,
    Option,
    OptionGroup,
    PlainTextObject,
    SectionBlock,
    StaticSelectElement,
)
from slack_sdk.models.views import View

from bot.chat.slack.blocks import Json
from bot.chat.slack.heard import Heard, Payload
from bot.chat.slack.literal import cut, visible
from bot.core.words import ago
from bot.core.workload import Image

CALLBACK, SERVICE, ENVIRONMENT, VERSION = "deploy", "service", "environment", "version"
KEPT = ("type", "callback_id", "private_metadata", "title", "submit", "close")
OPTIONS, LABEL, OBJECTION, SAID = 100, 75, 150, 1000
IMAGE = re.compile(r"""[^\s=<>"'`-][^\s=<>"'`]*""")
"""What is one word of an order, and no flag of it."""


def view(channel: str, services: Sequence[str], environments: Sequence[str], unseen: Sequence[str]) -> Json:
    """The channel goes with it, since what is said back does not tell. A service that is chosen is told at once."""
    missing = [SectionBlock(text=_plain(cut("\n".join(visible(said) for said in unseen), SAID)))] if unseen else []
    version = ExternalDataSelectElement(
        action_id=VERSION, placeholder=_plain("A tag, or the beginning of a SHA"), min_query_length=0
    )
    made = View(
        type="modal",
        callback_id=CALLBACK,
        private_metadata=channel,
        title=_plain("Deploy"),
        submit=_plain("Deploy"),
        close=_plain("Cancel"),
        blocks=[
            *missing,
            InputBlock(
                block_id=SERVICE, label=_plain("Service"), element=_static(SERVICE, services), dispatch_action=True
            ),
            InputBlock(block_id=VERSION, label=_plain("Image"), element=version),
            InputBlock(block_id=ENVIRONMENT, label=_plain("Environment"), element=_static(ENVIRONMENT, environments)),
        ],
    )
    return made.to_dict()


def of_service(payload: Payload) -> Json:
    """The same form, with the service that was chosen in the name of the images' block.

    Slack sends no state with what is typed into a typeahead, but that name; and under a new one nothing is chosen yet,
    so that no image of another service stays behind.
    """
    form, service = payload.get("view") or {}, chosen(payload).get(SERVICE)
    blocks = [
        {**block, "block_id": f"{VERSION}:{service}"} if _fills(block) == VERSION else block
        for block in form.get("blocks") or ()
    ]
    return {**{key: form[key] for key in KEPT if form.get(key)}, "blocks": blocks}


def suggestions(typed: str, images: Sequence[Image], now: datetime) -> Json:
    """The images that have it in their name, and first what was typed: a digest or a prefix is in no list."""
    found = list({image.label: image for image in images if typed.lower() in image.label.lower()}.values())
    own = [] if not typed or any(image.label == typed for image in found) else [_option(typed)]
    offered = [option for option in [*own, *(_image(image, now) for image in found)] if option]
    return {"options": [option.to_dict() for option in offered[:OPTIONS]]}


def objections(chosen: dict[str, str]) -> dict[str, str]:
    """By field."""
    found = {
        SERVICE: "" if chosen.get(SERVICE) else "Choose a service.",
        ENVIRONMENT: "" if chosen.get(ENVIRONMENT) else "Choose an environment.",
        VERSION: "" if IMAGE.fullmatch(chosen.get(VERSION, "")) else "An image is one word: a tag, a SHA or a digest.",
    }
    return {field: said for field, said in found.items() if said}


def at_blocks(payload: Payload, objections: dict[str, str]) -> dict[str, str]:
    """As Slack shows them: by the block in which the field stands."""
    blocks = {_fills(block): str(block.get("block_id")) for block in (payload.get("view") or {}).get("blocks") or ()}
    return {blocks.get(field, field): said for field, said in objections.items()}


def filled(payload: Payload) -> Heard | None:
    values = chosen(payload)
    form = payload.get("view") or {}
    user, channel = (payload.get("user") or {}).get("id"), form.get("private_metadata")
    if not (user and channel and form.get("id")):
        return None
    text = f"deploy {values.get(SERVICE)} {values.get(VERSION)} to {values.get(ENVIRONMENT)}"
    return Heard(f"view:{form['id']}", user, channel, text, slash=True)


def chosen(payload: Payload) -> dict[str, str]:
    """By field, whatever its block is called."""
    values = ((payload.get("view") or {}).get("state") or {}).get("values") or {}
    found = {name: (field or {}).get("selected_option") for block in values.values() for name, field in block.items()}
    return {name: str(option["value"]) for name, option in found.items() if option}


def service_of(suggestion: Payload) -> str:
    """Whose images are asked for."""
    return str(suggestion.get("block_id") or "").partition(":")[2] or chosen(suggestion).get(SERVICE, "")


def _fills(block: Json) -> str:
    return str((block.get("element") or {}).get("action_id"))


def _static(name: str, values: Sequence[str]) -> StaticSelectElement:
    """A list takes a hundred; what is more goes in as many groups."""
    options = [option for value in values if (option := _option(value))]
    if len(options) <= OPTIONS:
        return StaticSelectElement(action_id=name, options=options)
    return StaticSelectElement(action_id=name, option_groups=list(_groups(options)))


def _groups(options: Sequence[Option]) -> Iterator[OptionGroup]:
    for start in range(0, min(len(options), OPTIONS * OPTIONS), OPTIONS):
        part = options[start : start + OPTIONS]
        yield OptionGroup(label=_plain(cut(f"{part[0].value} … {part[-1].value}", LABEL)), options=part)


def _image(image: Image, now: datetime) -> Option | None:
    return _option(image.label, f"built {ago(image.created, now)}" if image.created else "")


def _option(value: str, more: str = "") -> Option | None:
    """What is longer than Slack takes as a value is left out: a part of it would be something else."""
    if not 0 < len(value) <= 2 * LABEL:
        return None
    return Option(value=value, text=_plain(cut(visible(value), LABEL)), description=_plain(more) if more else None)


def _plain(text: str) -> PlainTextObject:
    return PlainTextObject(text=text, emoji=False)
