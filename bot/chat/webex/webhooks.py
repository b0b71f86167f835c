"""The webhooks by which Webex tells us: registered by their name, repaired, moved; nobody else's is ever touched.

Webex switches off a webhook that failed for long enough, so they are looked after for as long as the bot runs.
"""

import logging
from threading import Condition, Thread

from bot.chat.webex.access import PATH, WebexAccess
from bot.chat.webex.calls import Calls
from bot.chat.webex.cards import Json
from bot.chat.webex.heard import ACTIONS, MESSAGES
from bot.core.clock import Clock
from bot.core.errors import QuarterdeckError

log = logging.getLogger(__name__)
NAMES = {MESSAGES: "quarterdeck messages", ACTIONS: "quarterdeck buttons"}
LOOK_AGAIN, FIRST_RETRY, LONGEST_RETRY = 600.0, 2.0, 120.0
START_SECONDS, STOP_SECONDS = 3.0, 15.0
NOT_YET = "The webhooks are not registered yet."
UNHEARD = f"Webex cannot reach the bot: web.public_url is not set. Webex sends to <public_url>{PATH}."


def ensure(calls: Calls, access: WebexAccess) -> None:
    """One of each of our names, active, at our address, signed with our secret."""
    standing = calls.webhooks()
    for resource, name in NAMES.items():
        ours = [hook for hook in standing if hook.get("name") == name]
        fits = [h for h in ours if (h.get("resource"), h.get("event")) == (resource, "created") and not h.get("filter")]
        for hook in ours:
            if hook is not next(iter(fits), None):
                calls.delete_webhook(str(hook["id"]))
        if not fits:
            calls.create_webhook({**_fields(access, name), "resource": resource, "event": "created"})
        elif _differs(fits[0], access):
            calls.update_webhook(str(fits[0]["id"]), {**_fields(access, name), "status": "active"})


def _fields(access: WebexAccess, name: str) -> dict[str, str]:
    return {"name": name, "targetUrl": access.target or "", "secret": access.webhook_secret.reveal()}


def _differs(hook: Json, access: WebexAccess) -> bool:
    """A webhook that hides its secret is written anew: a wrong one would make us deaf."""
    stands = (hook.get("targetUrl"), hook.get("status", "active"), hook.get("secret"))
    return stands != (access.target, "active", access.webhook_secret.reveal())


class Keeper:
    """A thread looks at once and goes on looking. `start` once and `stop` once."""

    def __init__(self, calls: Calls, access: WebexAccess, clock: Clock) -> None:
        self._calls = calls
        self._access = access
        self._clock = clock
        self._changed = Condition()
        self._stopping = False
        self._looked = False
        self._hurried = False
        self._wrong: str | None = NOT_YET if access.target else UNHEARD
        self._failures = 0
        self._thread = Thread(target=self._run, name="webex-webhooks", daemon=True)

    @property
    def wrong(self) -> str | None:
        with self._changed:
            return self._wrong

    def hurry(self) -> None:
        """Something else failed by the token: look whether it still does, or for ten minutes nobody may ask."""
        with self._changed:
            self._hurried = self._wrong is None
            self._changed.notify_all()

    def start(self) -> None:
        """Returns when it has looked, or soon: a Webex that hangs must not keep other chats waiting."""
        if self._access.target:
            self._thread.start()
            with self._changed:
                self._changed.wait_for(lambda: self._looked, START_SECONDS)

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        self._look()
        while not self._rest():
            self._look()

    def _rest(self) -> bool:
        """True when it is over."""
        with self._changed:
            wait = min(LONGEST_RETRY, FIRST_RETRY * 2.0**self._failures) if self._failures else LOOK_AGAIN
            self._changed.wait_for(lambda: self._stopping or self._hurried, self._clock.real(wait))
            self._hurried = False
            return self._stopping

    def _look(self) -> None:
        wrong: str | None = None
        try:
            self._calls.identity()
            ensure(self._calls, self._access)
        except QuarterdeckError as error:
            wrong = f"The webhooks are not registered: {error.sentence}"
            log.warning("%s %s", wrong, error.fact)
        except Exception:
            wrong = "The webhooks are not registered: see the log."
            log.exception("webhooks")
        with self._changed:
            self._wrong = wrong
            self._failures = min(self._failures + 1, 10) if wrong else 0
            self._looked = True
            self._changed.notify_all()
