"""Who we are: told to the registry alone, in as few words as it wants, and to nobody in an error or a log."""

import base64
import json
import logging
import os
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.core.errors import NotFound, QuarterdeckError, Unavailable
from bot.core.login import Login
from bot.core.secret import Secret
from bot.registry import NoRepository
from bot.registry.oci.access import Access
from bot.registry.oci.challenge import Challenge, read
from bot.registry.oci.credentials import Keychain
from tests.unit.oci_server import Asked, Hand, OciServer, Said, reach, says

LIST = "/v2/team/app/tags/list"
TAGS = says({"tags": ["a"]})
PASSWORD = "s3cr3t-word"
BASIC = "Basic " + base64.b64encode(f"bot:{PASSWORD}".encode()).decode()
ACCESS = Access(plain_http=True, username="bot", password=Secret(PASSWORD))


@pytest.fixture
def server() -> Iterator[OciServer]:
    with OciServer() as server:
        yield server


@pytest.fixture(autouse=True)
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Docker's own folder, empty: that of whoever runs the tests is not looked at."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def wants(challenge: str, *accepted: str) -> Callable[[Asked], Said]:
    """Answers only to these Authorization headers."""

    def answer(asked: Asked) -> Said:
        known = asked.headers.get("authorization") in accepted
        return TAGS if known else Said(b"{}", 401, {"www-authenticate": challenge})

    return answer


def bearer(server: OciServer, realm: str = "{url}/token") -> str:
    return f'Bearer realm="{realm.format(url=server.url)}",service="reg",scope="repository:team/app:pull"'


TOKEN = "/token?service=reg&scope=repository%3Ateam%2Fapp%3Apull"


def test_a_password_is_given_when_asked_for_and_then_at_once(server: OciServer) -> None:
    server.on(LIST, wants('Basic realm="x"', BASIC))
    with reach(server, ACCESS) as registry:
        for _ in range(2):
            assert registry.tags(f"{server.host}/team/app") == ["a"]
    assert [asked.headers.get("authorization") for asked in server.asked] == [None, BASIC, BASIC]


def test_a_token_is_fetched_with_the_password_and_kept_until_it_ends(server: OciServer) -> None:
    clock = Hand()
    server.on(LIST, wants(bearer(server), "Bearer one", "Bearer two"))
    server.on(TOKEN, says({"token": "one", "expires_in": 300}), says({"access_token": "two"}))
    with reach(server, ACCESS, clock) as registry:
        for later in (0, 280, 20):
            clock.at += later
            assert registry.tags(f"{server.host}/team/app") == ["a"]
    given = [asked.headers.get("authorization") for asked in server.asked if asked.path == LIST]
    assert given == [None, "Bearer one", "Bearer one", None, "Bearer two"]
    assert [a.headers.get("authorization") for a in server.asked if a.path == TOKEN] == [BASIC, BASIC]


def test_a_token_that_was_withdrawn_is_replaced(server: OciServer) -> None:
    server.on(TOKEN, says({"token": "one"}), says({"token": "two"}))
    with reach(server) as registry:
        for good in ("one", "two"):
            server.on(LIST, wants(bearer(server), f"Bearer {good}"))
            assert registry.tags(f"{server.host}/team/app") == ["a"]


def test_nobody_gets_a_token_as_well(server: OciServer) -> None:
    server.on(LIST, wants(bearer(server), "Bearer public"))
    server.on(TOKEN, says({"token": "public"}))
    with reach(server) as registry:
        assert registry.tags(f"{server.host}/team/app") == ["a"]
    assert "authorization" not in server.asked[1].headers


@pytest.mark.parametrize("status", [401, 403])
def test_a_stranger_is_told_that_he_may_be_one(server: OciServer, status: int) -> None:
    server.on(LIST, Said(b"{}", status, {"www-authenticate": bearer(server)}))
    server.on(TOKEN, Said(b"{}", status))
    with reach(server) as registry, pytest.raises(NotFound) as caught:
        registry.tags(f"{server.host}/team/app")
    assert caught.value.sentence == f"Repository {server.host}/team/app: not found, or not logged in."


