"""AutoMod: the words that a guild lets nobody say."""

from __future__ import annotations

import re

from bot.sandbox.discord_api.calls import Call
from bot.sandbox.discord_api.permissions import Permission, in_channel
from bot.sandbox.discord_api.world import Message


def is_blocked(message: Message, call: Call | None) -> bool:
    """Whether the guild's AutoMod blocks a message for a word in its content or text displays.

    Who manages the guild is exempt. Where the app is on a person's account alone, that person's rights count; their new
    answer is then shown to them alone, and only an edit is refused. What is ephemeral is not looked at.
    """
    guild = message.channel.guild
    if guild is None or message.ephemeral:
        return False
    speaker = message.author if call is None or call.bot_is_here else call.user
    if in_channel(speaker, message.channel) & Permission.MANAGE_GUILD:
        return False
    words = "|".join(re.escape(each) for each in guild.blocked_words)
    return bool(words and re.search(rf"(?<!\w)({words})(?!\w)", message.text(), re.IGNORECASE))
