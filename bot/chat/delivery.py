"""Brings videos and news of jobs to Discord: each video appears once, whatever is lost on the way."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import discord
import structlog

from bot.chat import cards, notices
from bot.chat.answers import FAILED
from bot.chat.cards import Card
from bot.chat.gate import Gate
from bot.chat.ladder import DEFAULT_LIMIT, Limit, Parcel, rungs
from bot.chat.places import Place, file_name, limit_of, link_to, parcel_file, poster_file, poster_name
from bot.chat.refusals import (
    NO_DIRECT_MESSAGES,
    is_closed_door,
    is_moderated,
    is_too_large,
    refuses_the_file,
    translated,
)
from bot.chat.renewal import renewed
from bot.chat.tokens import Token, edit_answer
from bot.jobs.delivery import DeliveryError, Posted, Result, Undeliverable
from bot.jobs.job import Job, Status
from bot.jobs.promise import Promise
from bot.links import Links

_log = structlog.stdlib.get_logger(__name__)


class DiscordDelivery:
    """`bot.jobs.delivery.Delivery` for Discord. The client must be logged in; it needs no gateway and no cache.

    Ways to a person: the channel, by the bot's own right; where the bot is no member or only the person may see the
    result, the card itself, by the interaction's token; once that is dead, direct messages.
    """

    def __init__(
        self,
        client: discord.Client,
        links: Links | None,
        *,
        gate: Gate | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._links = links
        self._gate = gate or Gate(clock)
        self._clock = clock

    async def find(self, job: Job) -> Posted | None:
        """The result in the channel, or among the person's direct messages; a card that became one cannot be read.

        So a video is seen twice, by the same people, where the bot died after it had changed the card and before it
        had saved that, and came back after the token's end: better than a paid video that nobody sees.
        """
        self._gate.check()
        with translated():
            if place := self._open_place(job):
                return await place.find(job)
            if self._token(job):
                return None  # writing the card once more changes nothing
            return await (await self._direct(job)).find(job)

    async def post(self, job: Job, result: Result) -> Posted:
        """Post the video as a reply to the card; where only the person may see it, on the card itself, else in a DM."""
        self._gate.check()
        with translated():
            if place := self._open_place(job):
                return await self._post_in(place, job, result)
            if token := self._token(job):
                try:
                    return await self._post_on_card(token, job, result)
                except discord.HTTPException as error:
                    if not is_closed_door(error):
                        raise
            direct = await self._direct(job)
            # While the token lived `find` did not look here, where an earlier try may have come because the card was shut.
            if token and (found := await direct.find(job, since=token.born)):
                return found
            return await self._post_in(direct, job, result)

    async def show(self, job: Job, poster: Path | None = None) -> None:
        """Edit the card; tell the person of a held video in a DM too, for an edit pings nobody and a card may be gone."""
        self._gate.check()
        trouble: DeliveryError | None = None
        seen = False
        try:
            with translated():
                seen = await self._show_card(job, poster if job.status is Status.COMPLETED else None)
        except DeliveryError as error:
            trouble = error
        if job.status is Status.HELD and not seen:
            await self._tell_held(job)
        if trouble:
            raise trouble

    async def retract(self, promise: Promise) -> None:
        """Edit the command's own answer by its token, the only way to it."""
        self._gate.check()
        with translated():
            try:
                await edit_answer(self._client, promise, notices.broken(promise))
            except discord.HTTPException as error:
                if not is_closed_door(error):
                    raise
                raise Undeliverable("The answer is out of reach.") from error

    async def renew(self, urls: Sequence[str]) -> Mapping[str, str]:
        """Fresh links: our own are signed anew, Discord's are refreshed where they are about to expire."""
        with translated():
            return await renewed(self._client, self._links, urls, self._clock())

    def _open_place(self, job: Job) -> Place | None:
        """The channel of the command, if the bot itself may post there for all to see."""
        where = job.destination
        if where.private or not where.member:
            return None
        return Place(self._client, where.channel_id, where.guild_id, reply_to=where.card_id)

    async def _direct(self, job: Job) -> Place:
        channel = await self._client.create_dm(discord.Object(job.destination.user_id))
        return Place(self._client, channel.id, None)

    def _token(self, job: Job) -> Token | None:
        return Token.of(self._client, job.destination, self._clock())

    async def _post_in(self, place: Place, job: Job, result: Result) -> Posted:
        async def send(parcel: Parcel) -> Posted:
            if parcel.said and (found := await place.find(job)):  # an encoding takes minutes: another may have posted
                return found
            return await place.send(job, parcel)

        return await _sent(result, await limit_of(self._client, place.guild_id), send)

    async def _post_on_card(self, token: Token, job: Job, result: Result) -> Posted:
        """Turn the card into the result. A repeat changes nothing, so it needs no search and no nonce."""
        where = job.destination

        async def send(parcel: Parcel) -> Posted:
            name = file_name(job, poster=parcel.poster)
            view = cards.result(job, name, said=parcel.said, original=parcel.original)
            await token.edit(view, lambda: [parcel_file(job, parcel)])
            url = None if where.private else link_to(where.guild_id, where.channel_id, token.card_id)
            return Posted(message_id=token.card_id, url=url, offers_original=parcel.original is not None)

        return await _sent(result, Limit.of_answer(where.upload_limit), send)

    async def _show_card(self, job: Job, poster: Path | None) -> bool:
        """Bring the card up to date; says whether the person alone sees it, and has just been using it."""
        where = job.destination
        if where.card_id is None:
            return False
        if where.card_id == job.message_id:
            await self._call(job)
            return False  # a card that became the result says it all
        if token := self._token(job):
            try:
                await _edit(token.edit, job, poster)
            except discord.HTTPException as error:
                if not is_closed_door(error):
                    raise
            else:
                return where.private
        if not where.member or (where.private and where.guild_id is not None):  # in a DM every card is private
            raise Undeliverable("The card can no longer be changed: its 15 minutes are over.")
        place = Place(self._client, where.channel_id, where.guild_id)
        await _edit(partial(place.edit, where.card_id), job, poster)
        return False

    async def _call(self, job: Job) -> None:
        """Mention the person whose card became the video: once, and not at all where that fails."""
        token = self._token(job)
        if token is None or job.destination.private:
            return
        try:
            await token.call(job.destination.user_id, f"your video is ready: {job.message_url}")
        except FAILED as error:
            _log.info("The person could not be called", action="call_failed", error=str(error), **job.log_context())

    async def _tell_held(self, job: Job) -> None:
        """Tell the person by a DM, unless it was a DM that could not be sent."""
        if job.reason in NO_DIRECT_MESSAGES:
            return
        try:
            with translated():
                await (await self._direct(job)).tell_held(job)
        except Undeliverable as error:
            _log.info("The person cannot be told", action="held_untold", error=str(error), **job.log_context())


