"""The words in which ffmpeg is told to carry out a plan."""

from __future__ import annotations

from pathlib import Path

from bot.media.plan import Encode, Measured, Remux, Sound
from bot.media.video import Video

STREAMS = ("-map", "0:V:0", "-map", "0:a:0?")
_MP4 = ("-map_chapters", "-1", "-movflags", "+faststart")  # chapters would come along as a stream of text
#: How far x264 may stray (its own default is 1.0, which lets a clip of seconds miss by 10 %; measured with 0.1: 1 %).
_STRICT = ("-x264-params", "ratetol=0.1")
#: HDR to SDR: in linear light at the brightness of a usual screen, with a curve that keeps highlights.
_TONE_MAP = (
    "zscale=tin={transfer}:min=bt2020nc:pin=bt2020:t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,"
    "tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv"
)
#: Pixel formats that say nothing of how their colours are to be stored, and how an H.264 player takes what does not say.
_RGB = ("gbr", "rgb", "bgr", "argb", "abgr", "0rgb", "0bgr", "pal")
_BT709 = "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709"


def repack(plan: Remux, output: Path) -> list[str]:
    """Copy the picture into a plain MP4, and the sound unless it is not AAC."""
    sound = ["-c:a", "copy"] if plan.copy_audio else _aac(128_000)
    return [*STREAMS, "-c:v", "copy", *sound, *_MP4, str(output)]


def first_pass(video: Video, plan: Encode, folder: Path, *, tone_map: bool) -> list[str]:
    """Let x264 learn the film; nothing is written but its notes. The sound comes along to be measured."""
    pictures = _pictures(video, plan, plan.video_rate, tone_map=tone_map)
    return [*STREAMS, *pictures, *_pass(1, folder), *_sound(plan.sound), "-f", "null", "-"]


def second_pass(
    video: Video, plan: Encode, rate: int, measured: Measured, output: Path, *, tone_map: bool
) -> list[str]:
    """Encode at `rate` with the notes of the first pass, which lie beside `output`.

    A clip of a second or two teaches x264 little: a decoder's buffer of less than its length keeps that in bounds.
    """
    pictures = _pictures(video, plan, rate, tone_map=tone_map)
    buffer = int(rate * min(2.0, measured.seconds / 2))
    bounds = ["-maxrate", str(2 * rate), "-bufsize", str(buffer)]
    return [*STREAMS, *pictures, *_pass(2, output.parent), *bounds, *_sound(plan.sound), *_MP4, str(output)]


def _pictures(video: Video, plan: Encode, rate: int, *, tone_map: bool) -> list[str]:
    """One frame at every tick ("cfr"): both passes then see the same frames, and the rate means what it says."""
    filters = [f"fps={plan.frame_rate:.6f}"] if plan.frame_rate else []
    filters.append(f"scale={plan.width}:{plan.height}:flags=lanczos:out_range=tv")
    if video.pixel_format.startswith(_RGB):
        filters[-1] += f":out_color_matrix=bt709,{_BT709}"
    if video.transfer and tone_map:
        filters.append(_TONE_MAP.format(transfer=video.transfer))
    filters += ["setsar=1", "format=yuv420p"]
    codec = ["-c:v", "libx264", "-preset", plan.preset, "-b:v", str(rate), *_STRICT]
    return ["-vf", ",".join(filters), "-fps_mode", "cfr", *codec]


def _pass(number: int, folder: Path) -> list[str]:
    return ["-pass", str(number), "-passlogfile", str(folder / "passes")]


def _sound(sound: Sound | None) -> list[str]:
    if sound is None:
        return []
    return ["-c:a", "copy"] if sound.copied else _aac(sound.rate)


def _aac(rate: int) -> list[str]:
    """More than two channels become two, since few people hear more."""
    return ["-c:a", "aac", "-b:a", str(rate), "-af", "aformat=channel_layouts=stereo|mono"]
