"""The few fields of what stands around a workload: who scales it, where it is reached, what guards it, what it uses."""

from bot.cluster.kubernetes.shapes import Meta, Selector, Shape


class Utilisation(Shape, frozen=True):
    average_utilization: int | None = None


class Resource(Shape, frozen=True):
    name: str = ""
    target: Utilisation = Utilisation()
    current: Utilisation = Utilisation()


class Metric(Shape, frozen=True):
    resource: Resource | None = None


class Aim(Shape, frozen=True):
    kind: str = ""
    name: str = ""


class AutoscalerSpec(Shape, frozen=True):
    scale_target_ref: Aim = Aim()
    min_replicas: int = 1
    max_replicas: int = 0
    metrics: tuple[Metric, ...] | None = None


class AutoscalerStatus(Shape, frozen=True):
    current_replicas: int = 0
    current_metrics: tuple[Metric, ...] | None = None


class AutoscalerObject(Shape, frozen=True):
    metadata: Meta = Meta()
    spec: AutoscalerSpec = AutoscalerSpec()
    status: AutoscalerStatus = AutoscalerStatus()


class ServicePort(Shape, frozen=True):
    port: int = 0
    node_port: int | None = None


class ServiceSpec(Shape, frozen=True):
    type: str = "ClusterIP"
    selector: dict[str, str] | None = None
    ports: tuple[ServicePort, ...] | None = None


class Entry(Shape, frozen=True):
    ip: str = ""
    hostname: str = ""


class Balancer(Shape, frozen=True):
    ingress: tuple[Entry, ...] | None = None


class ServiceStatus(Shape, frozen=True):
    load_balancer: Balancer = Balancer()


class ServiceObject(Shape, frozen=True):
    metadata: Meta = Meta()
    spec: ServiceSpec = ServiceSpec()
    status: ServiceStatus = ServiceStatus()


class BackendService(Shape, frozen=True):
    name: str = ""


class Backend(Shape, frozen=True):
    service: BackendService = BackendService()


class Path(Shape, frozen=True):
    path: str = "/"
    backend: Backend = Backend()


class Http(Shape, frozen=True):
    paths: tuple[Path, ...] | None = None


class Rule(Shape, frozen=True):
    host: str = "*"
    http: Http | None = None


class Tls(Shape, frozen=True):
    hosts: tuple[str, ...] | None = None


class IngressSpec(Shape, frozen=True):
    rules: tuple[Rule, ...] | None = None
    tls: tuple[Tls, ...] | None = None


class IngressObject(Shape, frozen=True):
    spec: IngressSpec = IngressSpec()


class BudgetSpec(Shape, frozen=True):
    selector: Selector | None = None


class BudgetStatus(Shape, frozen=True):
    disruptions_allowed: int = 0
    current_healthy: int = 0
    desired_healthy: int = 0


class BudgetObject(Shape, frozen=True):
    metadata: Meta = Meta()
    spec: BudgetSpec = BudgetSpec()
    status: BudgetStatus = BudgetStatus()


class Amounts(Shape, frozen=True):
    cpu: str = "0"
    memory: str = "0"


class Measured(Shape, frozen=True):
    usage: Amounts = Amounts()


class UsageObject(Shape, frozen=True):
    metadata: Meta = Meta()
    containers: tuple[Measured, ...] | None = None


class Labelled(Shape, frozen=True):
    metadata: Meta = Meta()
