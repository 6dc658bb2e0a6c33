"""What a person may do with a job afterwards: cancel it, order it again, have a held video posted here.

Shared by the buttons and by `/jobs`. Who may do it is decided here, from the row, never from the message.
"""

from __future__ import annotations

from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

import discord
import structlog

from bot.chat import answers, cards, moving, notices, orders, promises
from bot.chat.desk import Desk
from bot.errors import Refusal
from bot.jobs.job import ACTIVE, Destination, Job, Status, may_be_id
from bot.jobs.promise import Promise
from bot.jobs.store import Conflict
from bot.jobs.upkeep import KEEP_INPUTS
from bot.jobs.within import within

READ_SECONDS = 1.0
"""For everything that is read before the answer, of the 3 that Discord gives for it; a promise takes its own."""
NOT_YOURS = "You have no such job: only whoever ordered a video may do this. `/jobs list` shows yours."
"""Said of another person's job and of one that never was, so that nobody learns by asking whether a job is there."""
T = TypeVar("T")

_log = structlog.stdlib.get_logger(__name__)


async def read(rows: Awaitable[T]) -> T:
    """What the database answers in time.

    Raises:
        Refusal: it is too slow just now.
    """
    try:
        return await within(READ_SECONDS, rows)
    except TimeoutError:
        raise Refusal("The bot's own list of jobs cannot be read just now: please try again soon.") from None


async def cancel(desk: Desk, job_id: str, interaction: discord.Interaction[Any]) -> Job:
    """Drop a queued job, or stop watching a running one.

    Raises:
        Refusal: the job is not this person's, is being sent at this moment, or is over.
    """
    job = await read(_get(desk, job_id))
    owner = job.destination.user_id
    if owner != interaction.user.id and not _moderates(interaction, job):
        raise Refusal(NOT_YOURS)
    now = await desk.store.cancel(job.id, owner)
    if now is None or now.status is not Status.CANCELLED or job.status is Status.CANCELLED:
        raise Refusal(_too_late((now or job).status))
    by = "owner" if owner == interaction.user.id else "moderator"
    _log.info("A job was cancelled", action="job_cancelled", by=by, was=job.status.value, **now.log_context())
    desk.wake()  # the card says so too
    return now


async def again(desk: Desk, job_id: str, interaction: discord.Interaction[Any]) -> None:
    """Order the same thing again, as a new job with a card of its own.

    Raises:
        Refusal: the job is not this person's, is still at work, or is being repeated already.
    """
    once = desk.once
    # Of one press that we were told of twice the first telling is answered. A second press in the same moment is told so
    # at once; `Store.add` has the last word, over all processes.
    with once.only(interaction.id) as told_once, once.only("again", interaction.user.id, _id(job_id)) as first:
        if not told_once:
            return
        if not first:
            raise Refusal(orders.REPEATED)
        job = await read(_repeatable(desk, job_id, interaction))
        opened = await promises.open_card(
            desk, interaction, notices.checking(job.command), command=job.command, ephemeral=job.destination.private
        )
        if opened:
            card, promise = opened
            where = orders.destination(interaction, card, spoiler=job.destination.spoiler)
            await orders.file(desk, interaction, promise, _repeated(desk, job, where))


async def bring(desk: Desk, job_id: str, interaction: discord.Interaction[Any]) -> None:
    """Post the video of a held job here instead: free, since the video is made.

    Raises:
        Refusal: the job is not this person's, or is not held.
    """
    job = await own(desk, job_id, interaction)
    if job.status is not Status.HELD:
        raise Refusal("This video is not held back any more: look at `/jobs show`.")
    private = job.destination.private
    # In direct messages all is private, and an answer that only the person sees would be gone with the next start of theirs.
    ephemeral = private and not interaction.context.dm_channel
    opened = await promises.open_card(
        desk, interaction, notices.bringing(job), command=job.command, ephemeral=ephemeral, held_id=job.id
    )
    if opened is None:
        return
    card, promise = opened
    where = orders.destination(interaction, card, spoiler=job.destination.spoiler)
    where = replace(where, private=private or where.private)
    # `posting_at` stays: a video held after a post that seemed to fail may be in this very channel, and is then found.
    moved = job.evolve(status=Status.DELIVERING, destination=where, reason=None, due_at=desk.clock(), finished_at=None)
    try:
        saved = await _save(desk, moved, promise)
    except Conflict:
        await promises.end(desk, interaction, promise, notices.not_moved(job))
        return
    if saved is None:
        await promises.end(desk, interaction, promise, notices.broken(promise))
        return
    _log.info("A held video is brought elsewhere", action="job_moved", **saved.log_context())
    await answers.show(interaction, cards.status(saved, now=desk.clock()))
    desk.wake()
    await moving.leave(interaction, job, None if card.ephemeral else where)


