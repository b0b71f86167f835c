"""Every registry that speaks the distribution API, version 2.

Read `registry.py` first. A question goes down through `host.py` (one per registry: how many at once, how often,
with which login, over which redirects) to `wire.py`, which with `guard.py` and `silence.py` knows the HTTP library;
`credentials.py` is the only one that knows docker. What comes back is believed only after `manifest.py` has checked
its digest.
"""

from bot.registry.oci.access import Access
from bot.registry.oci.proxies import Proxies
from bot.registry.oci.registry import OciRegistry

__all__ = ["Access", "OciRegistry", "Proxies"]
