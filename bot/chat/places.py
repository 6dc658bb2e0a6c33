"""A channel by its ids: sending to it, searching it, and what Discord's errors mean for the engine.

Codes are those of Discord's document "Opcodes and Status Codes".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import discord

from bot.chat import cards
from bot.chat.answers import LOST
from bot.chat.ladder import DEFAULT_LIMIT, Limit, Parcel
from bot.jobs.delivery import DeliveryDelayed, Posted, Undeliverable
from bot.jobs.job import Job
from bot.media import megabytes

_SEARCH_BEFORE = 120.0  # seconds by which our clock may be ahead of Discord's
_SEARCH_MESSAGES = 300
_TOO_LARGE = 40005
_NO_HISTORY = 160002
_CLOSED = {
    10003: "The channel is gone.",
    10004: "The server is gone, or the bot was removed from it.",
    10008: "The message is gone.",
    50001: "The bot may not see this channel any more.",
    50007: "The bot may not send you direct messages: allow them for a server you share with it.",
    50013: "The bot may not post here: it needs the permissions Send Messages and Attach Files.",
    50083: "The thread is closed.",
    160005: "The thread is locked.",
    200000: "This server's AutoMod blocked the message.",
    200001: "This server's AutoMod blocked the message.",
}
#: Slow mode, direct messages opened too fast, and edits of a card more than an hour old: each passes by itself.
_LATER = frozenset({20016, 20028, 40003, 30046})


@dataclass(frozen=True, slots=True)
class Place:
    """A channel by its ids: nothing of it need be in the cache."""

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
            return await self._send(job, parcel, self._reference())
        except discord.HTTPException as error:
            if error.code != _NO_HISTORY:
                raise
            return await self._send(job, parcel, None)  # a reply needs Read Message History; a message does not

    async def find(self, job: Job) -> Posted | None:
        """The message of an earlier try, if it is there."""
        since = dt.datetime.fromtimestamp((job.posting_at or job.created_at) - _SEARCH_BEFORE, dt.UTC)
        try:
            async for message in self.channel.history(limit=_SEARCH_MESSAGES, after=since, oldest_first=True):
                if self.client.user and message.author.id == self.client.user.id and is_result(message, job):
                    return self._posted(message)
        except (discord.Forbidden, discord.NotFound):
            return None  # nothing can be read here: the nonce alone has to prevent a double, and the post says why
        return None

    async def _send(self, job: Job, parcel: Parcel, reference: discord.MessageReference | None) -> Posted:
        person = discord.Object(job.destination.user_id)
        with video_file(job, parcel) as file:
            message = await self.channel.send(  # pyright: ignore[reportCallIssue] - the stubs know no optional reference
                view=cards.result(job, file.filename, said=parcel.said, original=parcel.original),
                file=file,
                nonce=f"{job.id}-result",  # pyright: ignore[reportArgumentType] - strings are taken, the stubs say int
                reference=reference,  # pyright: ignore[reportArgumentType] - as above
                allowed_mentions=discord.AllowedMentions(
                    everyone=False, roles=False, users=[person], replied_user=False
                ),
            )
        return self._posted(message)

    def _reference(self) -> discord.MessageReference | None:
        if self.reply_to is None:
            return None
        return discord.MessageReference(
            message_id=self.reply_to, channel_id=self.channel_id, guild_id=self.guild_id, fail_if_not_exists=False
        )

    def _posted(self, message: discord.Message) -> Posted:
        link = f"https://discord.com/channels/{self.guild_id or '@me'}/{self.channel_id}/{message.id}"
        return Posted(message_id=message.id, url=link, offers_original=offers_original(message))


def file_name(job: Job) -> str:
    """The name of a result's file, by which its message is found again."""
    return f"reelcord-{job.id}.mp4"


def is_result(message: discord.Message, job: Job) -> bool:
    """Whether a message shows this job's video. The files of a Components V2 message show through its gallery only."""
    names = [attachment.filename for attachment in message.attachments]
    for component in message.components:
        if isinstance(component, discord.MediaGalleryComponent):
            names += [item.media.url.partition("?")[0].rpartition("/")[2] for item in component.items]
    return file_name(job) in names


def offers_original(message: discord.Message) -> bool:
    """Whether a result leads to the original by a button."""
    rows = [row for row in message.components if isinstance(row, discord.ActionRow)]
    return any(isinstance(button, discord.Button) and button.url for row in rows for button in row.children)


@contextmanager
def video_file(job: Job, parcel: Parcel) -> Iterator[discord.File]:
    """The file as Discord takes it, closed afterwards."""
    file = discord.File(parcel.path, filename=file_name(job), description=cards.alt_text(job))
    try:
        yield file
    finally:
        file.close()


async def limit_of(client: discord.Client, guild_id: int | None) -> Limit:
    """What the bot may post there: the guild's boosts decide, never the Nitro of the person who asked."""
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


def is_too_large(error: discord.HTTPException) -> bool:
    """Whether a smaller file may pass."""
    return error.status == 413 or error.code == _TOO_LARGE


def is_closed_door(error: discord.HTTPException) -> bool:
    """Whether this way is closed and another may be open: the token is dead, or the card was dismissed."""
    return error.status in (401, 403, 404)


@contextmanager
def translated() -> Iterator[None]:
    """Discord's errors in the engine's words.

    Raises:
        Undeliverable: waiting will not change it.
        DeliveryDelayed: it may pass later.
    """
    try:
        yield
    except discord.RateLimited as error:
        raise DeliveryDelayed("Discord asked to wait.", retry_after=error.retry_after) from error
    except discord.HTTPException as error:
        raise meaning(error) from error
    except LOST as error:
        raise DeliveryDelayed(f"Discord could not be reached: {type(error).__name__}.") from error


def meaning(error: discord.HTTPException) -> Undeliverable | DeliveryDelayed:
    """What an answer of Discord's is to the engine: the end of the way, or a wait."""
    if error.status == 429 or error.status >= 500 or error.status == 401 or error.code in _LATER:
        # 401: the bot's own token is refused; the videos wait until an operator has fixed it.
        return DeliveryDelayed(f"Discord answered {error.status}.")
    if error.status == 403 and error.code == 0:
        return DeliveryDelayed("Discord's guard in front of its API refused the request.")  # Cloudflare's own 403
    return Undeliverable(_CLOSED.get(error.code, f"Discord does not take this message here (code {error.code})."))
