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
    """No kubeconfig: the account of the pod that the bot runs in. No context: the kubeconfig's current one."""

    kubeconfig: Path | None = None
    context: str | None = None
    mounted: Path = MOUNTED

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
    except (ConfigException, OSError, yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _unusable(cluster, access, error) from None
    _tune(configuration)
    return ApiClient(configuration)


def _load(access: Access, configuration: "Configuration") -> None:
    from kubernetes.config.incluster_config import InClusterConfigLoader
    from kubernetes.config.kube_config import load_kube_config

    if access.kubeconfig is None:
        token, authority = access.mounted / "token", access.mounted / "ca.crt"
        InClusterConfigLoader(str(token), str(authority)).load_and_set(configuration)  # type: ignore[no-untyped-call]
    else:
        load_kube_config(str(access.kubeconfig), access.context, configuration, persist_config=False)  # type: ignore[no-untyped-call]


def _tune(configuration: "Configuration") -> None:
    """Its defaults would wait for ever on a dead peer, follow redirects with the token, and sleep where told to."""
    from kubernetes.utils.keepalive import tcp_keepalive_socket_options
    from urllib3.util.retry import Retry

    configuration.socket_options = tcp_keepalive_socket_options(idle=15, interval=5, count=3)
    configuration.connection_pool_maxsize = CONNECTIONS
    configuration.retries = Retry(total=False)


def _unusable(cluster: str, access: Access, error: Exception) -> Unavailable:
    said = " ".join(str(error).split())[:300] or type(error).__name__
    return Unavailable(
        f"There is no way into the cluster {cluster}.",
        fact=f"{access}: {said}",
        hint=f"Look at clusters.{cluster} in the configuration.",
    )
