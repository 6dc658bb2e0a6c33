"""What every request shares: the submission it becomes, the limits it obeys, and how a refusal is worded."""

from __future__ import annotations

import base64
import re
import unicodedata
from abc import abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from bot.errors import Refusal
from bot.requests.wording import sentence, without_controls

Upstream = Literal["octopusx", "uniall"]
"""A video service with its own base URL and key."""

ContentType = Literal["image/png", "image/jpeg", "image/webp"]
"""The kinds of pictures that every service takes."""

LONGEST_TEXT = 6000
"""Characters: the most a Discord option holds."""

LINKED = "link:"
"""How the field of a file begins that is fetched by its link and is no part of the body."""


#: A host with a domain. What ends in a number is an address to some readers, however it is written: 127.1, 0x7f.1.
_PUBLIC_NAME = re.compile(r"(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]\.?")
_NOT_IN_A_LINK = re.compile(r"""[\\"<>^`{|}]""")  # RFC 3986 has none of them, and readers differ on a backslash


class InputFile(BaseModel):
    """A picture on its way to a video service.

    `field` names the place in the request. In a JSON body the file becomes a data URI: under `image` a string, under
    `image[]` an element of the array `image`. In a multipart body it is a file part of that name. A name that begins
    with `link:` has no place in the body: the file is kept for the service to fetch by a link. As JSON `data` is base64.
    """

    model_config = ConfigDict(frozen=True, ser_json_bytes="base64", val_json_bytes="base64")

    field: str
    name: str
    content_type: str
    data: bytes

    @classmethod
    def of(cls, field: str, image: Image) -> Self:
        """Place a checked image under a field of the request."""
        return cls(field=field, name=image.name, content_type=image.content_type, data=image.data)

    def data_uri(self) -> str:
        """The file as `data:<type>;base64,<bytes>` (RFC 2397)."""
        return f"data:{self.content_type};base64,{base64.b64encode(self.data).decode('ascii')}"


class Submission(BaseModel):
    """A request as it goes on the wire: plain JSON data, rendered once at the command and kept in the job's row.

    `poll_path` holds `{id}` where the remote id goes. `links` names the fields whose value is a URL (or a list of
    URLs) of an attachment: they are renewed before the POST, since Discord's links die in about a day. A `patient`
    one may take up to two days: the person asked for it off-peak. `maker` is how people call those who make it.
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
    maker: str = "The video service"

    def json_body(self) -> dict[str, JsonValue]:
        """The JSON body with each file in its place as a data URI."""
        body = dict(self.fields)
        for file in self.files:
            if file.field.startswith(LINKED):
                continue
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

    `url` is where a service may fetch these very bytes, for the families that take URLs only.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    content_type: ContentType
    width: int
    height: int
    data: bytes
    url: str | None = None


class Limits(BaseModel):
    """What an operator may widen or narrow, since the services' documents leave it open (settings of the same names)."""

    model_config = ConfigDict(frozen=True)

    sora_seconds: Annotated[tuple[int, ...], Field(min_length=1)] = (4, 8, 10, 12, 15)
    """The first is the default. OpenAI makes 4, 8 and 12 s; the OctopusX document shows 10, resellers make 10 and 15."""
    vidu_q3_max_seconds: int = 16
    veo31_references_free: bool = False
    """False: reference mode is always 16:9 and 8 s, as Google's own; True: as the UniAll document shows it."""


DEFAULT_LIMITS = Limits()


def limits_of(info: ValidationInfo) -> Limits:
    """The limits a validator works under: those given to `Request.parse`, else the defaults."""
    context: dict[str, Limits] = info.context or {}
    return context.get("limits", DEFAULT_LIMITS)


_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zs", "Zl", "Zp", "Mn", "Me"})  # not Cn: an emoji may be newer than Python
_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # Hangul's and Braille's letters for nothing


def _not_blank(prompt: str) -> str:
    # A prompt of zero-width characters would pass the gateway's own check and cost money for nothing.
    if all(unicodedata.category(ch) in _UNSEEN or ch in _FILLERS for ch in prompt):
        raise ValueError("The prompt is empty: say in a few words what the video should show.")
    return prompt


class TypedLink(str):
    """A URL that a person typed. Its host still has to be looked up: a public name may lead to a private address."""

    __slots__ = ()


