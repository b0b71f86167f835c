"""Requests seen, and the orders they became."""

from datetime import datetime
from functools import cached_property

from sqlalchemy import ColumnElement, Executable, Row, bindparam, null, or_, select, update

from bot.core.model import Change, Order, Request
from bot.store.sql.codec import encode, moment, reader
from bot.store.sql.engine import Part
from bot.store.sql.tables import orders, replicas, requests

read_order = reader(Order)
read_change = reader(Change)

ITS_KEY: ColumnElement[str] = bindparam("its_key")
ORDER = select(orders).where(orders.c.key == ITS_KEY)
CLOSE = update(orders).where(orders.c.key == ITS_KEY)
OPEN = select(orders).where(orders.c.outcome.is_(None)).order_by(orders.c.at)
ALIVE = select(replicas.c.name).where(replicas.c.until > bindparam("now"))
LEFT: ColumnElement[bool] = orders.c.replica.is_not(None) & orders.c.replica.not_in(ALIVE)
ME: ColumnElement[str] = bindparam("me")
TAKE = CLOSE.where(orders.c.outcome.is_(None)).values(replica=ME)
HOLD = TAKE.where(or_(orders.c.replica == ME, LEFT))
LET_GO = CLOSE.values(replica=null())
CUT_OFF = OPEN.where(LEFT, orders.c.replica != ME)

Found = tuple[Order, Change | None]


class SqlOrders(Part):
    @cached_property
    def _claim_request(self) -> Executable:
        return self._db.insert_once(requests)

    @cached_property
    def _open_order(self) -> Executable:
        return self._db.insert(orders)

    @cached_property
    def _save_change(self) -> Executable:
        return self._db.upsert(orders, ["noun", "change"])

    def claim_request(self, request: Request) -> bool:
        """Only the id is kept: the text may hold what should not be stored."""
        with self._db.write() as connection:
            row = connection.execute(self._claim_request, {"id": request.id, "at": moment(request.at)}).first()
        return row is not None

    def open_order(self, order: Order, replica: str) -> bool:
        seen = {"id": order.request.id, "at": moment(order.request.at)}
        with self._db.write() as connection:
            if connection.execute(self._claim_request, seen).first() is None:
                return False
            connection.execute(self._open_order, _row(order) | {"replica": replica})
        return True

    def save_change(self, change: Change) -> None:
        with self._db.write() as connection:
            connection.execute(self._save_change, _row(change.order) | {"change": encode(change.without_values())})

    def order(self, key: str) -> Found | None:
        with self._db.read() as connection:
            row = connection.execute(ORDER, {"its_key": key}).first()
        return _found(row) if row else None

    def close_order(self, key: str, outcome: str) -> None:
        with self._db.write() as connection:
            connection.execute(CLOSE, {"its_key": key, "outcome": outcome})

    def open_orders(self) -> list[Found]:
        with self._db.read() as connection:
            return [_found(row) for row in connection.execute(OPEN)]

    def hold_order(self, key: str, replica: str, now: datetime) -> bool:
        with self._db.write() as connection:
            return bool(connection.execute(HOLD, {"its_key": key, "me": replica, "now": moment(now)}).rowcount)

    def cut_off_orders(self, replica: str, now: datetime) -> list[Found]:
        with self._db.read() as connection:
            return [_found(row) for row in connection.execute(CUT_OFF, {"me": replica, "now": moment(now)})]


def _row(order: Order) -> dict[str, object]:
    return {"key": order.key, "at": moment(order.request.at), "noun": encode(order.masked())}


def _found(row: Row[tuple[str, ...]]) -> Found:
    return read_order(row.noun), read_change(row.change) if row.change else None
