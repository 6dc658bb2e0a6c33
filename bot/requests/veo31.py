"""veo3.1-video-* on UniAll: POST /v1/video/generations, JSON, polled at /v1/videos/{id}. One class a mode; modes exclude each other.

| field | type | text | image | frames | references | extend |
|---|---|---|---|---|---|---|
| model | string | veo3.1[-fast]-video-{720p, 1080p, 4k} | same | same | never fast | as text |
| prompt | string | as given | same | same | same | same |
| size | string | 720p, 1080p or 4k: always that of the model | same | same | same | same |
| aspect_ratio | string | 16:9 or 9:16 | - | - | 16:9 | - |
| duration | integer | 4, 6 or 8 | same | same | 8 | - |
| image | URL | - | yes | yes | - | - |
| last_image | URL | - | - | yes | - | - |
| images | URL[] | - | - | - | 2 or 3 | - |
| video | URL | - | - | - | - | yes |
| extra_body | object | generate_audio, negative_prompt, seed: only those given | same | same | same | same |

`extra_body` is a literal object of the body, not the OpenAI SDK's argument of that name, which merges into the body.
The document's table calls every field required, `duration` and `images` strings, and the bearer a query parameter; its own
examples and UniAll's overview show an integer, an array, optional fields and the header. Its image and frames examples send
an aspect_ratio, which UniAll "may not honor" there: the picture's shape wins, so it is left out. Its extension example sends
a duration, though the table says that extension does not use one: it is left out.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, ClassVar, Literal, Self, get_args

from pydantic import AfterValidator, Field, JsonValue, PrivateAttr, ValidationInfo, model_validator

from bot.requests.base import Image, Link, Request, Seed, Submission, Text, as_recipe, given, limits_of

Veo31Tier = Literal["standard", "fast"]
Veo31Resolution = Literal["720p", "1080p", "4k"]
Veo31AspectRatio = Literal["16:9", "9:16"]
Veo31Seconds = Literal[4, 6, 8]


def _model_name(tier: Veo31Tier, resolution: Veo31Resolution) -> str:
    return f"veo3.1-{'fast-' if tier == 'fast' else ''}video-{resolution}"


VEO31_MODELS = tuple(_model_name(tier, size) for tier in get_args(Veo31Tier) for size in get_args(Veo31Resolution))
"""Every model of the family."""


def _has_url(image: Image) -> Image:
    if not image.url:
        raise ValueError("This picture has no link that the video service could fetch: attach it again.")
    return image


LinkedImage = Annotated[Image, AfterValidator(_has_url)]
"""A picture that the video service fetches itself."""


class _Veo31(Request):
    """What every mode asks for."""

    maker: ClassVar[str] = "Veo 3.1"
    by_link: ClassVar[bool] = True

    resolution: Veo31Resolution = "720p"
    audio: bool | None = None
    negative_prompt: Text | None = None
    seed: Seed | None = None

    def _model(self) -> str:
        return _model_name("standard", self.resolution)

    @abstractmethod
    def _mode(self) -> dict[str, JsonValue]:
        """The fields of this mode alone."""

    def submission(self) -> Submission:
        """The request as it goes on the wire."""
        extra = given(generate_audio=self.audio, negative_prompt=self.negative_prompt, seed=self.seed)
        mode = self._mode()
        return Submission(
            upstream="uniall",
            submit_path="/v1/video/generations",
            fields=given(
                model=self._model(), prompt=self.prompt, size=self.resolution, **mode, extra_body=extra or None
            ),
            links=tuple(field for field in ("image", "last_image", "images", "video") if field in mode),
            maker=self.maker,
        )

    def recipe(self) -> dict[str, str]:
        """Model, size, aspect ratio, seconds, seed, as far as the mode has them."""
        mode = self._mode()
        return as_recipe(
            model=self._model(),
            size=self.resolution,
            aspect_ratio=mode.get("aspect_ratio"),
            seconds=mode.get("duration"),
            seed=self.seed,
        )


class _TwoTiers(_Veo31):
    """A mode that the fast models have, too."""

    tier: Veo31Tier = "standard"

    def _model(self) -> str:
        return _model_name(self.tier, self.resolution)


class Veo31Text(_TwoTiers):
    """What /veo31 text asks for."""

    aspect_ratio: Veo31AspectRatio = "16:9"
    duration: Veo31Seconds = 8

    def _mode(self) -> dict[str, JsonValue]:
        return {"aspect_ratio": self.aspect_ratio, "duration": self.duration}


class Veo31Image(_TwoTiers):
    """What /veo31 image asks for."""

    image: LinkedImage
    duration: Veo31Seconds = 8

    def _mode(self) -> dict[str, JsonValue]:
        return {"image": self.image.url, "duration": self.duration}


class Veo31Frames(Veo31Image):
    """What /veo31 frames asks for: `image` is the first frame."""

    last_image: LinkedImage

    def _mode(self) -> dict[str, JsonValue]:
        return {"image": self.image.url, "last_image": self.last_image.url, "duration": self.duration}


class Veo31References(_Veo31):
    """What /veo31 references asks for."""

    aspect_ratio: Veo31AspectRatio = "16:9"
    duration: Veo31Seconds = 8
    image: LinkedImage
    image2: LinkedImage
    image3: LinkedImage | None = None

    _free: bool = PrivateAttr(default=False)

    @model_validator(mode="after")
    def _remember_the_operators_word(self, info: ValidationInfo) -> Self:
        self._free = limits_of(info).veo31_references_free
        return self

    def _mode(self) -> dict[str, JsonValue]:
        # Google's reference mode is 16:9 and 8 s only; UniAll's example shows 9:16 and 6 s: hence the operator's switch.
        ratio, seconds = (self.aspect_ratio, self.duration) if self._free else ("16:9", 8)
        urls: list[JsonValue] = [image.url for image in (self.image, self.image2, self.image3) if image]
        return {"images": urls, "aspect_ratio": ratio, "duration": seconds}

    def notes(self) -> tuple[str, ...]:
        """That the shape and length asked for were not possible."""
        if self._free or (self.aspect_ratio, self.duration) == ("16:9", 8):
            return ()
        return ("With reference pictures Veo 3.1 always makes videos of 8 seconds in 16:9.",)


class Veo31Extend(_TwoTiers):
    """What /veo31 extend asks for: `video` is the link of an attachment, `video_url` one that the person typed."""

    video: Annotated[str, Field(min_length=1, max_length=2048)] | None = None
    video_url: Link | None = None

    @model_validator(mode="after")
    def _one_video(self) -> Self:
        if (self.video is None) == (self.video_url is None):
            raise ValueError("Give the video either as an attachment or as video_url.")
        return self

    def _mode(self) -> dict[str, JsonValue]:
        return {"video": self.video or self.video_url}
