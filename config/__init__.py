"""The configuration: `load` reads a file and returns Settings, or raises ConfigError with every mistake in it."""

from collections.abc import Mapping
from pathlib import Path

from config.check import check
from config.mistakes import ConfigError, Mistake, describe
from config.settings import Settings
from config.source import read

__all__ = ["DEMO", "ConfigError", "Mistake", "Settings", "describe", "load"]

DEMO = Path(__file__).with_name("demo.yaml")


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """Paths in the file are relative to it; `environ` is what `"${NAME}"` is taken from."""
    return check(read(path), environ, path=path)
