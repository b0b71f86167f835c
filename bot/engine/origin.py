"""Who started it: our own order, found by what the workload says and by what the store remembers."""

from msgspec import Struct
from msgspec.structs import replace

from bot.cluster.notes import ORDER as ORDER
from bot.cluster.notes import TEMPLATE
from bot.core.model import Change, Order, Step, Who
from bot.core.workload import Install, Restart, Scale, SetEnv, SetImage, Undo, Workload
from bot.store import Store


class Origin(Struct, frozen=True):
    """`order` is None for what came from elsewhere; then `by` is the field manager that wrote it.

    `scales` where the number of replicas stays as ordered: an autoscaler that stands would undo it, and the way back.
    """

    verb: str
    by: str
    service: str
    order: str | None = None
    who: Who | None = None
    previous: str = ""
    marks: tuple[str, ...] = ()
    scales: bool = False


def origin(store: Store, workload: Workload, service: str, *, template_changed: bool) -> Origin:
    """The annotation counts only if it was written for exactly this template: it outlives its revision."""
    found = _annotated(store, workload) if template_changed else None
    found = found or _open_order(store, workload, template_changed=template_changed)
    if found is None:
        verb, by = ("deploy", workload.manager) if template_changed else ("scale", workload.scaler or workload.manager)
        return Origin(verb, by or "someone", service)
    order, change = found
    return Origin(
        order.verb,
        "quarterdeck",
        order.service or service,
        order=order.key,
        who=order.request.who,
        previous=change.before if change else "",
        marks=change.marks if change else (),
        scales=order.verb == "scale" and "force" not in order.words.flags,
    )


def _annotated(store: Store, workload: Workload) -> tuple[Order, Change | None] | None:
    request = workload.annotations.get(ORDER)
    if request is None or workload.annotations.get(TEMPLATE) != workload.template:
        return None
    return store.order(f"order:{request}")


def _open_order(store: Store, workload: Workload, *, template_changed: bool) -> tuple[Order, Change | None] | None:
    """The change is stored before it is applied, so an order that made this is among the open ones."""
    for order, change in reversed(store.open_orders()):
        if change and any(_made(step, workload, template_changed=template_changed) for step in change.steps):
            return order, change
    return None


def _made(step: Step, workload: Workload, *, template_changed: bool) -> bool:
    if isinstance(step.action, Install) and not step.uid:
        return replace(step.target, container=None) == workload.target and _image_is(step.action, workload)
    if step.uid != workload.uid:
        return False
    match step.action:
        case Scale(replicas=replicas):
            return not template_changed and workload.wanted == replicas
        case SetImage() | Install():
            restaged = isinstance(step.action, SetImage) and step.action.partition == workload.partition
            return (template_changed or restaged) and _image_is(step.action, workload)
        case Undo() | Restart() | SetEnv():
            return template_changed and step.template != workload.template
        case _:
            return False


def _image_is(action: SetImage | Install, workload: Workload) -> bool:
    return workload.container(action.container).image == action.image.reference
