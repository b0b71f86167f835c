"""What the store clears away, by a name for each kind."""

from enum import StrEnum


class Kept(StrEnum):
    """What grows without end if nobody clears it away. The audit is not among it: it is kept for ever."""

    REQUESTS = "requests"
    ORDERS = "orders"
    MESSAGES = "messages"
    ROLLOUTS = "rollouts"
    BUILDS = "builds"
    RELEASES = "releases"
    COMMITS = "commits"
    STORMS = "storms"
    ANNOUNCEMENTS = "announcements"
    INCIDENTS = "incidents"
    ALERTS = "alerts"
    SCHEDULES = "schedules"
    ASKS = "asks"
