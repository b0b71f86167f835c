"""The socket to Slack: opened when the bot starts, or as soon as Slack can be reached after that."""

import logging
from contextlib import suppress
from http.client import HTTPException
from socket import SHUT_RDWR
from threading import Event, Lock, Thread

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.builtin.connection import Connection, ConnectionState

from bot.chat.slack.access import SlackAccess
from bot.chat.slack.calls import TIMEOUT, UNHEARD
from bot.chat.slack.failures import Answer
from bot.core.secret import Secret

log = logging.getLogger(__name__)
WATCH, PING = 1.0, 3.0
LONGEST_RETRY = 60.0


class Reading(ConnectionState):
    """Ends with its session, or with the bot.

    The SDK's own is set anew by whoever begins to read, who so misses an end just then. And a session that was being
    opened when all was closed is closed by nobody.
    """

    def __init__(self, session: Connection, stopped: Event) -> None:
        self._session = session
        self._stopped = stopped
        self._over = False

    @property
    def terminated(self) -> bool:
        return self._over or self._stopped.is_set() or not self._session.is_active()

    @terminated.setter
    def terminated(self, over: bool) -> None:
        self._over = over


class Link:
    """Opens the socket, and opens it again when it is lost.

    The SDK could do the second, but it reads an ended connection for some twenty-five seconds, as fast as it can,
    before it believes it. So it only pings here, and one ping that fails is enough.
    """

    def __init__(self, app: App, access: SlackAccess, app_token: Secret) -> None:
        """The app's token goes with a client of its own: the bot's may not open a socket."""
        token = app_token.reveal()
        self._client = SocketModeHandler(
            app,
            token,
            logger=logging.getLogger("bot.chat.slack.socket"),
            web_client=WebClient(token, access.api_url, TIMEOUT, retry_handlers=[], logger=UNHEARD),
            auto_reconnect_enabled=False,
            ping_interval=PING,
        ).client
        self._client.current_session_runner.target = self._read
        self._client.issue_new_wss_url = self._address  # type: ignore[method-assign]
        self._stopped = Event()
        self._told = 0.0
        self._lock = Lock()
        self._wrong: str | None = None
        self._thread = Thread(target=self._watch, name="slack-link", daemon=True)

    def start(self) -> None:
        self._connect()
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread.ident:
            self._thread.join(TIMEOUT)
        self._wake()
        self._client.close()
        self._client.disconnect()

    def wrong(self) -> str | None:
        if self._stopped.is_set():
            return "The connection to Slack is closed."
        if self._client.is_connected():
            return None
        with self._lock:
            return self._wrong or "The connection to Slack is lost; it is being opened again."

    def _watch(self) -> None:
        wait = max(WATCH, self._told)
        while not self._stopped.wait(wait):
            wait = WATCH if self._stands() or self._connect() else max(self._told, min(LONGEST_RETRY, 2 * wait))

    def _read(self) -> None:
        """What the thread of the SDK does in turn, on the session that stands just then."""
        session = self._client.current_session
        if session:
            session.run_until_completion(Reading(session, self._stopped))

    def _stands(self) -> bool:
        session = self._client.current_session
        if session is None or not session.is_active():
            return False
        if session.consecutive_check_state_error_count:
            session.disconnect()
            return False
        return True

    def _address(self) -> str:
        """The SDK's own sleeps until Slack takes more: the one who starts, or the one who hears all orders."""
        if self._stopped.is_set():
            raise SlackClientError("It is over.")
        return str(self._client.web_client.apps_connections_open(app_token=self._client.app_token)["url"])

    def _connect(self) -> bool:
        """The SDK logs what goes wrong after the address is known, and says nothing."""
        self._told = 0.0
        try:
            self._client.connect_to_new_endpoint()
        except SlackApiError as error:
            answer = Answer(error)
            self._told = answer.retry_after or 0.0
            return self._failed(f"Slack does not open a socket: {answer.code}.")
        except (OSError, SlackClientError, HTTPException, ValueError) as error:
            return self._failed(f"Slack cannot be reached: {type(error).__name__}.")
        return self._client.is_connected() or self._failed("Slack's socket does not open.")

    def _failed(self, why: str) -> bool:
        with self._lock:
            self._wrong = why
        log.warning("%s", why)
        return False

    def _wake(self) -> None:
        """The SDK's threads look up every one to three seconds; this is what they wait for."""
        self._client.closed = True
        self._client.enqueue_message("")
        socket = self._client.current_session.sock if self._client.current_session else None
        if socket:
            with suppress(OSError):
                socket.shutdown(SHUT_RDWR)
