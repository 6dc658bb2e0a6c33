"""What UniAll's veo3.1-video-* models accept: links only, and five ways to ask that exclude each other."""

from __future__ import annotations

import re

from bot.sandbox.video_api import refusals
from bot.sandbox.video_api.ask import Ask
from bot.sandbox.video_api.pictures import BadPicture, checked, fetch, last_frame
from bot.sandbox.video_api.tasks import Plan

MODELS = tuple(f"veo3.1{fast}-video-{tier}" for fast in ("", "-fast") for tier in ("720p", "1080p", "4k"))
_SIDES = {"720p": (1280, 720), "1080p": (1920, 1080), "4k": (3840, 2160)}
_EXTENSION_SECONDS = 7
_UNITS_A_SECOND = {"720p": 100_000, "1080p": 100_000, "4k": 150_000}


async def veo31(ask: Ask) -> Plan:
    """Text, image, first and last frame, references or extension; a link that cannot be fetched is refused."""
    tier = ask.model.rpartition("-")[2]
    _check_fields(ask, tier)
    _check_mode(ask)
    pictures = await _pictures(ask)
    width, height = _SIDES[tier]
    if ask.text("aspect_ratio") == "9:16":
        width, height = height, width
    seconds = _EXTENSION_SECONDS if ask.fields.get("video") else ask.duration() or 8
    extra = ask.fields.get("extra_body") or {}
    return Plan(
        width=width,
        height=height,
        seconds=seconds,
        audio=bool(extra.get("generate_audio", True)),
        size=tier,
        pictures=pictures,
        price=seconds * _UNITS_A_SECOND[tier],
    )


def _check_fields(ask: Ask, tier: str) -> None:
    if ask.text("size") not in ("", tier):
        raise _refused(f"size must be {tier} for model {ask.model}")
    if ask.text("aspect_ratio") not in ("", "16:9", "9:16"):
        raise _refused("aspect_ratio must be 16:9 or 9:16")
    if "duration" in ask.fields and ask.duration() not in (4, 6, 8):
        raise _refused("duration must be 4, 6 or 8")
    extra = ask.fields.get("extra_body")
    if extra is not None and not isinstance(extra, dict):
        raise _refused("extra_body must be an object")
    for name, kind in (("generate_audio", bool), ("negative_prompt", str), ("seed", int)):
        if extra and name in extra and type(extra[name]) is not kind:
            raise _refused(f"extra_body.{name} must be of type {kind.__name__}")


def _check_mode(ask: Ask) -> None:
    given = {name for name in ("image", "images", "last_image", "video") if ask.fields.get(name)}
    if "last_image" in given and "image" not in given:
        raise _refused("last_image needs image")
    if len(given - {"last_image"}) > 1:
        raise _refused("image, images and video exclude each other")
    if "images" in given:
        if "-fast-" in ask.model:
            raise _refused("fast models do not support multiple reference images")
        if not 2 <= len(ask.fields["images"]) <= 3:
            raise _refused("images must hold 2 or 3 URLs")
    if "video" in given and "duration" in ask.fields and ask.strict:
        # the document's own example sends one though its table says it is not used: only the strict mode minds
        raise _refused("duration is not supported for video extension")


async def _pictures(ask: Ask) -> tuple[bytes, ...]:
    """The pictures behind the links, or the last frame of the video behind its link."""
    named = [(name, value) for name in ("image", "last_image") if (value := ask.fields.get(name))]
    named += [(f"images[{index}]", value) for index, value in enumerate(ask.fields.get("images") or [])]
    pictures = [await _fetched(name, value) for name, value in named]
    if video := ask.fields.get("video"):
        pictures.append(await _fetched("video", video))
    return tuple(pictures)


async def _fetched(name: str, url: object) -> bytes:
    try:
        data = await fetch(str(url))
        return await last_frame(data) if name == "video" else checked(data)
    except BadPicture as bad:
        raise _refused(f"{name} {re.sub(r'[?].*?(?=:|$)', '', str(bad))}") from None


def _refused(message: str) -> refusals.Refused:
    return refusals.task(400, "invalid_request", message)
