"""With whose rights: the pod's own account, or a context of a kubeconfig. Tokens and exec plugins are the library's."""

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from bot.core.errors import Unavailable

if TYPE_CHECKING:
    from kubernetes.client.api_client import ApiClient
    from kubernetes.client.configuration import Configuration

CONNECTIONS = 64
"""One for each watch, and some for orders: a pool that is too small throws connections away."""


MOUNTED = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where every pod finds its account's token, which is written anew before it expires: it is read again each minute."""


class Access(Struct, frozen=True):
    """No kubeconfig: the account of the pod that the bot runs in. No context: the kubeconfig's current one.

    `patience` is for an exec plugin.
    """

    kubeconfig: Path | None = None
    context: str | None = None
    mounted: Path = MOUNTED
    patience: float = 20.0

    def __str__(self) -> str:
        if self.kubeconfig is None:
            return "the pod's own account"
        return f"{self.kubeconfig}, context {self.context}" if self.context else str(self.kubeconfig)


def connect(cluster: str, access: Access) -> "ApiClient":
    """The library is imported here, so that nobody pays for it who has no cluster."""
    import yaml
    from kubernetes.client.api_client import ApiClient
    from kubernetes.client.configuration import Configuration
    from kubernetes.config.config_exception import ConfigException

    configuration = Configuration()
    try:
        _load(access, configuration)
        _check(configuration.host)
    except (ConfigException, OSError, yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _unusable(cluster, access, error) from None
    _tune(configuration)
    return ApiClient(configuration)


def _load(access: Access, configuration: "Configuration") -> None:
    from kubernetes.config.config_exception import ConfigException
    from kubernetes.config.incluster_config import InClusterConfigLoader
    from kubernetes.config.kube_config import KubeConfigMerger

    from bot.cluster.kubernetes.plugins import Loader

    if access.kubeconfig is None:
        token, authority = access.mounted / "token", access.mounted / "ca.crt"
        InClusterConfigLoader(str(token), str(authority)).load_and_set(configuration)  # type: ignore[no-untyped-call]
    else:
        merged = KubeConfigMerger(str(access.kubeconfig)).config  # type: ignore[no-untyped-call]
        if merged is None:
            raise ConfigException("Invalid kube-config file. There is nothing in it.")
        loader = Loader(merged, active_context=access.context)  # type: ignore[no-untyped-call]
        loader.patience = access.patience
        loader.load_and_set(configuration)  # type: ignore[no-untyped-call]


def _check(host: str) -> None:
    if not host.startswith(("https://", "http://")):
        raise ValueError(f"The server {host!r} is no address that begins with https://.")


def _tune(configuration: "Configuration") -> None:
    """Its defaults would wait for ever on a dead peer, follow redirects with the token, and sleep where told to."""
    from kubernetes.utils.keepalive import tcp_keepalive_socket_options
    from urllib3.util.retry import Retry

    configuration.socket_options = tcp_keepalive_socket_options(idle=15, interval=5, count=3)
    configuration.connection_pool_maxsize = CONNECTIONS
    configuration.retries = Retry(total=False)


def fit(headers: dict[str, str]) -> dict[str, str]:
    """A token as somebody wrote it into a file, line end and all. One that fits no header would be told in an error."""
    fitting = {name: value.strip() for name, value in headers.items()}
    if not all(value.isascii() and value.isprintable() for value in fitting.values()):
        raise ValueError("The token has characters in it that no header takes.")
    return fitting


def _unusable(cluster: str, access: Access, error: Exception) -> Unavailable:
    said = " ".join(str(error).split())[:300] or type(error).__name__
    return Unavailable(
        f"There is no way into the cluster {cluster}.",
        fact=f"{access}: {said}",
        hint=f"Look at clusters.{cluster} in the configuration.",
    )
