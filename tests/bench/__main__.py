"""`make bench`: every figure that the documents promise, printed. Nothing here asserts a time."""

from importlib import import_module
from pkgutil import iter_modules

import tests.bench


def main() -> None:
    for module in iter_modules(tests.bench.__path__):
        if module.name.startswith("_"):
            continue
        print(f"\n# {module.name}", flush=True)
        import_module(f"tests.bench.{module.name}").main()


if __name__ == "__main__":
    main()
