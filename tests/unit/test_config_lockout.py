"""A policy that is certain to lock everybody out is refused; one that may have somebody in it is not."""

from pathlib import Path

import pytest

from config import ConfigError
from config.check import check
from config.source import parse

BASE = """\
clusters: {main: {simulated: true}}
environments:
  staging: {cluster: main, namespace: micro-staging}
  production: {cluster: main, namespace: micro%s}
"""
APPROVED = ", approvals: {count: %d, role: leads}"


def mistakes(policy: str, approvals: str = "") -> list[str]:
    try:
        check(parse(BASE % approvals + policy), {}, path=Path("bot.yaml"), later={})
    except ConfigError as error:
        return error.fact.splitlines()
    return []


@pytest.mark.parametrize(
    "roles",
    [
        "ops: {verbs: ['*'], people: []}",
        "ops: {verbs: [deploy]}, readers: {verbs: [read], people: ['*']}",
        "ops: {verbs: [deploy], groups: ['team:empty']}",
        "ops: {verbs: [deploy], people: [a@example.com]}, all: {verbs: [], people: ['*'], deny: [deploy]}",
        "ops: {verbs: ['*'], groups: ['slack:S1']}, all: {verbs: [], people: ['*'], deny: ['*']}",
    ],
)
def test_nobody_may_change_anything(roles: str) -> None:
    found = mistakes(f"teams: {{empty: []}}\nroles: {{{roles}}}")
    assert len(found) == 1
    assert found[0].startswith("roles: let nobody change anything: ")


@pytest.mark.parametrize(
    "roles",
    [
        "readers: {verbs: [read], people: ['*']}",
        "ops: {verbs: [deploy], groups: ['slack:S1']}",
        "ops: {verbs: ['*'], people: [a@example.com]}, later: {verbs: [deploy]}",
        "ops: {verbs: ['*'], people: [a@example.com]}, all: {verbs: [], people: ['*'], deny: [set]}",
        "ops: {verbs: [deploy], people: [a@example.com]}, all: {verbs: [], people: ['*'], deny: ['*'], services: [s]}",
    ],
)
def test_somebody_may(roles: str) -> None:
    assert not mistakes(f"services: {{s: }}\nroles: {{{roles}}}")


@pytest.mark.parametrize(
    ("role", "told"),
    [
        ("{verbs: [deploy, set], people: ['*'], deny: [set]}", "roles.r.deny[0]: takes away what verbs grants: set"),
        ("{verbs: [read], people: ['*'], deny: ['*']}", "roles.r.deny: takes away everything that verbs grants"),
    ],
)
def test_a_role_against_itself(role: str, told: str) -> None:
    assert [line.startswith(told) for line in mistakes(f"roles: {{r: {role}}}")] == [True]


@pytest.mark.parametrize(
    ("count", "roles", "told"),
    [
        (1, "leads: {verbs: [deploy], people: ['*']}", "role: is a role that may not approve in production"),
        (1, "leads: {verbs: [approve], people: ['*'], environments: [staging]}", "role: is a role that may not appr"),
        (2, "leads: {verbs: ['*'], people: [a@example.com]}", "count: is more than can ever agree: the role has 1"),
        (1, "leads: {verbs: ['*'], people: [a@example.com]}", "count: is more than can ever agree: the role has 1"),
        (1, "leads: {verbs: ['*'], people: ['slack:B012AB3CD']}", "count: is more than can ever agree: the role has 0"),
        (2, "leads: {verbs: [approve], people: [a@example.com, 'slack:b012ab3cd']}", "count: is more than can ever"),
        (3, "leads: {verbs: [approve], groups: ['team:two']}, ops: {verbs: [deploy], people: ['*']}", "count: is more"),
    ],
)
def test_approvals_that_can_never_be(count: int, roles: str, told: str) -> None:
    found = mistakes(f"teams: {{two: [a@example.com, b@example.com]}}\nroles: {{{roles}}}", APPROVED % count)
    assert len(found) == 1
    assert found[0].startswith(f"environments.production.approvals.{told}")


@pytest.mark.parametrize(
    "roles",
    [
        "leads: {verbs: ['*'], people: [a@example.com, b@example.com, c@example.com]}",
        "leads: {verbs: [approve], people: ['slack:U1', 'slack:U2']}, ops: {verbs: [deploy], people: ['*']}",
        "leads: {verbs: ['*'], people: [a@example.com], groups: ['webex:R1']}",
        "leads: {verbs: ['*'], people: ['*']}",
    ],
)
def test_approvals_that_can(roles: str) -> None:
    assert not mistakes(f"roles: {{{roles}}}", APPROVED % 2)
