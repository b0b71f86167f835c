"""What Webex answers when it will not → an error of ours. One table; what it does not know was refused."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isnan

from bot.core.errors import Invalid, NotAllowed, NotFound, QuarterdeckError, Unavailable
from bot.core.secret import MASK, Secret

REVOKED = "Webex does not accept the bot's token."
ASK_LATER = 30.0
SOONEST, LATEST = 1.0, 3_600.0
WORDS = 200


class Answer(Exception):
    """A status that was not the expected one, before it becomes an error of ours."""

    def __init__(self, status: int, headers: Mapping[str, str], words: str) -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers
        self.words = words


Make = Callable[[str, str, float | None], QuarterdeckError]


def understood(answer: Answer, token: Secret, bot: str, now: datetime) -> QuarterdeckError:
    """Webex's own words go with it, on one line and without the token, should somebody reflect it."""
    words = " ".join(answer.words.replace(token.reveal(), MASK).split())[:WORDS]
    fact = f"It said {answer.status}{': ' + words if words else ''}."
    wait = retry_after(answer.headers, now)
    if answer.status >= 500:
        return Unavailable("Webex has trouble of its own.", fact=fact, retry_after=wait)
    return TABLE.get(answer.status, _refused)(fact, bot, wait)


def unreachable(error: Exception) -> Unavailable:
    """Not the error's own words: an address may be in them."""
    return Unavailable("Webex does not answer.", fact=f"{type(error).__name__}.", hint="Try again in a minute.")


def unreadable(error: Exception) -> Unavailable:
    return Unavailable("Webex answers what is no answer.", fact=f"{type(error).__name__}.")


def invitation(bot: str) -> str:
    return f"Add people → {bot}"


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds, or a date: counted from the date of the answer, whose clock it is."""
    given = headers.get("Retry-After")
    if given is None:
        return None
    try:
        seconds = float(given)
    except ValueError:
        seconds = _until(given, headers.get("Date"), now)
    return ASK_LATER if isnan(seconds) else min(LATEST, max(SOONEST, seconds))


def _until(given: str, answered: str | None, now: datetime) -> float:
    try:
        since = parsedate_to_datetime(answered) if answered else now
        return (_aware(parsedate_to_datetime(given)) - _aware(since)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return ASK_LATER


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _limited(_fact: str, _bot: str, wait: float | None) -> Unavailable:
    return Unavailable(
        "Webex takes no more just now.", fact="It will a little later.", retry_after=wait if wait else ASK_LATER
    )


def _token(_fact: str, _bot: str, _wait: float | None) -> Unavailable:
    return Unavailable(REVOKED, hint="Give it a valid one.", retry_after=ASK_LATER)


def _locked(fact: str, _bot: str, wait: float | None) -> Unavailable:
    return Unavailable("Webex cannot do that just now.", fact=fact, retry_after=wait)


def _absent(fact: str, bot: str, _wait: float | None) -> NotAllowed:
    return NotAllowed(f"Webex does not let {bot} do that there.", fact=fact, hint=f"{invitation(bot)}.")


def _gone(fact: str, _bot: str, _wait: float | None) -> NotFound:
    return NotFound("That is not there in Webex, or not for this bot.", fact=fact)


def _refused(fact: str, _bot: str, _wait: float | None) -> Invalid:
    return Invalid("Webex refused it.", fact=fact, hint="It is in the log.")


TABLE: dict[int, Make] = {
    401: _token,
    403: _absent,
    404: _gone,
    408: _locked,
    410: _gone,
    423: _locked,
    429: _limited,
}
