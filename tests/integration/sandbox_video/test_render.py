"""The videos are real: decoded with ffmpeg, frame by frame."""

import asyncio
import io
import itertools
import re
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import pytest
from PIL import Image, ImageChops

from bot.sandbox.video_api import VideoApiSandbox
from bot.sandbox.video_api.render import Coding, Renderer, RenderError, Scene, ffmpeg, pad, view, words
from tests.integration.sandbox_video.conftest import Client, picture

SCENE = Scene(width=320, height=180, seconds=2, audio=True, prompt="A cat chases butterflies", model="veo_3_1")


@dataclass(frozen=True)
class Opened:
    """What ffmpeg finds in a file."""

    size: tuple[int, int]
    seconds: float
    codecs: tuple[str, ...]  #: the video's with its pixel format, then the sound's if there is any
    frames: list[Image.Image]


def opened(path: Path) -> Opened:
    """Decode a file whole."""
    command = [
        ffmpeg(),
        "-hide_banner",
        "-i",
        str(path),
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-fps_mode",
        "passthrough",
        "-",
    ]
    done = subprocess.run(command, capture_output=True, check=True)
    said = done.stderr.decode().partition("Stream mapping:")[0]
    sides = re.search(r", (\d+)x(\d+)", said)
    length = re.search(r"Duration: 00:(\d\d):([\d.]+)", said)
    assert sides
    assert length
    width, height = int(sides[1]), int(sides[2])
    step = width * height * 3
    return Opened(
        size=(width, height),
        seconds=int(length[1]) * 60 + float(length[2]),
        codecs=tuple(re.findall(r"(?:Video|Audio): (\w+)", said)) + tuple(re.findall(r"yuv\w+", said)),
        frames=[
            Image.frombytes("RGB", (width, height), done.stdout[start : start + step])
            for start in range(0, len(done.stdout), step)
        ],
    )


async def test_a_video_is_h264_and_aac_of_the_size_and_length_asked(tmp_path: Path):
    """yuv420p, faststart, and every one of its frames differs from the one before."""
    path = await Renderer(tmp_path).render(SCENE)
    video = opened(path)
    data, frames = path.read_bytes(), video.frames

    assert (video.size, video.codecs) == ((320, 180), ("h264", "aac", "yuv420p"))
    assert video.seconds == pytest.approx(2, abs=0.1)
    assert data.index(b"moov") < data.index(b"mdat")
    assert len(frames) == 48
    assert all(ImageChops.difference(one, two).getbbox() for one, two in itertools.pairwise(frames))


async def test_the_time_bar_grows_with_the_time(tmp_path: Path):
    """At half the length about half of the foot is white."""
    frames = opened(await Renderer(tmp_path).render(SCENE)).frames

    def bar(frame: Image.Image) -> float:
        foot = frame.convert("L").crop((0, 179, 320, 180))
        return sum(value > 200 for value in foot.tobytes()) / 320

    assert [bar(frames[0]), bar(frames[24]), bar(frames[47])] == pytest.approx([0, 0.5, 0.98], abs=0.03)


async def test_a_silent_video_has_no_sound_track(tmp_path: Path):
    """As the real services make it without audio."""
    video = opened(await Renderer(tmp_path).render(replace(SCENE, seconds=0.5, audio=False)))
    assert video.codecs == ("h264", "yuv420p")


def test_the_stills_show_the_prompt_and_the_pictures():
    """Another prompt is other words, in the upper half; each reference picture fills its side in its colours."""
    red, blue = picture(90, 90, colour="#ff0000"), picture(90, 90, kind="JPEG", colour="#0000ff")
    scene = replace(SCENE, pictures=(red, blue))

    changed = ImageChops.difference(words(scene).convert("RGB"), words(replace(scene, prompt="A dog")).convert("RGB"))
    box = changed.getbbox()
    assert box is not None
    assert box[3] <= 90
    assert (view(scene).getpixel((40, 110)), view(scene).getpixel((300, 110))) == ((255, 0, 0), (0, 0, 254))
    assert [still.size for still in (view(scene), words(scene))] == [(368, 180), (368, 180)]


def test_a_prompt_without_a_picture_has_a_landscape_of_its_own():
    """The same one each time, and another for another prompt."""
    one, again, other = view(SCENE), view(SCENE), view(replace(SCENE, prompt="A dog"))

    assert ImageChops.difference(one, again).getbbox() is None
    assert ImageChops.difference(one, other).getbbox() is not None


async def test_the_view_moves_a_pixel_with_each_frame(tmp_path: Path):
    """A picture of two colours: the edge between them wanders to the left by one pixel a frame."""
    halves = Image.new("RGB", (368, 180), "black")
    halves.paste("white", (200, 0, 368, 180))
    data = io.BytesIO()
    halves.save(data, "PNG")
    frames = opened(await Renderer(tmp_path).render(replace(SCENE, pictures=(data.getvalue(),)))).frames

    def edge(frame: Image.Image) -> int:
        return sum(value < 128 for value in frame.convert("L").crop((0, 140, 320, 141)).tobytes())

    assert [edge(frames[number]) for number in (0, 20, 40)] == pytest.approx([200, 180, 160], abs=2)


