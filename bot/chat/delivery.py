"""Brings videos and news of jobs to Discord: each video appears once, whatever is lost on the way."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import discord

from bot.chat import cards
from bot.chat.answers import SILENT
from bot.chat.ladder import Limit, Parcel, rungs
from bot.chat.places import Place, is_closed_door, is_too_large, limit_of, translated, video_file
from bot.chat.renewal import renewed
from bot.jobs.delivery import Posted, Result, Undeliverable
from bot.jobs.job import Job
from bot.links import Links
from bot.media import megabytes

TOKEN_SECONDS = 14.5 * 60
"""An interaction's token lives 15 minutes; what begins in the last half minute might end after them."""


class DiscordDelivery:
    """`bot.jobs.delivery.Delivery` for Discord. The client must be logged in; it needs no gateway and no cache."""

    def __init__(
        self, client: discord.Client, links: Links | None = None, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._links = links
        self._clock = clock

    async def find(self, job: Job) -> Posted | None:
        """The result in the channel, or among the person's direct messages; a card that became one cannot be read."""
        where = job.destination
        with translated():
            if where.member and not where.private:
                return await Place(self._client, where.channel_id, where.guild_id).find(job)
            if self._token_lives(job):
                return None  # writing the card once more changes nothing
            return await (await self._direct(job)).find(job)

    async def post(self, job: Job, result: Result) -> Posted:
        """Post the video as a reply to the card; where only the person may see it, on the card itself, else in a DM."""
        where = job.destination
        with translated():
            if where.member and not where.private:
                place = Place(self._client, where.channel_id, where.guild_id, reply_to=where.card_id)
                return await self._post_in(place, job, result)
            if self._token_lives(job):
                try:
                    return await self._post_on_card(job, result)
                except discord.HTTPException as error:
                    if not is_closed_door(error):
                        raise
            return await self._post_in(await self._direct(job), job, result)

    async def show(self, job: Job, poster: Path | None = None) -> None:  # noqa: ARG002
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

    async def _direct(self, job: Job) -> Place:
        channel = await self._client.create_dm(discord.Object(job.destination.user_id))
        return Place(self._client, channel.id, None)

    async def _post_in(self, place: Place, job: Job, result: Result) -> Posted:
        async def send(parcel: Parcel) -> Posted:
            if parcel.said and (found := await place.find(job)):  # an encoding takes minutes: another may have posted
                return found
            return await place.send(job, parcel)

        return await _sent(result, await limit_of(self._client, place.guild_id), send)

    async def _post_on_card(self, job: Job, result: Result) -> Posted:
        """Turn the card into the result. A repeat changes nothing, so it needs no search and no nonce."""
        card_id = job.destination.card_id
        assert card_id is not None

        async def send(parcel: Parcel) -> Posted:
            with video_file(job, parcel) as file:
                view = cards.result(job, file.filename, said=parcel.said, original=parcel.original)
                await self._webhook(job).edit_message(card_id, view=view, attachments=[file], allowed_mentions=SILENT)
            return Posted(message_id=card_id, url=None, offers_original=parcel.original is not None)

        size = job.destination.upload_limit
        return await _sent(result, Limit(size=size, words=f"the {megabytes(size)} limit here"), send)

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


async def _sent(result: Result, limit: Limit, send: Callable[[Parcel], Awaitable[Posted]]) -> Posted:
    """Send the best that Discord takes."""
    async for parcel in rungs(result, limit):
        try:
            return await send(parcel)
        except discord.HTTPException as error:
            if not is_too_large(error):
                raise
    raise AssertionError("the last rung raises")
