"""A simulated cluster with one service and a clock moved by hand."""

from bot.cluster.memory import MemoryCluster, Spec, single
from bot.core.errors import QuarterdeckError
from bot.core.workload import Action, Pod, Workload
from tests.contract.cluster_kit import ManualClock

NS = "micro"


class Room:
    def __init__(self, name: str = "main") -> None:
        self.clock = ManualClock()
        self.cluster = MemoryCluster(name, self.clock)

    def put(self, image: str = "adder:1", replicas: int = 3, **more: object) -> None:
        self.cluster.seed(NS, Spec("adder", single(image), replicas=replicas, **more))  # type: ignore[arg-type]

    def pass_time(self, seconds: float) -> None:
        self.clock.move(seconds)
        self.cluster.advance(self.clock.now())

    def look(self) -> Workload:
        return self.cluster.find("staging", NS, "adder")

    def try_to(self, action: Action) -> None:
        """As somebody with kubectl, who may be refused."""
        try:
            self.cluster.kubectl(NS, "adder", action)
        except QuarterdeckError as refused:
            assert refused.sentence

    def pods(self) -> list[Pod]:
        return self.cluster.pods(self.look())
