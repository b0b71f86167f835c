"""What stands around a workload and bears on it: who scales it, where it is reached, what it uses, what guards it."""

from msgspec import Struct

MEBI = 1 << 20


class Autoscaler(Struct, frozen=True):
    """`measured` are its figures in words (`cpu 41 % of 80 %`); `by` is what keeps it in turn: KEDA's object."""

    name: str
    least: int
    most: int
    current: int = 0
    measured: tuple[str, ...] = ()
    by: str = ""

    @property
    def span(self) -> str:
        return f"{self.least}–{self.most}"


class Address(Struct, frozen=True):
    """`kind` as kubectl calls it; `at` is what to type into a client, or why there is nothing yet."""

    kind: str
    at: str


class Usage(Struct, frozen=True):
    """Of one pod: thousandths of a processor, and bytes."""

    cpu: int
    memory: int

    @property
    def cpu_words(self) -> str:
        return f"{self.cpu}m"

    @property
    def memory_words(self) -> str:
        return f"{-(-self.memory // MEBI)}Mi"


class Budget(Struct, frozen=True):
    """A PodDisruptionBudget: how many pods a node that is drained may take away now."""

    name: str
    allowed: int
    healthy: int
    needed: int
