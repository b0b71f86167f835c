"""What `remind` says and offers holds for whoever reads it: then, there, and by the configuration of then."""

from pathlib import Path

from tests.unit.talk import DEV, LEAD, talking

ORDER = "deploy webapp 9ab01de to staging"
LOCKERS = """
roles:
  deployers: {verbs: [read, deploy, lock], people: [dev1@example.com], environments: [staging]}
  releasers: {verbs: ["*"], people: [lead@example.com]}
"""


def test_who_may_not_unlock_all_is_not_sent_to_do_it(tmp_path: Path) -> None:
    with talking(tmp_path, more=LOCKERS, lead=False) as talk:
        talk.say('lock all "cluster upgrade"', LEAD)
        assert talk.say("unlock all", DEV).code == "not_allowed"
        assert talk.say(ORDER, DEV).body.endswith(f"\n    remind {ORDER}")
        assert talk.say(f"{ORDER} --dry-run", DEV).body.endswith("\n    locks")
        asked = talk.say(f"may {ORDER}", DEV).body.splitlines()
        assert asked[-2:] == ["People who can unlock it: lead@example.com.", f"    remind {ORDER}"]
