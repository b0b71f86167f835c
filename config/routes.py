"""The section `routes`: what is told where."""

from pydantic import Field

from bot.core import catalogue as core
from bot.core.windows import Weekly, weekly
from config.kinds import (
    EnvironmentOrAny,
    EventKind,
    Hours,
    Listed,
    Mentioned,
    Occasion,
    OneOrMore,
    ServiceOrAny,
    Text,
    TimeZone,
)
from config.section import Section
from config.wording import Words


class To(Section):
    """One channel of a platform, or several."""

    slack: OneOrMore[Text] = Field(
        default=(), description="Slack channels, by their names or ids.", examples=["C024BE91L"]
    )
    webex: OneOrMore[Text] = Field(default=(), description="The ids of Webex rooms.", examples=["Y2lzY29zcGFyazov"])


class Mention(Section):
    """Called by a message of its own under what went wrong, once for each trouble."""

    failure: OneOrMore[Mentioned] = Field(
        default=(),
        description="When something fails. Slack knows people and groups by id alone, Webex by address.",
        examples=["@oncall"],
    )


class Quiet(Section):
    """What would begin in these hours is kept, and told in one message after them. What calls people is not kept."""

    hours: Hours = Field(description="Every day from one time to the other.", examples=["22:00-07:00"])
    time_zone: TimeZone | None = Field(
        default=None, description="Whose clock; none: that of the file.", examples=["Europe/Madrid"]
    )

    def noun(self, time_zone: str) -> Weekly:
        return weekly(f"daily {self.hours}", self.time_zone or time_zone)


class Route(Section):
    """What it takes is told where it says, also where its `when` keeps silent, and not in the service's channel."""

    events: Listed[EventKind] = Field(
        default=(), description="Which kinds of events it takes; none: all.", examples=[["build"]]
    )
    services: Listed[ServiceOrAny] = Field(
        default=(core.ANY,), description="Of which services.", examples=[["adderservice"]]
    )
    environments: Listed[EnvironmentOrAny] = Field(
        default=(core.ANY,),
        description="Of which environments; builds and images are of none, and taken.",
        examples=[["production"]],
    )
    when: Listed[Occasion] = Field(
        default=(), description="On which occasions it speaks; none: always.", examples=[["failure", "fixed"]]
    )
    to: To = Field(description="Where it is told.")
    mention: Mention = Field(default_factory=Mention, description="Who is called.")
    words: Words = Field(default_factory=Words, description="Titles of your own, see docs/ci.md.")
    quiet: Quiet | None = Field(default=None, description="When nothing new is said there.")

    def noun(self, time_zone: str) -> core.Route:
        to = {"slack": self.to.slack, "webex": self.to.webex}
        return core.Route(
            {platform: channels for platform, channels in to.items() if channels},
            self.events,
            self.services,
            self.environments,
            self.when,
            self.mention.failure,
            quiet=self.quiet.noun(time_zone) if self.quiet else None,
            words=self.words.by_kind(),
        )
