"""A Discord stand-in on loopback: REST v10 and the gateway, for an unchanged discord.py client."""

from bot.sandbox.discord_api.bodies import Upload
from bot.sandbox.discord_api.calls import Call
from bot.sandbox.discord_api.errors import CommandRejected, NotAnswered
from bot.sandbox.discord_api.sandbox import DiscordSandbox
from bot.sandbox.discord_api.server import LogEntry
from bot.sandbox.discord_api.world import Attachment, Channel, Guild, Member, Message, Role, User, World

__all__ = [
    "Attachment",
    "Call",
    "Channel",
    "CommandRejected",
    "DiscordSandbox",
    "Guild",
    "LogEntry",
    "Member",
    "Message",
    "NotAnswered",
    "Role",
    "Upload",
    "User",
    "World",
]
