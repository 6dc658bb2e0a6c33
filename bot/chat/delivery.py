"""Brings videos and news of jobs to Discord: each video appears once, whatever is lost on the way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import discord

from bot.chat import cards
from bot.chat.answers import SILENT
from bot.chat.places import Place, is_closed_door, is_too_large, limit_of, translated, video_file
from bot.chat.renewal import renewed
from bot.jobs.delivery import BrokenVideo, Posted, Undeliverable
from bot.jobs.job import Job
from bot.links import Links
from bot.media import Fitted, MediaError, fit, probe

TOKEN_SECONDS = 14.5 * 60
"""An interaction's token lives 15 minutes; what begins in the last half minute might end after them."""
DEFAULT_LIMIT = 10 * 1024 * 1024
"""Bytes a file may have anywhere: Discord's least, since January 2025."""
TOO_LARGE = "The video is too large for this place, even when made smaller."
_HEADROOM = 0.99  # Discord measures the request, which is a little more than the file


class DiscordDelivery:
    """`bot.jobs.delivery.Delivery` for Discord. The client must be logged in; it needs no gateway and no cache."""

    def __init__(
        self, client: discord.Client, links: Links | None = None, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._links = links
        self._clock = clock

    async def post(self, job: Job, video: Path, *, look_first: bool) -> Posted:
        """Post the video as a reply to the card; where only the person may see it, on the card itself, else in a DM."""
        where = job.destination
        with translated():
            if where.member and not where.private:
                place = Place(self._client, where.channel_id, where.guild_id, reply_to=where.card_id)
                return await self._post_in(place, job, video, look_first=look_first)
            if self._token_lives(job):
                try:
                    return await self._post_on_card(job, video)
                except discord.HTTPException as error:
                    if not is_closed_door(error):
                        raise
            direct = await self._client.create_dm(discord.Object(where.user_id))
            return await self._post_in(Place(self._client, direct.id, None), job, video, look_first=look_first)

    async def show(self, job: Job) -> None:
        """Edit the card: by the token while it lives, which no rate limit of the bot's holds up, else by the channel."""
        where = job.destination
        if where.card_id is None or where.card_id == job.message_id:
            return  # a card that became the result says it all
        with translated():
            if self._token_lives(job):
                try:
                    await self._webhook(job).edit_message(
                        where.card_id, view=cards.status(job), allowed_mentions=SILENT
                    )
                except discord.HTTPException as error:
                    if not is_closed_door(error):
                        raise
                else:
                    return
            if where.private or not where.member:
                raise Undeliverable("The card can no longer be changed: its 15 minutes are over.")
            card = Place(self._client, where.channel_id, where.guild_id).channel.get_partial_message(where.card_id)
            await card.edit(view=cards.status(job), allowed_mentions=SILENT)

    async def renew(self, urls: Sequence[str]) -> Mapping[str, str]:
        """Fresh links: our own are signed anew, Discord's are refreshed where they are about to expire."""
        with translated():
            return await renewed(self._client, self._links, urls, self._clock())

    async def _post_in(self, place: Place, job: Job, video: Path, *, look_first: bool) -> Posted:
        if look_first and (found := await place.find(job)):
            return found

        async def send(fitted: Fitted) -> Posted:
            if fitted.note and (found := await place.find(job)):  # an encoding takes minutes: another may have posted
                return found
            return await place.send(job, fitted)

        return await _sent(video, await limit_of(self._client, place.guild_id, DEFAULT_LIMIT), send)

    async def _post_on_card(self, job: Job, video: Path) -> Posted:
        """Turn the card into the result. A repeat changes nothing, so it needs no search and no nonce."""
        card_id = job.destination.card_id
        assert card_id is not None

        async def send(fitted: Fitted) -> Posted:
            with video_file(job, fitted) as file:
                view = cards.result(job, file.filename, fit_note=fitted.note)
                await self._webhook(job).edit_message(card_id, view=view, attachments=[file], allowed_mentions=SILENT)
            return Posted(message_id=card_id, url=None)

        return await _sent(video, job.destination.upload_limit, send)

    def _token_lives(self, job: Job) -> bool:
        where = job.destination
        if where.token is None or where.card_id is None:
            return False
        # The card is as old as the token: both were made by the same answer.
        return self._clock() - discord.utils.snowflake_time(where.card_id).timestamp() < TOKEN_SECONDS

    def _webhook(self, job: Job) -> discord.Webhook:
        where = job.destination
        assert where.token is not None
        return discord.Webhook.partial(where.application_id, where.token, client=self._client)


async def _sent(path: Path, limit: int, send: Callable[[Fitted], Awaitable[Posted]]) -> Posted:
    """Send the video made to fit: first what the place says it takes, then Discord's least, since the word may be too good."""
    try:
        video = await probe(path)
    except MediaError as error:
        raise BrokenVideo(str(error)) from error
    for most in dict.fromkeys((limit, min(limit, DEFAULT_LIMIT))):
        try:
            fitted = await fit(video, int(most * _HEADROOM))
        except MediaError as error:
            raise Undeliverable(str(error)) from error
        try:
            posted = await send(fitted)
        except discord.HTTPException as error:
            if not is_too_large(error):
                raise
        else:
            if fitted.video.path != path:  # encoded anew for this place; the engine knows of the original only
                await asyncio.to_thread(fitted.video.path.unlink, missing_ok=True)
            return posted
    raise Undeliverable(TOO_LARGE)
