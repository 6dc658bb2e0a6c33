"""The sandbox's time, which tests may push forward, and the ids that Discord makes from it."""

from __future__ import annotations

import itertools
import time
from datetime import UTC, datetime

DISCORD_EPOCH_MS = 1_420_070_400_000


class Clock:
    """Seconds since 1970; `advance` lets tokens and links expire without sleeping, `stop` makes the time exact."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._stopped_at: float | None = None

    def __call__(self) -> float:
        """The moment."""
        return (time.time() if self._stopped_at is None else self._stopped_at) + self._ahead

    def stop(self) -> None:
        """Stand still from now on, but for `advance`."""
        self._stopped_at = time.time()

    def advance(self, seconds: float) -> None:
        """Let that much time pass at once."""
        self._ahead += seconds


def iso(moment: float) -> str:
    """A moment as Discord writes it: ISO 8601 with microseconds and +00:00."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds")


class Snowflakes:
    """Ids that hold their moment of birth, never given twice, always growing."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def __call__(self) -> int:
        """A fresh id."""
        fresh = (int(self._clock() * 1000) - DISCORD_EPOCH_MS) << 22
        self._last = max(fresh, self._last + 1)
        return self._last


def snowflakes_from(moment: float) -> itertools.count[int]:
    """Ids of things that were there before the sandbox was started, such as its guilds and people."""
    return itertools.count((int(moment * 1000) - DISCORD_EPOCH_MS) << 22, 1 << 22)
