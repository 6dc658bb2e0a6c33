"""Who is whose child, read from /proc."""

import os
from pathlib import Path


def children(parent: int, file: Path) -> list[int]:
    """The living processes that a process has started with this path, or one below it, in their words."""
    return [
        process
        for process in _all()
        if _stat(process)[1:2] == [str(parent)] and alive(process) and os.fsencode(file) in _words(process)
    ]


def our_children() -> list[int]:
    """The processes this test process has started and that have not been reaped."""
    return [int(child) for child in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


def alive(process: int) -> bool:
    """Whether a process is there and has not ended; one that nobody has waited for yet has ended."""
    return _stat(process)[:1] not in ([], ["Z"], ["X"])


def _all() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _words(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def _stat(process: int) -> list[str]:
    """State, parent and so on; nothing where the process is gone. The name in front may hold anything but its end."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []
