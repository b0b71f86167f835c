"""A Kubernetes to play with: `make cluster`, Ctrl-C ends it."""

import signal
import sys
import time

from tests.servers.control_plane import ControlPlane
from tests.servers.find import Missing
from tests.servers.process import DidNotStart


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    try:
        with ControlPlane() as cluster:
            _greet(cluster, time.monotonic() - began)
            _until_interrupted()
    except (Missing, DidNotStart) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def _greet(cluster: ControlPlane, seconds: float) -> None:
    print(f"Kubernetes at {cluster.url}, up in {seconds:.1f} s; Ctrl-C ends it.")
    print(f"  export KUBECONFIG={cluster.kubeconfig}")
    print("  kubectl create deployment web --image=web:1 --replicas=3")
    print("  kubectl set image deployment/web web=web:missing    # see stages.yaml", flush=True)


def _until_interrupted() -> None:
    """A second Ctrl-C must not stop the clearing away."""
    try:
        signal.pause()
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print("\nending it", flush=True)


if __name__ == "__main__":
    sys.exit(main())
