"""What single values cannot tell: rules between keys, looked at in the tree, so that they are told
together with every other mistake and not after it."""

from collections.abc import Callable, Iterator
from typing import Any

from bot.core.catalogue import is_name
from bot.core.nearest import nearest
from config import guards, lockout, wording
from config.builds import NEEDS, Builder
from config.grammar import compiled, sorted_regex
from config.mistakes import Found, clean, spell
from config.pushes import SPEAKS_FOR_ITSELF, Pusher
from config.services import POLICIES, with_group
from config.tree import Steps, sections

CLUSTERS = ("in_cluster", "kubeconfig", "simulated")
Rule = Callable[[object], Iterator[Found]]


def broken(tree: object) -> list[Found]:
    return [found for rule in RULES for found in rule(tree)]


def _environments(tree: object) -> Iterator[Found]:
    if isinstance(tree, dict) and not tree.get("environments"):
        yield Found(("environments",), "is missing: name at least one environment, with its cluster and namespace")


def _one_namespace_each(tree: object) -> Iterator[Found]:
    """Two names for one place would give it two locks and two histories."""
    first: dict[tuple[str, str], Steps] = {}
    for steps, environment in sections(tree, "environments", "*"):
        cluster, namespace = environment.get("cluster"), environment.get("namespace")
        if not isinstance(cluster, str) or not isinstance(namespace, str):
            continue
        other = first.setdefault((cluster, namespace), steps)
        if other is not steps:
            yield Found((*steps, "namespace"), f"is the namespace of {spell(other)} already, in the same cluster")


def _one_cluster_kind(tree: object) -> Iterator[Found]:
    for steps, cluster in sections(tree, "clusters", "*"):
        if sum(cluster.get(key) not in (None, False, "false") for key in CLUSTERS) != 1:
            yield Found(steps, f"needs exactly one of {', '.join(CLUSTERS)}")
        elif "context" in cluster and not cluster.get("kubeconfig"):
            yield Found((*steps, "context"), "goes with kubeconfig only")
        elif "scope" in cluster and cluster.get("simulated") not in (None, False, "false"):
            yield Found((*steps, "scope"), "is not for a simulated cluster, where a watch costs nothing")


def _builders(tree: object) -> Iterator[Found]:
    """Its kind tells what it proves itself with; without that every delivery would be refused."""
    for steps, hook in sections(tree, "builds", "*"):
        kind = str(hook.get("kind") or steps[-1])
        if kind not in set(Builder):
            yield Found((*steps, "kind"), f"is needed, since the name is no kind: {', '.join(Builder)}")
            continue
        needs = NEEDS[Builder(kind)]
        given = [key for key in needs if hook.get(key) not in (None, "")]
        if not given or (kind == Builder.JENKINS and len(given) < len(needs)):
            yield Found(steps, f"needs {' or '.join(needs) if kind == Builder.TRAVIS else ' and '.join(needs)}")
        elif kind == Builder.TRAVIS and len(given) > 1:
            yield Found(steps, f"needs one of {' and '.join(needs)}, not both")
        foreign = sorted({key for keys in NEEDS.values() for key in keys} - set(needs))
        yield from (Found((*steps, key), f"is not for {kind}") for key in foreign if hook.get(key) is not None)


def _pushers(tree: object) -> Iterator[Found]:
    """A distribution and a Harbor may bear any name, so it is said whose repositories are meant."""
    for steps, hook in sections(tree, "pushes", "*"):
        kind = str(hook.get("kind") or steps[-1])
        if kind not in set(Pusher):
            yield Found((*steps, "kind"), f"is needed, since the name is no kind: {', '.join(Pusher)}")
        elif kind not in SPEAKS_FOR_ITSELF and hook.get("registry") is None:
            yield Found((*steps, "registry"), f"is missing: whose repositories {kind} tells of")


def _watch(tree: object) -> Iterator[Found]:
    for steps, written in sections(tree, "services", "*", "watch"):
        watch = with_group(written)
        if sum(watch.get(policy) is not None for policy in POLICIES) != 1:
            yield Found(steps, f"needs exactly one of {', '.join(POLICIES)}")
        if watch.get("every") is not None and watch.get("cron") is not None:
            yield Found((*steps, "cron"), "goes without every: write one of them")
        yield from _group(steps, watch)
        yield from _one_group(steps, written)


def _group(steps: Steps, watch: dict[str, Any]) -> Iterator[Found]:
    regex, by = watch.get("regex"), watch.get("by")
    if regex is None:
        yield from (
            Found((*steps, key), "goes with regex only") for key in ("by", "sort") if watch.get(key) is not None
        )
        return
    pattern = compiled(regex) if isinstance(regex, str) else None
    if pattern is None:
        return
    if by is None:
        yield Found((*steps, "regex"), "needs the group to sort by, as in ^b(?P<n>\\d+)$ by n")
    elif str(by) not in pattern.groupindex:
        yield Found((*steps, "regex"), "has no group of the name that it is to be sorted by")


