"""Lists of tags and repositories: whole, or an error."""

from collections.abc import Iterator

import pytest

from bot.core.errors import Invalid, NotFound, QuarterdeckError, Unavailable
from bot.registry.oci import OciRegistry
from tests.unit.oci_server import OciServer, Said, reach, says

LIST = "/v2/team/app/tags/list"


@pytest.fixture
def server() -> Iterator[OciServer]:
    with OciServer() as server:
        yield server


@pytest.fixture
def registry(server: OciServer) -> Iterator[OciRegistry]:
    with reach(server) as registry:
        yield registry


def tags(server: OciServer, registry: OciRegistry) -> list[str]:
    return registry.tags(f"{server.host}/team/app")


def test_pages_are_followed_to_the_end_on_one_connection(server: OciServer, registry: OciRegistry) -> None:
    server.on(LIST, says({"tags": ["a", "b"]}, link=f'<{LIST}?last=b&n=2>; rel="next"'))
    server.on(f"{LIST}?last=b&n=2", says({"tags": ["b", "c"]}, link=f"<{server.url}{LIST}?last=c>; foo=1; rel=next"))
    server.on(f"{LIST}?last=c", says({"tags": ["d"]}, link='<other>; rel="prev"'))
    assert tags(server, registry) == ["a", "b", "c", "d"]
    assert len(server.connections) == 1


@pytest.mark.parametrize("link", ["?last=b", "list?last=b", "http://{name}/v2/team/app/tags/list?last=b"])
def test_a_next_page_may_be_named_in_any_way_that_stays_here(
    server: OciServer, registry: OciRegistry, link: str
) -> None:
    """The last one is what a registry behind a proxy says, which knows neither its scheme nor its port."""
    server.on(LIST, says({"tags": ["a"]}, link=f'<{link.format(name="127.0.0.1")}>; rel="next"'))
    server.on(f"{LIST}?last=b", says({"tags": ["c"]}))
    assert tags(server, registry) == ["a", "c"]


def test_an_unchanged_page_with_an_etag_costs_one_question_without_a_body(
    server: OciServer, registry: OciRegistry
) -> None:
    server.on(LIST, says({"tags": ["a"]}, etag='W/"1"'), Said(status=304))
    assert [tags(server, registry), tags(server, registry)] == [["a"], ["a"]]
    assert [asked.headers.get("if-none-match") for asked in server.asked] == [None, 'W/"1"']


def test_no_tags_is_an_empty_list(server: OciServer, registry: OciRegistry) -> None:
    server.on(LIST, says({"name": "team/app", "tags": None}))
    assert tags(server, registry) == []


def test_repositories_are_listed_the_same_way(server: OciServer, registry: OciRegistry) -> None:
    server.on("/v2/_catalog", says({"repositories": ["a"]}, link='</v2/_catalog?last=a>; rel="next"'))
    server.on("/v2/_catalog?last=a", says({"repositories": ["b/c"]}))
    assert registry.beside(f"{server.host}/x") == [f"{server.host}/a", f"{server.host}/b/c"]


@pytest.mark.parametrize(
    ("first", "sentence"),
    [
        (says({"tags": ["a"]}, link=f'<{LIST}>; rel="next"'), "leads in circles"),
        (says({"tags": ["a"]}, link='<http://elsewhere.example/v2>; rel="next"'), "on another host"),
        (says({"tags": ["a"]}, link='<http://127.0.0.1:1/v2>; rel="next"'), "on another host"),
        (says({"tags": ["a"]}, link='<http://[::1>; rel="next"'), "on another host"),
        (says({"tags": ["a"]}, link='<file:///etc/passwd>; rel="next"'), "on another host"),
        (Said(b"<html>Sign in</html>", headers={"content-type": "text/html"}), "something that is not a registry's"),
        (says({"repositories": None, "tags": [1]}), "something that is not a registry's"),
        (says({}), "something that is not a registry's"),
        (says([]), "something that is not a registry's"),
        (Said(b'{"tags": ["\xff"]}'), "something that is not a registry's"),
        (Said(b"", 204), "refuses the question: it answers 204"),
        (Said(b"", 304), "something that is not a registry's"),
        (Said(b'{"tags": ["a"', cut=10), "does not answer"),
        (says({"tags": ["a" * 100] * 90_000}), "more than 8 MiB"),
        (says({"tags": [f"t{n}" for n in range(200_001)]}), "more than 200,000 names"),
    ],
)
def test_half_a_list_is_none(server: OciServer, registry: OciRegistry, first: Said, sentence: str) -> None:
    server.on(LIST, first)
    with pytest.raises(QuarterdeckError) as caught:
        tags(server, registry)
    assert sentence in caught.value.sentence
    assert isinstance(caught.value, Unavailable | Invalid)


def test_a_page_that_fails_takes_the_ones_before_it_along(server: OciServer, registry: OciRegistry) -> None:
    server.on(LIST, says({"tags": ["a"]}, link='<?last=a>; rel="next"'))
    server.on(f"{LIST}?last=a", Said(status=500))
    with pytest.raises(Unavailable, match="is in trouble: it answers 500"):
        tags(server, registry)


def test_a_list_that_never_repeats_itself_ends_as_well(server: OciServer, registry: OciRegistry) -> None:
    for n in range(2001):
        server.on(f"{LIST}?n={n}" if n else LIST, says({"tags": []}, link=f'<?n={n + 1}>; rel="next"'))
    with pytest.raises(Unavailable, match="its list has no end"):
        tags(server, registry)


@pytest.mark.parametrize("tag", ["$(reboot)", "a b", "\x1b[2J", "", "-rf", "x" * 129, "a\n"])
def test_a_list_with_what_cannot_be_a_tag_is_not_believed(server: OciServer, registry: OciRegistry, tag: str) -> None:
    server.on(LIST, says({"tags": ["fine", tag]}))
    with pytest.raises(Invalid) as caught:
        tags(server, registry)
    assert "cannot be a tag" in caught.value.sentence
    assert caught.value.fact.isprintable()


def test_an_unknown_repository_may_be_one_that_wants_a_login(server: OciServer, registry: OciRegistry) -> None:
    server.on(LIST, says({"errors": [{"code": "NAME_UNKNOWN"}]}, 404))
    with pytest.raises(NotFound) as caught:
        tags(server, registry)
    assert caught.value.sentence == f"Repository {server.host}/team/app: not found, or not logged in."
    assert f"docker login {server.host}" in caught.value.hint
