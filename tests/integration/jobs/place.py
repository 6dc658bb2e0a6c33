"""The place that results are brought to: the folder's adapter, with what a test must see of it and make it do."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bot.jobs.delivery import Posted, Result
from bot.jobs.folder import FolderDelivery
from bot.jobs.job import TERMINAL, Job, Status


class Place(FolderDelivery):
    """A folder that remembers what it was asked, and can be told to refuse, to wait, or to die with its worker."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, None)
        self.folder = folder
        self.looks: list[str] = []
        self.posts: list[str] = []
        #: Posts that were carried out.
        self.posted: list[str] = []
        self.results: list[Result] = []
        #: From when on each look and each post is told to have been tried.
        self.since: list[tuple[str, float | None]] = []
        self.shown: list[tuple[Status, int]] = []
        self.posters: list[Path | None] = []
        self.refuse_find: list[Exception] = []
        self.refuse_post: list[Exception] = []
        self.refuse_show: list[Exception] = []
        self.refuse_renew: list[Exception] = []
        self.fresh: dict[str, str] = {}
        self.hold: asyncio.Event | None = None
        #: What waits for its event, by the name of the call, and what has begun to wait.
        self.holds: dict[str, asyncio.Event] = {}
        self.waiting: set[str] = set()
        #: Where the worker dies, once: such as "before post" or "after show".
        self.crash = ""
        self.offers_original = False
        self.message_id: int | None = None

    async def find(self, job: Job) -> Posted | None:
        """As a folder does, unless told to refuse."""
        self.looks.append(job.id)
        self.since.append(("find", job.posting_at))
        if self.refuse_find:
            raise self.refuse_find.pop(0)
        found = await super().find(job)
        return found and self._told(found)

    async def post(self, job: Job, result: Result) -> Posted:
        """As a folder does, unless told to refuse."""
        self.posts.append(job.id)
        self.results.append(result)
        self.since.append(("post", job.posting_at))
        await self._reach("post", job)
        if self.refuse_post:
            raise self.refuse_post.pop(0)
        posted = await super().post(job, result)
        self.posted.append(job.id)
        self._die("after post")
        return self._told(posted)

    async def show(self, job: Job, poster: Path | None = None) -> None:
        """As a folder does, unless told to refuse."""
        self.shown.append((job.status, job.progress))
        self.posters.append(poster)
        if job.due_at is not None and job.status in TERMINAL:
            await self._reach("show", job)
        if self.refuse_show:
            raise self.refuse_show.pop(0)
        await super().show(job, poster)
        if job.status in TERMINAL:
            self._die("after show")

    async def renew(self, urls: Sequence[str]) -> dict[str, str]:
        """The fresh links it was given, when it is let."""
        if self.hold is not None:
            await self.hold.wait()
        if self.refuse_renew:
            raise self.refuse_renew.pop(0)
        return {url: self.fresh.get(url, url) for url in urls}

    def _told(self, posted: Posted) -> Posted:
        return replace(posted, message_id=self.message_id, offers_original=self.offers_original)

    async def _reach(self, call: str, job: Job) -> None:
        self._die(f"before {call}")
        for name in (call, f"{call} {job.id}"):
            if event := self.holds.get(name):
                self.waiting.add(name)
                await event.wait()

    def _die(self, where: str) -> None:
        """End the step as the death of its process would: nothing after this is done or saved."""
        if self.crash == where:
            self.crash = ""
            raise asyncio.CancelledError