def _one_group(steps: Steps, written: dict[str, Any]) -> Iterator[Found]:
    """The group may stand in either place; in both it must be the same."""
    regex, by = written.get("regex"), written.get("by")
    inside = sorted_regex(regex)[1] if isinstance(regex, str) else None
    if inside is not None and by not in (None, inside):
        yield Found((*steps, "by"), f"names another group than regex does, which is sorted by {clean(inside)}")


def _workloads(tree: object) -> Iterator[Found]:
    for steps, service in sections(tree, "services", "*"):
        seen: list[object] = []
        listed = service.get("workloads")
        for position, workload in enumerate(listed if isinstance(listed, list) else ()):
            pair = (workload.get("kind"), workload.get("name")) if isinstance(workload, dict) else None
            if pair is not None and pair in seen:
                yield Found((*steps, "workloads", position), "is listed twice")
            seen.append(pair)


def _one_service_each(tree: object) -> Iterator[Found]:
    """A workload of two services could be changed as the one while the other is locked."""
    services = list(sections(tree, "services", "*"))
    whole: object = None
    taken = {str(steps[-1]): [(whole, steps)] for steps, service in services if not service.get("workloads")}
    for steps, service in services:
        for position, (name, container) in enumerate(_named(service)):
            holders = taken.setdefault(name, [])
            other = next((s for c, s in holders if s != steps and (None in (c, container) or c == container)), None)
            if other:
                yield Found((*steps, "workloads", position), f"belongs to {spell(other)} already")
            holders.append((container, steps))


def _named(service: dict[str, Any]) -> list[tuple[str, object]]:
    listed = service.get("workloads")
    found = [one if isinstance(one, dict) else {} for one in listed] if isinstance(listed, list) else []
    return [(str(one.get("name")), one.get("container")) for one in found]


def _slack(tree: object) -> Iterator[Found]:
    for steps, slack in sections(tree, "chat", "slack"):
        key = {"socket": "app_token", "http": "signing_secret"}.get(str(slack.get("mode") or "socket"))
        if key and slack.get(key) is None:
            yield Found((*steps, key), f"is missing: mode {slack.get('mode') or 'socket'} needs it")


def _webex(tree: object) -> Iterator[Found]:
    for steps, webex in sections(tree, "chat", "webex"):
        if webex.get("invite_token") is not None and not webex.get("domains"):
            yield Found((*steps, "invite_token"), "needs domains: only people of domains that are named are invited")


def _routes(tree: object) -> Iterator[Found]:
    """A route that leads nowhere would silence what it takes."""
    listed = tree.get("routes") if isinstance(tree, dict) else None
    for position, route in enumerate(listed if isinstance(listed, list) else ()):
        to = route.get("to") if isinstance(route, dict) else None
        if isinstance(to, dict) and not any(to.values()):
            yield Found(("routes", position, "to"), "names no channel")


def _named_channels(tree: object) -> Iterator[Found]:
    """Webex has no names of rooms that are one room's alone."""
    chats = dict(sections(tree, "chat"))
    if not chats or any(chat.get("slack") for chat in chats.values()):
        return
    for steps, role in sections(tree, "roles", "*"):
        channels = role.get("channels")
        for position, channel in enumerate(channels if isinstance(channels, list) else ()):
            if isinstance(channel, str) and is_name(channel):
                yield Found((*steps, "channels", position), "is a name, and only Slack knows channels by names")


def _registries(tree: object) -> Iterator[Found]:
    owner = {str(steps[-1]): steps for steps, _ in sections(tree, "registries", "*")}
    for steps, registry in sections(tree, "registries", "*"):
        if (registry.get("username") is None) != (registry.get("password") is None):
            yield Found(steps, "needs username and password together, or neither")
        if registry.get("key_file") is not None and registry.get("cert_file") is None:
            yield Found((*steps, "key_file"), "goes with cert_file only")
        aliases = registry.get("aliases")
        for position, alias in enumerate(aliases if isinstance(aliases, list) else ()):
            other = owner.setdefault(alias, steps) if isinstance(alias, str) else steps
            if other != steps:
                yield Found((*steps, "aliases", position), f"is a name of {spell(other)} already")


RULES: tuple[Rule, ...] = (
    _environments,
    _one_namespace_each,
    _one_cluster_kind,
    _builders,
    _pushers,
    _watch,
    _workloads,
    _one_service_each,
    _slack,
    _webex,
    _named_channels,
    _registries,
    _routes,
    wording.never_said,
    guards.promotion_order,
    guards.freezes,
    guards.allowed_times,
    lockout.contradictions,
    lockout.nobody_left,
    lockout.approvals,
)


def unknown_key(name: str, known: list[str]) -> str:
    close = nearest(name[:64], known) if name else []
    return f"unknown key; {f'did you mean {close[0]}?' if close else 'known are ' + ', '.join(known)}"
