"""The environment that the documented sample is written for."""

SECRETS = (
    "SLACK_BOT_TOKEN",
    "SLACK_APP_TOKEN",
    "SLACK_SIGNING_SECRET",
    "WEBEX_TOKEN",
    "WEBEX_WEBHOOK_SECRET",
    "WEBEX_INVITE_TOKEN",
    "METRICS_TOKEN",
    "REGISTRY_PASSWORD",
    "JENKINS_HOOK_PASSWORD",
    "GITHUB_WEBHOOK_SECRET",
    "GITLAB_WEBHOOK_TOKEN",
    "HOUSE_HOOK_SECRET",
    "ALERTS_TOKEN",
    "DOCKERHUB_HOOK_SECRET",
    "REGISTRY_HOOK_SECRET",
    "HARBOR_HOOK_SECRET",
    "QUAY_HOOK_SECRET",
)
FILES = ("KUBECONFIG", "REGISTRY_CA", "REGISTRY_CERT", "REGISTRY_KEY", "TRAVIS_KEY")


def sample_environ() -> dict[str, str]:
    """Any file will do where a file is named: its content is looked at when it is used."""
    return dict.fromkeys(SECRETS, "a-test-value") | dict.fromkeys(FILES, __file__)
