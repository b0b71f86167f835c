"""Pull secrets are carried from the cluster to the registry for the questions of their environment, nowhere else."""

import logging
from pathlib import Path

import pytest

from bot.core.errors import NotFound, Unavailable
from bot.core.login import Login
from bot.core.secret import Secret
from bot.registry.oci import Access
from tests.unit.oci_server import Asked, OciServer, Said, reach, says
from tests.unit.talk import Talk, talking

LOGIN = Login("puller", Secret("hunter2-do-not-show"))
LOGINS = {"registry.local:5000": LOGIN}
BASIC = "Basic cHVsbGVyOmh1bnRlcjItZG8tbm90LXNob3c="


def test_off_by_default(bot: Talk) -> None:
    bot.cluster.pull_as(LOGINS)
    bot.say("deploy adderservice 9ab01de to staging --dry-run")
    assert bot.registry.borrowed == {}


@pytest.mark.parametrize(
    "text",
    [
        "deploy adderservice 9ab01de to production --dry-run",
        "diff adderservice 9ab01de to production",
        "promote adderservice to production --dry-run",
        "images adderservice",
        "images --find 9ab01de",
    ],
)
def test_carried_where_the_environment_allows_it(tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with talking(tmp_path, production=", pull_secrets: true", lead=False) as bot:
        bot.say("deploy adderservice 9ab01de to staging")
        bot.cluster.pull_as(LOGINS)
        bot.registry.borrowed = {}
        bot.say(text)
        assert bot.registry.borrowed == LOGINS
    assert "hunter2" not in caplog.text


def test_a_first_deploy_asks_as_its_pods_will(tmp_path: Path) -> None:
    template = Path(__file__).parents[2] / "config" / "templates" / "deployment.yaml"
    (tmp_path / "deployment.yaml").write_text(template.read_text())
    billing = "  billing: {repository: registry.local:5000/billing, template: default, port: 8080}\n"
    more = f"{billing}templates: {{default: [deployment.yaml]}}\n"
    with talking(tmp_path, production=", pull_secrets: true", more=more, lead=False) as bot:
        bot.cluster.pull_as(LOGINS)
        bot.say("deploy billing 3f2a91c to staging")
        assert bot.registry.borrowed == {}
        bot.say("deploy billing 3f2a91c to production --dry-run")
        assert bot.registry.borrowed == LOGINS


def test_a_schedule_asks_the_cluster_once_in_minutes(tmp_path: Path) -> None:
    with talking(tmp_path, production=", pull_secrets: true") as bot:
        bot.pass_time(lambda: bot.store.tags_seen("registry.local:5000/adderservice") is not None)
        bot.cluster.pull_as(LOGINS)
        bot.bot.poller.look("adderservice")
        assert bot.registry.borrowed == {}


def _private(asked: Asked) -> Said:
    if asked.headers.get("authorization") == BASIC:
        return says({"tags": ["a"]})
    return Said(b"", 401, {"www-authenticate": 'Basic realm="tests"'})


def test_a_registry_is_asked_as_the_pods_ask_it() -> None:
    with OciServer() as server, reach(server, Access(plain_http=True)) as registry:
        server.on("/v2/app/tags/list", _private)
        assert registry.lent({server.host: LOGIN}).tags(f"{server.host}/app") == ["a"]
        assert registry.lent({"elsewhere": LOGIN, server.host: LOGIN}).tags(f"{server.host}/app") == ["a"]
        asked = len(server.asked)
        with pytest.raises(NotFound):
            registry.tags(f"{server.host}/app")
        assert all("authorization" not in each.headers for each in server.asked[asked:])


def test_what_is_configured_wins() -> None:
    mine = Access(plain_http=True, username="bot", password=Secret("other"))
    with OciServer() as server, reach(server, mine) as registry:
        server.on("/v2/app/tags/list", _private)
        with pytest.raises(Unavailable, match="bot"):
            registry.lent({server.host: LOGIN}).tags(f"{server.host}/app")
        assert BASIC not in [each.headers.get("authorization") for each in server.asked]
