"""Orders as people and their chat clients write them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.errors import UsageError
from bot.core.model import Words
from bot.core.parse import complete, parse, split
from bot.core.shape import Shape

USAGES = (
    "status [service] [in <environment>]",
    "deploy <service> <version> [to <environment>] [--dry-run]",
    "promote <service> [from <environment>] [to <environment>]",
    "scale <service> <replicas> [in <environment>]",
    "rollback <service> [to <revision>] [in <environment>]",
    "logs <service> [in <environment>] [--previous] [--lines N]",
    "set <service> <KEY=value…> [in <environment>]",
    'lock <service> [in <environment>] "reason"',
    "audit [service] [by <who>] [since <time>]",
    "may <order…>",
    "help [order]",
    "freeze <environment> until <time>",
)
SHAPES = {shape.name: shape for shape in map(Shape.read, USAGES)}
DEPLOY = Words(name="deploy", values={"service": "adderservice", "version": "3f2a91c", "environment": "staging"})


def read(text: str) -> Words:
    return parse(text, SHAPES, names=("quarterdeck", "U0BOT", "Quarter Deck"))


def refused(text: str) -> UsageError:
    with pytest.raises(UsageError) as raised:
        read(text)
    return raised.value


@pytest.mark.parametrize(
    "text",
    [
        "deploy adderservice 3f2a91c to staging",
        "/deploy adderservice 3f2a91c to staging",
        "DEPLOY adderservice 3f2a91c To staging",
        "deploy, adderservice 3f2a91c to staging",
        "Deploy. adderservice 3f2a91c in staging",
        "deploy adderservice 3f2a91c on staging",
        "deploy adderservice 3f2a91c at staging",
        "deploy to staging adderservice 3f2a91c",
        "  deploy\u00a0adderservice\u20033f2a91c\tto\n staging \u200b",
        "@quarterdeck deploy adderservice 3f2a91c to staging",
        "quarterdeck: deploy adderservice 3f2a91c to staging",
        "<@U0BOT> deploy adderservice 3f2a91c to staging",
        "<@U0BOT|quarterdeck> /deploy adderservice 3f2a91c to staging",
        "/quarterdeck deploy adderservice 3f2a91c to staging",
        "quarter deck deploy adderservice 3f2a91c to staging",
        "deploy “adderservice” ‘3f2a91c’ to «staging»",
        "deploy \"adderservice\" '3f2a91c' to „staging“",
        "deploy http://adderservice 3f2a91c to https://staging/",
        "deploy <http://adderservice|adderservice> 3f2a91c to staging",
        "deploy [adderservice](http://adderservice) 3f2a91c to staging",
    ],
)
def test_one_order_in_many_hands(text: str) -> None:
    assert read(text) == DEPLOY


@pytest.mark.parametrize("dashes", ["--", "—", "–", "––", "—-"])
def test_dashes_that_clients_make(dashes: str) -> None:
    assert read(f"deploy adderservice 3f2a91c {dashes}dry-run").flags == {"dry-run"}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("status", {}),
        ("status in staging", {"environment": "staging"}),
        ("status adderservice", {"service": "adderservice"}),
        ("promote app from staging to production", {"service": "app", "from": "staging", "to": "production"}),
        ("promote app in production", {"service": "app", "to": "production"}),
        ("rollback app to 41 in production", {"service": "app", "revision": "41", "environment": "production"}),
        ("rollback app on production", {"service": "app", "environment": "production"}),
        ("logs app --lines 50", {"service": "app", "lines": "50"}),
        ("logs app --lines=50", {"service": "app", "lines": "50"}),
        ("deploy “to” 1.2", {"service": "to", "version": "1.2"}),
        ("deploy App V1.2-RC", {"service": "app", "version": "V1.2-RC"}),
        ("deploy foo.io 1.2", {"service": "foo.io", "version": "1.2"}),
        ("deploy <http://foo.io|foo.io> 1.2", {"service": "foo.io", "version": "1.2"}),
        ("scale app -1", {"service": "app", "replicas": "-1"}),
        ("audit by @dev1 since 2h", {"who": "@dev1", "time": "2h"}),
        ("audit by 'Dev One'", {"who": "Dev One"}),
        ("help Deploy", {"order": "Deploy"}),
        ("help.", {}),
        ("freeze production until 14:32", {"environment": "production", "time": "14:32"}),
        ('lock app "migration running"', {"service": "app", "reason": "migration running"}),
        ('lock app "it\\"s on" in staging', {"service": "app", "reason": 'it"s on', "environment": "staging"}),
        (
            "lock app in staging it's  migrating to 12\" disks",
            {"service": "app", "environment": "staging", "reason": "it's  migrating to 12\" disks"},
        ),
        ("may deploy app 1.2 to staging —dry-run", {"order": "deploy app 1.2 to staging —dry-run"}),
        ('may lock app "a b"', {"order": 'lock app "a b"'}),
    ],
)
def test_values_by_their_names(text: str, values: dict[str, str]) -> None:
    assert read(text).values == values


def test_settings_are_pairs() -> None:
    words = read('set app A=1 in staging B="two words" C=“curly” URL=<http://db.io/x?y=1> D= E- F=it\'s')
    assert words.values == {"service": "app", "environment": "staging"}
    assert words.rest == ("A=1", "B=two words", "C=curly", "URL=http://db.io/x?y=1", "D=", "E-", "F=it's")


@pytest.mark.parametrize(
    ("text", "sentence", "hint"),
    [
        ("", "There is no order in that.", "help"),
        ("@quarterdeck", "There is no order in that.", "help"),
        ("deploy", "deploy needs a service.", "deploy adderservice 3f2a91c to staging"),
        ("deploy app", "deploy needs a version.", "deploy app 3f2a91c to staging"),
        ("deploy app --dry-run", "deploy needs a version.", "deploy app 3f2a91c to staging --dry-run"),
        ("deploy App. to Production", "deploy needs a version.", "deploy app 3f2a91c to production"),
        ("deploy <app> to x=secret", "deploy needs a version.", "deploy adderservice 3f2a91c to staging"),
        ("deploy app 1.2 to", "deploy lacks the environment after to.", "deploy app 1.2 to staging"),
        (
            "promote app from",
            "promote lacks the environment after from.",
            "promote app from staging to production",
        ),
        ("deploy app 1.2 staging", "deploy does not know what staging is for.", "deploy app 1.2 to staging"),
        ("rollback app 41", "rollback does not know what 41 is for.", "rollback app to 41"),
        ("scale app 3 4 in staging", "scale does not know what 4 is for.", "scale app 3 in staging"),
        ("status a b K=secret", "status does not know what b is for.", "status in staging"),
        ("deploy app 1 x=secret", "deploy does not know what x=••• is for.", "deploy app 1 to staging"),
        ("deploy app 1 to a in b", "The environment is given twice.", "deploy app 1 to a"),
        ("deploy app 1 --dry", "deploy has no --dry.", "deploy app 1 --dry-run"),
        ("deploy app 1 --dry-run=1", "--dry-run takes no value.", "deploy app 1 to staging --dry-run"),
        ("logs app --lines", "--lines needs a value after it.", "logs app in staging"),
        ("logs app --lines many", "--lines needs a whole number, not many.", "logs app in staging"),
        ("logs app --lines 1 --lines 2", "--lines is given twice.", "logs app in staging --lines 1"),
        ("set app", "set needs a KEY=value.", "set app LOG_LEVEL=debug in staging"),
        (
            "set app P=my secret",
            "Word 4 is neither KEY=value nor KEY-.",
            'Quote a value that has spaces: KEY="two words"',
        ),
        ("lock app in staging", "lock needs a reason.", 'lock app in staging "migration running"'),
        ("may", "may needs an order.", "may deploy adderservice 3f2a91c"),
        ("freeze production", "freeze needs a time.", "freeze production until 2h"),
        ("deply app 1.2 to staging", "There is no order deply.", "deploy app 1.2 to staging"),
        ("ste app A=secret", "There is no order ste.", "help set"),
        ("frobnicate", "There is no order frobnicate.", "help"),
        ('lock app "open', "A quote is opened and not closed.", "Close it, or leave it out."),
    ],
)
def test_what_is_refused_says_what_to_type(text: str, sentence: str, hint: str) -> None:
    error = refused(text)
    assert (error.sentence, error.hint) == (sentence, hint)
    assert "secret" not in f"{error.sentence}{error.fact}{error.hint}"


def test_a_refusal_shows_the_usage_line_or_what_was_meant() -> None:
    assert refused("deploy app").fact == USAGES[1]
    assert refused("deploy app 1 --dryrun").fact == "Did you mean --dry-run?"
    assert refused("deply app").fact == "Did you mean deploy?"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a" * 4001, "That is too long for an order: 4,001 characters."),
        ("x " * 101, "That is too long for an order: 101 words."),
        ("deploy app\0 1", "The text holds a zero byte (U+0000), which nobody can see."),
        ("deploy \x07app 1", "The text holds a control character (U+0007), which nobody can see."),
        ("deploy \u202eapp 1", "The text holds a right-to-left override (U+202E), which nobody can see."),
        ("deploy \u2066app 1", "The text holds a left-to-right isolate (U+2066), which nobody can see."),
        ("deploy \ud800 1", "The text holds half a character (U+D800), which nobody can see."),
    ],
)
def test_what_nobody_can_have_meant(text: str, sentence: str) -> None:
    assert refused(text).sentence == sentence


_PIECES = st.sampled_from(
    [
        *SHAPES,
        "in",
        "to",
        "--lines",
        "--dry-run",
        "“",
        "'",
        '"',
        "\\",
        "A=",
        "A='x",
        "—",
        "<http://",
        "|",
        ">",
        "[a](http://b)",
    ]
)


@given(st.one_of(st.text(), st.lists(st.one_of(_PIECES, st.text(max_size=4)), max_size=20).map(" ".join)))
@example("deploy " + "x " * 10_000)
@example("x" * 100_000)
@example("\ud800\udc00")
@example("“" * 4_000)
@example("<http://" * 500)
@example("[" * 2_000 + "](http://" * 200)
def test_nothing_but_usage_errors(text: str) -> None:
    complete(text, SHAPES, lambda placeholder, words: ["x"])
    try:
        words = read(text)
    except UsageError as error:
        assert error.sentence
        assert error.hint
        return
    assert words.name in SHAPES


@given(
    st.lists(
        st.text(alphabet=st.characters(exclude_categories=("C", "Z"), exclude_characters='\\"“”„‟'), min_size=1),
        max_size=8,
    )
)
def test_quotes_keep_what_they_hold(parts: list[str]) -> None:
    line = split(" ".join(f'"{part}"' for part in parts))
    assert [token.text for token in line.tokens] == parts


@pytest.mark.parametrize("usage", USAGES)
def test_the_generated_example_is_an_order(usage: str) -> None:
    shape = Shape.read(usage)
    assert parse(shape.example, SHAPES).name == shape.name


@pytest.mark.parametrize(
    "usage", ["", "<service>", "a [b <c>", "a [b] <c>", "a <b…> <c>", "a nonsense", 'a "text" [b]', "A <b>"]
)
def test_a_usage_line_that_is_none(usage: str) -> None:
    with pytest.raises(ValueError, match=r"usage|comes before|only the last"):
        Shape.read(usage)


def _values(placeholder: str, words: Words) -> list[str]:
    known = {
        "service": ["adderservice", "auditservice", "webapp"],
        "environment": ["staging", "production"],
        "version": [f"{words['service']}-1" if words.get("service") else "1"],
    }
    return known.get(placeholder, [])


@pytest.mark.parametrize(
    ("text", "candidates"),
    [
        ("s", ["status", "scale", "set"]),
        ("/DEP", ["deploy"]),
        ("deploy ", ["adderservice", "auditservice", "webapp"]),
        ("deploy a", ["adderservice", "auditservice"]),
        ("deploy webapp ", ["webapp-1"]),
        ("deploy webapp 1 ", ["to", "--dry-run"]),
        ("deploy webapp 1 to ", ["staging", "production"]),
        ("deploy webapp 1 in p", ["production"]),
        ("deploy webapp 1 to staging ", ["--dry-run"]),
        ("deploy webapp 1 to staging -", ["--dry-run"]),
        ("deploy webapp 1 --dry-run ", ["to"]),
        ("status ", ["adderservice", "auditservice", "webapp", "in"]),
        ("help dep", ["deploy"]),
        ("may deploy a", ["adderservice", "auditservice"]),
        ("may ", list(SHAPES)),
        ("logs webapp --lines ", []),
        ("nope ", []),
        ('lock webapp "open', []),
        ("deploy webapp 1 2 3", []),
    ],
)
def test_completion(text: str, candidates: list[str]) -> None:
    assert complete(text, SHAPES, _values) == candidates
