"""docs/webex.md, followed to the letter."""

import re
from pathlib import Path

import yaml

from bot.web.invite import LARGEST, MOST, OTHERWISE, STATUS
from config import load

GUIDE = (Path(__file__).parents[2] / "docs" / "webex.md").read_text()
ENVIRON = {"WEBEX_TOKEN": "t", "WEBEX_WEBHOOK_SECRET": "s", "WEBEX_INVITE_TOKEN": "i"}


def test_its_configuration_is_one_and_takes_the_roles_it_shows(tmp_path: Path) -> None:
    whole, roles, invite = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    file = tmp_path / "quarterdeck.yaml"
    given = yaml.safe_load(whole) | yaml.safe_load(roles)
    given["chat"]["webex"] |= yaml.safe_load(invite.replace("…, ", ""))["chat"]["webex"]
    file.write_text(yaml.safe_dump(given))
    settings = load(file, ENVIRON)
    assert settings.chat.webex
    assert settings.chat.webex.domains == ("example.com",)
    assert [role.people for role in settings.catalogue().roles] == [("ann@example.com",)]


def test_every_status_of_an_invitation_is_explained() -> None:
    told = {int(status) for status in re.findall(r"^\| (\d{3}) \|", GUIDE, re.MULTILINE)}
    assert told == {*STATUS.values(), OTHERWISE, 401, 405, 413, 429}
    assert f"{LARGEST:,} bytes" in GUIDE
    assert "ten in a minute" in GUIDE
    assert MOST == 10
