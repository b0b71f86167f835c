"""Slack is believed by the certificates of this machine, and those are read once: it takes longer than a whole call."""

from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

import pytest

from bot.chat.slack import Mode, SlackAccess
from bot.chat.slack.blocks import Rendered, render
from bot.chat.slack.calls import Calls
from bot.chat.slack.respond import respond
from bot.clock import SystemClock
from bot.core.errors import Unavailable
from bot.core.model import Reply
from bot.core.secret import Secret
from tests.contract.platform_kit import NOW
from tests.contract.slack_gaps import serving
from tests.servers.certificates import issue
from tests.unit.slack_stub import SECRET, TOKEN, Stub


def calls(url: str) -> Calls:
    access = SlackAccess(Mode.HTTP, Secret(TOKEN), signing_secret=Secret(SECRET), api_url=url)
    return Calls(access, SystemClock())


def said() -> Rendered:
    return render(Reply("done"), NOW)


def test_the_certificates_of_the_machine_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, tls = issue(tmp_path), SSLContext(PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate.chain, certificate.key)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.ca))
    with serving(Stub().answer, tls) as url:
        made = calls(url)
        certificate.ca.unlink()
        assert made.post("C1", None, "key", said()) == ("C1", "1.000001")
        assert respond(f"{url}answer", said(), made.trust)
        with pytest.raises(Unavailable):
            calls(url).user("U1")
