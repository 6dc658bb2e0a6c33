"""A channel by its ids: sending to it, searching it, and how large a file it takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import discord
from discord import ui

from bot.chat import cards
from bot.chat.answers import SILENT
from bot.chat.ladder import DEFAULT_LIMIT, Limit, Parcel
from bot.chat.refusals import is_blind_reply, is_shut_thread, meaning
from bot.jobs.delivery import DeliveryDelayed, Posted
from bot.jobs.job import Job
from bot.media import megabytes

_SEARCH_BEFORE = 120.0  # seconds by which our clock may be ahead of Discord's
_SEARCH_MESSAGES = 1000  # ten requests: hours of a busy channel
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """A channel by its ids: a server's, a thread, a forum's post, a voice channel's chat, or direct messages.

    All of them have the same routes, and nothing of them need be in the cache. What discord.py and the connection raise is
    passed on: `bot.chat.refusals` says what it means.
    """

    client: discord.Client
    channel_id: int
    guild_id: int | None
    reply_to: int | None = None

    @property
    def channel(self) -> discord.PartialMessageable:
        """The channel, ready to be written to."""
        return self.client.get_partial_messageable(self.channel_id, guild_id=self.guild_id)

    async def send(self, job: Job, parcel: Parcel) -> Posted:
        """Send the result. Its nonce comes from the job, so a second try within minutes gives the first message."""
        try:
            return await self._opened(lambda: self._send(job, parcel, self._reference()))
        except discord.HTTPException as error:
            if not is_blind_reply(error):
                raise
            return await self._send(job, parcel, None)  # a reply needs Read Message History; a message does not

    async def find(self, job: Job, *, since: float | None = None) -> Posted | None:
        """The message of an earlier try, if it is there: from the last try on, or from another moment.

        Where the bot may not read back, Discord shows an empty channel: the nonce alone prevents a double then.
        """
        async for message in self._own_since(since or job.posting_at or job.created_at):
            if is_result(message, job):
                return self._posted(message)
        return None

    async def edit(self, message_id: int, view: ui.LayoutView, files: Callable[[], list[discord.File]]) -> None:
        """Make a message of the bot's say and hold just this."""
        message = self.channel.get_partial_message(message_id)
        await self._opened(lambda: message.edit(view=view, attachments=files(), allowed_mentions=SILENT))

    async def tell_held(self, job: Job) -> None:
        """Say once that a video is held, and offer it; the notice's nonce is never the result's."""
        async for message in self._own_since(job.finished_at or job.created_at):
            if message.id != job.destination.card_id and _offers_held(message, job):
                return
        await self.channel.send(view=cards.held_notice(job), nonce=f"{job.id}-held", allowed_mentions=SILENT)  # pyright: ignore[reportCallIssue, reportArgumentType] - strings are taken, the stubs say int

    async def _own_since(self, moment: float) -> AsyncIterator[discord.Message]:
        """The bot's messages from that moment on, oldest first."""
        since = dt.datetime.fromtimestamp(moment - _SEARCH_BEFORE, dt.UTC)
        try:
            async for message in self.channel.history(limit=_SEARCH_MESSAGES, after=since, oldest_first=True):
                if self.client.user and message.author.id == self.client.user.id:
                    yield message
        except (discord.Forbidden, discord.NotFound) as error:
            if isinstance(meaning(error), DeliveryDelayed):
                raise  # not the channel's word: what was posted hours ago would be posted again
            return  # what is to be posted here will be told why not

    async def _send(self, job: Job, parcel: Parcel, reference: discord.MessageReference | None) -> Posted:
        person = discord.Object(job.destination.user_id)
        file = parcel_file(job, parcel)
        message = await self.channel.send(  # pyright: ignore[reportCallIssue] - the stubs know no optional reference
            view=cards.result(job, file.filename, said=parcel.said, original=parcel.original),
            file=file,
            nonce=f"{job.id}-result",  # pyright: ignore[reportArgumentType] - strings are taken, the stubs say int
            reference=reference,  # pyright: ignore[reportArgumentType] - as above
            allowed_mentions=discord.AllowedMentions(everyone=False, roles=False, users=[person], replied_user=False),
        )
        return self._posted(message)

    async def _opened(self, act: Callable[[], Awaitable[T]]) -> T:
        """Do something; where an archived or locked thread is in the way, open it and do it again.

        By Discord's document "Threads" a message opens an archived thread by itself but an edit does not (50083), and
        only Manage Threads opens one that is locked.
        """
        try:
            return await act()
        except discord.HTTPException as error:
            if not is_shut_thread(error) or not await self._open():
                raise
        return await act()

    async def _open(self) -> bool:
        """Take the thread out of the archive; False where the bot may not."""
        try:
            await self.client.http.edit_channel(self.channel_id, archived=False, reason="A video is brought here")
        except discord.HTTPException as error:
            if isinstance(meaning(error), DeliveryDelayed):
                raise
            return False
        return True

    def _reference(self) -> discord.MessageReference | None:
        if self.reply_to is None:
            return None
        return discord.MessageReference(
            message_id=self.reply_to, channel_id=self.channel_id, guild_id=self.guild_id, fail_if_not_exists=False
        )

    def _posted(self, message: discord.Message) -> Posted:
        link = link_to(self.guild_id, self.channel_id, message.id)
        return Posted(message_id=message.id, url=link, offers_original=offers_original(message))


