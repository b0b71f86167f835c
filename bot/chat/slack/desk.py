"""The desk where a form is handed out and taken back. All but the opening happens while Slack waits: from memory."""

import logging

from bot.chat import Choices
from bot.chat.slack import form
from bot.chat.slack.access import SLACK
from bot.chat.slack.blocks import Json
from bot.chat.slack.calls import Calls
from bot.chat.slack.heard import Heard, Payload
from bot.chat.slack.literal import cut
from bot.chat.slack.people import People
from bot.core.clock import Clock
from bot.core.errors import NotAllowed, QuarterdeckError
from bot.core.model import Place, Request

log = logging.getLogger(__name__)


class Desk:
    def __init__(self, calls: Calls, people: People, clock: Clock) -> None:
        self._calls = calls
        self._people = people
        self._clock = clock
        self._choices: Choices | None = None

    def offer(self, choices: Choices) -> None:
        self._choices = choices

    def open(self, heard: Heard, request: Request) -> bool:
        """False where nothing opens: then it is half an order like any other."""
        if not (self._choices and heard.trigger and heard.text == form.CALLBACK):
            return False
        services = self._choices.services(request.who, request.place)
        if not services:
            raise NotAllowed("There is nothing that you may deploy from here.", hint="whoami")
        environments = self._choices.environments(request.who, request.place)
        unseen = self._choices.unseen(request.who, request.place)
        try:
            self._calls.open_view(heard.trigger, form.view(heard.channel, services, environments, unseen))
        except QuarterdeckError as error:
            log.warning("a form was not opened: %s %s", error.sentence, error.fact)
            return False
        return True

    def expect(self, payload: Payload) -> None:
        """A service was chosen: its images are asked for next."""
        service = form.chosen(payload).get(form.SERVICE)
        if self._choices and service:
            self._choices.versions(service)

    def turn_to(self, payload: Payload) -> None:
        """What is typed from now on is an image of the service that was chosen."""
        view = str((payload.get("view") or {}).get("id"))
        try:
            self._calls.update_view(view, form.of_service(payload))
        except QuarterdeckError as error:
            log.warning("a form offers no images: %s %s", error.sentence, error.fact)

    def suggestions(self, payload: Payload) -> Json:
        service = form.service_of(payload)
        images = self._choices.versions(service) if self._choices and service else ()
        return form.suggestions(str(payload.get("value") or "").strip(), images, self._clock.now())

    def objections(self, payload: Payload) -> dict[str, str]:
        """What is missing, else what is known against it. A person whom only Slack knows is judged with the order."""
        return form.at_blocks(payload, self._objections(payload))

    def _objections(self, payload: Payload) -> dict[str, str]:
        chosen = form.chosen(payload)
        found = form.objections(chosen)
        who = self._people.known(str((payload.get("user") or {}).get("id")))
        if found or who is None or self._choices is None:
            return found
        place = Place(SLACK, str((payload.get("view") or {}).get("private_metadata")))
        against = self._choices.objection(who, place, chosen[form.SERVICE], chosen[form.ENVIRONMENT])
        return {form.ENVIRONMENT: cut(against, form.OBJECTION)} if against else {}
