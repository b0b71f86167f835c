"""Keys that a later version will enforce. They are refused until it does, because a guard that is written
down and not kept is worse than none.

When a feature lands, its row goes; the key's model is there already, or joins it then.
"""

from collections.abc import Mapping

Later = Mapping[str, str]

LATER: Later = {
    "clusters.*.scope": "every namespace is watched by itself",
    "environments.*.confirm": "nothing is confirmed",
    "environments.*.approvals": "nothing is approved",
    "environments.*.after": "the promotion order is not enforced",
    "environments.*.soak": "the promotion order is not enforced",
    "environments.*.drift": "owners of workloads are not recognised",
    "services.*.port": "nothing is deployed from a template",
    "services.*.template": "nothing is deployed from a template",
    "templates": "nothing is deployed from a template",
    "roles.*.groups": "groups are not known",
    "roles.*.deny": "nothing is denied by a role",
    "teams": "groups are not known",
    "freezes": "nothing is frozen",
    "allow": "nothing is frozen",
    "routes": "nothing is routed",
    "alerts": "no alert is received",
}
