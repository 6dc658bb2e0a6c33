"""What a process that opens a stranger's file is handed of our environment, which holds tokens and keys."""

from __future__ import annotations

import os

_HANDED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")


def bare_environment() -> dict[str, str]:
    """Where programs, libraries and temporary files lie, and nothing else."""
    return {name: os.environ[name] for name in _HANDED_ON if name in os.environ}
