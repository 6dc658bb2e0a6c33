"""A Discord stand-in on loopback: REST v10 and the gateway, for an unchanged discord.py client.

async with DiscordSandbox() as discord:
...  # start a bot with discord.api_url, discord.gateway_url and discord.token
await discord.connected()
picture = Upload("cat.png", data)
call = await discord.command("member", "general", "veo", {"prompt": "a cat", "image": picture})
await call.answered()
message = await discord.wait_for(lambda: next((m for m in discord.messages("general") if m.videos()), None))
"""

from bot.sandbox.discord_api.bodies import Upload
from bot.sandbox.discord_api.calls import Call
from bot.sandbox.discord_api.errors import CommandRejected, NotAnswered
from bot.sandbox.discord_api.places import Channel, Guild, Member, Role, User
from bot.sandbox.discord_api.sandbox import DiscordSandbox
from bot.sandbox.discord_api.server import LogEntry
from bot.sandbox.discord_api.world import Attachment, Message, World

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
