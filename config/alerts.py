"""The monitoring whose hooks are taken in."""

from pydantic import Field

from config.kinds import Password
from config.section import Section


class AlertHook(Section):
    """An Alertmanager that delivers to /hooks/alerts/<name>. See docs/alerts.md."""

    token: Password = Field(
        description="What it sends as its bearer token; any long random text.", examples=["${ALERTS_TOKEN}"]
    )
