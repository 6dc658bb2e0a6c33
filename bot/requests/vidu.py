"""Vidu on OctopusX: POST /v1/videos, multipart/form-data.

The document's curl template shows a JSON body; its text and its examples say multipart, and so it is sent.

| part | kind | allowed | not given |
|---|---|---|---|
| model | text | viduq3-pro, viduq2-pro, viduq2-turbo | viduq3-pro |
| prompt | text | q2 2000 characters, q3 5000 | required |
| aspect_ratio | text | 16:9, 9:16, 3:4, 4:3, 1:1 | 16:9; never with a picture, whose shape wins |
| duration | text | q2 1 to 10; q3 1 to the operator's limit, as the document gives none | 5 |
| images | file | one PNG, JPEG or WebP between 1:4 and 4:1 | not sent |
| resolution | text | 540p, 720p, 1080p | not sent |
| audio, is_rec, bgm, off_peak, watermark | text | true, false | not sent |
| voice_id | text | q2 only | not sent |
| seed | text | 0 means random and is not sent | not sent |
| wm_position | text | 1 to 4, with watermark only | not sent |
| wm_url | text | URL of a picture, with watermark only | not sent |

`payload` and `meta_data` are the caller's own marks, which no one reads back: they are not offered.
"""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from bot.requests.base import Image, InputFile, Link, Request, Seed, Submission, Text, as_recipe, given, limits_of
from bot.requests.wording import wrong_seconds

ViduModel = Literal["viduq3-pro", "viduq2-pro", "viduq2-turbo"]
ViduAspectRatio = Literal["16:9", "9:16", "3:4", "4:3", "1:1"]
ViduResolution = Literal["540p", "720p", "1080p"]
ViduWatermarkPosition = Literal[1, 2, 3, 4]
"""Top left, top right, bottom right, bottom left."""

_Q2_MAX_SECONDS = 10


class ViduRequest(Request):
    """What /vidu asks for."""

    maker: ClassVar[str] = "Vidu"

    model: ViduModel = "viduq3-pro"
    aspect_ratio: ViduAspectRatio | None = None
    duration: int = 5
    resolution: ViduResolution | None = None
    image: Image | None = None
    audio: bool | None = None
    voice_id: Text | None = Field(default=None, max_length=200)
    is_rec: bool | None = None
    bgm: bool | None = None
    seed: Seed | None = None
    off_peak: bool | None = None
    watermark: bool | None = None
    wm_position: ViduWatermarkPosition | None = None
    wm_url: Link | None = None

    @field_validator("image")
    @classmethod
    def _image_is_not_a_ribbon(cls, image: Image | None) -> Image | None:
        # The document's "must be less than 1:4 or greater than 4:1" is inverted: Vidu's resellers say between the two.
        if image and not (image.width <= 4 * image.height and image.height <= 4 * image.width):
            size = f"{image.width}x{image.height}"
            raise ValueError(f"Vidu takes pictures between 1:4 and 4:1: {size} is longer, so crop it first.")
        return image

    @model_validator(mode="after")
    def _duration_of_the_model(self, info: ValidationInfo) -> Self:
        longest = limits_of(info).vidu_q3_max_seconds if self._is_q3() else _Q2_MAX_SECONDS
        if not 1 <= self.duration <= longest:
            raise ValueError(wrong_seconds(self.model, self.duration, range(1, longest + 1)))
        return self

    @model_validator(mode="after")
    def _voice_only_on_q2(self) -> Self:
        if self.voice_id and self._is_q3():
            raise ValueError(f"voice_id has no effect on {self.model}: leave it out or choose viduq2-pro.")
        return self

    @model_validator(mode="after")
    def _mark_only_with_watermark(self) -> Self:
        for option in ("wm_position", "wm_url"):
            if getattr(self, option) is not None and not self.watermark:
                raise ValueError(f"{option} needs a watermark: set watermark to True or leave {option} out.")
        return self

    def _is_q3(self) -> bool:
        return self.model.startswith("viduq3")

    def prompt_limit(self) -> int:
        """Vidu's resellers state 2000 characters for q2 and 5000 for q3."""
        return 5000 if self._is_q3() else 2000

    def _ratio(self) -> ViduAspectRatio | None:
        # The document's example sends a ratio beside a picture, but Vidu's image-to-video follows the picture.
        return None if self.image else self.aspect_ratio or "16:9"

    def submission(self) -> Submission:
        """The request as it goes on the wire."""
        return Submission(
            upstream="octopusx",
            submit_path="/v1/videos",
            encoding="multipart",
            fields=given(
                model=self.model,
                prompt=self.prompt,
                aspect_ratio=self._ratio(),
                duration=self.duration,
                resolution=self.resolution,
                audio=self.audio,
                voice_id=self.voice_id,
                is_rec=self.is_rec,
                bgm=self.bgm,
                seed=self.seed or None,
                off_peak=self.off_peak,
                watermark=self.watermark,
                wm_position=self.wm_position,
                wm_url=self.wm_url,
            ),
            files=(InputFile.of("images", self.image),) if self.image else (),
            patient=bool(self.off_peak),
            maker=self.maker,
        )

    def recipe(self) -> dict[str, str]:
        """Model, aspect ratio, resolution, seconds, seed."""
        return as_recipe(
            model=self.model,
            aspect_ratio=self._ratio(),
            resolution=self.resolution,
            seconds=self.duration,
            seed=self.seed or None,
        )

    def notes(self) -> tuple[str, ...]:
        """What Vidu will not do although it was asked for."""
        told: list[str] = []
        if self.image and self.aspect_ratio:
            told.append(f"Vidu keeps the shape of your picture: the aspect ratio {self.aspect_ratio} is not used.")
        if self.is_rec:
            told.append("With is_rec Vidu writes a prompt of its own and does not read yours.")
        if self.bgm and self._is_q3():
            told.append(f"bgm has no effect on {self.model}.")
        if self.bgm and not self._is_q3() and self.duration >= 9:
            told.append(f"bgm has no effect on {self.model} at 9 or 10 seconds.")
        return tuple(told)
