"""An image that does not come."""

from bot.core.diagnosis.case import Case, Diagnosis
from bot.core.diagnosis.noise import first_line, image_named, pull, short_image
from bot.core.workload import ContainerStatus

_FOREIGN = ("no match for platform", "no matching manifest for")
_FINAL = ("not found", "denied", "unauthorized", "authorization", "forbidden", "manifest unknown", "invalid reference")


def cannot_pull(case: Case, status: ContainerStatus) -> Diagnosis:
    """A registry that does not answer may come back: that is certain only once the node backs off."""
    said = _said(case, status)
    image = image_named(said) or case.image(status)
    cause = pull(said, image)
    if any(words in cause for words in _FOREIGN):
        return Diagnosis(
            code="architecture",
            sentence=f"{short_image(image)} is not built for the node's architecture.",
            certain=True,
        )
    final = any(words in cause for words in _FINAL)
    return Diagnosis(
        code="image_pull",
        sentence=f"Cannot pull {short_image(image) or 'its image'}{f': {cause}' if cause else ''}.",
        certain=final or status.now.reason == "ImagePullBackOff",
    )


def bad_name(case: Case, status: ContainerStatus) -> Diagnosis:
    name = image_named(status.now.message) or case.image(status)
    cause = status.now.message.rpartition("invalid reference format: ")[2] or "invalid reference format"
    return Diagnosis(
        code="image_pull", sentence=f"{name or 'Its image'} is not an image name: {first_line(cause)}.", certain=True
    )


def never_pulled(case: Case, status: ContainerStatus) -> Diagnosis:
    image = image_named(status.now.message) or case.image(status)
    sentence = f"{short_image(image)} is not on the node, and its pull policy is Never."
    return Diagnosis(code="image_pull", sentence=sentence, certain=True)


def _said(case: Case, status: ContainerStatus) -> str:
    """The status has the cause; where an older node only says that it backs off, the event `Failed` has it."""
    said = status.now.message
    if pull(said, ""):
        return said
    failed = (e.message for e in case.of(status) if e.reason == "Failed")
    return next((m for m in failed if m.startswith("Failed to pull image")), said)
