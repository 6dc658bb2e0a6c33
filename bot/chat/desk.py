"""What ordering works with, gathered in one place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.chat.hosts import Hosts
from bot.chat.turns import Once, Turns
from bot.jobs.job import Job
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
    #: Jobs of one person that may be at work at once; 0: any number.
    jobs_per_user: int
    clock: Callable[[], float]
    #: The process, as its worker is known by.
    owner: str
    #: Why a new job has to wait, as its card says it; None: it need not.
    waits: Callable[[Job], str | None]
    #: By person, the commands whose promise is being written at this moment.
    promising: Counter[int] = field(default_factory=Counter[int])
    #: What a person may have at work but once.
    once: Once = field(default_factory=Once)
    #: The orders whose pictures may be in memory.
    pictures: Turns = field(default_factory=Turns)
    #: Says to which addresses the links lead that people type.
    hosts: Hosts = field(default_factory=Hosts)
