"""Finding the extensions: every module of a package, but for names that begin with `_`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator


def extensions(package: str) -> Iterator[str]:
    """The full names of a package's extensions, in alphabetical order."""
    root = importlib.import_module(package)
    for module in pkgutil.iter_modules(root.__path__, f"{package}."):
        if not module.name.rpartition(".")[2].startswith("_"):
            yield module.name
