"""How a video can be made to fit, as pure arithmetic."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from bot.media.video import Video

#: Lengths of the shorter side, in pixels, that a video may be scaled down to.
SIDES = (2160, 1440, 1080, 720, 540, 480, 360, 240, 180, 144)
#: The longest side that the H.264 decoders of phones take.
LONGEST_SIDE = 4096
#: Pictures a second: no film service makes more than the first; the second is what a scarce bit rate is spent on, since
#: sharp pictures at half the rate look better than soft ones; the third is the least that still moves.
MOST_RATE, SCARCE_RATE, LEAST_RATE = 60.0, 30.0, 12.0
#: Of the bits a second that look good, the share below which the smallest picture is not watchable.
_LEAST_SHARE = 0.4
#: Bytes of an MP4's index: once, for each frame and for each packet of sound (measured: 1500, 21 and 5).
_INDEX_BYTES, _INDEX_FRAME, _INDEX_PACKET = 2500, 24, 12
_PACKETS_PER_SECOND = 50
_SOUND_RATES = (32_000, 128_000)
#: Pixels of all pictures together above which a slow preset would keep others waiting: a minute of 1080p at 24.
_MANY_PIXELS = 3e9
#: Seconds that one run of ffmpeg may take at most.
_LONGEST_RUN = 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Sound:
    """Sound copied as it is, or made AAC at `rate` bits per second."""

    rate: int
    copied: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Encode:
    """Two passes of H.264 with these even sides; `video_rate` is what the first pass assumes (see `video_rate`)."""

    video_rate: int
    sound: Sound | None
    width: int
    height: int
    #: Pictures a second; None: as they are.
    frame_rate: float | None
    preset: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Remux:
    """The video stream copied into a fast-start MP4; the audio too, unless it is not AAC."""

    copy_audio: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """What the first pass has shown: frames and seconds of the picture, bytes of the sound."""

    frames: int
    seconds: float
    sound: int


def plays_everywhere(video: Video) -> bool:
    """Whether every Discord client shows it: H.264 8-bit 4:2:0, AAC or silent, a fast-start MP4 of these two alone."""
    return _common_pictures(video) and _common_sound(video) and video.faststart and not video.extra_streams


def remux(video: Video, limit: int) -> Remux | None:
    """How to repack a video whose container or sound alone is wrong; None if that is not enough.

    It may even bring one under the limit, where sound that is not AAC, or streams that nobody sees, take much room.
    """
    lighter = video.extra_streams or not _common_sound(video)
    if _common_pictures(video) and (video.size <= limit or lighter):
        return Remux(copy_audio=_common_sound(video))
    return None


def encodes(video: Video, limit: int) -> list[Encode]:
    """The encodings that fit, best first: the largest picture that looks good at its bit rate, then each smaller one.

    Empty: none is watchable.
    """
    total = _room(limit, video, video.seconds * video.frame_rate) * 8 / video.seconds
    sound = _sound(video, total)
    # Twice the original's bit rate loses nothing visible; more would only make the upload longer.
    rate = int(min(total - (sound.rate if sound else 0), _enough(video)))
    shapes = _shapes(video)
    good = [shape for shape in shapes if rate >= min(rate_that_looks_good(*shape), _enough(video))]
    if not good and rate >= _LEAST_SHARE * rate_that_looks_good(*shapes[-1]):
        good = shapes[-1:]
    plans: list[Encode] = []
    for width, height, frames in good:
        same = frames == video.frame_rate and not video.variable_rate
        preset = "medium" if width * height * frames * video.seconds <= _MANY_PIXELS else "veryfast"
        plans.append(
            Encode(
                video_rate=rate,
                sound=sound,
                width=width,
                height=height,
                frame_rate=None if same else frames,
                preset=preset,
            )
        )
    return plans


def video_rate(video: Video, measured: Measured, limit: int, share: float) -> int:
    """Bits per second for the second pass: what fills `share` of the room that index and sound leave; 0 if none."""
    room = _room(limit, video, measured.frames) - measured.sound
    return max(0, min(int(room * share * 8 / measured.seconds), _enough(video)))


def rate_that_looks_good(width: int, height: int, frame_rate: float) -> float:
    """Bits per second under which H.264 looks better smaller: 3.1 Mbit/s for 1080p at 30, 0.9 for 480p, 8.8 for 4K.

    Needs grow more slowly than pixels (as their power of 3/4) and than the frame rate, as in the ladders of streaming
    services; with grainy films VMAF changes sides about there.
    """
    return 3.1e6 * (width * height / (1920 * 1080)) ** 0.75 * (frame_rate / 30) ** 0.6


def seconds_allowed(video: Video, plan: Encode | None = None) -> float:
    """Seconds for one run of ffmpeg: a small, busy machine reads and writes two million pixels a second."""
    work = video.width * video.height + (2 * plan.width * plan.height if plan else 0)
    return min(_LONGEST_RUN, 300.0 + work * video.frame_rate * video.seconds / 2e6)


def _common_pictures(video: Video) -> bool:
    """8-bit 4:2:0 may still be of a profile that hardware does not know: lossless x264 is "High 4:4:4 Predictive"."""
    return (
        video.video_codec == "h264"
        and video.pixel_format in ("yuv420p", "yuvj420p")
        and video.profile in (None, "Constrained Baseline", "Baseline", "Main", "High")
        and video.transfer is None
        and max(video.width, video.height) <= LONGEST_SIDE
    )


def _common_sound(video: Video) -> bool:
    return video.audio_codec in (None, "aac")


def _room(limit: int, video: Video, frames: float) -> float:
    """Bytes that the index leaves."""
    packets = _PACKETS_PER_SECOND * video.seconds if video.audio_codec else 0.0
    return limit - _INDEX_BYTES - _INDEX_FRAME * frames - _INDEX_PACKET * packets


def _enough(video: Video) -> int:
    return max(1000, int(2 * 8 * video.size / video.seconds))


def _sound(video: Video, total: float) -> Sound | None:
    """An eighth of the bits, within what AAC sounds well with; AAC that takes no more than that is left alone."""
    if video.audio_codec is None:
        return None
    least, most = _SOUND_RATES
    rate = int(max(least, min(most, total / 8)))
    if video.audio_codec == "aac" and video.audio_rate and video.audio_rate <= max(rate, total / 8):
        return Sound(rate=video.audio_rate, copied=True)
    return Sound(rate=rate, copied=False)


def _shapes(video: Video) -> list[tuple[int, int, float]]:
    """Width, height and frame rate, each less than the one before: first fewer frames, then fewer pixels."""
    full = _halved(video.frame_rate, MOST_RATE)
    scarce = _halved(full, SCARCE_RATE)
    sizes = _sizes(video)
    shapes = [(*sizes[0], full), *((*size, scarce) for size in sizes)]
    if scarce / 2 >= LEAST_RATE:
        shapes.append((*sizes[-1], scarce / 2))
    return [shapes[0], *(smaller for larger, smaller in pairwise(shapes) if smaller != larger)]


def _halved(rate: float, most: float) -> float:
    """A rate halved until it is at most `most`, so that the frames left over are evenly spaced."""
    return rate / 2 ** max(0, math.ceil(math.log2(rate / most) - 0.001))


def _sizes(video: Video) -> list[tuple[int, int]]:
    """The size as it is, then each smaller one; even sides, as 4:2:0 requires, rounded down so that none is enlarged."""
    shorter, longer = sorted((video.width, video.height))
    scales = [min(1.0, LONGEST_SIDE / longer)]
    scales += [side / shorter for side in SIDES if side < shorter * scales[0]]
    return [(_even(video.width * scale), _even(video.height * scale)) for scale in scales]


def _even(side: float) -> int:
    # What is a whole number but for floating point, such as 720 out of 1080 x 2/3, stays it.
    return max(2, int((side + 1e-6) / 2) * 2)
