"""`make bench`: every figure that the documents promise, printed. Nothing here asserts a time.

Each in a process of its own: what one leaves in memory is no part of another's figures.
"""

import subprocess
import sys
from pkgutil import iter_modules

import tests.bench


def main() -> None:
    for module in iter_modules(tests.bench.__path__):
        if module.name.startswith("_"):
            continue
        print(f"\n# {module.name}", flush=True)
        subprocess.run([sys.executable, "-m", f"tests.bench.{module.name}"], check=True)


if __name__ == "__main__":
    main()
