"""The annotations an order leaves behind: for people who use kubectl, and for finding our own work again."""

from bot.core.model import Cause

CHANGE_CAUSE = "kubernetes.io/change-cause"
ORDER = "quarterdeck.io/order"
TEMPLATE = "quarterdeck.io/template"
"""Tells a reader whether the rest was written for the template that stands there now."""


def of(cause: Cause, template: str, *, rollout: bool) -> dict[str, str]:
    """The change-cause belongs to a revision, so only what makes one may write it."""
    notes = {
        ORDER: cause.request,
        "quarterdeck.io/by": cause.who.name,
        "quarterdeck.io/where": f"{cause.place.platform}:{cause.place.channel}",
        TEMPLATE: template,
    }
    return {CHANGE_CAUSE: cause.text, **notes} if rollout else notes
