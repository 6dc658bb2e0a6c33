"""What those who run a server do: they delete, archive, lock, slow down, take rights away and throw the bot out."""

from __future__ import annotations

from bot.sandbox.discord_api.core import Core
from bot.sandbox.discord_api.messages import delete_message
from bot.sandbox.discord_api.payloads import role_json
from bot.sandbox.discord_api.places import PRIVATE_THREAD, Channel, Guild, Role, User
from bot.sandbox.discord_api.threads import set_state
from bot.sandbox.discord_api.world import Message


class Moderators:
    """The acts of moderators, each told to the bot as Discord tells it. Guilds, channels and people go by name too."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.world = core.world

    def delete(self, message: Message) -> None:
        """Delete a message."""
        delete_message(self._core, message)

    def delete_channel(self, channel: Channel | str) -> None:
        """Delete a channel or thread: its routes then give 404 with code 10003."""
        place = self._channel(channel)
        place.deleted = True
        self._core.gateway.channel_gone(place)
        self.world.touch()

    def remove_bot(self, guild: Guild | str) -> None:
        """Throw the bot out of a guild: it then gives 404 with code 10004, and its channels 403 with code 50001."""
        home = self._guild(guild)
        del home.members[self.world.bot.id]
        self._core.gateway.dispatch("GUILD_DELETE", {"id": str(home.id)})
        self.world.touch()

    def archive(self, thread: Channel | str, *, locked: bool = False) -> None:
        """Close a thread; with `locked` only who manages threads can wake it."""
        set_state(self._core, self._channel(thread), archived=True, locked=locked)

    def lock(self, thread: Channel | str) -> None:
        """Lock a thread and leave it open: only who manages threads may post and edit there."""
        place = self._channel(thread)
        set_state(self._core, place, archived=place.archived, locked=True)

    def reopen(self, thread: Channel | str) -> None:
        """Wake and unlock a thread."""
        set_state(self._core, self._channel(thread), archived=False, locked=False)

    def remove_from_thread(self, thread: Channel | str) -> None:
        """Take the bot out of a private thread: it is then out of its sight (50001)."""
        place, bot = self._channel(thread), self.world.bot
        assert place.type == PRIVATE_THREAD
        assert place.guild is not None
        place.people.remove(bot)
        gone = {"removed_member_ids": [str(bot.id)], "member_count": len(place.people)}
        event = {"id": str(place.id), "guild_id": str(place.guild.id)} | gone
        self._core.gateway.dispatch("THREAD_MEMBERS_UPDATE", event)
        self.world.touch()

    def slow_down(self, channel: Channel | str, seconds: int, *, bots: bool = False) -> None:
        """Set a channel's slow mode. It never holds bots on Discord; with `bots` it does (429, code 20016)."""
        place = self._channel(channel)
        place.rate_limit_per_user, place.slows_bots = seconds, bots
        self._core.gateway.channel_changed(place)
        self.world.touch()

    def block_words(self, guild: Guild | str, *words: str) -> None:
        """Let AutoMod block messages with these words (400, code 200000), in place of those before."""
        self._guild(guild).blocked_words = list(words)

    def allow(self, channel: Channel | str, permissions: int, who: User | Role | str | None = None) -> None:
        """Allow permissions in a channel, or a thread's parent, to a person or role, by default the bot."""
        self._overwrite(channel, who, allow=permissions, deny=0)

    def deny(self, channel: Channel | str, permissions: int, who: User | Role | str | None = None) -> None:
        """Take permissions away in a channel, or a thread's parent, from a person or role, by default the bot."""
        self._overwrite(channel, who, allow=0, deny=permissions)

    def change_everyone(self, guild: Guild | str, permissions: int) -> None:
        """Give the role of everyone in a guild, @everyone, these permissions in place of those it had."""
        home = self._guild(guild)
        role = next(each for each in home.roles.values() if each.name == "@everyone")
        role.permissions = int(permissions)
        self._core.gateway.dispatch("GUILD_ROLE_UPDATE", {"guild_id": str(home.id), "role": role_json(role)})
        self.world.touch()

    def _overwrite(self, channel: Channel | str, who: User | Role | str | None, *, allow: int, deny: int) -> None:
        place = self._channel(channel)
        place = place.parent or place
        target = who if isinstance(who, Role) else self._user(who) if who else self.world.bot
        allowed, denied = place.overwrites.get(target.id, (0, 0))
        place.overwrites[target.id] = (allowed & ~deny | allow, denied & ~allow | deny)
        self._core.gateway.channel_changed(place)
        self.world.touch()

    def _user(self, user: User | str) -> User:
        return self.world.user(user) if isinstance(user, str) else user

    def _guild(self, guild: Guild | str) -> Guild:
        return self.world.guild(guild) if isinstance(guild, str) else guild

    def _channel(self, channel: Channel | str) -> Channel:
        if isinstance(channel, Channel):
            return channel
        return self.world.channel(channel.removeprefix("#"))
