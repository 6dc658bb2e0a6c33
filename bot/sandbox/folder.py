"""The folder that a demo writes to: made new each time, and never one that holds anything else."""

from __future__ import annotations

import shutil
from pathlib import Path

MARK = ".reelcord-demo"
"""The file by which a folder is known to be an earlier demo's, and may be emptied."""
NOT_OURS = "{folder} holds files that are not the demo's: choose another folder with --folder."


def cleared(folder: Path) -> bool:
    """Make the folder new; one that holds anything but an earlier demo is left alone, which gives False."""
    mark = folder / MARK
    if folder.exists() and not mark.exists() and (not folder.is_dir() or any(folder.iterdir())):
        return False
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    mark.touch()
    return True
