"""Remix of a finished video: POST /v1/videos/{id}/remix, JSON.

| field | type | what is sent |
|---|---|---|
| prompt | string | as given |

The new-api gateway runs it on the channel of the first video and answers like a submit; the new video has its own id.
"""

from __future__ import annotations

from typing import Annotated, ClassVar
from urllib.parse import quote

from pydantic import AfterValidator, Field

from bot.requests.base import Request, Submission


def _segment(video_id: str) -> str:
    # "." and ".." survive URL-encoding and would climb to another route.
    if not video_id.strip("."):
        raise ValueError("This video cannot be remixed: choose one that the service made.")
    return video_id


class RemixRequest(Request):
    """What a remix asks for; `video_id` is the remote id, opaque, and may hold ":"."""

    maker: ClassVar[str] = "Remix"

    video_id: Annotated[str, Field(max_length=512), AfterValidator(_segment)]

    def submission(self) -> Submission:
        """The request as it goes on the wire."""
        return Submission(
            upstream="octopusx",
            submit_path=f"/v1/videos/{quote(self.video_id, safe='')}/remix",
            fields={"prompt": self.prompt},
            maker=self.maker,
        )

    def recipe(self) -> dict[str, str]:
        """The model is that of the first video, which the answer names."""
        return {"model": "remix"}
