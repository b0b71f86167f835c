"""The store on SQLAlchemy Core: a SQLite file by default, PostgreSQL where several replicas share one memory."""

from bot.store.sql.asks import SqlAsks
from bot.store.sql.audit import SqlAudit
from bot.store.sql.digests import SqlDigests
from bot.store.sql.engine import Database
from bot.store.sql.freezes import SqlFreezes
from bot.store.sql.leadership import SqlLeadership
from bot.store.sql.locks import SqlClaims, SqlLocks
from bot.store.sql.migrations import migrate
from bot.store.sql.news import SqlNews
from bot.store.sql.oncall import SqlOnCall
from bot.store.sql.orders import SqlOrders
from bot.store.sql.releases import SqlReleases
from bot.store.sql.reminders import SqlReminders
from bot.store.sql.replicas import SqlReplicas
from bot.store.sql.retention import SqlRetention
from bot.store.sql.rollouts import SqlRollouts
from bot.store.sql.schedules import SqlSchedules
from bot.store.sql.storms import SqlStorms


class SqlStore(
    SqlOrders,
    SqlDigests,
    SqlRollouts,
    SqlLocks,
    SqlFreezes,
    SqlAsks,
    SqlClaims,
    SqlAudit,
    SqlNews,
    SqlOnCall,
    SqlSchedules,
    SqlReminders,
    SqlRetention,
    SqlReleases,
    SqlStorms,
    SqlLeadership,
    SqlReplicas,
):
    """The Store port, a file per concern. Nothing is opened before `migrate`."""

    def __init__(self, url: str) -> None:
        super().__init__(Database(url))

    def migrate(self) -> int:
        return migrate(self._db)

    def close(self) -> None:
        self._db.close()


__all__ = ["SqlStore"]
