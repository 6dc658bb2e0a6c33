"""What the families behind OctopusX accept, and the video each request becomes."""

from __future__ import annotations

from bot.sandbox.video_api import refusals
from bot.sandbox.video_api.ask import Ask, whole
from bot.sandbox.video_api.pictures import BadPicture, checked, load, size_and_format
from bot.sandbox.video_api.tasks import Plan

_UNITS_A_SECOND = 50_000
_VEO_SIZES = ("720x1280", "1280x720", "1920x1080", "1080x1920", "3840x2160", "2160x3840")
_SORA_SIZES = {
    "sora-2": ("720x1280", "1280x720"),
    "sora-2-pro": ("720x1280", "1280x720", "1792x1024", "1024x1792"),
}
_VIDU_LINES = {"540p": 540, "720p": 720, "1080p": 1080}
_VIDU_RATIOS = {"16:9": (16, 9), "9:16": (9, 16), "3:4": (3, 4), "4:3": (4, 3), "1:1": (1, 1)}
_KLING_SIZES = {
    "1024x1024": (720, 720),
    "512x512": (720, 720),
    "1280x720": (1280, 720),
    "1920x1080": (1280, 720),
    "720x1280": (720, 1280),
    "1080x1920": (720, 1280),
}
_GOOGLE_IMAGE_BYTES = 20 * 1024 * 1024


async def veo(ask: Ask) -> Plan:
    """veo_3_1 and veo_3_1-fast: 4, 6 or 8 s; a reference picture forces 1280x720, whatever was asked."""
    seconds = whole(ask.metadata.get("durationSeconds")) or ask.duration() or ask.seconds() or 8
    _one_of(seconds, (4, 6, 8), "seconds")
    size = ask.text("size") or "720x1280"
    _one_of(size, _VEO_SIZES, "size")
    pictures = await _pictures(ask)
    width, height = (1280, 720) if pictures else _sides(size)
    return _plan(width, height, seconds, _sounds(ask), size, pictures)


async def sora(ask: Ask) -> Plan:
    """sora-2 and sora-2-pro: the gateway checks the size; the service behind it checks the seconds."""
    size = ask.text("size") or "720x1280"
    if size not in _SORA_SIZES[ask.model]:
        raise refusals.task(400, "invalid_size", "sora-2 size is invalid")
    seconds = ask.seconds() or ask.duration() or 4
    _one_of(seconds, (4, 8, 12) if ask.strict else (4, 8, 10, 12, 15), "seconds")
    pictures = await _pictures(ask)
    return _plan(*_sides(size), seconds, _sounds(ask), size, pictures)


async def vidu(ask: Ask) -> Plan:
    """viduq3-pro, viduq2-pro, viduq2-turbo: one picture, whose own ratio the video then follows."""
    if ask.strict and ask.form and ask.text("bgm"):
        # a form's bgm=true becomes the string "true" in metadata, which the vendor's struct cannot hold
        raise refusals.task(
            500, "build_request_failed", "json: cannot unmarshal string into Go struct field .bgm of type bool"
        )
    longest = 16 if "q3" in ask.model else 10
    duration = ask.duration() or (ask.seconds() if ask.form else 0) or 5
    if duration > longest:
        raise _vidu_refused(f"duration must be between 1 and {longest}")
    lines = _VIDU_LINES.get((ask.text("resolution") or "720p").lower())
    ratio = _VIDU_RATIOS.get(ask.text("aspect_ratio") or "16:9")
    if lines is None or ratio is None:
        raise _vidu_refused("resolution or aspect_ratio is not supported")
    if ask.text("wm_position") not in ("", "1", "2", "3", "4"):
        raise _vidu_refused("wm_position must be 1, 2, 3 or 4")
    pictures = await _pictures(ask)
    if pictures:
        ratio = _vidu_picture_ratio(list(pictures))
    width, height = _scaled(lines, ratio)
    return _plan(width, height, duration, ask.flag("audio") or ask.flag("bgm"), f"{width}x{height}", pictures)


async def kling(ask: Ask) -> Plan:
    """The Kling models: 5 or 10 s (3 to 15 from version 3 on); a size it does not know makes a square video."""
    duration = ask.duration() or ask.seconds() or 5
    allowed = tuple(range(3, 16)) if "-3" in ask.model or "-v3" in ask.model else (5, 10)
    if duration not in allowed:
        raise refusals.task(400, "task_failed", f"duration must be one of {', '.join(map(str, allowed))}")
    size = ask.text("size") or "1280x720"
    width, height = _KLING_SIZES.get(size, (720, 720))
    return _plan(width, height, duration, False, size, await _pictures(ask))


