"""What Discord's refusals mean for a delivery. Codes are those of its document "Opcodes and Status Codes"."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import discord

from bot.chat.answers import LOST
from bot.jobs.delivery import DeliveryDelayed, Undeliverable

_TOO_LARGE = frozenset({40005, 50045})
_NO_HISTORY = 160002
_MODERATED = frozenset({200000, 200001})
_AUTOMOD = "The server's AutoMod blocked the message: ask its moderators to let the bot post."
_CLOSED = {
    10003: "The channel is gone.",
    10004: "The server is gone, or the bot was removed from it.",
    10008: "The message is gone.",
    50001: "The bot cannot see the channel: it needs the permission View Channel, or was removed from the server.",
    50007: "The bot may not send you direct messages: allow them for a server you share with it.",
    50013: (
        "The bot may not post in the channel: it needs the permissions Send Messages (in threads: Send Messages in "
        "Threads) and Attach Files."
    ),
    50083: "The thread is archived, and the bot may not reopen it: it needs the permission Manage Threads.",
    50278: "The bot may not send you direct messages: you share no server with it.",
    160005: "The thread is locked, and the bot may not post in it: it needs the permission Manage Threads.",
    **dict.fromkeys(_MODERATED, _AUTOMOD),
    240000: "Discord's filter for harmful links blocked the message.",
    400001: "Discord has limited the upload of files to this server.",
}
#: Slow mode (20016), too many writes to a channel or server (20028, 20029), edits of messages more than an hour old
#: (30046), direct messages opened too fast (40003), a function switched off for a while (40004, 40006), a busy
#: service (40062, 130000): each passes by itself.
_LATER = frozenset({20016, 20028, 20029, 30046, 40003, 40004, 40006, 40062, 130000})
_NOT_TAKEN = "Discord did not take the message."
_SHUT_THREAD = frozenset({50083, 160005})
NO_DIRECT_MESSAGES = frozenset({_CLOSED[50007], _CLOSED[50278]})
"""The sentences that say that a person cannot be written to."""


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
        return DeliveryDelayed(f"Discord answered {error.status}.", retry_after=_asked_to_wait(error))
    if _is_guard(error):
        return DeliveryDelayed("Discord's guard in front of its API refused the request.")
    return Undeliverable(_CLOSED.get(error.code, _NOT_TAKEN))


def is_too_large(error: discord.HTTPException) -> bool:
    """Whether a smaller file may pass."""
    return error.status == 413 or error.code in _TOO_LARGE


def is_closed_door(error: discord.HTTPException) -> bool:
    """Whether an interaction's token leads nowhere and another way may: it is dead, or the card is out of its reach.

    Discord forgets tokens before their time now and then (401, code 50027).
    """
    return error.code in _SHUT_THREAD or (error.status in (401, 403, 404) and not _is_guard(error))


def is_shut_thread(error: discord.HTTPException) -> bool:
    """Whether the thread would have to be opened first."""
    return error.code in _SHUT_THREAD


def is_blind_reply(error: discord.HTTPException) -> bool:
    """Whether a reply was refused because the bot may not read back: Read Message History."""
    return error.code == _NO_HISTORY


def refuses_the_file(error: discord.HTTPException) -> bool:
    """Whether the same message may pass without its file."""
    return is_too_large(error) or error.code in (50013, 400001)


def is_moderated(error: discord.HTTPException) -> bool:
    """Whether AutoMod has found something in the message that its server lets nobody say."""
    return error.code in _MODERATED


def _is_guard(error: discord.HTTPException) -> bool:
    """Whether Cloudflare, which stands before Discord, has answered: its 403 carries no code of Discord's."""
    return error.status == 403 and error.code in (0, 40333)


def _asked_to_wait(error: discord.HTTPException) -> float | None:
    """Seconds by the header Retry-After, where discord.py gave up before it had to read them."""
    try:
        return float(error.response.headers["Retry-After"])
    except (KeyError, ValueError):
        return None
