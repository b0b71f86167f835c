"""The builders whose hooks are taken in, and what each proves itself with."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from config.kinds import File, Password, Text, Url
from config.scalars import choice
from config.section import Section


class Builder(StrEnum):
    JENKINS = "jenkins"
    TRAVIS = "travis"
    GITHUB = "github"
    GITLAB = "gitlab"
    GENERIC = "generic"


NEEDS = {
    Builder.JENKINS: ("username", "password"),
    Builder.TRAVIS: ("config_url", "public_key_file"),
    Builder.GITHUB: ("secret",),
    Builder.GITLAB: ("token",),
    Builder.GENERIC: ("secret",),
}


class BuildHook(Section):
    """A builder that delivers to /hooks/builds/<name>. Which keys it needs is in docs/ci.md."""

    kind: Annotated[Builder, choice(Builder)] | None = Field(
        default=None, description="What kind of builder it is; none: what its name says.", examples=["generic"]
    )
    username: Text | None = Field(
        default=None, description="Jenkins: the user name in the hook's address.", examples=["ci"]
    )
    password: Password | None = Field(
        default=None, description="Jenkins: the password in the hook's address.", examples=["${JENKINS_HOOK_PASSWORD}"]
    )
    config_url: Url | None = Field(
        default=None,
        description="Travis: where its public key is fetched.",
        examples=["https://api.travis-ci.com/config"],
    )
    public_key_file: File | None = Field(
        default=None, description="Travis: its public key in a file instead.", examples=["travis.pem"]
    )
    secret: Password | None = Field(
        default=None,
        description="GitHub and generic: what deliveries are signed with.",
        examples=["${GITHUB_WEBHOOK_SECRET}"],
    )
    token: Password | None = Field(
        default=None, description="GitLab: the token of its deliveries.", examples=["${GITLAB_WEBHOOK_TOKEN}"]
    )

    def builder(self, name: str) -> Builder:
        return self.kind or Builder(name)
