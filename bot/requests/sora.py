"""Sora on OctopusX: POST /v1/videos, JSON; the fields are in the table of bot/requests/videos.py.

| option | allowed | not given |
|---|---|---|
| (model) | sora-2 | sora-2 |
| size | 720x1280, 1280x720 | the orientation of the picture, else 720x1280 |
| seconds | the operator's list: 4, 8, 10, 12, 15 | the first of the list |
| audio | True, False | audio_generation is not sent |
| image | a picture | input_reference is not sent |

The document says that a missing size is inferred from aspect_ratio, new-api's source that it is 720x1280: both are always
sent, and match. The document's example asks for 10 seconds, OpenAI allows 4, 8 and 12: hence the operator's list.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from bot.requests.base import Image, Request, Submission, as_recipe, limits_of
from bot.requests.videos import video_submission
from bot.requests.wording import wrong_seconds

SoraSize = Literal["720x1280", "1280x720"]

SORA_MODEL = "sora-2"


class SoraRequest(Request):
    """What /sora asks for."""

    maker: ClassVar[str] = "Sora"

    size: SoraSize | None = None
    seconds: int = Field(default=None, validate_default=True)
    audio: bool | None = None
    image: Image | None = None

    @field_validator("seconds", mode="before")
    @classmethod
    def _first_allowed(cls, value: object, info: ValidationInfo) -> object:
        return limits_of(info).sora_seconds[0] if value is None else value

    @field_validator("seconds")
    @classmethod
    def _allowed(cls, value: int, info: ValidationInfo) -> int:
        allowed = limits_of(info).sora_seconds
        if value not in allowed:
            raise ValueError(wrong_seconds(cls.maker, value, allowed))
        return value

    def prompt_limit(self) -> int:
        """OpenAI's own limit."""
        return 32_000

    def _size(self) -> SoraSize:
        # A portrait made from a landscape picture would lose most of it.
        landscape = self.image is not None and self.image.width > self.image.height
        return self.size or ("1280x720" if landscape else "720x1280")

    def submission(self) -> Submission:
        """The request as it goes on the wire."""
        return video_submission(
            maker=self.maker,
            model=SORA_MODEL,
            prompt=self.prompt,
            size=self._size(),
            seconds=self.seconds,
            resolution="720P",
            audio=self.audio,
            images=(self.image,) if self.image else (),
        )

    def recipe(self) -> dict[str, str]:
        """Model, size, seconds."""
        return as_recipe(model=SORA_MODEL, size=self._size(), seconds=self.seconds)