async def _edit(
    edit: Callable[[Card, Callable[[], list[discord.File]]], Awaitable[None]], job: Job, poster: Path | None
) -> None:
    """Edit a card; where it may not have the poster, or not say the prompt, without that."""
    quoted = True
    while True:
        name, files = (poster_name(job), partial(_files, job, poster)) if poster else (None, list)
        try:
            await edit(cards.status(job, name, quoted=quoted), files)
        except discord.HTTPException as error:
            if poster and refuses_the_file(error):
                poster = None
            elif quoted and is_moderated(error):
                quoted = False
            else:
                raise
        else:
            return


def _files(job: Job, poster: Path) -> list[discord.File]:
    return [poster_file(job, poster)]


async def _sent(result: Result, limit: Limit, send: Callable[[Parcel], Awaitable[Posted]]) -> Posted:
    """Send the best that Discord takes."""
    async for parcel in rungs(result, limit):  # pragma: no branch - it never ends: the last rung raises
        try:
            return await send(parcel)
        except discord.HTTPException as error:
            if not is_too_large(error):
                raise
            _log.info("A file was refused for its size", action="file_refused", size=parcel.size, error=str(error))
        except TimeoutError:
            # aiohttp gives a request five minutes: over a slow line a smaller file may still arrive.
            if parcel.size <= DEFAULT_LIMIT:
                raise
    raise AssertionError("the last rung raises")  # pragma: no cover - as above
