"""Draws a real MP4 of a request: two stills by Pillow, set in motion by ffmpeg in its own process."""

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

from bot.sandbox.video_api.scenery import landscape

Quality = Literal["full", "tiny"]
Coding = Literal["h264", "hevc", "10bit", "late"]
"""H.264 that plays at once and everywhere; HEVC; H.264 of 10 bits; H.264 with its index (moov) at the end."""

_CODINGS: Mapping[Coding, tuple[str, ...]] = {
    "h264": ("-c:v", "libx264"),
    "hevc": ("-c:v", "libx265", "-tag:v", "hvc1", "-x265-params", "log-level=error"),
    "10bit": ("-c:v", "libx264", "-pix_fmt", "yuv420p10le"),
    "late": ("-c:v", "libx264"),
}


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

    With `quality="tiny"` a video has a third of the sides and half a second: still whole and playable, for fast tests.
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
        if self._quality == "tiny" and scene.megabytes is None:
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
    """What ffmpeg is told: move over the first still, lay the second over it, and slide a time bar along the foot."""
    width, height, seconds, fps = _even(scene.width), _even(scene.height), scene.seconds, scene.fps
    bar = _even(max(2, height // 60))
    noise = ",noise=alls=60:allf=t" if scene.megabytes else ""
    on = f"loop=loop=-1:size=1,setpts=N/{fps}/TB,fps={fps}"  # after what is done to the still once
    motion = (
        f"[0:v]split[one][two];[one]select='eq(n,0)',format=yuv420p,{on},crop={width}:{height}:'min(n,{_drift(scene)})':0[view];"
        f"[two]select='eq(n,1)',crop={width}:{_even(height // 2)}:0:0,format=yuva420p,{on}[words];[view][words]overlay[still];"
        f"color=c=white:s={width}x{bar}:r={fps}[bar];"
        f"[still][bar]overlay=x='-W+W*t/{seconds}':y=H-h:eval=frame{noise},format=yuv420p[v]"
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
    """Two stills as PNG, one after the other: what is seen, wider than the video by its drift, and the words over it."""
    out = io.BytesIO()
    for still in (view(scene), words(scene)):
        still.convert("RGBA").save(out, "PNG", compress_level=1)
    return out.getvalue()


def view(scene: Scene) -> Image.Image:
    """The reference pictures side by side, cut to fill the frame; without any, a landscape of the prompt's own."""
    width, height = _even(scene.width) + _drift(scene), _even(scene.height)
    canvas = Image.new("RGB", (width, height))
    pictures = [Image.open(io.BytesIO(data)) for data in scene.pictures] or [_imagined(scene)]
    edges = [width * index // len(pictures) for index in range(len(pictures) + 1)]
    for picture, left, right in zip(pictures, edges, edges[1:], strict=False):
        canvas.paste(ImageOps.fit(picture.convert("RGB"), (right - left, height)), (left, 0))
    return canvas


def words(scene: Scene) -> Image.Image:
    """The model and length, and the prompt, on a shade that leaves the lower half clear."""
    width, height = _even(scene.width), _even(scene.height)
    shade = (
        Image.linear_gradient("L")
        .rotate(180)
        .resize((width, height // 2))
        .point([light * 3 // 5 for light in range(256)])
    )
    canvas = Image.new("RGBA", (width + _drift(scene), height))
    canvas.paste(Image.merge("RGBA", (*[Image.new("L", shade.size)] * 3, shade)), (0, 0))
    pen = ImageDraw.Draw(canvas)
    unit = max(4, min(width, height) // 18)
    heading = f"{scene.model}  {scene.seconds:g} s  {width}x{height}"
    pen.text((unit, unit), heading, font=ImageFont.load_default(size=unit * 0.7), fill="#ffd479")
    columns = max(12, int((width - 2 * unit) / (unit * 0.55)))
    lines = "\n".join(textwrap.wrap(scene.prompt, columns, max_lines=5, placeholder=" ..."))
    pen.multiline_text(
        (unit, unit * 2.2), lines, font=ImageFont.load_default(size=unit), fill="white", spacing=unit // 4
    )
    return canvas


def _imagined(scene: Scene) -> Image.Image:
    """Small: it is brought to the video's size like every picture."""
    return landscape(640, 360, seed=int(hashlib.sha256(scene.prompt.encode()).hexdigest()[:8], 16))


def _drift(scene: Scene) -> int:
    """Pixels that the view moves to the side, one with each frame."""
    return _even(min(int(scene.seconds * scene.fps), _even(scene.width) // 6))


def _shrunk(scene: Scene) -> Scene:
    return replace(scene, width=_even(scene.width // 3), height=_even(scene.height // 3), seconds=0.5)


def _even(number: int) -> int:
    """The next lower even number: yuv420p has half the colour samples a side."""
    return max(2, number - number % 2)