async def other(ask: Ask) -> Plan:
    """Any other vendor's model: whatever size and length it is asked for."""
    size = ask.text("size")
    width, height = _google_sides(size)
    duration = ask.duration() or ask.seconds() or 5
    return _plan(width, height, duration, False, size, await _pictures(ask))


async def google(ask: Ask) -> Plan:
    """Google's own Veo through new-api: `seconds` is billed but not sent, and a picture's link is silently dropped."""
    duration = whole(ask.metadata.get("durationSeconds")) or ask.duration() or 8
    _one_of(duration, (4, 6, 8), "durationSeconds")
    size = ask.text("size")
    width, height = _google_sides(size)
    inline = [value for value in ask.references() if not value.startswith(("http://", "https://"))]
    pictures = [await _picture(value) for value in inline[:1] if not ask.text("input_reference")]
    uploaded = [part.data for part in ask.files if part.name == "input_reference"][:1]
    pictures = [data for data in uploaded if len(data) <= _GOOGLE_IMAGE_BYTES] or pictures
    audio = bool(ask.metadata.get("generateAudio", True))
    return _plan(width, height, duration, audio, size, tuple(pictures))


def _plan(width: int, height: int, seconds: int, audio: bool, size: str, pictures: tuple[bytes, ...]) -> Plan:
    return Plan(
        width=width,
        height=height,
        seconds=seconds,
        audio=audio,
        size=size,
        pictures=pictures,
        price=seconds * _UNITS_A_SECOND,
    )


async def _pictures(ask: Ask) -> tuple[bytes, ...]:
    """All reference pictures of a request: uploaded ones, else those given as strings."""
    try:
        uploaded = tuple(checked(part.data) for part in ask.files)
    except BadPicture as bad:
        raise _picture_refused(bad) from None
    return uploaded or tuple([await _picture(value) for value in ask.references()])


async def _picture(value: str) -> bytes:
    try:
        return await load(value)
    except BadPicture as bad:
        raise _picture_refused(bad) from None


def _picture_refused(bad: BadPicture) -> refusals.Refused:
    return refusals.upstream(f"Invalid reference image: {bad}.", "input_reference", "invalid_image")


def _vidu_picture_ratio(pictures: list[bytes]) -> tuple[int, int]:
    """The ratio of Vidu's one picture: PNG, JPEG or WebP between 1:4 and 4:1 (the document's sentence is inverted)."""
    if len(pictures) > 1:
        raise _vidu_refused("only 1 image is supported")
    width, height, kind = size_and_format(pictures[0])
    if kind not in ("PNG", "JPEG", "WEBP"):
        raise _vidu_refused("image format is not supported")
    if len(pictures[0]) > 50 * 1024 * 1024:
        raise _vidu_refused("image size must not exceed 50 MB")
    if not 0.25 <= width / height <= 4:
        raise _vidu_refused("image aspect ratio must be between 1:4 and 4:1")
    return width, height


def _vidu_refused(message: str) -> refusals.Refused:
    return refusals.task(400, "task_failed", message)


def _sounds(ask: Ask) -> bool:
    """Whether Veo and Sora make sound: unless `metadata.output_config` says no."""
    config = ask.metadata.get("output_config")
    return not isinstance(config, dict) or config.get("audio_generation") != "Disabled"


def _one_of(value: object, allowed: tuple[object, ...], param: str) -> None:
    """Refuse what is none of the choices, which OpenAI lists as '4', '8', and '12'."""
    if value not in allowed:
        quoted = [f"'{choice}'" for choice in allowed]
        listed = f"{', '.join(quoted[:-1])}, and {quoted[-1]}"
        raise refusals.upstream(f"Invalid value: '{value}'. Supported values are: {listed}.", param)


def _sides(size: str) -> tuple[int, int]:
    width, _, height = size.partition("x")
    return int(width), int(height)


def _google_sides(size: str) -> tuple[int, int]:
    """new-api maps "WxH" by its longer side; a size with no x in it, such as "1080p", is 720p and 16:9."""
    if "x" not in size:
        return 1280, 720
    width, height = (whole(side) for side in size.split("x", 1))
    longer = max(width, height)
    long, short = (3840, 2160) if longer >= 3840 else (1920, 1080) if longer >= 1920 else (1280, 720)
    return (short, long) if height > width else (long, short)


def _scaled(lines: int, ratio: tuple[int, int]) -> tuple[int, int]:
    """Sides for a ratio with the shorter one at `lines`, both even."""
    across, down = ratio
    if across >= down:
        return round(lines * across / down / 2) * 2, lines
    return lines, round(lines * down / across / 2) * 2