def link_to(guild_id: int | None, channel_id: int, message_id: int) -> str:
    """The link that opens a message in Discord."""
    return f"https://discord.com/channels/{guild_id or '@me'}/{channel_id}/{message_id}"


def file_name(job: Job, *, poster: bool = False) -> str:
    """The name of a result's file, by which its message is found again."""
    return f"reelcord-{job.id}.{'jpg' if poster else 'mp4'}"


def is_result(message: discord.Message, job: Job) -> bool:
    """Whether a message is this job's result: no card has a gallery.

    The files of a Components V2 message show through its components only.
    """
    names = {file_name(job), file_name(job, poster=True)}
    galleries = (part for part in _parts(message.components) if isinstance(part, discord.MediaGalleryComponent))
    return any(
        item.media.url.partition("?")[0].rpartition("/")[2] in names for each in galleries for item in each.items
    )


def offers_original(message: discord.Message) -> bool:
    """Whether a result leads to the original by a button."""
    return any(isinstance(part, discord.Button) and part.url for part in _parts(message.components))


def parcel_file(job: Job, parcel: Parcel) -> discord.File:
    """The file as Discord takes it; discord.py closes it once it is sent, or could not be."""
    description = cards.poster_alt_text(job) if parcel.poster else cards.alt_text(job)
    return discord.File(parcel.path, filename=file_name(job, poster=parcel.poster), description=description)


def poster_name(job: Job) -> str:
    """The name of a poster on a card, which is never that of a result's file."""
    return f"poster-{job.id}.jpg"


def poster_file(job: Job, poster: Path) -> discord.File:
    """The poster as a card takes it."""
    return discord.File(poster, filename=poster_name(job), description=cards.poster_alt_text(job))


async def limit_of(client: discord.Client, guild_id: int | None) -> Limit:
    """What the bot may post there now: the guild's boosts decide, never the Nitro of the person who asked."""
    if guild_id is None:
        return Limit(size=DEFAULT_LIMIT, words=f"the {megabytes(DEFAULT_LIMIT)} limit of direct messages")
    size = await _guild_limit(client, guild_id)
    return Limit(size=size, words=f"this server's {megabytes(size)} limit")


async def _guild_limit(client: discord.Client, guild_id: int) -> int:
    guild = client.get_guild(guild_id)
    if guild is None or guild.unavailable:
        try:
            guild = await client.fetch_guild(guild_id, with_counts=False)
        except (discord.Forbidden, discord.NotFound):
            return DEFAULT_LIMIT  # the post itself will be told whether the bot may be there
    return guild.filesize_limit


def _offers_held(message: discord.Message, job: Job) -> bool:
    """Whether a message has the button by which this job's video is fetched."""
    wanted = cards.BUTTON_ID.format(action="bring", job_id=job.id)
    return any(isinstance(part, discord.Button) and part.custom_id == wanted for part in _parts(message.components))


def _parts(components: Sequence[discord.Component]) -> Iterator[discord.Component]:
    """Every component of a message, parents first."""
    for component in components:
        yield component
        yield from _parts(getattr(component, "children", ()))
