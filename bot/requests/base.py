"""What every request shares: the submission it becomes, the limits it obeys, and how a refusal is worded."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Base64Bytes, BaseModel, ConfigDict, JsonValue, ValidationError, ValidationInfo

from bot.errors import Refusal

Upstream = Literal["octopusx", "uniall"]
"""A video service with its own base URL and key."""


class InputFile(BaseModel):
    """A picture on its way to a video service.

    `field` names the place in the request. In a JSON body the file becomes a data URI: under `image` a string, under
    `image[]` an element of the array `image`. In a multipart body it is a file part of that name.
    """

    model_config = ConfigDict(frozen=True)

    field: str
    name: str
    content_type: str
    data: Base64Bytes

    @classmethod
    def of(cls, field: str, image: Image) -> Self:
        """Place a checked image under a field of the request."""
        return cls(field=field, name=image.name, content_type=image.content_type, data=base64.b64encode(image.data))

    def data_uri(self) -> str:
        """The file as `data:<type>;base64,<bytes>` (RFC 2397)."""
        return f"data:{self.content_type};base64,{base64.b64encode(self.data).decode('ascii')}"


class Submission(BaseModel):
    """A request as it goes on the wire: plain JSON data, rendered once at the command and kept in the job's row.

    `poll_path` holds `{id}` where the remote id goes. `links` names the fields whose value is a URL (or a list of
    URLs) of an attachment: they are renewed before the POST, since Discord's links die in about a day. A `patient`
    one may take up to two days: the person asked for it off-peak.
    """

    model_config = ConfigDict(frozen=True)

    upstream: Upstream
    submit_path: str
    poll_path: str = "/v1/videos/{id}"
    encoding: Literal["json", "multipart"] = "json"
    fields: dict[str, JsonValue]
    files: tuple[InputFile, ...] = ()
    links: tuple[str, ...] = ()
    patient: bool = False

    def json_body(self) -> dict[str, JsonValue]:
        """The JSON body with each file in its place as a data URI."""
        body = dict(self.fields)
        for file in self.files:
            if file.field.endswith("[]"):
                array = body.setdefault(file.field[:-2], [])
                assert isinstance(array, list)
                array.append(file.data_uri())
            else:
                body[file.field] = file.data_uri()
        return body

    def text_parts(self) -> dict[str, str]:
        """The text parts of a multipart body; booleans are written `true` and `false`."""
        return {name: _as_text(value) for name, value in self.fields.items()}


class Image(BaseModel):
    """A picture whose bytes have been opened and found good (bot/requests/image.py makes it).

    `url` is where a service may fetch the same picture, for the families that take URLs only.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    content_type: Literal["image/png", "image/jpeg", "image/webp"]
    width: int
    height: int
    data: bytes
    url: str | None = None


class Limits(BaseModel):
    """What an operator may widen or narrow, since the services' documents leave it open (settings of the same names)."""

    model_config = ConfigDict(frozen=True)

    sora_seconds: tuple[int, ...] = (4, 8, 10, 12, 15)
    vidu_q3_max_seconds: int = 16
    veo31_references_free: bool = False
    """False: reference mode is always 16:9 and 8 s, as Google's own; True: as the UniAll document shows it."""


DEFAULT_LIMITS = Limits()


def limits_of(info: ValidationInfo) -> Limits:
    """The limits a validator works under: those given to `Request.parse`, else the defaults."""
    context: dict[str, Limits] = info.context or {}
    return context.get("limits", DEFAULT_LIMITS)


def _not_blank(prompt: str) -> str:
    if not prompt.strip():
        raise ValueError("The prompt is empty: say in a few words what the video should show.")
    return prompt


Prompt = Annotated[str, AfterValidator(_not_blank)]


class Request(BaseModel):
    """What a person asked for, validated. One subclass a family; a subclass renders itself with `submission()`.

    Validators raise `ValueError` with the sentence the person should read, naming the nearest valid choice.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompt: Prompt

    @classmethod
    def parse(cls, options: Mapping[str, Any], limits: Limits = DEFAULT_LIMITS) -> Self:
        """Validate the options of a command; None means not given.

        Raises:
            Refusal: with one sentence that names the nearest valid choice.
        """
        given = {name: value for name, value in options.items() if value is not None}
        try:
            return cls.model_validate(given, context={"limits": limits})
        except ValidationError as error:
            raise Refusal(_sentence(error)) from None

    def submission(self) -> Submission:
        """The request as it goes on the wire."""
        raise NotImplementedError

    def recipe(self) -> dict[str, str]:
        """What made this video, for the card, in display order: at least `model`; size, seconds, seed where known."""
        raise NotImplementedError

    def notes(self) -> tuple[str, ...]:
        """Sentences about what was changed on the person's behalf: told, not refused."""
        return ()


def _as_text(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _sentence(error: ValidationError) -> str:
    """The first problem of a validation error as one plain sentence."""
    first = error.errors(include_url=False)[0]
    option = str(first["loc"][0]) if first["loc"] else "request"
    if first["type"] == "value_error":
        return str(first["ctx"]["error"]) if "ctx" in first else first["msg"]
    if first["type"] == "missing":
        return f"Please give {option}: this command needs it."
    if first["type"] == "extra_forbidden":
        return f"This command does not take {option}: leave it out."
    return f"{option}: {first['msg'].rstrip('.')}."
