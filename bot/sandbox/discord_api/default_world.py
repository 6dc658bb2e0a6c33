"""The world that a sandbox starts with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.sandbox.discord_api.clock import Clock, iso, snowflakes_from
from bot.sandbox.discord_api.permissions import ORDINARY, Permission
from bot.sandbox.discord_api.places import (
    ANNOUNCEMENT,
    FORUM,
    GROUP_DM,
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    TEXT,
    VOICE,
    Channel,
    Guild,
    Member,
    Role,
    User,
)
from bot.sandbox.discord_api.world import Message, World

MONTH = 30 * 24 * 3600.0


def default_world(clock: Clock) -> World:
    """Three guilds and four people.

    - guild "studio" (tier 0): #general, #after-dark (age-restricted), #announcements (the bot may read but not post),
      #backstage (the bot cannot see it), the voice channel #green-room with its chat, the announcement channel #news,
      the forum #showcase with the post "first-cut", and under #general the thread "trailer" and the private thread
      "casting" (of the owner, the member and the bot).
    - guild "cinema" (tier 3): #screening.
    - guild "elsewhere" (tier 0), which the bot is not in: #lounge, for user-installed commands.
    - the group DM "friends" of the member, the owner and the newcomer, where the bot has only its interactions.
    - owner (owns all), moderator, member, newcomer (locale "de"): all are in "studio", the owner and the member in
      the other two.

    A test that needs another boost tier sets `premium_tier` before the bot connects.
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
    _more_of_the_studio(world, ids, people, born)
    friends = Channel(id=next(ids), name="friends", type=GROUP_DM)
    friends.people = [people["member"], people["owner"], people["newcomer"]]
    world.channels[friends.id] = friends
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
    _channel(world, ids, "trailer", studio, PUBLIC_THREAD).parent = general


def _more_of_the_studio(world: World, ids: Iterator[int], people: dict[str, User], born: float) -> None:
    """The other kinds of places; a forum's post begins with a message of the post's own id."""
    studio = world.guild("studio")
    _channel(world, ids, "green-room", studio, VOICE)
    _channel(world, ids, "news", studio, ANNOUNCEMENT)
    post = _channel(world, ids, "first-cut", studio, PUBLIC_THREAD)
    post.parent = _channel(world, ids, "showcase", studio, FORUM)
    starter = Message(id=post.id, channel=post, author=people["member"], content="What do you think?", created_at=born)
    world.messages[starter.id] = starter
    casting = _channel(world, ids, "casting", studio, PRIVATE_THREAD)
    casting.parent, casting.people = world.channel("general"), [people["owner"], people["member"], world.bot]


def _guild(world: World, ids: Iterator[int], name: str, owner: User, people: Iterable[User], born: str) -> Guild:
    guild = Guild(id=next(ids), name=name, owner=owner)
    guild.roles[guild.id] = Role(id=guild.id, name="@everyone", permissions=int(ORDINARY))
    guild.members = {user.id: Member(user=user, joined_at=born) for user in people}
    world.guilds[guild.id] = guild
    return guild


def _channel(world: World, ids: Iterator[int], name: str, guild: Guild, kind: int = TEXT) -> Channel:
    channel = Channel(id=next(ids), name=name, guild=guild, type=kind)
    world.channels[channel.id] = channel
    return channel
