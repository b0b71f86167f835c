"""What became of an order while the store was away: said and noted once it answers, without a restart."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from bot.core.asking import WAITING
from bot.core.audit import ASKED, AuditEntry
from bot.core.model import Message, Who
from bot.store import Store
from tests.unit.away import Away, Flaky, stand_on
from tests.unit.talk import DEV, LEAD, Talk, talking

PEOPLE = """
roles: {releasers: {verbs: ["*"], people: [dev1@example.com, lead@example.com, "slack:U0DEPUTY"]}}
"""
DEPUTY = Who("slack", "U0DEPUTY", "deputy")
ALWAYS = 10_000
ENDS = ["record", "put_message", "close_order"]


def ending(*given: object) -> bool:
    """Of messages, the last word on an order."""
    return all(thing.final and thing.key.startswith("order:") for thing in given if isinstance(thing, Message))


def flaky(bot: Talk, call: str, when: Callable[..., bool] = ending) -> Flaky:
    store = Flaky(bot.store, call, 3, when)
    stand_on(bot, store)
    return store


def outcomes(bot: Talk, key: str) -> list[str]:
    return [entry.outcome for entry in bot.store.audit() if f"order:{entry.request}" == key]


def told(bot: Talk, subject: str) -> list[str]:
    return [m.reply.title for m in bot.messages() if m.reply.title.startswith(subject)]


@pytest.mark.parametrize("call", ENDS)
@pytest.mark.parametrize(
    ("text", "title", "outcome"),
    [
        ("deploy webapp 0123456 to staging", "No image 0123456 of webapp.", "not_found"),
        ("pause webapp in staging", "webapp pause in staging · done", "applied"),
        ('lock webapp in staging "migration"', "webapp in staging locked", "applied"),
    ],
)
def test_its_end_is_told_and_noted_once(bot: Talk, call: str, text: str, title: str, outcome: str) -> None:
    store = flaky(bot, call)
    key = bot.begin(text)
    bot.until(lambda: [m.reply.title for m in bot.messages() if m.key == key and m.final and not m.reply.private])
    assert bot.shown(key).title.startswith(title)
    bot.pass_time(lambda: not bot.store.open_orders())
    assert outcomes(bot, key) == [outcome]
    assert store.refused == 3


@pytest.mark.parametrize("call", ["record", "unclaim"])
def test_what_was_applied_is_not_told_as_refused(bot: Talk, call: str) -> None:
    store = flaky(bot, call)
    told: list[str] = []
    bot.room.subscribe(lambda entry: told.append(entry.message.reply.title))
    key = bot.begin("restart webapp in staging")
    assert bot.answer(key).title == "webapp restart in staging · done"
    bot.pass_time(lambda: not bot.store.open_orders() and outcomes(bot, key))
    assert outcomes(bot, key) == ["applied"]
    assert "The store does not answer." not in told
    assert store.refused >= 1


@pytest.mark.parametrize(
    ("service", "tag", "end", "body"),
    [("webapp", "9ab01de", "done", ""), ("eventservice", "77be001", "failed", "Rolled back to 3f2a91c")],
)
def test_a_verdict_that_was_kept_and_not_told_is_told_by_the_next_life(
    bot: Talk, service: str, tag: str, end: str, body: str
) -> None:
    """Nobody ordered it, so no order is left open to tell of it."""
    target = bot.cluster.find("production", "micro", service).target

    def ended() -> bool:
        return any(r.image == tag and r.phase.final for r in bot.store.recent_rollouts(target))

    stand_on(bot, Away(bot.store, "put_message", ended))
    bot.cluster.kubectl_set_image("micro", service, f"registry.local:5000/{service}:{tag}")
    bot.pass_time(ended)
    stand_on(bot, bot.store)
    bot.until(lambda: told(bot, f"{service} → {tag}")[-1:] == [f"{service} → {tag} in production · {end}"])
    bot.until(lambda: body in "".join(m.reply.body for m in bot.messages() if f"{service} → {tag}" in m.reply.title))
    bot.pass_time(lambda: not bot.store.untold_rollouts())
    assert len(told(bot, f"{service} → {tag}")) == 1


@pytest.mark.parametrize("call", ["record", "put_message"])
def test_what_waits_for_people_waits_on(tmp_path: Path, call: str) -> None:
    """It is asked about by then, so it is not told as refused, and whoever agrees has it done."""
    with talking(tmp_path, production=", confirm: true") as bot:
        asked: list[Message] = []
        store = flaky(bot, call, lambda *_: bool(bot.store.open_asks()))
        bot.room.subscribe(lambda entry: asked.append(entry.message))
        key = bot.begin("restart webapp in production")
        bot.until(lambda: any(m.key == key and m.reply.code in WAITING for m in bot.messages()))
        bot.pass_time(lambda: store.refused == 3)
        assert not any(m.final for m in asked if m.key == key)
        said = bot.say("confirm 1")
        assert said.title == "webapp restart in production confirmed"
        assert bot.answer(key).title == "webapp restart in production · done"
        bot.pass_time(lambda: not bot.store.open_orders())
        bot.pass_time(lambda: sorted(outcomes(bot, key)) == ["applied", "asked"])


def test_what_waits_no_longer_is_not_told_as_waiting_and_was_asked_all_the_same(tmp_path: Path) -> None:
    """The store takes neither what was asked nor who has agreed so far, until the order goes on."""
    agreed = ", approvals: {count: 2, role: releasers, expire: 7d}"
    with talking(tmp_path, more=PEOPLE, production=agreed) as bot:
        told: list[Message] = []

        def goes_on() -> bool:
            return any(rollout.order for rollout in bot.store.open_rollouts())

        def is_asked(entry: AuditEntry) -> bool:
            return entry.outcome == ASKED and not goes_on()

        def waits(message: Message) -> bool:
            return message.reply.code in WAITING and not goes_on()

        records = Flaky(bot.store, "record", ALWAYS, is_asked)
        stand_on(bot, Flaky(cast(Store, records), "put_message", ALWAYS, waits))
        bot.room.subscribe(lambda entry: told.append(entry.message))
        bot.push("webapp", "slow-20")
        key = bot.begin("deploy webapp slow-20 to production", DEV)
        bot.pass_time(lambda: records.refused)
        bot.say("approve 1", LEAD)
        bot.say("approve 1", DEPUTY)
        assert bot.answer(key).title == "webapp → slow-20 in production · done"
        bot.pass_time(lambda: not bot.store.open_orders())
        assert not [message for message in told if message.reply.code in WAITING]
        bot.pass_time(lambda: sorted(outcomes(bot, key)) == ["applied", ASKED])
