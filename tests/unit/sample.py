"""The environment that the documented sample is written for."""


def sample_environ() -> dict[str, str]:
    """Any file will do where a file is named: its content is looked at when it is used."""
    secrets = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "REGISTRY_PASSWORD")
    return dict.fromkeys(secrets, "a-test-value") | dict.fromkeys(("KUBECONFIG", "REGISTRY_CA"), __file__)
