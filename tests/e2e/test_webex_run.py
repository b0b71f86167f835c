"""`quarterdeck run` itself, with Webex: its webhooks over HTTP, its messages through the API."""

from pathlib import Path

from tests.contract.webex_kit import WEBHOOK_SECRET
from tests.e2e.running import running
from tests.servers.process import free_ports, until
from tests.servers.webex import WebexDouble, buttons
from tests.servers.webex_world import BOT_TOKEN, Room

CONFIG = """
store: "sqlite:///{folder}/run.db"
web: {{port: {port}, public_url: "http://127.0.0.1:{port}"}}
chat:
  webex: {{token: {token}, webhook_secret: {secret}, api_url: "{api}"}}
clusters: {{play: {{simulated: true}}}}
environments:
  staging: {{cluster: play, namespace: micro-staging, settle: 1s}}
services:
  adderservice: {{repository: "registry.local:5000/adderservice"}}
roles: {{everything: {{verbs: ["*"], people: [ann@example.com]}}}}
"""


def titles(webex: WebexDouble, room: Room) -> list[str]:
    said = [m for m in webex.messages(room) if m.person is webex.world.bot and not buttons(m)]
    return [str(m.content.get("text", "")).partition("\n")[0] for m in said]


def test_an_order_from_a_room_and_one_from_a_direct_message(tmp_path: Path) -> None:
    with WebexDouble() as webex:
        ann = webex.person("Ann", "ann@example.com")
        room, direct = webex.room(ann), webex.direct(ann)
        port = free_ports(1)[0]
        config = tmp_path / "run.yaml"
        config.write_text(
            CONFIG.format(folder=tmp_path, port=port, token=BOT_TOKEN, secret=WEBHOOK_SECRET, api=webex.api_url)
        )
        with running(config, port):
            webex.say(room, ann, "deploy adderservice 9ab01de to staging")
            done = "adderservice → 9ab01de in staging · done"
            until(lambda: any(done in title for title in titles(webex, room)), "the verdict in the room", 40)
            assert len([t for t in titles(webex, room) if "9ab01de in staging" in t]) == 1
            webex.say(direct, ann, "status adderservice in staging")
            until(lambda: any("2 of 2 ready" in title for title in titles(webex, direct)), "the status", 30)
