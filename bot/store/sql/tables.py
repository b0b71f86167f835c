"""The tables as statements see them: columns that are searched, and the noun as JSON beside them.

What makes them is in `migrations.py`; a test holds the two together.
"""

from sqlalchemy import BigInteger, Boolean, Column, Integer, MetaData, Table, Text

metadata = MetaData()

requests = Table(
    "requests",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
)

orders = Table(
    "orders",
    metadata,
    Column("key", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("noun", Text, nullable=False),
    Column("change", Text),
    Column("outcome", Text),
    Column("replica", Text),
)

# `turn`: its place in the queue; none where nothing is to be sent, or it was given up.
# `channel` is the one that was asked for and names the row; `stands_in` the one it ended in.
# `quiet`: it is kept until then. What was told in a digest has neither that nor a turn, and was sent by its version.
messages = Table(
    "messages",
    metadata,
    Column("key", Text, primary_key=True),
    Column("platform", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("thread", Text),
    Column("parent", Text),
    Column("reply", Text, nullable=False),
    Column("final", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sent", Integer, nullable=False),
    Column("turn", BigInteger),
    Column("stands_in", Text),
    Column("message", Text),
    Column("beside", Text),
    Column("edits", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("retry_at", BigInteger),
    Column("why", Text),
    Column("at", BigInteger),
    Column("quiet", BigInteger),
    Column("subject", Text),
)

rollouts = Table(
    "rollouts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("order_key", Text),
    Column("cluster", Text, nullable=False),
    Column("namespace", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("final", Boolean, nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("noun", Text, nullable=False),
)

locks = Table(
    "locks",
    metadata,
    Column("service", Text, primary_key=True),
    Column("environment", Text, primary_key=True),
    Column("noun", Text, nullable=False),
    Column("until", BigInteger),
    Column("person", Text),
)

freezes = Table(
    "freezes",
    metadata,
    Column("environment", Text, primary_key=True),
    Column("noun", Text, nullable=False),
)

asks = Table(
    "asks",
    metadata,
    Column("number", BigInteger, primary_key=True),
    Column("noun", Text, nullable=False),
    Column("settled", Text),
    Column("at", BigInteger),
)

agreements = Table(
    "agreements",
    metadata,
    Column("ask", BigInteger, primary_key=True),
    Column("person", Text, primary_key=True),
    Column("turn", BigInteger, nullable=False),
    Column("noun", Text, nullable=False),
)

claims = Table(
    "claims",
    metadata,
    Column("target", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("until", BigInteger, nullable=False),
)

# `who` is name, e-mail and id in one, folded: what people search by. `seal`: see core/chain.py.
# `request` is there where it has each outcome once: the key that two replicas at one order meet at.
audit = Table(
    "audit",
    metadata,
    Column("number", BigInteger, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("service", Text),
    Column("who", Text, nullable=False),
    Column("noun", Text, nullable=False),
    Column("verb", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("seal", Text, nullable=False),
    Column("request", Text),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("seal", Text, nullable=False),
)

# `told`: it was announced as it stands.
builds = Table(
    "builds",
    metadata,
    Column("key", Text, primary_key=True),
    Column("job", Text, nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("progress", Integer, nullable=False),
    Column("ended", BigInteger, nullable=False),
    Column("told", Boolean, nullable=False),
    Column("noun", Text, nullable=False),
)

announcements = Table(
    "announcements",
    metadata,
    Column("key", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
)

tags = Table(
    "tags",
    metadata,
    Column("repository", Text, primary_key=True),
    Column("digests", Text, nullable=False),
)

incidents = Table(
    "incidents",
    metadata,
    Column("key", Text, primary_key=True),
    Column("ended", Boolean, nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("noun", Text, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("source", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("firing", Boolean, nullable=False),
    Column("heard", BigInteger, nullable=False),
    Column("noun", Text, nullable=False),
)

# Without `due` it is over. `given` is the request that gave it.
schedules = Table(
    "schedules",
    metadata,
    Column("number", BigInteger, primary_key=True),
    Column("given", Text, nullable=False, unique=True),
    Column("at", BigInteger, nullable=False),
    Column("due", BigInteger),
    Column("noun", Text, nullable=False),
)

replicas = Table(
    "replicas",
    metadata,
    Column("name", Text, primary_key=True),
    Column("until", BigInteger, nullable=False),
)

leadership = Table(
    "leadership",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", BigInteger, nullable=False),
)

# Automatic deploys that wait for the end of a freeze: the newest for each service and environment.
put_off = Table(
    "put_off",
    metadata,
    Column("service", Text, primary_key=True),
    Column("environment", Text, primary_key=True),
    Column("noun", Text, nullable=False),
)

# `edition` counts how often a service's releases were written: whoever decided upon an older one has to look again.
books = Table(
    "books",
    metadata,
    Column("service", Text, primary_key=True),
    Column("edition", BigInteger, nullable=False),
)

releases = Table(
    "releases",
    metadata,
    Column("key", Text, primary_key=True),
    Column("service", Text, nullable=False),
    Column("opened", BigInteger, nullable=False),
    Column("gone", Boolean, nullable=False),
    Column("noun", Text, nullable=False),
)

release_names = Table(
    "release_names",
    metadata,
    Column("name", Text, primary_key=True),
    Column("service", Text, primary_key=True),
    Column("release", Text, primary_key=True),
)

commits = Table(
    "commits",
    metadata,
    Column("key", Text, primary_key=True),
    Column("revision", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("noun", Text, nullable=False),
)

storms = Table(
    "storms",
    metadata,
    Column("key", Text, primary_key=True),
    Column("began", BigInteger, nullable=False),
    Column("ended", Boolean, nullable=False),
    Column("noun", Text, nullable=False),
)

storm_rollouts = Table(
    "storm_rollouts",
    metadata,
    Column("storm", Text, primary_key=True),
    Column("rollout", Text, primary_key=True),
)

outages = Table(
    "outages",
    metadata,
    Column("registry", Text, primary_key=True),
    Column("noun", Text, nullable=False),
)

reminders = Table(
    "reminders",
    metadata,
    Column("person", Text, primary_key=True),
    Column("service", Text, primary_key=True),
    Column("environment", Text, primary_key=True),
    Column("given", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("noun", Text, nullable=False),
)
