"""The failure policy: what an environment wants done when a rollout failed. Once, through the same door as people."""

from collections.abc import Callable
from functools import partial

from bot.core.catalogue import Environment, OnFailure
from bot.core.events import REMEDY, Rollout
from bot.core.locks import Lock
from bot.core.model import BOT, Reply, Request, Who
from bot.core.workload import Phase
from bot.engine.announce import beneath
from bot.plans.locking import annotate
from bot.ports import Ports
from bot.workers import Job

BOT_ITSELF = Who(BOT, "quarterdeck", "quarterdeck")

Mended = Callable[[str, str], None]


class Remedy:
    """`carry_out` is the dispatcher's; `mended` tells the follower what to add to the failed rollout."""

    def __init__(
        self,
        ports: Ports,
        carry_out: Callable[[Request], Reply | None],
        submit: Callable[[Job], None],
        mended: Mended,
    ) -> None:
        self._ports = ports
        self._carry_out = carry_out
        self._submit = submit
        self._mended = mended

    def rollout(self, rollout: Rollout) -> None:
        """Told once more it is mended once: its order has one name, whoever gives it."""
        if rollout.mends:
            self._follow(rollout)
        elif rollout.mending:
            environment = self._ports.catalogue.environment(rollout.target.environment)
            self._submit(partial(self._mend, rollout, environment))

    def _mend(self, failed: Rollout, environment: Environment) -> None:
        order = "rollback {} to last-good in {}" if environment.on_failure is OnFailure.ROLLBACK else "pause {} in {}"
        text = order.format(failed.service, environment.name)
        story = failed.story
        place, now = beneath(self._ports, story), self._ports.clock.now()
        request = Request(f"{REMEDY}{failed.key}", BOT_ITSELF, place, text, now, parent=story)
        reply = self._carry_out(request)
        if reply is None:
            return
        if reply.code:
            self._mended(failed.key, f"Not mended: {reply.title}")
        elif environment.on_failure is OnFailure.PAUSE:
            self._mended(failed.key, self._locked(failed, "Paused."))

    def _follow(self, rollback: Rollout) -> None:
        key = rollback.mends
        failed = self._ports.store.rollout(key)
        if failed is None or not rollback.phase.final or not failed.mending:
            return
        if rollback.phase is Phase.PROVEN:
            ready = f"{rollback.ready}/{rollback.wanted} ready"
            said = f"Rolled back to {rollback.image} (revision {rollback.revision}), {ready}."
            self._mended(key, self._locked(failed, said))
        else:
            self._mended(key, f"The rollback to {rollback.image} ended too: {rollback.phase.value}.")

    def _locked(self, failed: Rollout, said: str) -> str:
        """Nobody deploys over a failure by accident: it is locked until a person has looked."""
        environment = failed.target.environment
        reason = f"{failed.image} failed: {failed.reason.rstrip('.')}"
        lock = Lock(failed.service, environment, BOT_ITSELF, reason, self._ports.clock.now(), automatic=True)
        self._ports.store.take_lock(lock)
        annotate(self._ports, lock.service, lock.environment)
        return f"{said} Locked until someone unlocks: unlock {failed.service} in {environment}"