async def test_equal_scenes_are_rendered_once_at_a_time(tmp_path: Path):
    """Two askers of one scene get one file, and cancelling one does not spoil it for the other."""
    renderer = Renderer(tmp_path)
    scene = replace(SCENE, seconds=0.5)
    one, two = asyncio.create_task(renderer.render(scene)), asyncio.create_task(renderer.render(scene))
    await asyncio.sleep(0)
    one.cancel()
    path = await two
    assert len(list(tmp_path.iterdir())) == 1
    assert await renderer.render(scene) == path


async def test_the_tiny_quality_is_a_third_of_the_sides_and_half_a_second(tmp_path: Path):
    """Fast, and still a whole video with sound."""
    video = opened(await Renderer(tmp_path, "tiny").render(replace(SCENE, width=1280, height=720, seconds=8)))
    assert (video.size, video.codecs, len(video.frames)) == ((426, 240), ("h264", "aac", "yuv420p"), 12)


async def test_a_big_video_is_about_as_big_as_asked(tmp_path: Path):
    """Noise at a constant rate, in the tiny quality too."""
    path = await Renderer(tmp_path, "tiny").render(replace(SCENE, width=640, height=360, megabytes=3))
    assert (opened(path).size, path.stat().st_size / 1_000_000) == ((640, 360), pytest.approx(3, rel=0.2))


@pytest.mark.parametrize(
    ("coding", "codecs", "at_once"),
    [
        ("h264", ("h264", "aac", "yuv420p"), True),
        ("hevc", ("hevc", "aac", "yuv420p"), True),
        ("10bit", ("h264", "aac", "yuv420p10le"), True),
        ("late", ("h264", "aac", "yuv420p"), False),
    ],
)
async def test_a_video_can_be_one_that_does_not_play_everywhere(
    tmp_path: Path, coding: Coding, codecs: tuple[str, ...], at_once: bool
):
    """Each coding is real, so that each way to mend it can be shown."""
    path = await Renderer(tmp_path).render(replace(SCENE, seconds=0.5, coding=coding))
    data = path.read_bytes()
    assert (opened(path).codecs, data.index(b"moov") < data.index(b"mdat")) == (codecs, at_once)


async def test_a_padded_video_still_plays(tmp_path: Path):
    """The filling is a box of its own, which players skip, and ends where the file ends."""
    path = await Renderer(tmp_path).render(replace(SCENE, seconds=0.5))
    video, padded = path.read_bytes(), tmp_path / "padded.mp4"
    pad(path, padded, 3_000_000)
    data = padded.read_bytes()
    assert (len(data), data.startswith(video), any(data[len(video) + 8 :])) == (3_000_000, True, False)
    assert data[len(video) : len(video) + 8] == (3_000_000 - len(video)).to_bytes(4, "big") + b"free"
    assert (opened(padded).size, len(opened(padded).frames)) == ((320, 180), 12)


async def test_a_video_larger_than_its_padding_stays_as_it_is(tmp_path: Path):
    """A box takes eight bytes at least."""
    path = await Renderer(tmp_path).render(replace(SCENE, seconds=0.5))
    for size in (10, path.stat().st_size + 7):
        pad(path, tmp_path / "padded.mp4", size)
        assert (tmp_path / "padded.mp4").read_bytes() == path.read_bytes()


async def test_a_broken_render_says_what_ffmpeg_said(tmp_path: Path):
    """A defect of the stand-in is not silent."""
    with pytest.raises(RenderError, match="No such file or directory"):
        await Renderer(tmp_path / "missing").render(replace(SCENE, seconds=0.5))


async def test_stopping_ends_the_renders_under_way(tmp_path: Path):
    """Nothing of ours runs on after the stand-in has gone."""
    renderer = Renderer(tmp_path)
    render = asyncio.create_task(renderer.render(replace(SCENE, width=1920, height=1080, seconds=60)))
    await asyncio.sleep(0.05)
    await renderer.aclose()
    with pytest.raises(asyncio.CancelledError):
        await render


@pytest.mark.parametrize("given", ["path", "bytes"])
async def test_a_given_video_is_handed_out_as_it_is(client: Client, tmp_path: Path, given: str):
    """For files no renderer makes: broken ones, other codecs."""
    file = tmp_path / "given.mp4"
    file.write_bytes(b"not a video")
    client.api.next(video=file if given == "path" else b"not a video")
    task = await client.made(model="sora-2", prompt="x", seconds="8")
    await client.api.wait_for(lambda: task.status == "SUCCESS")
    async with client.session.get(f"{client.api.url}/v1/videos/{task.id}/content") as answer:
        assert await answer.read() == b"not a video"


async def test_the_video_of_a_request_is_what_was_asked_for():
    """Full quality, end to end: Kling's square of five seconds."""
    async with VideoApiSandbox(seconds_to_done=0) as api:
        async with aiohttp.ClientSession(headers={"Authorization": api.key}) as session:
            body = {"model": "kling-v1", "prompt": "x", "duration": 5, "size": "1024x1024"}
            await session.post(f"{api.url}/v1/video/generations", json=body)
        (task,) = api.tasks.values()
        await api.wait_for(lambda: task.status == "SUCCESS", timeout=30)
        assert task.video is not None
        video = opened(task.video)
    assert (video.size, len(video.frames)) == ((720, 720), 120)
