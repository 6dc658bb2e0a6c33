"""Veo on OctopusX: POST /v1/videos, JSON; the fields are in the table of bot/requests/videos.py.

| option | allowed | not given |
|---|---|---|
| model | veo_3_1, veo_3_1-fast | veo_3_1 |
| size | 720x1280, 1280x720 | 1280x720; 1080P sends 1080x1920 or 1920x1080 |
| seconds | 4, 6, 8 | 8 |
| resolution | 720P, 1080P | 720P |
| audio | True, False | audio_generation is not sent |
| image, image2, image3 | pictures | input_reference is not sent |

The document's example pairs a picture with 720x1280 and 9:16, while its own rule says that a picture forces 16:9. The rule
wins: with a picture the request is always 1280x720, 16:9 and 720P, and the person is told.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from bot.requests.base import Submission, WithImages, as_recipe
from bot.requests.videos import video_submission

VeoModel = Literal["veo_3_1", "veo_3_1-fast"]
VeoSize = Literal["720x1280", "1280x720"]
VeoSeconds = Literal[4, 6, 8]
VeoResolution = Literal["720P", "1080P"]

# Landscape, so that a request has the same shape with and without a picture; it is Google's own default, too.
_DEFAULT_SIZE: VeoSize = "1280x720"
# A 1080P request with a 720-line size would contradict itself: the gateway derives the resolution from the size as well.
_SIZE_1080P: dict[VeoSize, str] = {"720x1280": "1080x1920", "1280x720": "1920x1080"}


class VeoRequest(WithImages):
    """What /veo asks for."""

    maker: ClassVar[str] = "Veo"

    model: VeoModel = "veo_3_1"
    size: VeoSize | None = None
    seconds: VeoSeconds = 8
    resolution: VeoResolution = "720P"
    audio: bool | None = None

    def _shape(self) -> tuple[str, VeoResolution]:
        """Size and resolution as they are sent."""
        if self.images():
            return "1280x720", "720P"
        size = self.size or _DEFAULT_SIZE
        return (_SIZE_1080P[size], "1080P") if self.resolution == "1080P" else (size, "720P")

    def submission(self) -> Submission:
        """The request as it goes on the wire."""
        size, resolution = self._shape()
        return video_submission(
            maker=self.maker,
            model=self.model,
            prompt=self.prompt,
            size=size,
            seconds=self.seconds,
            resolution=resolution,
            audio=self.audio,
            images=self.images(),
        )

    def recipe(self) -> dict[str, str]:
        """Model, size, seconds."""
        return as_recipe(model=self.model, size=self._shape()[0], seconds=self.seconds)

    def notes(self) -> tuple[str, ...]:
        """With a picture: that the video is 1280x720, unless just that was asked for."""
        if not self.images() or (self.size == "1280x720" and self.resolution == "720P"):
            return ()
        return ("With a reference picture Veo always makes landscape videos: 1280x720 (16:9).",)
