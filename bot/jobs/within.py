"""A bound on the time of a query that does not cost its connection."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

_T = TypeVar("_T")
_LATE: set[asyncio.Future[Any]] = set()  # asyncio keeps no strong reference to a task


async def within(seconds: float, query: Awaitable[_T]) -> _T:
    """What a query answers in time. A late one is left to end by itself: to cancel it would cost its connection.

    Raises:
        TimeoutError: it is late.
    """
    task = asyncio.ensure_future(query)
    task.add_done_callback(_LATE.discard)
    _LATE.add(task)
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if not done:
        task.add_done_callback(lambda late: late.cancelled() or late.exception())  # nobody waits for its answer
        raise TimeoutError
    return task.result()