def test_to_a_stranger_what_is_not_there_may_be_hidden(server: OciServer) -> None:
    """A first image is news only where it is certain that there was none."""
    server.on(LIST, wants(bearer(server), "Bearer anonymous"), says({}, 404))
    server.on(TOKEN, says({"token": "anonymous"}))
    with reach(server) as registry, pytest.raises(NotFound) as caught:
        registry.tags(f"{server.host}/team/app")
    assert not isinstance(caught.value, NoRepository)
    with OciServer() as other, reach(other) as registry, pytest.raises(NoRepository):
        other.on(LIST, says({}, 404))
        registry.tags(f"{other.host}/team/app")


@pytest.mark.parametrize("challenge", ['Basic realm="x"', "{bearer}", "Negotiate", ""])
def test_a_registry_that_always_says_no_is_asked_three_times_at_most(server: OciServer, challenge: str) -> None:
    server.on(LIST, wants(challenge.format(bearer=bearer(server))))
    server.on(TOKEN, says({"token": "one"}))
    with reach(server, ACCESS) as registry, pytest.raises(QuarterdeckError):
        registry.tags(f"{server.host}/team/app")
    assert len(server.asked) <= 3


def test_a_refused_login_does_not_close_the_other_repositories(server: OciServer) -> None:
    server.on(LIST, wants('Basic realm="x"'))
    server.on("/v2/other/tags/list", TAGS)
    with reach(server, ACCESS) as registry:
        with pytest.raises(Unavailable, match=f"does not let bot read repository {server.host}/team/app"):
            registry.tags(f"{server.host}/team/app")
        assert registry.tags(f"{server.host}/other") == ["a"]


@pytest.mark.parametrize(
    "realm", ["http://elsewhere.example/token", "ftp://127.0.0.1/", "", "http://bot@127.0.0.1/", "http://[::1"]
)
def test_a_password_is_not_sent_where_a_registry_merely_says(server: OciServer, realm: str) -> None:
    server.on(LIST, wants(bearer(server, realm)))
    with reach(server, ACCESS) as registry, pytest.raises(Unavailable):
        registry.tags(f"{server.host}/team/app")
    assert len(server.asked) == 1


def test_a_redirect_to_another_host_takes_no_login_along(server: OciServer) -> None:
    with OciServer() as other:
        other.on("/elsewhere", TAGS)
        moved = Said(b"", 307, {"location": f"{other.url}/elsewhere"})
        server.on(LIST, Said(b"", 401, {"www-authenticate": "Basic"}), moved)
        with reach(server, ACCESS) as registry:
            assert registry.tags(f"{server.host}/team/app") == ["a"]
        assert server.asked[-1].headers["authorization"] == BASIC
        assert "authorization" not in other.asked[0].headers


def test_another_host_gets_no_login_by_asking_for_one(server: OciServer) -> None:
    with OciServer() as other:
        other.on("/elsewhere", Said(b"", 401, {"www-authenticate": "Basic"}))
        server.on(LIST, Said(b"", 302, {"location": f"{other.url}/elsewhere"}))
        with reach(server, ACCESS) as registry, pytest.raises(QuarterdeckError):
            registry.tags(f"{server.host}/team/app")
        assert ["authorization" in asked.headers for asked in other.asked] == [False]


def _docker_knows(folder: Path, **config: object) -> None:
    (folder / "config.json").write_text(json.dumps(config))


