"""What ordering works with, gathered in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.jobs.store import Store
from bot.jobs.videos import Videos
from bot.links import Links
from bot.requests.base import Limits


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The collaborators of ordering: the store, the worker's wake-up, links, files, limits and the clock."""

    store: Store
    #: Tells the engine that a row is due.
    wake: Callable[[], None]
    links: Links | None
    videos: Videos
    limits: Limits
    clock: Callable[[], float]
    #: The process, as its worker is known by.
    owner: str
    #: Ids of jobs that are being ordered again at this moment: a double click is one wish.
    repeating: set[str] = field(default_factory=set[str])
