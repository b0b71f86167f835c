"""Where registries give out their tokens, and that no login goes anywhere else."""

import pytest
from msgspec.structs import replace

from bot.core.errors import Unavailable
from bot.core.login import Login
from bot.core.secret import Secret
from bot.registry.oci.auth import Auth
from bot.registry.oci.message import Answer, Request, origin
from tests.unit.oci_server import Hand, OciServer, reach, says
from tests.unit.test_oci_logins import ACCESS, BASIC, LIST, PASSWORD, TOKEN, bearer, wants


def test_a_token_server_of_another_domain_gets_the_login_once_it_is_named() -> None:
    with OciServer() as server, OciServer() as other:
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        server.on(LIST, wants(bearer(server, f"{elsewhere}/token"), "Bearer one"))
        other.on(TOKEN, says({"token": "one"}))
        with reach(server, ACCESS) as registry, pytest.raises(Unavailable) as caught:
            registry.tags(f"{server.host}/team/app")
        assert caught.value.sentence == f"{server.host} wants its login sent to {elsewhere[7:]}: not sent."
        assert caught.value.hint.endswith(f"name it under registries.{server.host}.token_server.")
        assert other.asked == []
        for named in ("LOCALHOST", elsewhere[7:]):
            with reach(server, replace(ACCESS, token_server=named)) as registry:
                assert registry.tags(f"{server.host}/team/app") == ["a"]
        with reach(server, replace(ACCESS, token_server="localhost:1")) as registry, pytest.raises(Unavailable):
            registry.tags(f"{server.host}/team/app")
    assert [asked.headers.get("authorization") for asked in other.asked] == [BASIC, BASIC]


@pytest.mark.parametrize(
    ("registry", "realm", "sent"),
    [
        ("https://registry-1.docker.io", "https://auth.docker.io/token", True),
        ("https://registry.gitlab.com", "https://gitlab.com/jwt/auth", True),
        ("https://registry.example.com", "https://gitlab.example.com/jwt/auth", True),
        ("https://harbor.example.com", "https://harbor.example.com/service/token", True),
        ("https://quay.io", "https://quay.io/v2/auth", True),
        ("https://gcr.io", "https://gcr.io/v2/token", True),
        ("https://europe-docker.pkg.dev", "https://europe-docker.pkg.dev/v2/token", True),
        ("https://acme.azurecr.io", "https://acme.azurecr.io/oauth2/token", True),
        ("https://registry.digitalocean.com", "https://api.digitalocean.com/v2/registry/auth", True),
        ("https://rg.fr-par.scw.cloud", "https://api.scaleway.com/registry-internal/v1/token", False),
        ("https://registry.cn-shanghai.aliyuncs.com", "https://dockerauth.cn-hangzhou.aliyuncs.com/auth", False),
        ("https://registry.example.com", "https://gitlab.example.com.evil.net/jwt/auth", False),
        ("https://registry.example.com", "https://notexample.com/jwt/auth", False),
        ("https://quay.io", "https://evil.io/token", False),
        ("https://10.0.0.5:5000", "https://10.1.0.5/token", False),
    ],
)
def test_where_real_registries_give_out_their_tokens(registry: str, realm: str, *, sent: bool) -> None:
    home = origin(registry)
    assert home is not None
    auth = Auth("the registry", home, lambda: Login("bot", Secret(PASSWORD)), Hand())
    flow = auth.flow(Request("GET", f"{registry}{LIST}"), "team/app")
    challenge = {"www-authenticate": f'Bearer realm="{realm}",service="reg"'}
    asked = next(flow)
    if not sent:
        with pytest.raises(Unavailable, match="not sent"):
            flow.send(Answer(401, asked.url, challenge))
        return
    given = flow.send(Answer(401, asked.url, challenge))
    assert given.authorization is not None and given.authorization.reveal() == BASIC
    assert given.url == f"{realm}?service=reg&scope=repository%3Ateam%2Fapp%3Apull"
