"""The files of DATA_DIR: videos on their way, originals that links lead to, and a poster of each."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

DAY = 24 * 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Retention:
    """How long files are kept after their job has ended, and how much of the disk they may take."""

    #: Seconds for which a link leads to an original.
    originals_for: float = 7 * DAY
    #: Bytes of all originals together; the oldest go first.
    originals_most: int = 20 * 1024**3
    #: Seconds by which a held video outlives that: it is in no place yet.
    held_longer: float = 7 * DAY
    #: Seconds for which a poster is kept.
    posters_for: float = 30 * DAY

    @property
    def held_for(self) -> float:
        """Seconds for which a held video is kept."""
        return self.originals_for + self.held_longer


class Kind(StrEnum):
    """What a file of DATA_DIR is."""

    VIDEO = "video"
    POSTER = "poster"
    #: What is in the making, or was made of a video to fit its place.
    SCRATCH = "scratch"


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A file, or a scratch folder, as it lies on the disk."""

    path: Path
    kind: Kind
    #: "" where a name does not say.
    job_id: str
    size: int
    #: When it was last written to, in Unix seconds.
    written_at: float


class Videos:
    """Where the files of a job are: `<id>.mp4` in `spool` or `originals`, `<id>.jpg` in `posters`.

    A file that has its name is complete: each is written beside its place and renamed.
    """

    def __init__(self, data_dir: Path) -> None:
        self._spool = data_dir / "spool"
        self._originals = data_dir / "originals"
        self._posters = data_dir / "posters"

    def make_folders(self) -> None:
        """Make the folders where they are missing.

        Raises:
            OSError: DATA_DIR cannot be written.
        """
        for folder in self._folders:
            folder.mkdir(parents=True, exist_ok=True)

    def has_room(self, size: int) -> bool:
        """Whether that many bytes more would fit beside the videos on their way.

        Raises:
            OSError: the disk cannot be asked.
        """
        return shutil.disk_usage(self._spool).free >= size

    def spooled(self, job_id: str) -> Path:
        """Where a video waits for its place; what is made of it to fit stands beside it as `<id>.<what>.mp4`."""
        return self._spool / f"{job_id}.mp4"

    def poster(self, job_id: str) -> Path:
        """Where the poster of a video is: a still that stands for it, as JPEG."""
        return self._posters / f"{job_id}.jpg"

    def served(self, job_id: str) -> Path | None:
        """The file that a link to an original leads to: still on its way, or kept; `keep` moves it in that order."""
        return next((path for path in (self.spooled(job_id), self._kept(job_id)) if path.exists()), None)

    def keep(self, job_id: str) -> None:
        """Keep the original for those who have its link, and forget what was made of it.

        Raises:
            OSError: the disk refuses; the video is then where it was, or kept.
        """
        spooled = self.spooled(job_id)
        if spooled.exists():
            spooled.replace(self._kept(job_id))
        self.forget(job_id)

    def forget(self, job_id: str) -> None:
        """Take away a video that has reached its place, and what was made of it.

        Raises:
            OSError: a file cannot be removed.
        """
        for path in self._spool.glob(f"{job_id}.*"):
            path.unlink(missing_ok=True)

    def found(self) -> list[Found]:
        """Every file that is ours, as far as the disk lets itself be read."""
        return [found for folder in self._folders for found in _files_in(folder)]

    def remove(self, found: Found) -> None:
        """Take a file or a scratch folder away.

        Raises:
            OSError: it cannot be removed.
        """
        if found.path.is_dir():
            shutil.rmtree(found.path)
        else:
            found.path.unlink(missing_ok=True)

    @property
    def _folders(self) -> tuple[Path, Path, Path]:
        return self._spool, self._originals, self._posters

    def _kept(self, job_id: str) -> Path:
        return self._originals / f"{job_id}.mp4"


def _files_in(folder: Path) -> Iterator[Found]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        stem, _, rest = entry.name.partition(".")
        if not rest:
            continue  # not ours, such as a volume's lost+found
        kind = {"mp4": Kind.VIDEO, "jpg": Kind.POSTER}.get(rest, Kind.SCRATCH) if stem else Kind.SCRATCH
        with suppress(FileNotFoundError):  # taken away meanwhile
            seen = entry.stat(follow_symlinks=False)
            yield Found(path=Path(entry.path), kind=kind, job_id=stem, size=seen.st_size, written_at=seen.st_mtime)
