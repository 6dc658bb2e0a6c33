"""Who a message pings: its text, filtered by allowed_mentions and by what its author may do."""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox.discord_api.checks import Problems
from bot.sandbox.discord_api.permissions import Permission, in_channel
from bot.sandbox.discord_api.world import Message, World

_USER, _ROLE, _EVERYONE = re.compile(r"<@!?(\d+)>"), re.compile(r"<@&(\d+)>"), re.compile(r"@(everyone|here)\b")


def check_allowed_mentions(problems: Problems, allowed: Any) -> None:
    """Check the object: known words in `parse`, and no list beside a word that already allows all of its kind."""
    if allowed is None:
        return
    parse = problems.items(("allowed_mentions", "parse"), allowed.get("parse"), 0, 3)
    for index, word in enumerate(parse):
        problems.choice(("allowed_mentions", "parse", index), word, ("roles", "users", "everyone"))
    for kind in ("users", "roles"):
        listed = problems.items(("allowed_mentions", kind), allowed.get(kind), 0, 100)
        if listed and kind in parse:
            message = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            problems.add(("allowed_mentions",), "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)


def apply_mentions(world: World, message: Message, allowed: dict[str, Any] | None) -> None:
    """Set a message's mentions from its text.

    Without `allowed` everything in the text pings, but an interaction's answer pings people only; the author of the
    message replied to is pinged unless `allowed` is given without `replied_user`.
    """
    if allowed is None:
        everything = ["users"] if message.interaction else ["users", "roles", "everyone"]
        allowed = {"parse": everything, "replied_user": True}
    text, parse = message.text(), allowed.get("parse") or []
    people = [int(each) for each in _USER.findall(text) if _is_allowed(each, "users", allowed)]
    replied = world.messages.get(message.reply_to or 0)
    if replied and not replied.deleted and allowed.get("replied_user"):
        people.append(replied.author.id)
    message.mentions = [world.users[each] for each in dict.fromkeys(people) if each in world.users]
    guild = message.channel.guild
    may_ping_all = bool(in_channel(message.author, message.channel) & Permission.MENTION_EVERYONE)
    roles = guild.roles if guild else {}
    wanted = [int(each) for each in _ROLE.findall(text) if _is_allowed(each, "roles", allowed)]
    message.mention_roles = [
        roles[each] for each in dict.fromkeys(wanted) if each in roles and (roles[each].mentionable or may_ping_all)
    ]
    message.mention_everyone = "everyone" in parse and may_ping_all and bool(_EVERYONE.search(text))


def _is_allowed(snowflake: str, kind: str, allowed: dict[str, Any]) -> bool:
    listed = {str(each) for each in allowed.get(kind) or []}
    return kind in (allowed.get("parse") or []) or snowflake in listed
