"""The sections `freezes` and `allow`: when nothing may change, and when alone it may."""

from pydantic import Field

from bot.core import catalogue as core
from bot.core.windows import Window, from_until, weekly
from config.kinds import Days, End, EnvironmentOrAny, Label, Listed, Text, TimeZone
from config.section import Section


class Freeze(Section):
    """A time in which nothing may change, every week or once."""

    name: Label = Field(description="What people call it.", examples=["no-deploy-fridays"])
    environments: Listed[EnvironmentOrAny] = Field(
        default=(core.ANY,), description="Where it counts.", examples=[["production"]]
    )
    from_: End = Field(alias="from", description="When it begins; a day alone is all of it.", examples=["fri 00:00"])
    until: End = Field(description="When it is over; a day alone is all of it.", examples=["mon 08:00"])
    time_zone: TimeZone | None = Field(
        default=None, description="Whose clock; none: that of the file.", examples=["Europe/Madrid"]
    )
    reason: Text | None = Field(default=None, description="What people are told.", examples=["Year-end closing"])

    def noun(self, time_zone: str) -> core.FreezeRule:
        window = from_until(self.from_, self.until, self.time_zone or time_zone)
        return core.FreezeRule(self.name, window, self.environments, self.reason or "")


class Allow(Section):
    """When alone an environment may be changed."""

    windows: Listed[Days] = Field(
        description="The days and hours; outside all of them, no.", examples=[["mon-thu 09:00-16:00"]]
    )
    time_zone: TimeZone | None = Field(
        default=None, description="Whose clock; none: that of the file.", examples=["Europe/Madrid"]
    )

    def noun(self, time_zone: str) -> tuple[Window, ...]:
        return tuple(weekly(text, self.time_zone or time_zone) for text in self.windows)
