"""The HTTP client of one video service."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from bot.api.replies import Reply
from bot.requests.base import Submission


@dataclass(frozen=True, kw_only=True, slots=True)
class Balance:
    """What the key has left, in the service's units (500,000 to the US dollar by new-api's default)."""

    name: str
    available: int
    used: int
    unlimited: bool


class VideoApi:
    """One video service: its base URL, its key, its connection pool."""

    def __init__(self, name: str, base_url: str, key: SecretStr) -> None:
        self.name = name
        self.base_url = base_url
        self._key = key

    async def submit(self, submission: Submission) -> Reply:
        """POST the submission once.

        Raises: Rejected, Busy, Unreachable, Unauthorized, Ambiguous.
        """
        raise NotImplementedError

    async def retrieve(self, video_id: str, poll_path: str = "/v1/videos/{id}") -> Reply:
        """Ask how a video is getting on.

        Raises: Busy (also for 5xx and time-outs: a GET is always repeatable), Unreachable, Unauthorized, NotKnown, Rejected.
        """
        raise NotImplementedError

    async def download(self, video_id: str, video_url: str | None, target: Path) -> int:
        """Stream the video to `target` (written beside it first, then renamed); returns its bytes.

        Raises: NotReady, BadFile, Busy, Unreachable, Unauthorized, NotKnown.
        """
        raise NotImplementedError

    async def models(self) -> list[str]:
        """The ids of the models this key may use."""
        raise NotImplementedError

    async def balance(self) -> Balance:
        """What the key has left."""
        raise NotImplementedError

    async def aclose(self) -> None:
        """Close the connection pool."""
