"""Discord's refusals, and what the sandbox says to those who drive it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


class CommandRejected(Exception):  # noqa: N818 - named by what happened
    """A person could not have done this: Discord's own client would not have let them."""


class NotAnswered(Exception):  # noqa: N818 - named by what happened
    """The bot let the three seconds pass: the person sees "The application did not respond"."""


class ApiError(Exception):
    """A refusal as Discord sends it: an HTTP status and a JSON body {message, code, errors?}."""

    def __init__(self, status: int, code: int, message: str, errors: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"message": message, "code": code}
        self.headers: dict[str, str] = {}
        if errors:
            self.body["errors"] = dict(errors)


def too_fast(code: int, message: str, retry_after: float) -> ApiError:
    """HTTP 429 with a code of its own, which says how many seconds to wait; it leaves the route's bucket alone."""
    error = ApiError(429, code, message)
    error.body |= {"retry_after": round(retry_after, 3), "global": False}
    error.headers["Retry-After"] = str(math.ceil(retry_after))
    return error


def unauthorized() -> ApiError:
    """No token or a wrong one."""
    return ApiError(401, 0, "401: Unauthorized")


def not_found() -> ApiError:
    """A route that Discord does not have."""
    return ApiError(404, 0, "404: Not Found")


def unknown_channel() -> ApiError:
    """Code 10003."""
    return ApiError(404, 10003, "Unknown Channel")


def unknown_guild() -> ApiError:
    """Code 10004."""
    return ApiError(404, 10004, "Unknown Guild")


def unknown_message() -> ApiError:
    """Code 10008."""
    return ApiError(404, 10008, "Unknown Message")


def unknown_user() -> ApiError:
    """Code 10013."""
    return ApiError(404, 10013, "Unknown User")


def unknown_webhook() -> ApiError:
    """Code 10015: no interaction has this token."""
    return ApiError(404, 10015, "Unknown Webhook")


def unknown_interaction() -> ApiError:
    """Code 10062: unknown, or its three seconds are over."""
    return ApiError(404, 10062, "Unknown interaction")


def missing_access() -> ApiError:
    """Code 50001: the bot cannot see the place."""
    return ApiError(403, 50001, "Missing Access")


def missing_permissions() -> ApiError:
    """Code 50013: the bot sees the place but may not do this there."""
    return ApiError(403, 50013, "Missing Permissions")


def too_large() -> ApiError:
    """Code 40005, with HTTP status 413."""
    return ApiError(413, 40005, "Request entity too large")


def opening_dms_too_fast() -> ApiError:
    """Code 40003; HTTP 403, as discord.py's users report it, and no 429."""
    return ApiError(403, 40003, "You are opening direct messages too fast.")


def forum_channel() -> ApiError:
    """Code 40058: a forum holds posts, which are threads, and no messages."""
    return ApiError(400, 40058, "Cannot send a message in a forum channel")


def too_many_followups() -> ApiError:
    """Code 40094: more than five, for an app that is on the person's account alone."""
    return ApiError(400, 40094, "This interaction has hit the maximum number of follow up messages")


def closed_dms() -> ApiError:
    """Code 50007: the person takes no direct messages from the bot."""
    return ApiError(403, 50007, "Cannot send messages to this user")


def no_mutual_guilds() -> ApiError:
    """Code 50278: the bot and the person have no server in common; documented since March 2026 (api-docs#8212)."""
    return ApiError(403, 50278, "Cannot send messages to this user due to having no mutual guilds")


def thread_archived(status: int = 400) -> ApiError:
    """Code 50083: 400 for an edit, 403 for a message in a thread that the bot may not wake (api-docs#7707)."""
    return ApiError(status, 50083, "Thread is archived")


def thread_locked() -> ApiError:
    """Code 160005: a locked thread that is still open, for who does not manage threads."""
    return ApiError(403, 160005, "This thread is locked")


def blocked_by_automod() -> ApiError:
    """Code 200000."""
    return ApiError(400, 200000, "Message was blocked by automatic moderation")


def already_acknowledged() -> ApiError:
    """Code 40060: a second callback for one interaction."""
    return ApiError(400, 40060, "Interaction has already been acknowledged.")


def dead_token() -> ApiError:
    """Code 50027: the interaction's 15 minutes are over."""
    return ApiError(401, 50027, "Invalid Webhook Token")


def invalid_form(errors: Mapping[str, Any]) -> ApiError:
    """Code 50035, with the tree of what is wrong."""
    return ApiError(400, 50035, "Invalid Form Body", errors)
