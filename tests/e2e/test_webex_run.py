"""`quarterdeck run` itself, with Webex: its webhooks over HTTP, its messages through the API."""

import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.contract.webex_kit import WEBHOOK_SECRET
from tests.e2e.running import running
from tests.servers.process import free_ports, until
from tests.servers.webex import WebexDouble, buttons
from tests.servers.webex_faults import Fault
from tests.servers.webex_world import BOT_TOKEN, Message, Person, Room, identity
from tests.servers.wire import Answer, ask
from tests.unit.exposition import read

INVITE_TOKEN = "another-long-random-text"
METRICS_TOKEN = "a-third-long-random-text"
CONFIG = """
store: "sqlite:///{folder}/run.db"
web: {{port: {port}, public_url: "http://127.0.0.1:{port}", metrics_token: {metrics}}}
chat:
  webex: {{token: {token}, webhook_secret: {secret}, api_url: "{api}", invite_token: {invite}, domains: [example.com]}}
clusters: {{play: {{simulated: true}}}}
environments:
  staging: {{cluster: play, namespace: micro-staging, settle: 1s}}
  production: {{cluster: play, namespace: micro, settle: 1s, confirm: true, approvals: {{role: releasers}}}}
services:
  adderservice: {{repository: "registry.local:5000/adderservice"}}
  webapp: {{repository: "registry.local:5000/webapp"}}
roles:
  everything: {{verbs: ["*"], people: [ann@example.com]}}
  releasers: {{verbs: [approve], people: [lead@example.com]}}
"""
DONE = "adderservice → 9ab01de in staging · done"


@dataclass
class Scene:
    webex: WebexDouble
    ann: Person
    room: Room
    port: int
    log: Path

    def says(self, text: str, room: Room | None = None) -> Message:
        return self.webex.say(room or self.room, self.ann, text)

    def titles(self, room: Room | None = None) -> list[str]:
        said = [m for m in self.webex.messages(room or self.room) if m.person is self.webex.world.bot]
        return [str(m.content.get("text", "")).partition("\n")[0] for m in said if not buttons(m)]

    def wait_for(self, title: str, room: Room | None = None) -> None:
        until(lambda: any(title in found for found in self.titles(room)), title)

    def button(self, label: str) -> tuple[Message, dict[str, str]]:
        """The newest card that has it, once it is there."""

        def found() -> list[tuple[Message, dict[str, str]]]:
            messages = self.webex.messages(self.room)
            return [(m, b["data"]) for m in messages for b in buttons(m) if b["title"] == label]

        until(lambda: bool(found()), label)
        return found()[-1]

    def counted(self, name: str, /, **labels: str) -> float | None:
        answer = ask(f"http://127.0.0.1:{self.port}/metrics", headers=bearer(METRICS_TOKEN))
        assert answer.status == 200
        return read(answer.body.decode())(name, **labels)

    def post(self, path: str, raw: bytes, **headers: str) -> Answer:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return ask(f"http://127.0.0.1:{self.port}{path}", "POST", raw, given)


@contextmanager
def scene(folder: Path) -> Iterator[Scene]:
    with WebexDouble() as webex:
        ann = webex.person("Ann", "ann@example.com")
        port, config = free_ports(1)[0], folder / "run.yaml"
        words = {"folder": folder, "port": port, "api": webex.api_url, "metrics": METRICS_TOKEN}
        config.write_text(
            CONFIG.format(token=BOT_TOKEN, secret=WEBHOOK_SECRET, invite=INVITE_TOKEN, **words), encoding="utf-8"
        )
        with running(config, port):
            yield Scene(webex, ann, webex.room(ann), port, config.with_suffix(".log"))


def signed(raw: bytes) -> str:
    return hmac.new(WEBHOOK_SECRET.encode(), raw, "sha1").hexdigest()


def told(resource: str = "messages", **data: object) -> bytes:
    ids = {"id": identity("MESSAGE"), "roomId": identity("ROOM"), "personId": identity("PEOPLE")}
    return json.dumps({"resource": resource, "event": "created", "data": {**ids, **data}}).encode()


def test_a_change_is_confirmed_and_approved_by_pressing_cards(tmp_path: Path) -> None:
    """Each by the one who may: a press of somebody else changes nothing, and leaves the card to the right one."""
    title = "adderservice → 9ab01de in production"
    with scene(tmp_path) as made:
        lead = made.webex.person("Lead", "lead@example.com")
        made.room.members.add(lead.id)
        made.says("deploy adderservice 9ab01de to production")
        card, confirm = made.button("Confirm")
        made.webex.press(card, lead, confirm)
        made.wait_for("nobody else confirms it")
        made.webex.press(*made.button("Confirm")[:1], made.ann, confirm)
        card, approve = made.button("Approve")
        made.webex.press(card, made.ann, approve)
        made.wait_for(f"You ordered {title} yourself.")
        made.webex.press(*made.button("Approve")[:1], lead, approve)
        made.wait_for(f"{title} · done")
        assert len([t for t in made.titles() if f"{title} ·" in t]) == 1
        assert not any("for you alone" in said for said in made.titles())


