"""`/jobs show`: a job's card at once, then what its files have to show: a held video, the poster of one that is done."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Any

import discord
import structlog

from bot.chat import answers, cards
from bot.chat.desk import Desk
from bot.chat.ladder import Limit, rungs
from bot.chat.places import parcel_file, poster_file
from bot.chat.refusals import is_too_large
from bot.chat.tokens import TOKEN_SECONDS
from bot.jobs.delivery import Result
from bot.jobs.job import Job, Status
from bot.jobs.videos import Videos
from bot.media import probe

_log = structlog.stdlib.get_logger(__name__)


async def show(desk: Desk, interaction: discord.Interaction[Any], job: Job) -> None:
    """Answer with the card of a job, for the person alone; what its files add may come minutes later, or not at all."""
    file = await asyncio.to_thread(_file, desk.videos, job)
    if job.status is not Status.HELD:
        await _show(desk, interaction, job, cards.status(job, now=desk.clock()), file)
        return
    # Making a video fit takes minutes and its turn among all: a person has one of them, however often they ask.
    with desk.once.only("show", interaction.user.id) as first:
        said = (cards.BEING_READIED if first else cards.AFTER_ANOTHER) if file else cards.ELSEWHERE
        await _show(desk, interaction, job, cards.status(job, held=said), file if first else None)


async def _show(
    desk: Desk, interaction: discord.Interaction[Any], job: Job, first: cards.Card, file: Path | None
) -> None:
    if await answers.open_card(interaction, first, ephemeral=True) is None or file is None:
        return
    try:
        async with asyncio.timeout(TOKEN_SECONDS):  # only the token can change such an answer
            await (_give if job.status is Status.HELD else _illustrate)(desk, interaction, job, file)
    except Exception as error:  # noqa: BLE001 - whatever breaks here, the card is what was asked for
        _log.warning(
            "The files of a job were not shown", action="job_not_shown", error=repr(error), **job.log_context()
        )
        if job.status is Status.HELD:
            await answers.show(interaction, cards.status(await _latest(desk, job), held=cards.NOT_SHOWN))


def _file(videos: Videos, job: Job) -> Path | None:
    """What there is to be shown of a job on this machine: the video of one that is held, the poster of one that is done."""
    if job.status is Status.HELD:
        return videos.served(job.id)
    poster = videos.poster(job.id)
    return poster if job.status is Status.COMPLETED and poster.exists() else None


async def _give(desk: Desk, interaction: discord.Interaction[Any], job: Job, path: Path) -> None:
    """Add the video to the card of a held job, made to fit what this very answer may have."""
    result = Result(video=await probe(path), poster=None, original=None)
    limit = Limit.of_answer(interaction.filesize_limit)
    async for parcel in rungs(result, limit):  # pragma: no branch - it never ends: the last rung raises
        job = await _latest(desk, job)  # making it fit takes minutes, in which it may have been posted
        if job.status is not Status.HELD:
            await answers.show(interaction, cards.status(job, now=desk.clock()))
            return
        file = parcel_file(job, parcel)
        try:
            await _put(interaction, cards.given(job, file.filename, said=parcel.said), file)
        except discord.HTTPException as error:
            if not is_too_large(error):
                raise
        else:
            return


async def _latest(desk: Desk, job: Job) -> Job:
    """The job as its row now is, as far as the database says."""
    try:
        return await desk.store.get(job.id) or job
    except Exception:  # noqa: BLE001 - the person is shown what was known a moment ago
        _log.exception("A job could not be read again", action="job_not_read", **job.log_context())
        return job


async def _illustrate(desk: Desk, interaction: discord.Interaction[Any], job: Job, poster: Path) -> None:
    """Add the poster to the card of a job that is done."""
    file = poster_file(job, poster)
    await _put(interaction, cards.status(job, file.filename, now=desk.clock()), file)


async def _put(interaction: discord.Interaction[Any], view: cards.Card, file: discord.File) -> None:
    with closing(file):
        await interaction.edit_original_response(view=view, attachments=[file], allowed_mentions=answers.SILENT)
