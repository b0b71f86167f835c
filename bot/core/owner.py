"""Who else writes a workload: one that is kept as Git has it takes back what an order changes in it.

A restart and a pause write what stands in no manifest, so those last. Helm looks again only when it upgrades.
"""

from collections.abc import Callable, Mapping

from msgspec import Struct

from bot.core.workload import Action, Scale, SetEnv, SetImage, Undo, Workload

ARGO_TRACKING, ARGO_INSTANCE = "argocd.argoproj.io/tracking-id", "argocd.argoproj.io/instance"
FLUX_KUSTOMIZE, FLUX_HELM = "kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io"
ADDON = "addonmanager.kubernetes.io/mode"
MANAGED_BY, HELM_RELEASE = "app.kubernetes.io/managed-by", "meta.helm.sh/release-name"

Notes = Mapping[str, str]


class Owner(Struct, frozen=True):
    """`where` is where a change that lasts is made; `reverts` where it is made again without anybody asking."""

    name: str
    where: str
    reverts: bool = True


def owner(workload: Workload) -> Owner | None:
    return next((found for look in _LOOKS if (found := look(workload))), None)


def stands_in_a_manifest(action: Action) -> bool:
    return isinstance(action, SetImage | SetEnv | Scale | Undo)


def _argo(workload: Workload) -> Owner | None:
    """A tracking id counts only on the object it names: copied elsewhere, Argo CD passes over it too."""
    app, _, object_ = workload.annotations.get(ARGO_TRACKING, "").partition(":")
    place = workload.target
    if object_ != f"apps/{place.kind}:{place.namespace}/{place.name}":
        app = workload.labels.get(ARGO_INSTANCE, "")
    return Owner(f"Argo CD (application {app})", f"in the Git source of the application {app}") if app else None


def _kustomization(workload: Workload) -> Owner | None:
    if workload.annotations.get(f"{FLUX_KUSTOMIZE}/reconcile") == "disabled":
        return None
    name = _flux(workload.labels, FLUX_KUSTOMIZE)
    return Owner(f"Flux (Kustomization {name})", f"in the Git source of the Kustomization {name}") if name else None


def _helm_release(workload: Workload) -> Owner | None:
    name = _flux(workload.labels, FLUX_HELM)
    return Owner(f"Flux (HelmRelease {name})", f"in the values of the HelmRelease {name}") if name else None


def _flux(labels: Notes, group: str) -> str:
    name, namespace = labels.get(f"{group}/name"), labels.get(f"{group}/namespace")
    return f"{namespace}/{name}" if name and namespace else name or ""


def _addon(workload: Workload) -> Owner | None:
    if workload.labels.get(ADDON) != "Reconcile":
        return None
    return Owner("the addon manager", "in its manifest on the control plane node, under /etc/kubernetes/addons")


def _helm(workload: Workload) -> Owner | None:
    release = workload.annotations.get(HELM_RELEASE)
    if not release or workload.labels.get(MANAGED_BY) != "Helm":
        return None
    return Owner(f"Helm (release {release})", f"in the values of the release {release}", reverts=False)


_LOOKS: tuple[Callable[[Workload], Owner | None], ...] = (_argo, _kustomization, _helm_release, _addon, _helm)