def test_orders_from_a_room_a_card_a_form_and_a_direct_message(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        made.says("deploy adderservice 9ab01de to staging")
        made.wait_for(DONE)
        assert len([t for t in made.titles() if "9ab01de in staging" in t]) == 1
        card, undo = made.button("Roll back")
        made.webex.press(card, made.ann, undo)
        made.wait_for("adderservice back to 3f2a91c in staging · done")
        made.says("deploy")
        card, data = made.button("Next")
        made.webex.press(card, made.ann, {**data, "service": "webapp"})
        card, data = made.button("Deploy")
        made.webex.press(card, made.ann, {**data, "image": "", "other": "9ab01de", "environment": "staging"})
        made.wait_for("webapp → 9ab01de in staging · done")
        direct = made.webex.direct(made.ann)
        made.says("status adderservice in staging", direct)
        made.wait_for("adderservice in staging", direct)
        made.says("what is going on", direct)
        made.wait_for("There is no order what.", direct)


def test_a_storm_of_429_costs_no_verdict_and_no_second_message(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        made.webex.inject(
            Fault("GET", "messages", 429, {"Retry-After": "1"}, times=2),
            Fault("POST", "messages", 429, {"Retry-After": "1"}, times=3),
            Fault("PUT", "messages", 429, {"Retry-After": "1"}, times=3),
            Fault("PUT", "messages", 502, times=2),
        )
        made.says("deploy adderservice 9ab01de to staging")
        made.wait_for(DONE)
        live = [m for m in made.webex.messages(made.room) if "9ab01de in staging" in str(m.content.get("text"))]
        assert [m.edits <= 10 for m in live if not buttons(m)] == [True]


def test_whatever_is_sent_to_it_is_refused_or_counted_and_it_goes_on(tmp_path: Path) -> None:
    """Never a crash, never an answer that tells why. Of what is far too large not even the rest is waited for."""
    unknown = told(id="ciscospark://us/UNKNOWN/1", roomId="x")
    with scene(tmp_path) as made:
        assert made.post("/webex/events", told()).status == 401
        assert made.post("/webex/events", told(), X_Spark_Signature="0" * 40).status == 401
        assert made.post("/webex/events", b"x" * 2_000_000, X_Spark_Signature="0" * 40).status == 413
        with suppress(OSError):
            assert made.post("/webex/events", b"x" * 10_000_000, X_Spark_Signature="0" * 40).status == 413
        assert ask(f"http://127.0.0.1:{made.port}/webex/events").status == 405
        for raw in (b"", b"{", unknown, told("rooms"), told("messages"), told("attachmentActions"), told(id=["a"])):
            answer = made.post("/webex/events", raw, X_Spark_Signature=signed(raw))
            assert (answer.status, answer.body) == (200, b"")
        said = made.says("status adderservice in staging")
        made.wait_for("adderservice in staging")
        again = made.webex.courier.delivered[-1]
        assert said.id.encode() in again.body
        assert made.post("/webex/events", again.body, **again.headers).status == 200
        made.says("whoami")
        made.wait_for("The answer is for you alone")
        assert len([title for title in made.titles() if "adderservice in staging" in title]) == 1
        ignored = partial(made.counted, "quarterdeck_chat_ignored_total", chat="webex")
        until(lambda: ignored(reason="gone") == 2, "the metrics")
        assert (ignored(reason="forged"), ignored(reason="repeated"), ignored(reason="unknown")) == (2, 1, 5)
    words = made.log.read_text()
    counted = words.partition("was no order: ")[2].partition('"')[0].split(", ")
    assert {"forged 2", "gone 2", "repeated 1", "unknown 5"} <= set(counted)
    assert '"level": "error"' not in words


def test_an_invitation_over_http(tmp_path: Path) -> None:
    bob, eve = b'{"email": "bob@example.com"}', b'{"email": "eve@elsewhere.test"}'
    with scene(tmp_path) as made:
        person = made.webex.person("Bob", "bob@example.com")
        assert made.post("/webex/invite", bob).status == 401
        assert ask(f"http://127.0.0.1:{made.port}/webex/invite", headers=bearer()).status == 405
        assert ask(f"http://127.0.0.1:{made.port}/metrics", headers=bearer()).status == 401
        assert made.post("/webex/invite", eve, **bearer()).status == 403
        assert made.webex.world.rooms.keys() == {made.room.id}
        assert made.post("/webex/invite", bob, **bearer()).body == b"bob@example.com invited in Webex\n"
        assert made.post("/webex/invite", bob, **bearer()).status == 409
        told = {"kind": "invite", "name": "webex/invite"}
        assert made.counted("quarterdeck_deliveries_total", outcome="401", **told) == 1
        assert made.counted("quarterdeck_orders_total", verb="admin", outcome="applied") == 1
        room = made.webex.direct(person)
        assert made.titles(room) == ["Quarterdeck deploys and watches services from chat"]
        made.webex.say(room, person, "whoami")
        made.wait_for("You are @Bob", room)
        made.says("audit by webex/invite")
        made.wait_for("The last 3 orders by webex/invite")


def bearer(token: str = INVITE_TOKEN) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
