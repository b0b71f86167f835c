"""The contract of the books of releases: found by every name, written by one at a time."""

from msgspec.structs import replace

from bot.store import Store
from tests.contract.store_kit import Stores
from tests.contract.store_nouns import commit, release

ONE, TWO = release(1), release(2)


def test_a_release_is_found_by_each_of_its_names_and_parts(store: Store) -> None:
    assert store.write_book("adderservice", 0, [ONE])
    for name in ("0000001", "1.1.0", "#1", "sha256:4", "build:1"):
        assert store.read_book("adderservice", [name, "nothing"]) == (1, [ONE])
    assert store.read_book("adderservice", ["00000010000001", "1.2.0", "#2"]) == (1, [])
    assert store.read_book("adderservice", []) == (1, [])


def test_each_service_has_a_book_of_its_own(store: Store) -> None:
    other = release(1, "webapp")
    store.write_book("adderservice", 0, [ONE])
    store.write_book("webapp", 0, [other])
    assert store.read_book("webapp", ["1.1.0"]) == (1, [other])
    assert store.services_of("1.1.0") == ["adderservice", "webapp"]
    assert store.services_of("9.9.9") == []


def test_a_book_is_written_only_by_who_read_its_last_edition(store: Store) -> None:
    assert store.read_book("adderservice", ["1.1.0"]) == (0, [])
    assert store.write_book("adderservice", 0, [ONE])
    assert not store.write_book("adderservice", 0, [TWO])
    assert not store.write_book("adderservice", 2, [TWO])
    assert store.write_book("adderservice", 1, [TWO])
    assert store.releases("adderservice") == [TWO, ONE]


def test_what_turned_out_to_be_another_is_found_and_not_listed(store: Store) -> None:
    gone = replace(TWO, into=ONE.key)
    store.write_book("adderservice", 0, [ONE, TWO])
    store.write_book("adderservice", 1, [gone])
    assert store.releases("adderservice") == [ONE]
    assert store.read_book("adderservice", ["1.2.0"]) == (2, [gone])
    assert store.releases("adderservice", limit=0) == store.releases("nothing") == []


def test_commits_are_found_by_the_beginning_of_their_name(store: Store) -> None:
    tagged = replace(commit(), pull_request=None, tag="v1.1.0")
    for each in (commit(), commit(), tagged, commit(2)):
        store.save_commit(each)
    assert sorted(store.commits("0000001"), key=lambda c: c.key) == [commit(), tagged]
    assert store.commits(commit(2).revision) == [commit(2)]
    assert store.commits("0000003") == store.commits("") == store.commits("00000") == []


def test_releases_and_commits_are_there_after_a_restart(stores: Stores) -> None:
    store = stores.open()
    store.write_book("adderservice", 0, [ONE])
    store.save_commit(commit())
    stores.close()
    again = stores.open()
    assert again.read_book("adderservice", ["1.1.0"]) == (1, [ONE])
    assert again.commits(commit().revision) == [commit()]
