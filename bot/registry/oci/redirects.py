"""Where an answer may send us. Registries keep blobs in other places; some places are traps."""

from msgspec.structs import replace

from bot.core.errors import Unavailable
from bot.core.words import clip
from bot.registry.oci.message import Answer, Request, joined, origin

MOST = 5


def redirected(request: Request, answer: Answer) -> Request:
    """The same question elsewhere. What proves who we are stays with whom it was meant for."""
    here = origin(request.url)
    target = joined(request.url, answer.header("location"))
    there = origin(target)
    if here is None or there is None:
        raise Unavailable(f"{here} redirects to what is no web address.", fact=f"It says {clip(repr(target), 80)}.")
    if here.scheme == "https" and there.scheme == "http":
        raise Unavailable(f"{here} redirects to {there} without TLS: not followed.")
    if request.form is not None:
        raise Unavailable(f"{here} redirects a login to {there}: not followed.")
    return replace(request, url=target, authorization=request.authorization if here == there else None)