def _helper(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = folder / "docker-credential-test"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def _found(host: str, patience: float = 30) -> Login | None:
    return Keychain(host, Access(), Hand(), patience).login()


def test_dockers_own_file_is_read(server: OciServer, docker: Path) -> None:
    auth = base64.b64encode(f"bot:{PASSWORD}".encode()).decode()
    _docker_knows(docker, auths={server.host: {"auth": auth}})
    server.on(LIST, wants("Basic", BASIC))
    with reach(server) as registry:
        assert registry.tags(f"{server.host}/team/app") == ["a"]


def test_a_refresh_token_travels_in_a_form(server: OciServer, docker: Path) -> None:
    _docker_knows(docker, auths={server.host: {"identitytoken": PASSWORD}})
    server.on(LIST, wants(bearer(server), "Bearer one"))
    server.on("/token", says({"access_token": "one"}))
    with reach(server) as registry:
        assert registry.tags(f"{server.host}/team/app") == ["a"]
    asked = server.asked[1]
    assert (asked.method, asked.path, f"refresh_token={PASSWORD}" in asked.body) == ("POST", "/token", True)


def test_a_helper_is_asked(docker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _docker_knows(docker, credHelpers={"myregistry:5000": "test"})
    _helper(docker, monkeypatch, f'echo \'{{"Username": "bot", "Secret": "{PASSWORD}"}}\'')
    assert _found("myregistry:5000") == Login("bot", Secret(PASSWORD))
    assert _found("elsewhere:5000") is None


@pytest.mark.parametrize("script", [f"echo {PASSWORD}; exit 1", f"echo {PASSWORD}", "echo '{}'", None])
def test_a_helper_that_fails_is_named_and_not_quoted(
    docker: Path, monkeypatch: pytest.MonkeyPatch, script: str | None
) -> None:
    _docker_knows(docker, credHelpers={"myregistry:5000": "test"})
    if script:
        _helper(docker, monkeypatch, script)
    with pytest.raises(Unavailable, match=r"docker login for myregistry:5000 cannot be read") as caught:
        _found("myregistry:5000")
    assert PASSWORD not in _everything(caught.value)


def test_a_helper_that_hangs_is_not_waited_for(docker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = docker / "pipe"
    os.mkfifo(pipe)
    _docker_knows(docker, credHelpers={"myregistry:5000": "test"})
    _helper(docker, monkeypatch, f"cat {pipe}")
    with pytest.raises(Unavailable) as caught:
        _found("myregistry:5000", patience=0.2)
    assert caught.value.fact == "It did not answer in 0.2 s."
    pipe.write_text("{}")


def _everything(error: BaseException) -> str:
    said = [f"{vars(e)} {e!r}" for e in (error, error.__cause__, error.__context__) if e]
    return "".join([*said, *traceback.format_exception(error)])


FAULTS: dict[str, Callable[[OciServer], Said | Callable[[Asked], Said]]] = {
    "refused": lambda s: wants("Basic"),
    "in trouble": lambda s: Said(status=500),
    "garbled": lambda s: Said(b"<html>"),
    "cut off": lambda s: Said(b"{", cut=1),
    "elsewhere": lambda s: wants(bearer(s, "http://elsewhere.example/")),
    "a token nobody could send": lambda s: wants(bearer(s)),
    "redirected": lambda s: Said(b"", 302, {"location": "http://169.254.169.254/"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_no_secret_is_in_an_error_or_a_log(server: OciServer, fault: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.on(LIST, Said(b"", 401, {"www-authenticate": "Basic"}), TAGS, FAULTS[fault](server))
    server.on(TOKEN, says({"token": f"{PASSWORD}\r\nX-Evil: 1"}))
    with reach(server, ACCESS) as registry:
        registry.tags(f"{server.host}/team/app")
        with pytest.raises(QuarterdeckError) as caught:
            registry.tags(f"{server.host}/team/app")
    told = _everything(caught.value) + caplog.text
    assert PASSWORD not in told
    assert BASIC.removeprefix("Basic ") not in told


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('Bearer realm="https://r/t",service="s",scope="a b"', Challenge("bearer", "https://r/t", "s", "a b")),
        ('Basic realm="x", Bearer realm=https://r/t', Challenge("bearer", "https://r/t")),
        ("basic", Challenge("basic")),
        ('Negotiate, BASIC realm="a, Bearer"', Challenge("basic", "a, Bearer")),
        ('Digest realm="x"', None),
        ("Bearer" * 5000, None),
        ("", None),
    ],
)
def test_challenges_are_read_as_they_are_written(header: str, expected: Challenge | None) -> None:
    found = read(header)
    assert (found and found.scheme) == (expected and expected.scheme)
    if expected and expected.scheme == "bearer":
        assert found == expected
