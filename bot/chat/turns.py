"""What bounds a flood inside one process: things that are done once at a time, and turns for what takes memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from weakref import WeakValueDictionary

from bot.errors import Refusal

SLOTS = 3
"""Orders whose pictures are read at once, by whomever: of each there are three at most, of 50 MB at most."""
WAIT_SECONDS = 100.0
_CROWDED = "Too many pictures are being read just now, and nothing was ordered: please try again in a minute."


class Once:
    """What is at work, by any name: a second wish for the same is told so instead of waiting."""

    def __init__(self) -> None:
        self._at_work: set[tuple[object, ...]] = set()

    @contextmanager
    def only(self, *name: object) -> Generator[bool]:
        """Whether nobody is at this yet; if so, nobody else is let in until the block ends."""
        if name in self._at_work:
            yield False
            return
        self._at_work.add(name)
        try:
            yield True
        finally:
            self._at_work.discard(name)


class Turns:
    """A few at a time, and one of each person: ten orders of one leave room for another's."""

    def __init__(self, slots: int = SLOTS, seconds: float = WAIT_SECONDS) -> None:
        self._slots = asyncio.Semaphore(slots)
        self._seconds = seconds
        self._own: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, user_id: int) -> AsyncGenerator[None]:
        """Wait for a turn, and have it until the block ends.

        Raises:
            Refusal: it did not come in time.
        """
        own = self._own.setdefault(user_id, asyncio.Lock())
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(self._seconds):
                    await stack.enter_async_context(own)
                    await stack.enter_async_context(self._slots)
            except TimeoutError:
                raise Refusal(_CROWDED) from None
            yield
