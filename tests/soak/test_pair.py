"""Nothing lost and nothing said twice, while both replicas die again and again at moments that a seed decides."""

import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from tests.contract.store_kit import PostgresServer, postgres_server
from tests.e2e.pair import SERVICES, Pair, pair
from tests.servers.process import until

__all__ = ["postgres_server"]
STEPS = 12
SEED = 418
pytestmark = [
    pytest.mark.slow,
    pytest.mark.server("postgres", "local-slack", "kube-apiserver"),
    pytest.mark.timeout(300),
]


@pytest.fixture
def two(tmp_path: Path, postgres_server: PostgresServer) -> Iterator[Pair]:
    with pair(tmp_path, postgres_server) as made:
        yield made


def kill(two: Pair, number: str) -> None:
    two.replicas[int(number)].send(signal.SIGKILL)


UNDER_WAY = (
    "SELECT 'order', key FROM orders WHERE outcome IS NULL",
    "SELECT 'build', key FROM builds WHERE NOT told",
    "SELECT 'rollout', key FROM rollouts WHERE NOT final",
    "SELECT 'unsent', key FROM messages WHERE turn IS NOT NULL OR sent < version",
    "SELECT 'open', key FROM messages WHERE NOT final AND key LIKE 'order:%'",
)


def under_way(two: Pair) -> list[tuple[object, ...]]:
    two.revive()
    return two.ask(" UNION ALL ".join(UNDER_WAY))


def test_each_order_has_one_verdict_and_each_notice_stands_once(two: Pair) -> None:
    chance = Random(SEED)
    for step in range(STEPS):
        service = SERVICES[step % len(SERVICES)]
        if step % 4 == 1:
            two.gaps.kill_at(
                chance.choice(["chat.postMessage", "chat.update"]), chance.randint(1, 4), lambda n: kill(two, n)
            )
        elif step % 4 == 3:
            kill(two, str(chance.randint(0, 1)))
        two.order(chance.choice([f"restart {service} in staging", f"scale {service} {step % 3 + 1} in staging"]))
        two.build(step, service)
    with suppress(TimeoutError):
        until(lambda: not under_way(two), "everything has its end", 120)
    assert under_way(two) == []
    standing = two.keys()
    assert [key for key, times in standing.items() if times > 1] == []
    orders = {str(key) for (key,) in two.ask("SELECT key FROM orders")}
    assert len(orders) >= STEPS
    assert orders - standing.keys() == set()
    assert {str(key) for (key,) in two.ask("SELECT key FROM messages WHERE message IS NOT NULL")} == set(standing)
    assert two.number("messages WHERE why IS NOT NULL") == 0
