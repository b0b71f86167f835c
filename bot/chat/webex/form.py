"""The form that `deploy` alone asks for, as Adaptive Cards: the service first, then its images and where to.

Two cards, because a card cannot ask for anything while it is filled in, and cannot be changed. What is wrong comes
back as a new card that says so under the field. What is chosen is an order like any other: the policy has yet to
allow it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from bot.chat.webex.cards import Json, attached, plain
from bot.chat.webex.literal import cut, one_line
from bot.core.words import ago
from bot.core.workload import Image

ASKED = frozenset({"deploy", "/deploy"})
FORM, UNDER, SERVICE, IMAGE, OTHER, ENVIRONMENT = "form", "under", "service", "image", "other", "environment"
CHOOSE, DEPLOY, CANCEL = "choose", "deploy", "cancel"
STEPS = (CHOOSE, DEPLOY, CANCEL)
SERVICES, IMAGES, WORD, NOTE = 200, 25, 200, 300
TYPED = "deploy <service> <version> to <environment>"

Objections = Mapping[str, str]
"""What is wrong, by field."""


class Filled(Struct, frozen=True):
    """What was chosen so far; `under` is what the card stands under."""

    step: str
    under: str
    service: str
    version: str
    environment: str

    @property
    def order(self) -> str:
        return f"deploy {self.service} {self.version} to {self.environment}"


def services_card(services: Sequence[str], under: str, unseen: Sequence[str] = ()) -> Json:
    more = [f"{len(services) - SERVICES} more can be typed: {TYPED}"] if len(services) > SERVICES else []
    notes = [plain(cut(one_line(said), NOTE)) for said in [*more, *unseen]]
    field = _choice(SERVICE, "Service", "Choose a service.", [(name, name) for name in services[:SERVICES]], "")
    return _card("Deploy", [field, *notes], CHOOSE, "Next", under)


def images_card(
    filled: Filled, images: Sequence[Image], environments: Sequence[str], now: datetime, objections: Objections
) -> Json:
    """What was chosen before stays chosen; where there is one environment only, it is."""
    offered = [(image.label, _built(image, now)) for image in images[:IMAGES]]
    listed = filled.version in [label for label, _ in offered]
    other = "" if listed else filled.version
    where = environments[0] if len(environments) == 1 else filled.environment
    image = _choice(IMAGE, "Image", "", offered, filled.version if listed else "") if offered else None
    label = "Or a tag, SHA or digest that is not listed" if offered else "Image: a tag, a SHA or a digest"
    body = [
        *([image] if image else []),
        *_field(
            {"type": "Input.Text", "id": OTHER, "label": label, "maxLength": WORD, "value": other},
            objections.get(IMAGE),
        ),
        *_field(
            _choice(ENVIRONMENT, "Environment", "Choose an environment.", [(e, e) for e in environments], where),
            objections.get(ENVIRONMENT),
        ),
    ]
    return _card(f"Deploy {filled.service}", body, DEPLOY, "Deploy", filled.under, {SERVICE: filled.service})


def filled(inputs: object) -> Filled | None:
    """None for inputs that are of no form of ours. Nothing of it is trusted: it comes from a client."""
    if not isinstance(inputs, Mapping) or inputs.get(FORM) not in STEPS:
        return None
    given = {name: _text(inputs.get(name)) for name in (UNDER, SERVICE, IMAGE, OTHER, ENVIRONMENT)}
    version = given[OTHER] or given[IMAGE]
    return Filled(str(inputs[FORM]), given[UNDER], given[SERVICE], version, given[ENVIRONMENT])


def objections(filled: Filled) -> dict[str, str]:
    words = len(filled.version.split())
    found = {
        IMAGE: ""
        if words == 1
        else "One word: a tag, a SHA or a digest."
        if words
        else "Choose an image, or type one.",
        ENVIRONMENT: "" if filled.environment else "Choose an environment.",
    }
    return {field: said for field, said in found.items() if said}


def _card(title: str, body: Sequence[Json], step: str, label: str, under: str, more: Mapping[str, str] = {}) -> Json:
    data = {FORM: step, UNDER: under, **more}
    go = {"type": "Action.Submit", "title": label, "style": "positive", "data": data}
    leave = {"type": "Action.Submit", "title": "Cancel", "associatedInputs": "none", "data": {**data, FORM: CANCEL}}
    return attached([plain(cut(one_line(title), WORD), weight="bolder", size="medium"), *body], [go, leave], TYPED)


def _field(field: Json, objection: str | None) -> list[Json]:
    return [field, plain(objection, color="attention")] if objection else [field]


def _choice(name: str, label: str, error: str, choices: Sequence[tuple[str, str]], value: str) -> Json:
    """Drawn as a list that opens: there nothing in a name is markup."""
    required = {"isRequired": True, "errorMessage": error} if error else {}
    return {
        "type": "Input.ChoiceSet",
        "id": name,
        "label": label,
        "style": "compact",
        "placeholder": "Choose",
        "choices": [{"title": one_line(title), "value": one} for one, title in choices if len(one) <= WORD],
        **({"value": value} if value else {}),
        **required,
    }


def _built(image: Image, now: datetime) -> str:
    return f"{image.label} · built {ago(image.created, now)}" if image.created else image.label


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) and len(value) <= WORD else ""
