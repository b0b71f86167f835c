"""Changes that wait for people, and who has agreed to them."""

from functools import cached_property

from msgspec.structs import replace
from sqlalchemy import Executable, Select, bindparam, func, insert, select, update

from bot.core.guards import Ask
from bot.core.model import Who
from bot.store.sql.codec import encode, moment, reader
from bot.store.sql.engine import Part
from bot.store.sql.orders import LET_GO, TAKE
from bot.store.sql.tables import agreements, asks

read_ask = reader(Ask)
read_who = reader(Who)
ASK = insert(asks).returning(asks.c.number)
ASK_ON = (
    update(asks)
    .where(asks.c.number == bindparam("asked"), asks.c.settled.is_not(None))
    .values(settled=None)
    .returning(asks.c.number)
)
OPEN = select(asks.c.number, asks.c.noun).where(asks.c.settled.is_(None)).order_by(asks.c.number)


class SqlAsks(Part):
    @cached_property
    def _agree(self) -> Executable:
        return self._db.insert(agreements).on_conflict_do_nothing()

    def ask(self, ask: Ask) -> Ask:
        kept = replace(ask, order=ask.order.masked(), change=ask.change.without_values())
        with self._db.write() as connection:
            row = {"noun": encode(kept), "at": moment(ask.at)}
            on = ask.number and connection.scalar(ASK_ON.values(row), {"asked": ask.number})
            number = on or connection.scalars(ASK, row).one()
            connection.execute(LET_GO, {"its_key": ask.order.key})
        return replace(ask, number=number)

    def asked(self, number: int) -> tuple[Ask, str | None] | None:
        with self._db.read() as connection:
            row = connection.execute(select(asks).where(asks.c.number == number)).first()
        return (replace(read_ask(row.noun), number=row.number), row.settled) if row else None

    def open_asks(self) -> list[Ask]:
        with self._db.read() as connection:
            return [replace(read_ask(noun), number=number) for number, noun in connection.execute(OPEN)]

    def agree(self, number: int, who: Who) -> list[Who]:
        """The ask's row is held meanwhile, so that of two who agree at once the second sees the first."""
        hold = select(asks.c.number).where(asks.c.number == number)
        with self._db.write() as connection:
            connection.execute(hold if self._db.is_sqlite else hold.with_for_update())
            turn = connection.scalars(select(func.count()).select_from(agreements)).one()
            row = {"ask": number, "person": who.person, "turn": turn, "noun": encode(who)}
            connection.execute(self._agree, row)
            return [read_who(noun) for noun in connection.scalars(_agreed(number))]

    def agreed(self, number: int) -> list[Who]:
        with self._db.read() as connection:
            return [read_who(noun) for noun in connection.scalars(_agreed(number))]

    def settle(self, ask: Ask, how: str, replica: str) -> bool:
        once = update(asks).where(asks.c.number == ask.number, asks.c.settled.is_(None)).values(settled=how)
        with self._db.write() as connection:
            settled = connection.execute(once).rowcount == 1
            if settled:
                connection.execute(TAKE, {"its_key": ask.order.key, "me": replica})
        return settled


def _agreed(number: int) -> Select[str]:
    return select(agreements.c.noun).where(agreements.c.ask == number).order_by(agreements.c.turn)
