"""Once a day what is over and old is cleared away; the audit stays."""

from datetime import datetime, timedelta

from bot.core.errors import Unavailable
from bot.engine.retention import KEEP, clear_away, clear_away_daily
from bot.ports import Ports
from bot.store import Kept
from tests.unit.talk import Talk

YEARS = timedelta(days=800)


class Ahead:
    """The same clock, years from now."""

    def __init__(self, bot: Talk) -> None:
        self._clock = bot.parts.clock
        self.real = bot.parts.clock.real

    def now(self) -> datetime:
        return self._clock.now() + YEARS


def years_later(bot: Talk) -> Ports:
    ports = bot.bot.ports
    return Ports(ports.current, ports.clusters, ports.registry, ports.store, Ahead(bot), ports.commands)


def test_everything_has_an_age() -> None:
    assert set(KEEP) == set(Kept)


def test_a_season_clears_what_was_said_and_keeps_who_did_it(bot: Talk) -> None:
    key = bot.begin("scale webapp 3 in staging")
    bot.answer(key)
    bot.pass_time(lambda: not bot.store.open_orders())
    audit = bot.store.audit()
    cleared = clear_away(years_later(bot))
    assert cleared["orders"] >= 1
    assert cleared["messages"] >= 1
    assert bot.store.order(key) is None
    assert bot.store.messages(key) == []
    assert bot.store.audit() == audit
    assert bot.store.recent_rollouts(bot.cluster.find("staging", "micro-staging", "webapp").target)


def test_what_is_young_stays(bot: Talk) -> None:
    bot.say("scale webapp 3 in staging")
    assert clear_away(bot.bot.ports)["orders"] == 0
    assert bot.say("history webapp in staging").table is not None


def test_it_is_done_once_a_day_whoever_leads(bot: Talk) -> None:
    bot.say("scale webapp 3 in staging")
    ports = years_later(bot)
    clear_away_daily(ports)
    assert not bot.store.announce_once(f"cleared:{ports.clock.now():%Y-%m-%d}", ports.clock.now())


def test_what_meets_one_does_not_keep_the_others(bot: Talk) -> None:
    bot.say("scale webapp 3 in staging")

    class Away:
        def forget(self, kept: Kept, before: object, most: int = 1000) -> int:
            if kept is Kept.REQUESTS:
                raise Unavailable("The store is busy.")
            return 1

    ports = bot.bot.ports
    one_away = Ports(ports.current, ports.clusters, ports.registry, Away(), ports.clock, ports.commands)  # type: ignore[arg-type]
    cleared = clear_away(one_away)
    assert cleared.pop("requests") == 0
    assert set(cleared.values()) == {1}
