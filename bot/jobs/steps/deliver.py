"""Bringing a video to its place, at least once and seen once; and saying on the card how a job ended."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import structlog

from bot import media
from bot.api.errors import NoRoom
from bot.jobs.cards import face
from bot.jobs.delivery import DeliveryDelayed, DeliveryError, Original, Posted, Result, Undeliverable
from bot.jobs.disk import is_full
from bot.jobs.job import Job, Status, ended
from bot.jobs.steps.base import Save, Tools
from bot.jobs.steps.fetch import failed, fetch, offering, public_link, wait_for_room
from bot.jobs.videos import DAY
from bot.media import MediaError, Video

POST_TRIES = 60
"""How often its place is tried: about five hours, then it is kept for the person."""
ROOM_TO_FIT = 128 * 1024**2
"""Bytes that what is made of a video to fit its place may take, where the video itself is not smaller.

Asked for before each post: an ffmpeg that meets a full disk looks like a video that cannot be made to fit.
"""
ANNOUNCE_FOR = 2 * DAY
"""Seconds for which the end of a job is tried to be told; that a video is held, for as long as it is kept."""
ANNOUNCE_EVERY = 1800.0
"""Seconds between two tries at most."""

_NEVER_ROOM_TO_FETCH = (
    "The bot's disk stayed full for hours, so this video could not be fetched. It has been charged: ask the bot's "
    "operator."
)
_NEVER_ROOM_TO_FIT = "The bot's disk stayed full for hours, so this video could not be made ready for its place."

_log = structlog.stdlib.get_logger(__name__)


async def deliver(job: Job, save: Save, tools: Tools) -> Job:
    """Delivering: fetch the video and post it. A job found with `posting_at` looks for its message first.

    `posting_at` is written anew, and committed, right before each try that posts: a search that found nothing came
    before it, so the next one need not look further back. A search that could not be made leaves it as it was.
    """
    try:
        await asyncio.to_thread(tools.videos.make_folders)  # somebody may have tidied up under the running bot
        if job.posting_at is not None and (posted := await tools.delivery.find(job)):
            return _completed(job, posted, _original(job, tools, tools.retention.originals_for), tools)
        video = await fetch(job, tools)
        if isinstance(video, Job):
            return video
        if not await asyncio.to_thread(tools.videos.has_room, min(video.size, ROOM_TO_FIT)):
            raise NoRoom("There is no room to make the video fit its place.")
        poster = await _poster(video, job, tools)
        job = await save(job.evolve(posting_at=tools.clock(), reason=None))
        original = _original(job, tools, tools.retention.originals_for)
        posted = await tools.delivery.post(job, Result(video=video, poster=poster, original=original))
        return _completed(job, posted, original, tools)
    except (DeliveryError, NoRoom, OSError) as error:
        return await _not_posted(job, error, tools)


async def _not_posted(job: Job, error: DeliveryError | NoRoom | OSError, tools: Tools) -> Job:
    """What becomes of a job whose video is not in its place; an error that says nothing of that is raised again."""
    here = await asyncio.to_thread(tools.videos.spooled(job.id).exists)
    if is_full(error):
        tools.disk.refused(error)
        if waiting := wait_for_room(job, tools):
            return waiting
        if here:
            return _held(job, _NEVER_ROOM_TO_FIT, tools, here=True)
        return failed(job, _NEVER_ROOM_TO_FETCH, public_link(job, tools), tools)
    if isinstance(error, DeliveryDelayed):
        if job.attempts + 1 >= POST_TRIES:
            return _held(job, "Its place could not be reached for hours.", tools, here=here, cause=error)
        due_at = tools.retry_at(job, retry_after=error.retry_after)
        _log.info(
            "The place cannot be reached now",
            action="post_delayed",
            error=str(error),
            due_at=due_at,
            **job.log_context(),
        )
        return job.evolve(attempts=job.attempts + 1, due_at=due_at, reason=None)
    if isinstance(error, Undeliverable):
        return _held(job, str(error), tools, here=here, cause=error.__cause__)
    raise error


async def _poster(video: Video, job: Job, tools: Tools) -> Path | None:
    """The poster of the video; that none can be had is no reason to keep the video back."""
    try:
        return await media.poster(video, tools.videos.poster(job.id))
    except (MediaError, OSError) as error:
        _log.warning("No poster could be taken", action="poster_failed", error=str(error), **job.log_context())
        return None


def _original(job: Job, tools: Tools, seconds: float) -> Original | None:
    """The link to offer with anything but the original itself; ours is answered for that many seconds."""
    if tools.links is None:
        return public_link(job, tools)
    until = tools.clock() + seconds
    return Original(url=tools.links.sign(f"/videos/{job.id}.mp4", int(until)), until=until)


def _completed(job: Job, posted: Posted, original: Original | None, tools: Tools) -> Job:
    """The card then offers the very link that the message has."""
    _log.info("The video is in its place", action="job_delivered", message_id=posted.message_id, **job.log_context())
    done = ended(job, Status.COMPLETED, None, tools.clock())
    done = done.evolve(message_id=posted.message_id, message_url=posted.url)
    return offering(done, original if posted.offers_original else None)


def _held(job: Job, reason: str, tools: Tools, *, here: bool, cause: BaseException | None = None) -> Job:
    """The video waits to be brought elsewhere; meanwhile a link to it is offered. The log also has the `cause`."""
    said = str(cause) if cause else None  # such as Discord's own words and code, which are nothing for the person
    _log.info("The video is held back", action="job_held", error=reason, cause=said, **job.log_context())
    original = _original(job, tools, tools.retention.held_for) if here else public_link(job, tools)
    return offering(ended(job, Status.HELD, reason, tools.clock()), original)


async def announce(job: Job, _save: Save, tools: Tools) -> Job:
    """Ended: say so on the card, drop what is no longer needed, and never be due again."""
    await _put_away(job, tools)
    poster = tools.videos.poster(job.id)
    try:
        await tools.delivery.show(job, poster if await asyncio.to_thread(poster.exists) else None)
    except DeliveryDelayed as error:
        if tools.clock() < _told_until(job, tools):
            due_at = tools.retry_at(job, longest=ANNOUNCE_EVERY, retry_after=error.retry_after)
            return job.evolve(attempts=job.attempts + 1, due_at=due_at)
        _log.warning("The card could not be brought up to date", action="card_failed", **job.log_context())
    except Undeliverable as error:
        _log.info("The card is out of reach", action="card_failed", error=str(error), **job.log_context())
    destination = replace(job.destination, token=None)  # it has served
    url = None if await asyncio.to_thread(_is_spare, job, tools) else job.video_url
    return job.evolve(due_at=None, shown=face(job), shown_at=tools.clock(), destination=destination, video_url=url)


def _is_spare(job: Job, tools: Tools) -> bool:
    """Whether the row holds a whole video, as a data: link, that nobody will fetch from there."""
    if job.video_url is None or job.video_url[:5].casefold() != "data:":
        return False
    return job.status is not Status.HELD or tools.videos.spooled(job.id).exists()


def _told_until(job: Job, tools: Tools) -> float:
    """When it is too late to tell of a job's end. Who knows of no held video fetches none, and Discord may be down for days."""
    ended_at = job.created_at if job.finished_at is None else job.finished_at
    return ended_at + (tools.retention.held_for if job.status is Status.HELD else ANNOUNCE_FOR)


async def _put_away(job: Job, tools: Tools) -> None:
    """Keep what a link leads to and drop the rest; what the disk refuses is left to the sweep."""
    if job.status is Status.HELD:
        return
    leave = tools.videos.keep if job.original_until else tools.videos.forget
    try:
        await asyncio.to_thread(leave, job.id)
    except OSError as error:
        _log.warning("Files were left where they are", action="files_left", error=str(error), **job.log_context())
