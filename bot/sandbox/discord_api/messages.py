"""Making and editing messages: the rules that channel posts and interaction answers share."""

from __future__ import annotations

import copy
from typing import Any

from bot.sandbox.discord_api.automod import is_blocked
from bot.sandbox.discord_api.bodies import Body, Upload
from bot.sandbox.discord_api.calls import Call
from bot.sandbox.discord_api.checks import Problems, refusal
from bot.sandbox.discord_api.components import check_message_components, numbered
from bot.sandbox.discord_api.core import Core
from bot.sandbox.discord_api.errors import ApiError, blocked_by_automod, too_large
from bot.sandbox.discord_api.limits import mind_old_edits
from bot.sandbox.discord_api.mentions import apply_mentions, check_allowed_mentions
from bot.sandbox.discord_api.permissions import Permission, in_channel
from bot.sandbox.discord_api.places import Channel, User
from bot.sandbox.discord_api.threads import require_editable
from bot.sandbox.discord_api.world import COMPONENTS_V2, EPHEMERAL, LOADING, Attachment, Message, World

MOST_CONTENT, MOST_FILES = 2000, 10  # ten embeds, too
SUPPRESS_EMBEDS, SUPPRESS_NOTIFICATIONS = 1 << 2, 1 << 12
_SETTABLE = COMPONENTS_V2 | SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS


def create_message(
    world: World, body: Body, *, channel: Channel, author: User, limit: int, call: Call | None = None
) -> Message:
    """Make a message from a request's body, to answer a call when there is one; `limit` is in bytes a file.

    Its maker tells the gateway, for an answer is given its type first.

    Raises:
        ApiError: 50035 for a body against the rules, 50006 for an empty one, 40005 (413) for too large a file, 200000
            for what AutoMod blocks.
    """
    data = _shaped(body)
    message = Message(id=world.new_id(), channel=channel, author=author, created_at=world.clock())
    message.interaction, message.interaction_user = call, call.user if call else None
    flags = int(data.get("flags") or 0)
    message.flags = flags & _SETTABLE | (EPHEMERAL if call and call.must_be_ephemeral(flags) else 0)
    _refuse_large(body.files, limit)
    attachments = _new_attachments(world, message, data.get("attachments"), body.files)
    _check(data, message, attachments)
    _fill(message, data, attachments)
    _refuse_empty(message)
    if is_blocked(message, call):
        if call is None or call.bot_is_here:
            raise blocked_by_automod()
        message.flags |= EPHEMERAL
    if call is None:
        message.nonce = data.get("nonce")
        message.reply_to = _reply_target(world, channel, author, data.get("message_reference"))
        message.type = 19 if message.reply_to else 0
    apply_mentions(world, message, data.get("allowed_mentions"))
    message.pinged = [] if message.flags & SUPPRESS_NOTIFICATIONS else message.mentions
    world.messages[message.id] = message
    world.touch()
    return message


def edit_message(core: Core, message: Message, body: Body, limit: int) -> None:
    """Edit a message and tell the gateway.

    What the body does not name stays, except that new files without a list drop the old ones.

    Raises:
        ApiError: as `create_message`, 50083 or 160005 in a closed thread, 30046 (429) for too many edits of old
            messages; nothing is changed then.
    """
    world, data = core.world, _shaped(body)
    require_editable(message.channel, message.author)
    mind_old_edits(world, message)
    _refuse_large(body.files, limit)
    attachments = _edited_attachments(world, message, data, body.files)
    after = copy.copy(message)
    after.flags = message.flags & ~LOADING | int(data.get("flags") or 0) & _SETTABLE
    _check(data, after, attachments)
    _fill(after, data, attachments)
    _refuse_empty(after)
    if is_blocked(after, message.interaction):
        raise blocked_by_automod()
    apply_mentions(world, after, data.get("allowed_mentions"))
    if not message.flags & LOADING:
        after.edited_at = world.clock()
    after.edits = [*message.edits, data]
    vars(message).update(vars(after))
    core.gateway.message_event("MESSAGE_UPDATE", message)
    world.touch()


def find_message(world: World, channel: Channel, number: int) -> Message | None:
    """The message of that id, if it stands in that channel and everybody sees it."""
    message = world.messages.get(number)
    if message is None or message.deleted or message.ephemeral or message.channel is not channel:
        return None
    return message


def delete_message(core: Core, message: Message) -> None:
    """Take a message away and tell the gateway."""
    message.deleted = True
    core.gateway.message_event("MESSAGE_DELETE", message)
    core.world.touch()


