"""The JSON form of POST /v1/videos, which Veo and Sora share.

| field | type | what is sent |
|---|---|---|
| model, prompt | string | as given |
| size | string | WIDTHxHEIGHT, always explicit |
| seconds | string | always explicit; a JSON number is a 400 on stock new-api |
| duration | integer | the same number: some channels read only this one |
| input_reference | string or string[] | one picture as a data URI; several as an array, which stock new-api refuses |
| metadata.output_config.aspect_ratio | string | "16:9" or "9:16", always that of the size |
| metadata.output_config.resolution | string | "720P" or "1080P" |
| metadata.output_config.audio_generation | string | "Enabled" or "Disabled", only when asked |

Not sent: `enable_upsample` (the Veo document itself says that it is no field of the request), `character_url` and
`character_timestamps` (they belong to /sora/v1/characters). The template's `"seconds": {}` is an artefact of its generator.
"""

from __future__ import annotations

from typing import Literal

from bot.requests.base import Image, Submission, given, input_files


def aspect_ratio(size: str) -> Literal["16:9", "9:16"]:
    """The ratio of a size such as `1280x720`, so that the two never conflict."""
    width, height = size.split("x")
    return "16:9" if int(width) > int(height) else "9:16"


def video_submission(
    *,
    maker: str,
    model: str,
    prompt: str,
    size: str,
    seconds: int,
    resolution: str,
    audio: bool | None,
    images: tuple[Image, ...],
) -> Submission:
    """Render a request in the form of the table above."""
    # "Enabled" is the counterpart of "Disabled", the only value that the documents show.
    sound = None if audio is None else "Enabled" if audio else "Disabled"
    config = given(aspect_ratio=aspect_ratio(size), audio_generation=sound, resolution=resolution)
    return Submission(
        upstream="octopusx",
        submit_path="/v1/videos",
        fields={
            "model": model,
            "prompt": prompt,
            "size": size,
            "seconds": str(seconds),
            "duration": seconds,
            "metadata": {"output_config": config},
        },
        files=input_files(images, one="input_reference", several="input_reference"),
        maker=maker,
    )
