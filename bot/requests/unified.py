"""The unified family on OctopusX: POST /v1/video/generations, JSON, for Kling and for every other model.

| field | type | what is sent |
|---|---|---|
| model, prompt | string | as given; /kling without a model: kling-v1 |
| duration | integer | as given; /kling: 5 when not given |
| seconds | string | the same number: some channels read only this one |
| size | string | as given; /kling without one and without a picture: 1280x720 |
| image | string | one picture as a data URI |
| images | string[] | several pictures as data URIs |
| metadata | object | /kling: style, negative_prompt, camera_control, quality; /video: the object the person typed, which may not name what the command decides |

What is not given is not sent. The gateway passes what it does not know to the model's own service, which may ignore it, so
that a model this module has never heard of works too; for those it knows, a paid mistake is refused first.
"""

from __future__ import annotations

import json
import re
from abc import abstractmethod
from typing import Annotated, ClassVar, Literal, NamedTuple, Self, get_args

from pydantic import BeforeValidator, Field, JsonValue, ValidationInfo, model_validator
from pydantic_core import from_json

from bot.requests.base import LONGEST_TEXT, Submission, Text, WithImages, as_recipe, given, input_files, limits_of
from bot.requests.sora import SoraSize
from bot.requests.wording import without_controls, wrong_choice, wrong_seconds

KLING_MODEL = "kling-v1"
"""What /kling asks for where no model is chosen."""

KlingSize = Literal["1280x720", "720x1280", "1024x1024", "1920x1080", "1080x1920", "512x512"]
"""The sizes that new-api translates for Kling; it turns every other one, "16:9" as well, into a square."""

_PIXELS = {"16:9": "1280x720", "9:16": "720x1280", "1:1": "1024x1024"}
_VEO_SIZES = ("1280x720", "720x1280", "1920x1080", "1080x1920", "3840x2160", "2160x3840")


class _Known(NamedTuple):
    """What is known of the models whose names begin like a pattern; an empty tuple leaves the choice open."""

    names: str
    seconds: tuple[int, ...] = ()
    sizes: tuple[str, ...] = ()
    prompt_limit: int = LONGEST_TEXT


# The gateway answers "sora-2 size is invalid" to any other size; the seconds are the operator's list.
_SORA = _Known(r"sora-2$", (), get_args(SoraSize))
_MODELS = (
    # The document's example asks veo-3 for 5 seconds, which Veo does not make.
    _Known(r"veo[-_]?3$", (8,), _VEO_SIZES),
    _Known(r"veo[-_]?3", (4, 6, 8), _VEO_SIZES),
    _Known(r"kling[-_]?v?[12]", (5, 10), get_args(KlingSize), 2500),
    _Known(r"kling[-_]?v?3", tuple(range(3, 16)), get_args(KlingSize), 2500),
    _Known(r"kling", (), get_args(KlingSize), 2500),
    _SORA,
)
_UNKNOWN = _Known("")
#: What metadata may not say: new-api lays it over the vendor's own request, and so over what was checked and is charged.
#: A callback would have the service call a stranger.
_DECIDED = frozenset(
    (
        *("model", "modelname", "prompt", "image", "images", "inputreference", "size", "seconds", "duration"),
        *("n", "samplecount", "numberofvideos", "numvideos", "batchsize", "callbackurl", "callback", "webhook"),
        "webhookurl",
    )
)
_MAX_DEPTH = 32  # far below what JSON readers on the way give up at

ModelName = Annotated[Text, Field(max_length=200, pattern=r"^\S+$")]
"""Any name without spaces: the gateway answers model_not_found to one that it does not have."""
Duration = Annotated[int, Field(ge=1, le=3600)]
"""Seconds: an hour at most, whatever the model."""


def _parsed(text: str) -> dict[str, JsonValue] | None:
    """The JSON object in a text; None where it is something else, or nothing that can be sent and kept."""
    try:
        found: JsonValue = from_json(text, allow_inf_nan=False)
        json.dumps(found, allow_nan=False)  # 1e999 was read as infinity
    except ValueError:
        return None
    return found if isinstance(found, dict) and _depth(found) <= _MAX_DEPTH else None


def _depth(value: JsonValue) -> int:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, children), default=0)


