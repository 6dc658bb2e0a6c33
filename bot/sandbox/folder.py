"""The folder that a demo writes to: made new each time, and never one that holds anything else or is in use."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path

MARK = ".reelcord-demo"
"""The file by which a folder is known to be an earlier demo's, and may be emptied."""
NOT_OURS = "{folder} holds files that are not the demo's: choose another folder with --folder."
IN_USE = "{folder} is in use by a demo or playground that still runs: end that first, or choose another with --folder."


def claim(folder: Path) -> str | None:
    """Make the folder new, and hold it until this process ends.

    Returns a sentence if it cannot be had, which then is as it was: it holds anything but an earlier demo, or another
    process holds it.
    """
    mark = folder / MARK
    if folder.exists() and not mark.exists() and (not folder.is_dir() or any(folder.iterdir())):
        return NOT_OURS.format(folder=folder)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        fcntl.flock(os.open(mark, os.O_RDWR | os.O_CREAT), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return IN_USE.format(folder=folder)
    for each in folder.iterdir():
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        elif each != mark:
            each.unlink()
    return None
