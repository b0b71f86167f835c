"""What a node of Kubernetes 1.36 says, word for word: diagnosis is tested against these."""

from bot.cluster.memory.state import PodState


def pull_error(image: str) -> str:
    return (
        f'rpc error: code = NotFound desc = failed to pull and unpack image "{image}": '
        f"failed to resolve image: {image}: not found"
    )


def pull_backoff(image: str) -> str:
    return f'Back-off pulling image "{image}"'


def pulled(image: str, milliseconds: int, size: int) -> str:
    took = f"{milliseconds}ms"
    return f'Successfully pulled image "{image}" in {took} ({took} including waiting). Image size: {size} bytes.'


def full_name(pod: PodState) -> str:
    return f"{pod.name}_{pod.namespace}({pod.uid})"


def crash_backoff(seconds: int, container: str, pod: PodState) -> str:
    pretty = f"{seconds}s" if seconds < 60 else f"{seconds // 60}m{seconds % 60}s"
    return f"back-off {pretty} restarting failed container={container} pod={full_name(pod)}"


def crash_backoff_event(container: str, pod: PodState) -> str:
    return f"Back-off restarting failed container {container} in pod {full_name(pod)}"


PROBE_FAILED = "Readiness probe failed: HTTP probe failed with statuscode: 404"
LIVENESS_FAILED = "Liveness probe failed: HTTP probe failed with statuscode: 404"
UNMOUNTED = 'MountVolume.SetUp failed for volume "settings" : configmap "settings" not found'


def killed(container: str) -> str:
    return f"Container {container} failed liveness probe, will be restarted"


def over_quota(pod: str, quota: str, used: int, limit: int) -> str:
    return (
        f'pods "{pod}" is forbidden: exceeded quota: {quota}, '
        f"requested: pods=1, used: pods={used}, limited: pods={limit}"
    )
