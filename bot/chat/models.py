"""The names of a video service's models, kept for five minutes, for the lists that open while a person types."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog

from bot.api.client import VideoApi
from bot.api.errors import ApiError

_log = structlog.stdlib.get_logger(__name__)

FRESH_SECONDS = 300.0
BUDGET_SECONDS = 1.5
"""Discord gives an autocomplete 3 seconds; half of them may go into asking."""


class ModelList:
    """A service's models: never slower than the budget, falling back to what was known before."""

    def __init__(
        self, api: VideoApi, *, budget: float = BUDGET_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._api = api
        self._budget = budget
        self._clock = clock
        self._known: list[str] = []
        self._read_at: float | None = None
        self._reading: asyncio.Task[None] | None = None

    async def names(self) -> list[str]:
        """The ids of the models, or what is known of them within the budget."""
        if self._read_at is None or self._clock() - self._read_at > FRESH_SECONDS:
            # One question at a time; it goes on after the budget, so that the next keystroke finds its answer.
            if self._reading is None or self._reading.done():
                self._reading = asyncio.create_task(self._read(), name=f"models of {self._api.name}")
            await asyncio.wait({self._reading}, timeout=self._budget)
        return self._known

    async def _read(self) -> None:
        try:
            self._known = sorted(await self._api.models())
        except ApiError as error:
            _log.info("Models could not be listed", action="models_failed", upstream=self._api.name, error=str(error))
        else:
            self._read_at = self._clock()
