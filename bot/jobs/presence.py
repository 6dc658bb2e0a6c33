"""Whether a worker is alive, shown by a locked file: the kernel releases the lock however its process ends.

Without it a restarted bot would wait for its own dead leases to lapse. Workers that share no DATA_DIR cannot see each
other's files; for them the lease alone decides.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

_SUFFIX = ".alive"


def new_owner() -> str:
    """A name for a process: what it has leased and promised goes by it, and is seen to be free once it has died."""
    return secrets.token_hex(8)


class Presence:
    """One worker's file in a folder that all workers of one DATA_DIR share."""

    def __init__(self, folder: Path, owner: str) -> None:
        self.owner = owner
        self._folder = folder
        self._path = folder / f"{owner}{_SUFFIX}"
        self._file: int | None = None

    def appear(self) -> None:
        """Show that this worker is alive. The file is locked before it gets its name, so it is never seen unlocked.

        Raises:
            OSError: the folder cannot be written.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        # Not inherited: an ffmpeg that outlives the bot must not pass for it.
        self._file = os.open(fresh, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        fresh.rename(self._path)

    def departed(self) -> list[str]:
        """The owners whose process has ended without saying so; each is told until it is buried."""
        return sorted(path.stem for path in self._others() if not _lives(path))

    def neighbours(self) -> list[str]:
        """The owners that are alive beside this one."""
        return sorted(path.stem for path in self._others() if _lives(path))

    def bury(self, owners: Iterable[str]) -> None:
        """Forget these owners: nothing is leased to them any more."""
        for owner in owners:
            (self._folder / f"{owner}{_SUFFIX}").unlink(missing_ok=True)

    def leave(self) -> None:
        """Take the file away: every lease has been given back."""
        self._path.unlink(missing_ok=True)
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _others(self) -> Iterator[Path]:
        return (path for path in self._folder.glob(f"*{_SUFFIX}") if path != self._path)


def _lives(path: Path) -> bool:
    """Whether the process of a file is alive, or was so just now and has left politely."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(file)
