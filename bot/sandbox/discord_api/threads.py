"""Threads that are archived or locked: who may post, edit and wake them."""

from __future__ import annotations

from typing import Any

from bot.sandbox.discord_api.calls import Call
from bot.sandbox.discord_api.checks import Problems
from bot.sandbox.discord_api.core import Core
from bot.sandbox.discord_api.errors import missing_access, missing_permissions, thread_archived, thread_locked
from bot.sandbox.discord_api.permissions import Permission, in_channel, require
from bot.sandbox.discord_api.places import Channel, User


def require_open(channel: Channel, author: User, answer: Call | None = None) -> None:
    """Refuse a message in a thread that a moderator has locked; one that is only archived takes it, and wakes.

    Who manages threads posts in a locked one too. An app that is on a person's account alone is answered 50001 there
    (api-docs#6884).

    Raises:
        ApiError: HTTP 403: code 50083 where it is archived and locked, 160005 where it is locked alone, or 50001.
    """
    if channel.locked and not _manages(author, channel):
        if answer and not answer.bot_is_here:
            raise missing_access()
        raise thread_archived(403) if channel.archived else thread_locked()


def wake(core: Core, channel: Channel) -> None:
    """Un-archive a thread for the message that it was given; it stays locked if it was."""
    if channel.archived:
        set_state(core, channel, archived=False, locked=channel.locked)


def require_editable(channel: Channel, author: User) -> None:
    """Refuse an edit in a closed thread; an archived one must be woken first, even by who manages threads.

    Raises:
        ApiError: HTTP 400, code 50083, where it is archived; 403, code 160005, where it is locked.
    """
    if channel.archived:
        raise thread_archived()
    if channel.locked and not _manages(author, channel):
        raise thread_locked()


def change_thread(core: Core, channel: Channel, author: User, wanted: dict[str, Any]) -> None:
    """PATCH of a thread: `archived` and `locked`.

    To wake one takes SEND_MESSAGES_IN_THREADS, and MANAGE_THREADS where it is locked; all else takes MANAGE_THREADS,
    and a thread that is not archived or is woken by the same request (api-docs#3108, #6928).

    Raises:
        ApiError: 50013 without these rights or for a channel that is no thread, 50083 (400) where it stays archived.
    """
    problems = Problems()
    for key in ("archived", "locked"):
        problems.flag((key,), wanted.get(key, False))
    problems.raise_any()
    only_wakes = wanted == {"archived": False} and not channel.locked
    needed = Permission.SEND_MESSAGES_IN_THREADS if only_wakes else Permission.MANAGE_THREADS
    require(author, channel, needed | Permission.SEND_MESSAGES_IN_THREADS)
    if not channel.is_thread:
        raise missing_permissions()
    archived = wanted.get("archived", channel.archived)
    if channel.archived and archived:
        raise thread_archived()
    set_state(core, channel, archived=archived, locked=wanted.get("locked", channel.locked))


def set_state(core: Core, thread: Channel, *, archived: bool, locked: bool) -> None:
    """Archive, wake, lock or unlock a thread and tell the gateway."""
    if archived != thread.archived:
        thread.archive_changed_at = core.world.clock()
    thread.archived, thread.locked = archived, locked
    core.gateway.channel_changed(thread)
    core.world.touch()


def _manages(user: User, channel: Channel) -> bool:
    return bool(in_channel(user, channel) & Permission.MANAGE_THREADS)
