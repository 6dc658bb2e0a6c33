"""A job: one row, as plain frozen data."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from bot.requests.base import Submission


class Status(StrEnum):
    """Where a job stands; README's glossary has the word people read for each."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    IN_PROGRESS = "in_progress"
    DELIVERING = "delivering"
    COMPLETED = "completed"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    HELD = "held"


ACTIVE = frozenset({Status.QUEUED, Status.SUBMITTING, Status.IN_PROGRESS, Status.DELIVERING})
TERMINAL = frozenset(Status) - ACTIVE


@dataclass(frozen=True, kw_only=True, slots=True)
class Destination:
    """Where a result goes, as integers; never a Discord object."""

    user_id: int
    channel_id: int
    guild_id: int | None = None
    #: The status card: the command's own answer.
    card_id: int | None = None
    #: Bytes one file may have by this interaction's own word; a channel post goes by the place's limit instead.
    upload_limit: int = 10 * 1024 * 1024
    #: Only the person may see answer and result.
    private: bool = False
    spoiler: bool = False
    #: True where the bot is a member and may post by itself; else only `token` reaches the place.
    member: bool = True
    locale: str = "en-US"
    application_id: int = 0
    #: The interaction's token: lives 15 minutes, forgotten when the job ends. Not shown in a repr.
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One row. Times are Unix seconds; a step returns the next `Job` and never changes one."""

    id: str
    #: The command that made it, such as "veo" or "veo31 text".
    command: str
    prompt: str
    #: What made this video, in display order: model, size, seconds, seed.
    recipe: dict[str, str]
    #: What was changed on the person's behalf.
    notes: tuple[str, ...] = ()
    destination: Destination
    #: Rendered once, at the command. Its files are loaded only for the step that submits.
    submission: Submission
    status: Status = Status.QUEUED
    #: The remote id; opaque, may hold ":".
    video_id: str | None = None
    video_url: str | None = None
    progress: int = 0
    #: One plain sentence for the person: why it ended, or what to do next.
    reason: str | None = None
    #: When the row wants its next step; None: never again.
    due_at: float | None
    #: Steps of the present status that ended in a retry; 0 after each change of status.
    attempts: int = 0
    polls: int = 0
    #: Set just before each try to post the video: a job found with it looks from there on for its message first.
    posting_at: float | None = None
    #: The message with the video.
    message_id: int | None = None
    message_url: str | None = None
    #: The link to the original that the message offers, or the card of a job whose video was not posted, and until when
    #: we keep that; None: the service keeps it.
    original_url: str | None = None
    original_until: float | None = None
    #: What the card last said and when, so that it is edited only on a change.
    shown: str | None = None
    shown_at: float | None = None
    created_at: float
    submitted_at: float | None = None
    #: After this a running job becomes `expired`.
    deadline_at: float | None = None
    finished_at: float | None = None
    #: The job this one repeats.
    parent_id: str | None = None
    #: Grows by one with every save: a save of an older revision is refused.
    revision: int = 0

    def evolve(self, **changes: Any) -> Self:
        """A copy with changes; a change of status starts its attempts at 0."""
        if "status" in changes and changes["status"] != self.status:
            changes.setdefault("attempts", 0)
        return replace(self, **changes)

    @property
    def upstream(self) -> str:
        """The video service this job is for."""
        return self.submission.upstream

    @property
    def family(self) -> str:
        """The command that made it without its subcommand, such as "veo31"."""
        return self.command.partition(" ")[0]

    def log_context(self) -> dict[str, Any]:
        """What every log line about this job carries."""
        return {"job": self.id, "command": self.command, "status": self.status.value, "video_id": self.video_id}


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What says how long the files of a job are needed; times in Unix seconds."""

    #: It wants a step, now or later.
    at_work: bool
    held: bool
    ended_at: float
    #: Until when its message or its card leads to the original; None: no link of ours does.
    original_until: float | None

    @property
    def is_kept(self) -> bool:
        """Whether its video is kept although it has ended."""
        return not self.at_work and (self.held or self.original_until is not None)


def ended(job: Job, status: Status, reason: str | None, now: float) -> Job:
    """The job at its end, due once more for its card to say so."""
    return job.evolve(status=status, reason=reason, finished_at=now, due_at=now)


_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no 0/o, 1/l/i: people read ids to each other
_LENGTH = 12
#: What an id looks like, also those of later releases, as a regular expression.
ID_PATTERN = "[0-9a-z]{1,32}"


def may_be_id(text: str) -> bool:
    """Whether a text looks like a job's id: a database is not asked for what people type without end."""
    return re.fullmatch(ID_PATTERN, text) is not None


def id_from(secret: str) -> str:
    """The job id that belongs to a secret: the same wherever the secret arrives, so that one order is one row.

    Two processes that run with one bot token, as at a deploy, are both told of every command. An id has 12 characters,
    about 59 bits, so that nobody guesses one without its secret.
    """
    number = int.from_bytes(hashlib.sha256(secret.encode()).digest(), "big")
    signs: list[str] = []
    for _ in range(_LENGTH):
        number, position = divmod(number, len(_ALPHABET))
        signs.append(_ALPHABET[position])
    return "".join(signs)
