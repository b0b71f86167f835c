"""What only the whole file tells, once every value in it is right."""

from collections.abc import Iterator, Sequence

from bot.core import manifests
from bot.core.workload import Kind, Manifest
from config.mistakes import Found, clean
from config.services import Service
from config.settings import Settings


def unfit(settings: Settings) -> Iterator[Found]:
    """A first deploy that could not be carried out is told now."""
    held = settings.manifests()
    for name, found in held.items():
        if {one.kind for one in found}.isdisjoint(map(str, Kind)):
            yield Found(("templates", name), f"holds none of {', '.join(Kind)}")
    for name, service in settings.services.items():
        if service.template is not None:
            yield from _unfit(name, service, service.template, held[service.template])


def _unfit(name: str, service: Service, template: str, held: Sequence[Manifest]) -> Iterator[Found]:
    if service.port is None and manifests.names_port(held):
        yield Found(("services", name, "port"), f"is missing: the template {template} has _PORT_ in it")
    if not service.repository:
        yield Found(("services", name, "repository"), "is missing: the image of a first deploy is looked for there")
    made = sorted(one.name.replace(manifests.NAME, name) for one in held if one.kind in set(Kind))
    wanted = sorted(w.name for w in service.workloads) or [name]
    if made != wanted:
        yield Found(("services", name, "template"), f"makes {_listed(made)}, and the service is {_listed(wanted)}")


def _listed(names: list[str]) -> str:
    return " and ".join(map(clean, names)) or "nothing"
