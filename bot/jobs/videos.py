"""The files of DATA_DIR: videos on their way, originals that links lead to, and a still of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DAY = 24 * 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Retention:
    """How long files are kept after their job has ended, and how much of the disk they may take."""

    #: Seconds for which a link leads to an original.
    originals_for: float = 7 * DAY
    #: Bytes of all originals together; the oldest go first.
    originals_most: int = 20 * 1024**3


DEFAULT_RETENTION = Retention()


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
        for folder in (self._spool, self._originals, self._posters):
            folder.mkdir(parents=True, exist_ok=True)

    def spooled(self, job_id: str) -> Path:
        """Where a video waits for its place; what is made of it to fit stands beside it as `<id>.<what>.mp4`."""
        return self._spool / f"{job_id}.mp4"

    def poster(self, job_id: str) -> Path:
        """Where the still of a video is."""
        return self._posters / f"{job_id}.jpg"

    def served(self, job_id: str) -> Path | None:
        """The file that a link to an original leads to: kept, or still on its way."""
        return next((path for path in (self._kept(job_id), self.spooled(job_id)) if path.exists()), None)

    def keep(self, job_id: str) -> None:
        """Keep the original for those who have its link, and forget what was made of it."""
        spooled = self.spooled(job_id)
        if spooled.exists():
            spooled.replace(self._kept(job_id))
        self.forget(job_id)

    def forget(self, job_id: str) -> None:
        """Take away a video that has reached its place, and what was made of it."""
        for path in self._spool.glob(f"{job_id}.*"):
            path.unlink(missing_ok=True)

    def _kept(self, job_id: str) -> Path:
        return self._originals / f"{job_id}.mp4"
