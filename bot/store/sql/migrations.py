"""The schema, one numbered step after the other. A step that was released is never changed: add the next.

SQL that both databases read alike, `{serial}` is the one word they do not share; and functions, for what no SQL can.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from bot.core.errors import Refused
from bot.store.sql.engine import Database
from bot.store.sql.sealing import seal_what_stands

LOCK = 0x51444543
SERIAL = {True: "INTEGER PRIMARY KEY", False: "BIGSERIAL PRIMARY KEY"}

FIRST = (
    "CREATE TABLE requests (id TEXT PRIMARY KEY, at BIGINT NOT NULL)",
    "CREATE INDEX requests_at ON requests (at)",
    """CREATE TABLE orders (
        key TEXT PRIMARY KEY, at BIGINT NOT NULL, noun TEXT NOT NULL, change TEXT, outcome TEXT)""",
    "CREATE INDEX orders_open ON orders (at) WHERE outcome IS NULL",
    """CREATE TABLE messages (
        key TEXT NOT NULL, platform TEXT NOT NULL, channel TEXT NOT NULL, thread TEXT, parent TEXT,
        reply TEXT NOT NULL, final BOOLEAN NOT NULL, version INTEGER NOT NULL, sent INTEGER NOT NULL, turn BIGINT,
        stands_in TEXT, message TEXT, edits INTEGER NOT NULL,
        attempts INTEGER NOT NULL, retry_at BIGINT, why TEXT,
        PRIMARY KEY (key, platform, channel))""",
    "CREATE INDEX messages_queue ON messages (platform, turn) WHERE turn IS NOT NULL",
    "CREATE INDEX messages_place ON messages (platform, channel, turn) WHERE turn IS NOT NULL",
    """CREATE TABLE rollouts (
        key TEXT PRIMARY KEY, order_key TEXT, cluster TEXT NOT NULL, namespace TEXT NOT NULL, kind TEXT NOT NULL,
        name TEXT NOT NULL, template TEXT NOT NULL, phase TEXT NOT NULL, final BOOLEAN NOT NULL,
        started BIGINT NOT NULL, noun TEXT NOT NULL)""",
    "CREATE INDEX rollouts_order ON rollouts (order_key)",
    "CREATE INDEX rollouts_final ON rollouts (final)",
    "CREATE INDEX rollouts_target ON rollouts (cluster, namespace, name, started)",
    """CREATE TABLE locks (
        service TEXT NOT NULL, environment TEXT NOT NULL, noun TEXT NOT NULL, PRIMARY KEY (service, environment))""",
    "CREATE TABLE claims (target TEXT PRIMARY KEY, owner TEXT NOT NULL, until BIGINT NOT NULL)",
    "CREATE TABLE audit (number {serial}, at BIGINT NOT NULL, service TEXT, who TEXT NOT NULL, noun TEXT NOT NULL)",
    "CREATE INDEX audit_at ON audit (at)",
    "CREATE INDEX audit_service ON audit (service, at)",
    """CREATE TABLE builds (
        key TEXT PRIMARY KEY, job TEXT NOT NULL, started BIGINT NOT NULL, progress INTEGER NOT NULL,
        noun TEXT NOT NULL)""",
    "CREATE INDEX builds_started ON builds (started)",
    "CREATE INDEX builds_job ON builds (job, started)",
    "CREATE TABLE announcements (key TEXT PRIMARY KEY, at BIGINT NOT NULL)",
    "CREATE TABLE tags (repository TEXT PRIMARY KEY, digests TEXT NOT NULL)",
    """CREATE TABLE leadership (
        name TEXT PRIMARY KEY, holder TEXT NOT NULL, epoch BIGINT NOT NULL, until BIGINT NOT NULL)""",
)

GUARDS = (
    "ALTER TABLE locks ADD COLUMN until BIGINT",
    "ALTER TABLE locks ADD COLUMN person TEXT",
    "CREATE TABLE freezes (environment TEXT PRIMARY KEY, noun TEXT NOT NULL)",
    "CREATE TABLE asks (number {serial}, noun TEXT NOT NULL, settled TEXT)",
    "CREATE INDEX asks_open ON asks (number) WHERE settled IS NULL",
    """CREATE TABLE agreements (
        ask BIGINT NOT NULL, person TEXT NOT NULL, turn BIGINT NOT NULL, noun TEXT NOT NULL,
        PRIMARY KEY (ask, person))""",
)

AUDIT_CHAIN = (
    "ALTER TABLE audit ADD COLUMN verb TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE audit ADD COLUMN outcome TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE audit ADD COLUMN seal TEXT NOT NULL DEFAULT ''",
    "CREATE TABLE audit_head (id INTEGER PRIMARY KEY, number BIGINT NOT NULL, seal TEXT NOT NULL)",
    "INSERT INTO audit_head (id, number, seal) VALUES (1, 0, '')",
    seal_what_stands,
)

BESIDE = ("ALTER TABLE messages ADD COLUMN beside TEXT",)

SCHEDULES = (
    """CREATE TABLE schedules (
        number {serial}, given TEXT NOT NULL UNIQUE, at BIGINT NOT NULL, due BIGINT, noun TEXT NOT NULL)""",
    "CREATE INDEX schedules_due ON schedules (due) WHERE due IS NOT NULL",
)

INCIDENTS = (
    """CREATE TABLE incidents (
        key TEXT PRIMARY KEY, ended BOOLEAN NOT NULL, started BIGINT NOT NULL, noun TEXT NOT NULL)""",
    "CREATE INDEX incidents_open ON incidents (started) WHERE NOT ended",
)

ALERTS = (
    """CREATE TABLE alerts (
        source TEXT NOT NULL, name TEXT NOT NULL, firing BOOLEAN NOT NULL, heard BIGINT NOT NULL, noun TEXT NOT NULL,
        PRIMARY KEY (source, name))""",
)

# What was said or asked before this step has no age, and stays.
AGES = (
    "ALTER TABLE messages ADD COLUMN at BIGINT",
    "ALTER TABLE asks ADD COLUMN at BIGINT",
    "CREATE INDEX messages_at ON messages (at)",
    "CREATE INDEX announcements_at ON announcements (at)",
    "CREATE INDEX orders_at ON orders (at)",
    "CREATE INDEX rollouts_started ON rollouts (started)",
)

PUT_OFF = (
    """CREATE TABLE put_off (
        service TEXT NOT NULL, environment TEXT NOT NULL, noun TEXT NOT NULL, PRIMARY KEY (service, environment))""",
)

RELEASES = (
    "CREATE TABLE books (service TEXT PRIMARY KEY, edition BIGINT NOT NULL)",
    """CREATE TABLE releases (
        key TEXT PRIMARY KEY, service TEXT NOT NULL, opened BIGINT NOT NULL, gone BOOLEAN NOT NULL,
        noun TEXT NOT NULL)""",
    "CREATE INDEX releases_service ON releases (service, opened)",
    """CREATE TABLE release_names (
        name TEXT NOT NULL, service TEXT NOT NULL, release TEXT NOT NULL, PRIMARY KEY (name, service, release))""",
    "CREATE TABLE commits (key TEXT PRIMARY KEY, revision TEXT NOT NULL, at BIGINT NOT NULL, noun TEXT NOT NULL)",
    "CREATE INDEX commits_revision ON commits (revision)",
    "CREATE INDEX commits_at ON commits (at)",
    "CREATE INDEX releases_opened ON releases (opened)",
    "ALTER TABLE builds ADD COLUMN ended BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE builds ADD COLUMN told BOOLEAN NOT NULL DEFAULT TRUE",
    "CREATE INDEX builds_untold ON builds (started) WHERE NOT told",
)

STORMS = (
    "CREATE TABLE storms (key TEXT PRIMARY KEY, began BIGINT NOT NULL, ended BOOLEAN NOT NULL, noun TEXT NOT NULL)",
    "CREATE INDEX storms_began ON storms (began)",
    "CREATE TABLE storm_rollouts (storm TEXT NOT NULL, rollout TEXT NOT NULL, PRIMARY KEY (storm, rollout))",
    "CREATE INDEX storm_rollouts_rollout ON storm_rollouts (rollout)",
)

QUIET = (
    "ALTER TABLE messages ADD COLUMN quiet BIGINT",
    "ALTER TABLE messages ADD COLUMN subject TEXT",
    "CREATE INDEX messages_quiet ON messages (quiet) WHERE quiet IS NOT NULL",
)

OUTAGES = ("CREATE TABLE outages (registry TEXT PRIMARY KEY, noun TEXT NOT NULL)",)

# What waits for its retry holds up what comes after it there: looked for before each message of the queue.
RETRIES = (
    """CREATE INDEX messages_retries ON messages (platform, channel, turn)
        WHERE turn IS NOT NULL AND retry_at IS NOT NULL AND message IS NULL""",
)

# Which process is at an order, and which processes live.
REPLICAS = (
    "ALTER TABLE orders ADD COLUMN replica TEXT",
    "CREATE TABLE replicas (name TEXT PRIMARY KEY, until BIGINT NOT NULL)",
)

# Who is to be told that something is free.
REMINDERS = (
    """CREATE TABLE reminders (
        person TEXT NOT NULL, service TEXT NOT NULL, environment TEXT NOT NULL, given TEXT NOT NULL, at BIGINT NOT NULL,
        noun TEXT NOT NULL, PRIMARY KEY (person, service, environment))""",
)

# What was recorded before this step has no key, and stays as it is.
ONCE = (
    "ALTER TABLE audit ADD COLUMN request TEXT",
    "CREATE UNIQUE INDEX audit_once ON audit (request, outcome) WHERE request IS NOT NULL",
)

# Of before the first release: a program that others run beside this one finds what it knows.
NO_EPOCH = ("ALTER TABLE leadership DROP COLUMN epoch",)

Step = Sequence[str | Callable[[Connection], None]]
MIGRATIONS: tuple[Step, ...] = (
    FIRST,
    GUARDS,
    AUDIT_CHAIN,
    BESIDE,
    SCHEDULES,
    INCIDENTS,
    ALERTS,
    AGES,
    PUT_OFF,
    RELEASES,
    STORMS,
    QUIET,
    OUTAGES,
    RETRIES,
    REPLICAS,
    REMINDERS,
    ONCE,
    NO_EPOCH,
)


def migrate(database: Database, migrations: Sequence[Step] = MIGRATIONS) -> int:
    """One transaction behind one lock: of replicas that start at once, one migrates and the others find it done."""
    database.prepare()
    with database.write() as connection:
        if not database.is_sqlite:
            _wait_for_the_others(connection)
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS schema_version (number INTEGER NOT NULL)")
        present = connection.exec_driver_sql("SELECT max(number) FROM schema_version").scalar() or 0
        if present > len(migrations):
            raise Refused(
                f"The database is from a newer program: its schema is {present}, this one knows {len(migrations)}.",
                hint="Start the newer program, or restore the backup from before it.",
            )
        for number, statements in enumerate(migrations[present:], start=present + 1):
            _run(connection, statements, SERIAL[database.is_sqlite])
            connection.exec_driver_sql(f"INSERT INTO schema_version (number) VALUES ({number})")  # noqa: S608
        return len(migrations)


def _wait_for_the_others(connection: Connection) -> None:
    connection.exec_driver_sql("SET LOCAL lock_timeout = '60s'")
    connection.exec_driver_sql("SET LOCAL statement_timeout = '10min'")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")


def _run(connection: Connection, step: Step, serial: str) -> None:
    for part in step:
        if callable(part):
            part(connection)
        else:
            connection.exec_driver_sql(part.replace("{serial}", serial))
