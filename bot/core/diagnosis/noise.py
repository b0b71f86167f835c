"""The cause out of what kubelet, runtime, scheduler and API server wrap around it. Cuts, and never invents."""

import re
from collections.abc import Sequence

from msgspec import Struct

_PULL_NOISE = (
    r"Failed to pull image \"[^\"]*\": ",
    r"Back-off pulling image \"[^\"]*\": ",
    r"ErrImagePull: ",
    r"rpc error: code = \w+ desc = ",
    r"failed to pull and unpack image \"[^\"]*\": ",
    r"failed to resolve (?:image|reference \"[^\"]*\"): ",
    r"failed to do request: ",
    r"(?:Head|Get) \"[^\"]*\": ",
)
_START_NOISE = (
    r"Error: ",
    r"rpc error: code = \w+ desc = ",
    r"failed to (?:create|start) (?:containerd|container|shim) task: ",
    r"failed to create shim task: ",
    r"OCI runtime create failed: ",
    r"runc create failed: ",
    r"unable to start container process: ",
)
_REFUSAL_NOISE = (
    r"\(combined from similar events\): ",
    r"Error creating: ",
    r"create Pod \S+ in StatefulSet \S+ failed error: ",
    r"pods \"[^\"]*\" is forbidden: ",
)
_IMAGE = re.compile(r"image (?:name )?\"([^\"]+)\"")
_DIGEST = re.compile(r"@(sha\d+:[0-9a-f]{7})[0-9a-f]+")
_DIAL = re.compile(r"dial tcp (\S+): connect: (.+)")
_LOOKUP = re.compile(r"dial tcp: lookup (\S+)(?: on [^:]+(?::\d+)?)?: (?:.*: )?([^:]+)")
_EXEC = re.compile(r"exec: \"([^\"]+)\": (?:stat \S+: )?(.+)")
_HOOK = re.compile(r"exited with (\d+): .*?message: \"(.*)\"", re.DOTALL)
_NODES = re.compile(r"(\d+)/(\d+) nodes are available: (.*)", re.DOTALL)
_AFTERTHOUGHT = re.compile(r"\s*(?:no new claims to deallocate,?|preemption: .*)", re.DOTALL)
_WEBHOOK = re.compile(r"(?:Internal error occurred: )?failed calling webhook \"([^\"]+)\": (.*)", re.DOTALL)
_WEBHOOK_NOISE = (r"failed to call webhook: ", r"Post \"[^\"]*\": ")
_QUOTA = re.compile(r"exceeded quota: ([^,]+), (requested: .*)")
_PROBE = re.compile(r"(Readiness|Liveness|Startup) probe (?:failed|errored)[^:]*: ?(.*)", re.DOTALL)
_STATUS = re.compile(r"HTTP probe failed with statuscode: (\d+)")
_TIMEOUT = re.compile(r"command timed out: \"(.*)\" timed out after (\S+)")
_REQUEST = re.compile(r"Get \"\w+://[^/:\"]*(:\d+)?([^\"]*)\": (.*)", re.DOTALL)
_ANY_DIAL = re.compile(r"dial tcp \S+: (?:connect: )?(.*)", re.DOTALL)


class Refusal(Struct, frozen=True):
    """Why no pod may even be made."""

    code: str
    sentence: str


class Probe(Struct, frozen=True):
    """A probe's kind and its answer, to be read after its name. `settled`: waiting longer will not change it."""

    kind: str
    answer: str
    settled: bool = False


def strip(text: str, noise: Sequence[str]) -> str:
    """Without any of these in front, in whatever order they stand."""
    text = text.strip()
    heads = re.compile("|".join(noise))
    while found := heads.match(text):
        text = text[found.end() :]
    return text.removesuffix(": unknown").strip()


def image_named(text: str) -> str:
    found = _IMAGE.search(text)
    return found[1] if found else ""


def short_image(image: str) -> str:
    return _DIGEST.sub(r"@\1", image)


def pull(text: str, image: str) -> str:
    """`not found`, or what the connection or the registry said."""
    cause = strip(text, _PULL_NOISE).removeprefix(f"{image}: ")
    if re.fullmatch(r"Back-off pulling image \"[^\"]*\"|ImagePullBackOff|ErrImagePull", cause):
        return ""
    return _connection(cause)


def _connection(cause: str) -> str:
    return _LOOKUP.sub(r"lookup \1: \2", _DIAL.sub(r"\1: \2", cause))


def start(text: str) -> str:
    return _EXEC.sub(r"\1: \2", strip(text, _START_NOISE))


def hook(text: str) -> tuple[str, str]:
    """The hook's exit and what it printed; both empty where the node did not say."""
    found = _HOOK.search(text)
    if found is None:
        return "", ""
    return f"exit {found[1]}", found[2].replace("\\n", "\n").strip()


def schedule(text: str) -> str:
    """The scheduler's own reasons, without what it thinks about preemption."""
    found = _NODES.match(text.strip())
    reasons = _AFTERTHOUGHT.sub("", found[3] if found else text).strip()
    reasons = re.sub(r"(not found)\. not found$", r"\1", reasons).rstrip(". ")
    return f"{reasons} ({found[1]} of {found[2]} nodes fit)" if found else reasons


def refusal(text: str) -> Refusal:
    """Quota, limits, or somebody at admission."""
    words = strip(text, _REFUSAL_NOISE)
    quota = _QUOTA.match(words)
    if quota:
        return Refusal(code="quota", sentence=f"No pod may be made: quota {quota[1]} is used up ({_spaced(quota[2])}).")
    if silent := _WEBHOOK.match(words):
        cause = _connection(strip(silent[2], _WEBHOOK_NOISE)).rstrip(". ")
        return Refusal(code="admission", sentence=f"No pod may be made: the webhook {silent[1]} fails: {cause}.")
    limits = re.match(r"(?:maximum|minimum) \S+ usage per|\[?(?:maximum|minimum) ", words)
    return Refusal(code="quota" if limits else "admission", sentence=f"No pod may be made: {words.rstrip('. ')}.")


def _spaced(amounts: str) -> str:
    return amounts.strip().replace(": ", " ")


def probe(text: str) -> Probe | None:
    """What a probe answered: `answers HTTP 404`, `gets connection refused at :9090/`."""
    found = _PROBE.match(text.strip())
    if found is None:
        return None
    answer, settled = _answer(found[2].strip())
    return Probe(kind=found[1].lower(), answer=answer, settled=settled)


def _answer(said: str) -> tuple[str, bool]:
    if status := _STATUS.match(said):
        return f"answers HTTP {status[1]}", status[1].startswith("4")
    if late := _TIMEOUT.match(said):
        return f"does not end within {late[2]} ({late[1]})", False
    if request := _REQUEST.match(said):
        return _network(f"{request[1] or ''}{request[2]}", request[3]), False
    if dialled := _ANY_DIAL.match(said):
        return f"gets {dialled[1]}", False
    return (f'says "{first_line(said)}"' if said else "fails"), False


def _network(where: str, what: str) -> str:
    if "deadline exceeded" in what or "Client.Timeout" in what:
        return f"gets no answer in time at {where}"
    dialled = _ANY_DIAL.match(what)
    return f"gets {dialled[1] if dialled else what} at {where}"


def first_line(text: str) -> str:
    return text.strip().partition("\n")[0].rstrip(". ")