def _typed_object(value: object) -> object:
    text = without_controls(value)
    if not isinstance(text, str):
        return value
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"metadata may have at most {LONGEST_TEXT:,} characters: shorten it.")
    if (found := _parsed(text)) is None:
        raise ValueError('metadata takes a JSON object: write it like {"style": "cinematic"}.')
    if taken := [name for name in found if _plain(name) in _DECIDED]:
        raise ValueError(
            f"metadata may not hold {taken[0][:40]}: the command itself decides it, so leave it out there."
        )
    return found


def _plain(name: str) -> str:
    """A name as Go reads it: without regard to case. Services write theirs with and without underscores."""
    return re.sub("[-_]", "", name.casefold())


class _Generation(WithImages):
    """What every command of this family asks for; a command's own class has its sizes and fills the metadata."""

    model: ModelName
    duration: Duration | None = None

    @model_validator(mode="after")
    def _within_what_is_known(self, info: ValidationInfo) -> Self:
        known = self._known()
        seconds = limits_of(info).sora_seconds if known is _SORA else known.seconds
        if self.duration is not None and seconds and self.duration not in seconds:
            raise ValueError(wrong_seconds(self.model, self.duration, seconds))
        size = self._wire_size()
        if size is not None and known.sizes and size not in known.sizes:
            raise ValueError(wrong_choice(f"The size for {self.model}", size, known.sizes))
        return self

    def prompt_limit(self) -> int:
        """The limit of the model, where it is known."""
        return self._known().prompt_limit

    def _known(self) -> _Known:
        return next((known for known in _MODELS if re.match(known.names, self.model, re.IGNORECASE)), _UNKNOWN)

    @abstractmethod
    def _wire_size(self) -> str | None:
        """The size as it is sent; None where none is."""

    @abstractmethod
    def _wire_metadata(self) -> dict[str, JsonValue]:
        """What goes under metadata; empty where nothing does."""

    def submission(self) -> Submission:
        """The request as it goes on the wire."""
        return Submission(
            upstream="octopusx",
            submit_path="/v1/video/generations",
            fields=given(
                model=self.model,
                prompt=self.prompt,
                duration=self.duration,
                seconds=str(self.duration) if self.duration else None,
                size=self._wire_size(),
                metadata=self._wire_metadata() or None,
            ),
            files=input_files(self.images(), one="image", several="images"),
            maker=self.maker,
        )

    def recipe(self) -> dict[str, str]:
        """Model, size, seconds, as far as they are known."""
        return as_recipe(model=self.model, size=self._wire_size(), seconds=self.duration)


class UnifiedRequest(_Generation):
    """What /video asks for: any model of the upstream."""

    maker: ClassVar[str] = "This model"

    size: Annotated[Text, Field(max_length=32)] | None = None
    metadata: Annotated[dict[str, JsonValue], BeforeValidator(_typed_object)] | None = None

    def _wire_size(self) -> str | None:
        # The document allows a ratio as a hint that a channel may not recognise: new-api makes Kling's a square and
        # reads Veo's 9:16 as landscape. A model known to take pixels is given pixels; any other has the hint as typed.
        return _PIXELS.get(self.size, self.size) if self.size and self._known().sizes else self.size

    def _wire_metadata(self) -> dict[str, JsonValue]:
        return self.metadata or {}

    def notes(self) -> tuple[str, ...]:
        """That a ratio was sent as a size in pixels."""
        size = self._wire_size()
        return (f"{self.model} takes sizes in pixels: {self.size} is sent as {size}.",) if size != self.size else ()


class KlingRequest(_Generation):
    """What /kling asks for."""

    maker: ClassVar[str] = "Kling"

    model: ModelName = KLING_MODEL
    duration: Duration | None = 5  # every Kling model makes 5 seconds
    size: KlingSize | None = None
    negative_prompt: Annotated[Text, Field(max_length=2500)] | None = None
    style: Text | None = None
    camera_control: Text | None = None
    quality: Text | None = None

    def _wire_size(self) -> str | None:
        # Without a size new-api makes a square; with a picture Kling follows the picture.
        return self.size or (None if self.images() else "1280x720")

    def _wire_metadata(self) -> dict[str, JsonValue]:
        return given(
            style=self.style,
            negative_prompt=self.negative_prompt,
            # Kling's own camera_control is an object, which can be typed as JSON; plain words are sent as they are.
            camera_control=_parsed(self.camera_control or "") or self.camera_control,
            quality=self.quality,
        )
