"""Can the nodes run the image? An image for another processor is pulled, and then crashes without a word of why."""

from bot.core.errors import Refused
from bot.core.workload import Image


def checked(image: Image, nodes: frozenset[str] | None, service: str, environment: str) -> str:
    """Refused where no node can run it; else what has to be noted. `nodes`: None, where the bot may not know."""
    if nodes is None:
        return "platform not checked: the bot may not read the nodes"
    if not image.platforms:
        return "platform not checked: the registry does not tell it"
    made_for = {_plain(platform) for platform in image.platforms}
    if not made_for & nodes:
        raise Refused(
            f"{service} {image.label} cannot run in {environment}: it is made for {_list(made_for)}.",
            fact=f"The nodes there are {_list(nodes)}.",
            hint=f"images {service}",
        )
    lacking = nodes - made_for
    return f"not for the nodes of {_list(lacking)}" if lacking else ""


def _plain(platform: str) -> str:
    """Nodes do not tell their variant."""
    return "/".join(platform.split("/")[:2])


def _list(platforms: set[str] | frozenset[str]) -> str:
    return ", ".join(sorted(platforms))
