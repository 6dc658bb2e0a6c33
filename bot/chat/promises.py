"""A card that promises news stands only once that is written down, and is let go only when it has told them."""

from __future__ import annotations

from typing import Any

import discord
import structlog
from discord import ui

from bot.chat import answers
from bot.chat.desk import Desk
from bot.errors import Refusal
from bot.jobs.promise import Promise, TooMany

PROMISE_SECONDS = 1.5
"""For writing it, of the 3 that Discord gives for the first answer."""
UNWRITTEN = "The bot's own list of jobs cannot be written just now, so nothing was ordered: please try again soon."

_log = structlog.stdlib.get_logger(__name__)


async def open_card(
    desk: Desk,
    interaction: discord.Interaction[Any],
    view: ui.LayoutView,
    *,
    command: str,
    ephemeral: bool,
    held_id: str | None = None,
) -> tuple[answers.Opened, Promise] | None:
    """Answer with a card whose news are still to come; None where nothing may come of it.

    That is so where the person will never see a card, and where another process with this bot's token answers.

    Raises:
        Refusal: the promise cannot be written in time, or the person has enough jobs at work; none is made.
        discord.HTTPException: Discord did not take the answer, which the one error handler explains.
    """
    promise = Promise(
        token=interaction.token,
        application_id=interaction.application_id,
        user_id=interaction.user.id,
        command=command,
        held_id=held_id,
        owner=desk.owner,
        made_at=desk.clock(),
    )
    if not await _made(desk, promise):
        _log.info("Another process answers", action="interaction_dropped", interaction=interaction.id)
        return None
    card = None
    try:
        card = await answers.open_card(interaction, view, ephemeral=ephemeral)
    finally:
        if card is None:
            await _let_go(desk, promise)
    return card and (card, promise)


async def end(desk: Desk, interaction: discord.Interaction[Any], promise: Promise, view: ui.LayoutView) -> None:
    """Say on the card that nothing came of it; where that fails, the engine says so once it can."""
    await _let_go(desk, promise, told=await answers.show(interaction, view))


async def _made(desk: Desk, promise: Promise) -> bool:
    most = 0 if promise.held_id else desk.jobs_per_user  # what is held is made already
    if most and desk.promising[promise.user_id] >= most:
        raise Refusal(_enough(most))  # a hundred at one moment would keep the database busy, and others from it
    desk.promising[promise.user_id] += 1
    try:
        return await desk.store.promises.make(promise, seconds=PROMISE_SECONDS, most=most)
    except TooMany:
        raise Refusal(_enough(most)) from None
    except Exception as error:  # noqa: BLE001 - whatever the database does, the person is answered in time
        _log.warning("A promise could not be written", action="promise_not_made", error=repr(error), job=promise.id)
        raise Refusal(UNWRITTEN) from None
    finally:
        desk.promising.subtract([promise.user_id])
        if not desk.promising[promise.user_id]:
            del desk.promising[promise.user_id]


def _enough(most: int) -> str:
    videos = "a video" if most == 1 else f"{most} videos"
    return f"You have {videos} in the making: wait for one to finish, or end one by `/jobs cancel`; `/jobs list` shows which."


async def _let_go(desk: Desk, promise: Promise, *, told: bool = True) -> None:
    promises = desk.store.promises
    try:
        await (promises.forget(promise) if told else promises.give_up(promise))
    except Exception as error:  # noqa: BLE001 - it grows old, and the engine tells the person once more
        _log.warning("A promise could not be dropped", action="promise_left", error=repr(error), job=promise.id)
