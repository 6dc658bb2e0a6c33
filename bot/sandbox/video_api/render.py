"""Draws a real MP4 of a request: a still by Pillow, set in motion by ffmpeg in its own process."""

from __future__ import annotations

import asyncio
import hashlib
import io
import shutil
import textwrap
from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Literal

import imageio_ffmpeg
from PIL import Image, ImageDraw, ImageFont, ImageOps

Quality = Literal["full", "tiny"]
Coding = Literal["h264", "hevc", "10bit", "late"]
"""H.264 that plays at once and everywhere; HEVC; H.264 of 10 bits; H.264 with its index (moov) at the end."""

_CODINGS: Mapping[Coding, tuple[str, ...]] = {
    "h264": ("-c:v", "libx264"),
    "hevc": ("-c:v", "libx265", "-tag:v", "hvc1", "-x265-params", "log-level=error"),
    "10bit": ("-c:v", "libx264", "-pix_fmt", "yuv420p10le"),
    "late": ("-c:v", "libx264"),
}
_BACKGROUNDS = ("#16324f", "#3d1f4f", "#1f4f3a", "#4f331f", "#4f1f2c", "#1f474f")


class RenderError(Exception):
    """ffmpeg could not make the video; the message holds the end of what it said."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """What a video shows; equal scenes are rendered once."""

    width: int
    height: int
    seconds: float
    audio: bool
    prompt: str
    model: str
    pictures: tuple[bytes, ...] = ()
    megabytes: float | None = None  #: noise at a constant rate, for a file of about this size (H.264 only)
    coding: Coding = "h264"

    @property
    def fps(self) -> int:
        """24 frames a second up to 720p; half of it above, since the demo shares a laptop's cores."""
        return 24 if self.width * self.height <= 1280 * 720 else 12

    def key(self) -> str:
        """A name for the file: equal for equal scenes."""
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()[:24]


def ffmpeg() -> str:
    """The ffmpeg on PATH, else the one imageio-ffmpeg brings."""
    return shutil.which("ffmpeg") or imageio_ffmpeg.get_ffmpeg_exe()


