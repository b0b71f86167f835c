"""A Kubernetes to play with: `make cluster`, Ctrl-C ends it."""

import signal
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.servers.control_plane import ControlPlane
from tests.servers.find import Missing
from tests.servers.play import furnish
from tests.servers.process import DidNotStart
from tests.servers.registry import Registry


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    try:
        with TemporaryDirectory(prefix="quarterdeck-") as folder, ControlPlane() as cluster, Registry() as registry:
            _greet(cluster, furnish(cluster, registry, Path(folder)), time.monotonic() - began)
            _until_interrupted()
    except (Missing, DidNotStart) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def _greet(cluster: ControlPlane, config: Path, seconds: float) -> None:
    print(f"Kubernetes at {cluster.url}, up in {seconds:.1f} s; Ctrl-C ends it. In another terminal:")
    print(f"  .venv/bin/quarterdeck shell --lead --config {config}")
    print("    deploy adderservice 3f2a91c")
    print("    deploy adderservice crash-3 to production    # missing and unready fail too")
    print(f"  export KUBECONFIG={cluster.kubeconfig}", flush=True)


def _until_interrupted() -> None:
    """A second Ctrl-C must not stop the clearing away."""
    try:
        signal.pause()
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print("\nending it", flush=True)


if __name__ == "__main__":
    sys.exit(main())
