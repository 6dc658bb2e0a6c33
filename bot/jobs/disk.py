"""The disk of DATA_DIR when it is full: told from other trouble, and said once."""

from __future__ import annotations

import structlog

from bot.api.errors import NoRoom
from bot.api.part import FULL

_log = structlog.stdlib.get_logger(__name__)


def is_full(error: BaseException | None) -> bool:
    """Whether an error came of a full disk, however it was wrapped on its way."""
    while error is not None:
        if isinstance(error, NoRoom) or (isinstance(error, OSError) and error.errno in FULL):
            return True
        error = error.__cause__
    return False


class Disk:
    """One log line when the disk is found full, for the operator, and one when a video fits on it again."""

    def __init__(self) -> None:
        self._full = False

    def refused(self, error: BaseException) -> None:
        """There was no room for a video."""
        if not self._full:
            _log.error(
                "The disk of DATA_DIR is full: videos that were paid for wait until there is room",
                action="disk_full",
                error=str(error),
            )
        self._full = True

    def took(self) -> None:
        """A whole video was written."""
        if self._full:
            _log.info("The disk of DATA_DIR has room again", action="disk_has_room")
        self._full = False
