"""What every registry has to do. A real one joins as one more kit."""

import pytest

from bot.core.errors import NotFound, Unavailable
from bot.core.login import Login
from bot.core.secret import Secret
from bot.registry import NoRepository
from tests.contract.registry_kit import KITS, NEEDS, RegistryKit
from tests.servers.require import each, or_skip

REPOSITORY = "team/adderservice"


@pytest.fixture(params=each(KITS, NEEDS))
def kit(request: pytest.FixtureRequest) -> RegistryKit:
    with or_skip():
        made = KITS[request.param]()
    request.addfinalizer(made.close)
    return made


def test_lists_every_tag_once(kit: RegistryKit) -> None:
    for tag in ("3f2a91c", "77be001", "9ab01de"):
        kit.push(REPOSITORY, tag)
    assert sorted(kit.registry.tags(kit.repository(REPOSITORY))) == ["3f2a91c", "77be001", "9ab01de"]


def test_a_tag_resolves_to_its_digest_with_revision_and_age(kit: RegistryKit) -> None:
    digest = kit.push(REPOSITORY, "3f2a91c", revision="3f2a91c0ffee")
    image = kit.registry.image(kit.repository(REPOSITORY), "3f2a91c")
    assert (image.tag, image.digest, image.revision) == ("3f2a91c", digest, "3f2a91c0ffee")
    assert image.created is not None


def test_a_digest_is_found_as_well(kit: RegistryKit) -> None:
    digest = kit.push(REPOSITORY, "3f2a91c")
    found = kit.registry.image(kit.repository(REPOSITORY), digest)
    assert (found.digest, found.tag) == (digest, None)


def test_a_moved_tag_answers_with_the_new_digest(kit: RegistryKit) -> None:
    before = kit.push(REPOSITORY, "latest", revision="one")
    after = kit.push(REPOSITORY, "latest", revision="two")
    assert before != after
    assert kit.registry.image(kit.repository(REPOSITORY), "latest").digest == after


def test_an_image_bears_the_repository_as_it_was_asked_for(kit: RegistryKit) -> None:
    digest = kit.push(REPOSITORY, "3f2a91c")
    image = kit.registry.image(kit.repository(REPOSITORY), "3f2a91c")
    assert image.reference == f"{kit.repository(REPOSITORY)}:3f2a91c@{digest}"


def test_one_build_under_two_tags_is_one_digest_with_two_names(kit: RegistryKit) -> None:
    for tag in ("b2", "rel.0.3"):
        kit.push(REPOSITORY, tag, revision="3f2a91c0ffee")
    found = kit.registry.describe(kit.repository(REPOSITORY), ["b2", "rel.0.3"])
    assert [image.revision for image in found] == ["3f2a91c0ffee"] * 2
    assert [image.tag for image in found] == ["b2", "rel.0.3"]


def test_words_that_no_tag_can_be_are_not_found(kit: RegistryKit) -> None:
    kit.push(REPOSITORY, "3f2a91c")
    for words in ("", "3f2a91c; rm -rf", "../../_catalog", "a" * 100_000, "sha256:44c1", "\x1b[2J"):
        with pytest.raises(NotFound) as caught:
            kit.registry.image(kit.repository(REPOSITORY), words)
        assert len(caught.value.sentence) < 300


def test_what_is_not_there_is_not_found(kit: RegistryKit) -> None:
    kit.push(REPOSITORY, "3f2a91c")
    with pytest.raises(NotFound):
        kit.registry.image(kit.repository(REPOSITORY), "0000000")
    with pytest.raises(NoRepository):
        kit.registry.tags(kit.repository("team/nothing"))


def test_its_repositories_are_told_whoever_asks_for_which(kit: RegistryKit) -> None:
    for path in ("redis", "team/app", "team/deep/er"):
        kit.push(path, "one")
    found = kit.registry.beside(kit.repository("team/nothing"))
    assert found == [kit.repository(path) for path in ("redis", "team/app", "team/deep/er")]


def test_lent_logins_change_nothing_where_they_are_not_needed(kit: RegistryKit) -> None:
    digest = kit.push(REPOSITORY, "3f2a91c")
    lent = kit.registry.lent({"elsewhere.example.com": Login("bot", Secret("secret"))})
    assert lent.image(kit.repository(REPOSITORY), "3f2a91c").digest == digest
    assert kit.registry.lent({}).tags(kit.repository(REPOSITORY)) == ["3f2a91c"]


def test_describe_keeps_the_order_and_leaves_out_what_vanished(kit: RegistryKit) -> None:
    for tag in ("one", "two", "three"):
        kit.push(REPOSITORY, tag)
    found = kit.registry.describe(kit.repository(REPOSITORY), ["three", "gone", "one"])
    assert [image.tag for image in found] == ["three", "one"]


def test_a_registry_that_is_down_is_unavailable_in_a_sentence(kit: RegistryKit) -> None:
    kit.push(REPOSITORY, "3f2a91c")
    kit.stop()
    with pytest.raises(Unavailable) as caught:
        kit.registry.tags(kit.repository(REPOSITORY))
    assert caught.value.sentence.endswith(".")