class Renderer:
    """Renders scenes into a folder, one at a time and each once.

    With `quality="tiny"` a video has a third of the sides and half a second: still whole and playable, and as large as it
    is to be, for fast tests.
    """

    def __init__(self, folder: Path, quality: Quality = "full") -> None:
        self._folder = folder
        self._quality: Quality = quality
        self._turn = asyncio.Lock()
        self._renders: dict[str, asyncio.Task[Path]] = {}

    async def render(self, scene: Scene) -> Path:
        """The file of a scene.

        Raises:
            RenderError: ffmpeg failed.
        """
        if self._quality == "tiny":
            scene = _shrunk(scene)
        key = scene.key()
        if key not in self._renders:
            self._renders[key] = asyncio.create_task(self._render(scene, self._folder / f"{key}.mp4"))
        return await asyncio.shield(self._renders[key])

    async def aclose(self) -> None:
        """Stop what is being rendered."""
        for render in self._renders.values():
            render.cancel()
        await asyncio.gather(*self._renders.values(), return_exceptions=True)

    async def _render(self, scene: Scene, target: Path) -> Path:
        async with self._turn:
            still = await asyncio.to_thread(draw, scene)
            process = await asyncio.create_subprocess_exec(
                ffmpeg(),
                *arguments(scene, target),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                _, said = await process.communicate(still)
            except asyncio.CancelledError:
                process.kill()
                await process.wait()
                raise
        if process.returncode:
            raise RenderError(said.decode("utf-8", "replace")[-500:])
        return target


def arguments(scene: Scene, target: Path) -> list[str]:
    """What ffmpeg is told: loop the still, slide a time bar along its foot and a marker to and fro above it."""
    width, height, seconds, fps = _even(scene.width), _even(scene.height), scene.seconds, scene.fps
    bar = _even(max(2, height // 60))
    marker = _even(max(4, height // 20))
    noise = ",noise=alls=60:allf=t" if scene.megabytes else ""
    motion = (
        f"[0:v]loop=loop=-1:size=1,setpts=N/{fps}/TB,fps={fps},format=yuv420p[still];"
        f"color=c=white:s={width}x{bar}:r={fps}[bar];color=c=orange:s={marker}x{marker}:r={fps}[marker];"
        f"[still][bar]overlay=x='-W+W*t/{seconds}':y=H-h:eval=frame[timed];"
        f"[timed][marker]overlay=x='(W-w)*(0.5-0.5*cos(2*t))':y=H-h-{2 * bar}:eval=frame{noise},format=yuv420p[v]"
    )
    tone = f"[1:a]volume=0.08,afade=t=out:st={max(0.0, seconds - 0.3)}:d=0.3[a]"
    sound_in = ["-f", "lavfi", "-i", f"sine=frequency=330:duration={seconds}"] if scene.audio else []
    sound_out = ["-map", "[a]", "-c:a", "aac", "-b:a", "64k"] if scene.audio else ["-an"]
    return [
        *("-hide_banner", "-loglevel", "error", "-nostdin", "-y"),
        *("-f", "png_pipe", "-i", "pipe:0", *sound_in),
        *("-filter_complex", f"{motion};{tone}" if scene.audio else motion, "-map", "[v]", *sound_out),
        *(*_CODINGS[scene.coding], "-preset", "ultrafast", "-threads", "2", *_rate(scene)),
        *("-t", str(seconds), *(() if scene.coding == "late" else ("-movflags", "+faststart")), str(target)),
    ]


def pad(video: Path, target: Path, size: int) -> None:
    """Copy a video and fill it up to `size` bytes with a `free` box (ISO/IEC 14496-12), a hole that takes no disk.

    The result is as whole as the video; one that is larger already stays as it is.
    """
    shutil.copyfile(video, target)
    missing = size - target.stat().st_size
    if missing >= 8:
        with target.open("ab") as file:
            file.write(missing.to_bytes(4, "big") + b"free")
            file.truncate(size)


def _rate(scene: Scene) -> list[str]:
    if scene.megabytes is None:
        return ["-crf", "28"]
    rate = int(scene.megabytes * 8_000_000 / scene.seconds)
    limits = ["-b:v", str(rate), "-minrate", str(rate), "-maxrate", str(rate), "-bufsize", str(rate // 4)]
    return [*limits, "-x264-params", "nal-hrd=cbr"]  # fills up where the noise compresses too well


def draw(scene: Scene) -> bytes:
    """The still as PNG: model and length, the prompt, and the reference pictures side by side."""
    width, height = _even(scene.width), _even(scene.height)
    background = _BACKGROUNDS[sum(scene.model.encode()) % len(_BACKGROUNDS)]
    canvas = Image.new("RGB", (width, height), background)
    pen = ImageDraw.Draw(canvas)
    unit = max(4, min(width, height) // 18)
    heading = f"{scene.model}  {scene.seconds:g} s  {width}x{height}"
    pen.text((unit, unit), heading, font=ImageFont.load_default(size=unit * 0.7), fill="#ffd479")
    columns = max(12, int((width - 2 * unit) / (unit * 0.55)))
    words = "\n".join(textwrap.wrap(scene.prompt, columns, max_lines=5, placeholder=" ..."))
    pen.multiline_text(
        (unit, unit * 2.5), words, font=ImageFont.load_default(size=unit), fill="white", spacing=unit // 4
    )
    _place(canvas, scene.pictures, unit)
    out = io.BytesIO()
    canvas.save(out, "PNG", compress_level=1)
    return out.getvalue()


def _place(canvas: Image.Image, pictures: tuple[bytes, ...], unit: int) -> None:
    """Set the reference pictures side by side into the lower half."""
    if not pictures:
        return
    room = (canvas.width - unit * (len(pictures) + 1)) // len(pictures)
    top = canvas.height // 2
    for index, data in enumerate(pictures):
        with Image.open(io.BytesIO(data)) as picture:
            thumb = ImageOps.contain(picture.convert("RGB"), (max(1, room), max(1, canvas.height - top - 3 * unit)))
        canvas.paste(thumb, (unit + index * (room + unit), top))


def _shrunk(scene: Scene) -> Scene:
    return replace(scene, width=_even(scene.width // 3), height=_even(scene.height // 3), seconds=0.5)


def _even(number: int) -> int:
    """The next lower even number: yuv420p has half the colour samples a side."""
    return max(2, number - number % 2)
