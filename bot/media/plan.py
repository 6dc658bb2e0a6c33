"""How a video can be made to fit, as pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

from bot.media.video import Video

#: Lengths of the shorter side, in pixels, that a video may be scaled down to.
SIDES = (1440, 1080, 720, 540, 480, 360, 240)
#: Bits per pixel and frame: below the first, H.264 looks better at the next smaller size; below the second, at the
#: smallest size, it is not watchable.
GOOD_BITS, LEAST_BITS = 0.05, 0.02
#: Assumed frame rate: the real one is not probed, and no video service makes more.
FRAMES_PER_SECOND = 30
#: Room for the index: about 40 bytes for each frame and audio packet.
_INDEX_BYTES, _INDEX_BYTES_PER_SECOND = 4096, 40 * (FRAMES_PER_SECOND + 50)


@dataclass(frozen=True, kw_only=True, slots=True)
class Encode:
    """Two passes of H.264 and AAC at these bits per second, the frame scaled by `scale` (1.0: unchanged)."""

    video_rate: int
    audio_rate: int
    scale: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Remux:
    """The video stream copied into a fast-start MP4; the audio too, unless it is not AAC."""

    copy_audio: bool


def plays_everywhere(video: Video) -> bool:
    """Whether every Discord client shows it: H.264 8-bit 4:2:0, AAC or silent, a fast-start MP4."""
    return _common_pictures(video) and _common_sound(video) and video.faststart


def remux(video: Video, limit: int) -> Remux | None:
    """How to repack a video whose container or audio alone is wrong; None if that is not enough."""
    if _common_pictures(video) and video.size <= limit:
        return Remux(copy_audio=_common_sound(video))
    return None


def encode(video: Video, limit: int, share: float) -> Encode | None:
    """The largest frame that still looks good at the bit rate which fills `share` of the limit; None if none does."""
    room = limit - _INDEX_BYTES - _INDEX_BYTES_PER_SECOND * video.seconds
    total = int(room * 8 * share / video.seconds)
    audio_rate = 0 if video.audio_codec is None else max(32_000, min(128_000, total // 8))
    video_rate = total - audio_rate
    # Twice the original's bit rate loses nothing visible; more would only make the upload longer.
    enough = int(2 * 8 * video.size / video.seconds)
    if video_rate >= enough:
        return Encode(video_rate=enough, audio_rate=audio_rate, scale=1.0)
    scales = _scales(video)
    for scale in scales:
        if video_rate >= GOOD_BITS * _pixels_per_second(video, scale):
            return Encode(video_rate=video_rate, audio_rate=audio_rate, scale=scale)
    if video_rate >= LEAST_BITS * _pixels_per_second(video, scales[-1]):
        return Encode(video_rate=video_rate, audio_rate=audio_rate, scale=scales[-1])
    return None


def _common_pictures(video: Video) -> bool:
    return video.video_codec == "h264" and video.pixel_format in ("yuv420p", "yuvj420p")


def _common_sound(video: Video) -> bool:
    return video.audio_codec in (None, "aac")


def _scales(video: Video) -> list[float]:
    """1.0, then each smaller side."""
    shorter = min(video.width, video.height)
    return [1.0, *(side / shorter for side in SIDES if side < shorter)]


def _pixels_per_second(video: Video, scale: float) -> float:
    return video.width * video.height * scale * scale * FRAMES_PER_SECOND
