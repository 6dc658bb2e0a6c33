"""One tolerant reader for every reply of every video service: it never fails on a word it does not know."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """What a status word means to us; an unknown word is running, under the job's own deadline."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What a submit or status reply says, in our own words."""

    video_id: str | None
    state: State
    #: The service's own status word, "" where it gave none.
    word: str
    #: Percent, 0 to 100; None where the reply does not say.
    progress: int | None = None
    #: A link to the video (http, https or data:); only ever set when the state is DONE.
    video_url: str | None = None
    #: Why it failed, one plain sentence in the service's words, cleaned; only set when the state is FAILED.
    reason: str | None = None
    request_id: str | None = None