def _fetchable(url: str, info: ValidationInfo) -> TypedLink:
    try:
        parts = urlsplit(url)
        sound = parts.scheme == "https" and "@" not in parts.netloc and parts.port != 0
        sound = sound and _PUBLIC_NAME.fullmatch(parts.hostname or "") is not None and not _NOT_IN_A_LINK.search(url)
    except ValueError:
        sound = False
    if not sound or any(unicodedata.category(ch)[0] in "CZ" for ch in url):
        raise ValueError(
            f"{info.field_name} must be a link such as https://example.com/file: https, a host by its name, no user or password."
        )
    return TypedLink(url)


Prompt = Annotated[str, BeforeValidator(without_controls), AfterValidator(_not_blank)]
Text = Annotated[str, BeforeValidator(without_controls), Field(min_length=1, max_length=LONGEST_TEXT)]
"""Words beside the prompt, sent as they are."""
Link = Annotated[str, BeforeValidator(without_controls), Field(max_length=2048), AfterValidator(_fetchable)]
"""A URL that a person types and a video service fetches: https, and a host by its name."""
Seed = Annotated[int, Field(ge=0, le=4_294_967_295)]
"""The services take unsigned 32-bit seeds."""


class Request(BaseModel):
    """What a person asked for, validated. One subclass a family; a subclass renders itself with `submission()`.

    Validators raise `ValueError` with the sentence the person should read, naming the nearest valid choice.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    #: How people call those who make this family's videos, as a sentence begins.
    maker: ClassVar[str]
    #: Whether the service fetches pictures by links: it then gets none of their bytes from us.
    by_link: ClassVar[bool] = False

    prompt: Prompt

    def prompt_limit(self) -> int:
        """The most characters a prompt may have."""
        return LONGEST_TEXT

    @model_validator(mode="after")
    def _prompt_fits(self) -> Self:
        if (over := len(self.prompt) - self.prompt_limit()) > 0:
            limit = f"{self.prompt_limit():,}"
            raise ValueError(f"{self.maker} takes prompts of at most {limit} characters: shorten yours by {over:,}.")
        return self

    @classmethod
    def parse(cls, options: Mapping[str, Any], limits: Limits = DEFAULT_LIMITS) -> Self:
        """Validate the options of a command; None means not given.

        Raises:
            Refusal: with one sentence that names the nearest valid choice.
        """
        chosen = {name: value for name, value in options.items() if value is not None}
        try:
            return cls.model_validate(chosen, context={"limits": limits})
        except ValidationError as error:
            raise Refusal(sentence(cls, cls.maker, error)) from None

    @abstractmethod
    def submission(self) -> Submission:
        """The request as it goes on the wire."""

    @abstractmethod
    def recipe(self) -> dict[str, str]:
        """What made this video, for the card, in display order: at least `model`; size, seconds, seed where known."""

    def typed_links(self) -> dict[str, TypedLink]:
        """The links that the person typed, by option."""
        return {name: value for name, value in self if isinstance(value, TypedLink)}

    def notes(self) -> tuple[str, ...]:
        """Sentences about what was changed on the person's behalf: told, not refused."""
        return ()


class WithImages(Request):
    """A request that takes up to three pictures."""

    image: Image | None = None
    image2: Image | None = None
    image3: Image | None = None

    def images(self) -> tuple[Image, ...]:
        """The pictures that were given, in their order."""
        return tuple(image for image in (self.image, self.image2, self.image3) if image is not None)


def given(**values: JsonValue) -> dict[str, JsonValue]:
    """The values that are not None: what was not asked for is not sent."""
    return {name: value for name, value in values.items() if value is not None}


def as_recipe(**values: JsonValue) -> dict[str, str]:
    """What is known of a recipe, as words; `aspect_ratio` reads "aspect ratio"."""
    return {name.replace("_", " "): str(value) for name, value in given(**values).items()}


def input_files(images: tuple[Image, ...], one: str, several: str) -> tuple[InputFile, ...]:
    """One picture under the field `one` as a string; several under `several` as an array."""
    if len(images) == 1:
        return (InputFile.of(one, images[0]),)
    return tuple(InputFile.of(f"{several}[]", image) for image in images)


def _as_text(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