async def _save(desk: Desk, moved: Job, promise: Promise) -> Job | None:
    """The job as it is now brought elsewhere; None where it is not.

    Raises:
        Conflict: somebody else changed it meanwhile.
    """
    try:
        return await desk.store.save(moved, promise=promise)
    except Conflict:
        raise
    except Exception:  # noqa: BLE001 - the card that stands must not be left saying "Checking"
        _log.exception("A held video could not be moved", action="job_not_moved", **moved.log_context())
    with suppress(Exception):
        found = await desk.store.after(promise, moved.id)
        if found and found.destination == moved.destination:  # only the answer was lost
            return found
    return None


async def own(desk: Desk, job_id: str, interaction: discord.Interaction[Any]) -> Job:
    """A job of the person who asks.

    Raises:
        Refusal: there is no such job, or it is someone else's: the person is not told which.
    """
    return await read(_own(desk, job_id, interaction))


async def _own(desk: Desk, job_id: str, interaction: discord.Interaction[Any]) -> Job:
    job = await _get(desk, job_id)
    if job.destination.user_id != interaction.user.id:
        raise Refusal(NOT_YOURS)
    return job


async def _repeatable(desk: Desk, job_id: str, interaction: discord.Interaction[Any]) -> Job:
    """A job that may be ordered again; both questions to the database share the caller's time."""
    job = await _own(desk, job_id, interaction)
    if job.status not in cards.REPEATABLE | {Status.COMPLETED}:
        raise Refusal("This job is not over yet: wait for it, or cancel it first.")
    if job.finished_at is not None and desk.clock() - job.finished_at > KEEP_INPUTS:
        raise Refusal("This job is too old to be repeated, as its pictures are gone: please give the command again.")
    active = await desk.store.of_user(job.destination.user_id, statuses=ACTIVE, limit=100)
    if any(other.parent_id == job.id for other in active):  # each is paid; a second click is seldom a second wish
        raise Refusal(orders.REPEATED)
    return job


async def _repeated(desk: Desk, job: Job, where: Destination) -> Job:
    """The new job, with the pictures of the old one, when it is its turn."""
    async with desk.pictures.turn(where.user_id):
        whole = await desk.store.get(job.id, with_files=True)
    assert whole is not None  # no job is ever deleted
    return orders.repeat(whole, where, desk.clock(), desk.links)


def _id(typed: str) -> str:
    return typed.strip().lower()


async def _get(desk: Desk, job_id: str) -> Job:
    typed = _id(job_id)
    job = await desk.store.get(typed) if may_be_id(typed) else None
    if job is None:
        raise Refusal(NOT_YOURS)
    return job


def _moderates(interaction: discord.Interaction[Any], job: Job) -> bool:
    """Whether the person keeps order in the very channel of the job (Manage Messages), and all there see the job."""
    where = job.destination
    return where.channel_id == interaction.channel_id and not where.private and interaction.permissions.manage_messages


def _too_late(status: Status) -> str:
    if status is Status.SUBMITTING:
        return "This job is being sent at this moment: cancel it again in a few seconds."
    if status is Status.DELIVERING:
        return "This video is made and on its way: there is nothing left to cancel."
    return "This job is already over: there is nothing left to cancel."
