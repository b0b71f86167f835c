"""Another bot orders at the real process: as itself where it is allowed, and refused under its own words."""

import json
import time
from pathlib import Path
from typing import Any

from slack_sdk.signature import SignatureVerifier

from tests.contract.slack_gaps import Gaps, serving
from tests.e2e.running import running
from tests.servers.process import free_ports, until
from tests.servers.require import or_skip
from tests.servers.slack import LocalSlack
from tests.servers.wire import ask

CHANNEL, SECRET = "C01GENERAL", "shhh"
CONFIG = """
store: "sqlite:///{folder}/run.db"
web: {{port: {port}}}
chat:
  slack: {{mode: http, bot_token: xoxb-test-token, signing_secret: shhh, api_url: "{api}", allow_bots: [B0CIBOT]}}
clusters: {{play: {{simulated: true}}}}
environments:
  staging: {{cluster: play, namespace: micro-staging, settle: 1s}}
  production: {{cluster: play, namespace: micro, settle: 1s, explicit: true}}
services:
  adderservice: {{repository: "registry.local:5000/adderservice"}}
roles:
  ci: {{verbs: [deploy], people: ["slack:B0CIBOT"], environments: [staging]}}
  everything: {{verbs: ["*"], people: ["*"]}}
"""
CI = {"id": "B0CIBOT", "name": "ci", "app_id": "A0CI"}


def mention(port: int, text: str, ts: str, bot: str = "B0CIBOT") -> None:
    """local-slack tells an app nothing of what others post; this is what Slack sends."""
    event = {"type": "app_mention", "channel": CHANNEL, "bot_id": bot, "app_id": "A0CI", "user": "U0CI", "ts": ts}
    about = {"type": "event_callback", "api_app_id": "A01APP", "authorizations": [{"user_id": "U0BOT"}]}
    raw, stamp = json.dumps({**about, "event": {**event, "text": f"<@U0BOT> {text}"}}), str(int(time.time()))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=stamp, body=raw) or ""
    signed = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature, "Content-Type": "application/json"}
    assert ask(f"http://127.0.0.1:{port}/slack/events", "POST", raw.encode(), signed).status == 200


def test_it_does_what_its_role_says_and_not_what_everyone_may(tmp_path: Path) -> None:
    port = free_ports(1)[0]
    config = tmp_path / "run.yaml"
    with or_skip(), LocalSlack() as slack:
        gaps = Gaps(slack.api_url)

        def answer(method: str, kind: str, authorization: str, raw: bytes) -> tuple[int, dict[str, str], bytes]:
            if method == "bots.info":
                return 200, {}, json.dumps({"ok": True, "bot": CI}).encode()
            return gaps.answer(method, kind, authorization, raw)

        def says(text: str) -> list[dict[str, Any]]:
            return [m for m in slack.control(f"messages/{CHANNEL}")["messages"] if text in str(m)]

        with serving(answer) as api:
            config.write_text(CONFIG.format(folder=tmp_path, port=port, api=api))
            with running(config, port):
                mention(port, "deploy adderservice 9ab01de to staging", "1700000000.000001", bot="B0STRANGE")
                mention(port, "deploy adderservice 9ab01de to staging", "1700000000.000002")
                until(lambda: bool(says("adderservice → 9ab01de in staging · done")), "the verdict", 40)
                mention(port, "deploy adderservice 9ab01de to production", "1700000000.000003")
                until(lambda: bool(says("You may not deploy adderservice in production.")), "the refusal", 30)
                assert says("You may not deploy")[0]["thread_ts"] == "1700000000.000003"
                assert len(says("adderservice → 9ab01de in")) == 1
                assert "bot B0STRANGE is not heard" in config.with_suffix(".log").read_text()
