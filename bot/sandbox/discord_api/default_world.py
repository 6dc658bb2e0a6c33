"""The world that a sandbox starts with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.sandbox.discord_api.clock import Clock, iso, snowflakes_from
from bot.sandbox.discord_api.permissions import ORDINARY, Permission
from bot.sandbox.discord_api.world import PUBLIC_THREAD, Channel, Guild, Member, Role, User, World

MONTH = 30 * 24 * 3600.0


def default_world(clock: Clock) -> World:
    """Three guilds and four people.

    - guild "studio" (tier 0): #general, #after-dark (age-restricted), #announcements (the bot may read but not post),
      #backstage (the bot cannot see it) and the thread "trailer" under #general.
    - guild "cinema" (tier 3): #screening.
    - guild "elsewhere" (tier 0), which the bot is not in: #lounge, for user-installed commands.
    - owner (owns all), moderator, member, newcomer (locale "de"): all are in "studio", the owner and the member in
      the other two.
    """
    world = World(clock)
    born = clock() - MONTH
    ids = snowflakes_from(born)
    world.bot.id = next(ids)
    people = {
        name: User(id=next(ids), username=name, global_name=name.capitalize())
        for name in ("owner", "moderator", "member", "newcomer")
    }
    people["newcomer"].locale = "de"
    world.users = {user.id: user for user in (world.bot, *people.values())}
    _studio(world, ids, people, iso(born))
    few = [people["owner"], people["member"]]
    cinema = _guild(world, ids, "cinema", people["owner"], [world.bot, *few], iso(born))
    cinema.premium_tier = 3
    _channel(world, ids, "screening", cinema)
    _channel(world, ids, "lounge", _guild(world, ids, "elsewhere", people["owner"], few, iso(born)))
    return world


def _studio(world: World, ids: Iterator[int], people: dict[str, User], born: str) -> None:
    studio = _guild(world, ids, "studio", people["owner"], [world.bot, *people.values()], born)
    moderators = Role(id=next(ids), name="Moderators", permissions=int(Permission.MANAGE_GUILD), mentionable=True)
    studio.roles[moderators.id] = moderators
    studio.members[people["moderator"].id].roles.append(moderators)
    general = _channel(world, ids, "general", studio)
    _channel(world, ids, "after-dark", studio).nsfw = True
    no_posts = int(Permission.SEND_MESSAGES | Permission.SEND_MESSAGES_IN_THREADS)
    _channel(world, ids, "announcements", studio).overwrites[world.bot.id] = (0, no_posts)
    _channel(world, ids, "backstage", studio).overwrites[world.bot.id] = (0, int(Permission.VIEW_CHANNEL))
    thread = _channel(world, ids, "trailer", studio)
    thread.type, thread.parent = PUBLIC_THREAD, general


def _guild(world: World, ids: Iterator[int], name: str, owner: User, people: Iterable[User], born: str) -> Guild:
    guild = Guild(id=next(ids), name=name, owner=owner)
    guild.roles[guild.id] = Role(id=guild.id, name="@everyone", permissions=int(ORDINARY))
    guild.members = {user.id: Member(user=user, joined_at=born) for user in people}
    world.guilds[guild.id] = guild
    return guild


def _channel(world: World, ids: Iterator[int], name: str, guild: Guild) -> Channel:
    channel = Channel(id=next(ids), name=name, guild=guild)
    world.channels[channel.id] = channel
    return channel
