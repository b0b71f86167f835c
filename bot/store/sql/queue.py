"""Which rows of the outbox are to be sent now, and when the next one will be."""

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select

from bot.store.sql.tables import messages

_parent = messages.alias("parent")
_earlier = messages.alias("earlier")

# Where the replies to the parent stand; nothing while the parent itself does not stand.
UNDER = (
    select(func.coalesce(_parent.c.thread, _parent.c.message))
    .where(
        _parent.c.key == messages.c.parent,
        _parent.c.platform == messages.c.platform,
        or_(_parent.c.channel == messages.c.channel, _parent.c.stands_in == messages.c.channel),
        _parent.c.message.is_not(None),
    )
    .limit(1)
    .scalar_subquery()
)

NOW: ColumnElement[int] = bindparam("now")
ITS_TIME = func.coalesce(messages.c.retry_at, 0)
CAN_STAND = and_(
    messages.c.platform == bindparam("platform"),
    messages.c.turn.is_not(None),
    or_(messages.c.parent.is_(None), UNDER.is_not(None)),
)
BEFORE_IT = and_(
    _earlier.c.platform == messages.c.platform,
    _earlier.c.channel == messages.c.channel,
    _earlier.c.turn < messages.c.turn,
    _earlier.c.message.is_(None),
    _earlier.c.thread.is_not_distinct_from(messages.c.thread),
    _earlier.c.parent.is_not_distinct_from(messages.c.parent),
)
STANDS = messages.c.message.is_not(None)

IS_DUE = and_(CAN_STAND, ITS_TIME <= NOW, or_(STANDS, ~exists().where(BEFORE_IT, _earlier.c.retry_at > NOW)))
BACKLOG = select(func.count().label("messages"), func.min(messages.c.at).label("since")).where(
    CAN_STAND, or_(ITS_TIME <= NOW, messages.c.attempts > 0)
)
CHANNELS_AT_ONCE = 100
DUE = (
    select(messages, func.coalesce(UNDER, messages.c.thread).label("under"))
    .where(IS_DUE, messages.c.channel == bindparam("channel"))
    .order_by(messages.c.turn)
    .limit(bindparam("most"))
)
CHANNELS = (
    select(messages.c.channel)
    .where(IS_DUE)
    .group_by(messages.c.channel)
    .order_by(func.min(messages.c.turn))
    .limit(CHANNELS_AT_ONCE)
)
NEXT = select(func.min(ITS_TIME)).where(CAN_STAND, ITS_TIME > NOW, or_(STANDS, ~exists().where(BEFORE_IT)))
