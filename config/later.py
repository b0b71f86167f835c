"""Keys that a later version will enforce. They are refused until it does, because a guard that is written
down and not kept is worse than none.

When a feature lands, its row goes; the key's model is there already, or joins it then.
"""

from collections.abc import Mapping

Later = Mapping[str, str]

LATER: Later = {}