def _shaped(body: Body) -> dict[str, Any]:
    """The body's object, once its parts are known to have the types that the rest relies on."""
    problems = Problems()
    data = body.object
    problems.whole(("flags",), data.get("flags") or 0, 0, (1 << 32) - 1)
    for key in ("embeds", "attachments"):
        for index, each in enumerate(problems.items((key,), data.get(key), 0, MOST_FILES)):
            entry = problems.mapping((key, index), each)
            if key == "attachments":
                problems.snowflake((key, index, "id"), entry.get("id"))
    for key in ("allowed_mentions", "message_reference"):
        entry = problems.mapping((key,), {} if data.get(key) is None else data[key])
        if "message_id" in entry:
            problems.snowflake((key, "message_id"), entry["message_id"])
    problems.raise_any()
    return data


def _check(data: dict[str, Any], message: Message, attachments: list[Attachment]) -> None:
    problems = Problems()
    problems.text(("content",), data.get("content"), 0, MOST_CONTENT, required=False)
    if isinstance(data.get("nonce"), str):
        problems.text(("nonce",), data["nonce"], 0, 25)
    check_allowed_mentions(problems, data.get("allowed_mentions"))
    if message.v2:
        _check_no_legacy(problems, data, message)
    problems.length(("attachments",), attachments, 0, MOST_FILES)
    for index, entry in enumerate(data.get("attachments") or []):
        path = ("attachments", index, "description")
        problems.text(path, entry.get("description"), 0, 1024, required=False)
    names = {each.filename for each in attachments}
    check_message_components(problems, data.get("components"), v2=message.v2, filenames=names)
    problems.raise_any()


def _check_no_legacy(problems: Problems, data: dict[str, Any], message: Message) -> None:
    for key, left in (("content", message.content), ("embeds", message.embeds)):
        if data.get(key, left):
            text = f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            problems.add((key,), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", text)


def _fill(message: Message, data: dict[str, Any], attachments: list[Attachment]) -> None:
    message.attachments = attachments
    if "content" in data:
        message.content = data["content"] or ""
    if "embeds" in data:
        message.embeds = [{"type": "rich", **embed} for embed in data["embeds"] or []]
    if "components" in data:
        message.components = numbered(data["components"] or [])


def _refuse_large(files: dict[int, Upload], limit: int) -> None:
    if any(file.size > limit for file in files.values()):
        raise too_large()


def _refuse_empty(message: Message) -> None:
    if not (message.content or message.embeds or message.components or message.attachments):
        raise ApiError(400, 50006, "Cannot send an empty message")


def _new_attachments(
    world: World, message: Message, entries: list[dict[str, Any]] | None, files: dict[int, Upload]
) -> list[Attachment]:
    described = {int(entry["id"]): entry for entry in entries or []}
    unknown = [each for each in described if each not in files]
    if unknown:
        path = ("attachments", list(described).index(unknown[0]))
        raise refusal(path, "ATTACHMENT_NOT_FOUND", f"Unknown attachment {unknown[0]}")
    return [_attachment(world, message, file, described.get(n, {})) for n, file in sorted(files.items())]


def _edited_attachments(
    world: World, message: Message, data: dict[str, Any], files: dict[int, Upload]
) -> list[Attachment]:
    entries = data.get("attachments")
    if entries is None:
        return _new_attachments(world, message, None, files) if files else message.attachments
    listed = {int(entry["id"]) for entry in entries}
    kept = [each for each in message.attachments if each.id in listed]
    known = {each.id for each in message.attachments}
    fresh = [entry for entry in entries if int(entry["id"]) not in known]
    return [*kept, *_new_attachments(world, message, fresh, files)]


def _attachment(world: World, message: Message, file: Upload, entry: dict[str, Any]) -> Attachment:
    named = Upload(entry.get("filename") or file.filename, file.blob, file.content_type)
    return world.keep(named, message.channel.id, ephemeral=message.ephemeral, description=entry.get("description"))


def _reply_target(world: World, channel: Channel, author: User, reference: dict[str, Any] | None) -> int | None:
    if not reference or "message_id" not in reference or reference.get("type", 0) != 0:
        return None
    target = find_message(world, channel, int(reference["message_id"]))
    if target is None:
        if not reference.get("fail_if_not_exists", True):
            return None
        raise refusal(("message_reference",), "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
    if not in_channel(author, channel) & Permission.READ_MESSAGE_HISTORY:
        raise ApiError(400, 160002, "Cannot reply without permission to read message history")
    return target.id
