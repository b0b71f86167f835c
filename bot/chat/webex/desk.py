"""The desk where the form is handed out and taken back: each time another card, since a card cannot be changed."""

from collections.abc import Sequence

from bot.chat import Choices
from bot.chat.webex import form
from bot.chat.webex.calls import Calls
from bot.chat.webex.cards import Json
from bot.chat.webex.form import Filled
from bot.core.clock import Clock
from bot.core.errors import NotAllowed
from bot.core.model import Request

PATIENCE = 2.0


class Desk:
    """Without choices there is no form: then `deploy` alone is half an order like any other."""

    def __init__(self, calls: Calls, clock: Clock) -> None:
        self._calls = calls
        self._clock = clock
        self._choices: Choices | None = None

    def offer(self, choices: Choices) -> None:
        self._choices = choices

    def opens(self, request: Request) -> bool:
        return request.text.strip().lower() in form.ASKED and bool(self._services(request))

    def open(self, request: Request, under: str) -> None:
        services = self._services(request)
        unseen = self._choices.unseen(request.who, request.place) if self._choices else ()
        if len(services) == 1 and not unseen:
            self.go_on(Filled(form.CHOOSE, under, services[0], "", ""), request)
        else:
            self._post(request, under, form.services_card(services, under, unseen))

    def require(self, filled: Filled, request: Request) -> None:
        """Whoever presses is judged, not whoever asked for the form. A filled one is judged as the order it is."""
        may = self._environments(filled, request) if filled.service else self._services(request)
        if not may:
            where = f"{filled.service} nowhere" if filled.service else "nothing"
            raise NotAllowed(f"You may deploy {where} from here.")

    def patience(self, filled: Filled) -> float:
        """How long to leave the images of a service that nobody asked for yet: asking has them looked at."""
        return 0.0 if self._choices is None or self._choices.versions(filled.service) else PATIENCE

    def go_on(self, filled: Filled, request: Request) -> None:
        """The environments are those that this person may deploy this service to."""
        images = self._choices.versions(filled.service) if self._choices else ()
        wrong = form.objections(filled) if filled.step == form.DEPLOY else {}
        card = form.images_card(filled, images, self._environments(filled, request), self._clock.now(), wrong)
        self._post(request, filled.under, card)

    def _services(self, request: Request) -> Sequence[str]:
        return self._choices.services(request.who, request.place) if self._choices else ()

    def _environments(self, filled: Filled, request: Request) -> Sequence[str]:
        choices, who, place = self._choices, request.who, request.place
        if choices is None or filled.service not in choices.services(who, place):
            return ()
        return [e for e in choices.environments(who, place) if not choices.objection(who, place, filled.service, e)]

    def _post(self, request: Request, under: str, card: Json) -> None:
        self._calls.post(request.place.channel, under or None, f"`{form.TYPED}`", card)
