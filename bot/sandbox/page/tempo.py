"""A clock whose pace can be changed: the fake generation stands still, takes its minutes, or is done at once."""

from __future__ import annotations

import time
from collections.abc import Callable


class Tempo:
    """Seconds since 1970 as a clock that runs `speed` times as fast as the real one; it never steps back.

    Give it to a stand-in as its `clock`.
    """

    def __init__(self, speed: float = 1.0, real: Callable[[], float] = time.time) -> None:
        self._real = real
        self._since = self._shown = real()
        self._speed = speed

    def __call__(self) -> float:
        """Now."""
        return self._shown + max(0.0, self._real() - self._since) * self._speed

    @property
    def speed(self) -> float:
        """How many of its seconds pass in a real one; 0: it stands still."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._shown, self._since = self(), self._real()
        self._speed = speed
