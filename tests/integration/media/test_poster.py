"""Stills taken of real videos by the real ffmpeg."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from bot.media import MediaError, Video, poster, probe
from bot.media.tool import run
from tests.integration.media.conftest import turned

Maker = Callable[..., Path]
Film = Callable[..., Path]
PLAIN = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", "ultrafast", "-crf", "18")
COVERED = "drawbox=c={colour}:t=fill:enable='{when}'"


@pytest.fixture
def film(clip: Maker) -> Film:
    """A maker of silent films of 24 frames a second: `film("fade=in:0:24", size=…)`; no two frames are the same."""

    def make(
        filters: str = "null", *options: str, name: str = "a.mp4", size: str = "128x72", seconds: float = 2
    ) -> Path:
        return clip(name, "-vf", filters, *(options or PLAIN), size=size, seconds=seconds, sound=False)

    return make


async def still_of(path: Path) -> Image.Image:
    """The poster of a film, opened: a JPEG beside it, with nothing else left behind."""
    before = set(path.parent.iterdir())
    target = path.with_name("poster.jpg")
    assert await poster(await probe(path), target) == target
    assert set(path.parent.iterdir()) - before == {target}
    with Image.open(target) as picture:
        assert picture.format == "JPEG"
        return picture.convert("RGB")


async def frames_of(path: Path) -> list[Image.Image]:
    """Every frame of a film in small, in order."""
    folder = path.with_suffix(".frames")
    folder.mkdir()
    small = ("-vf", "scale=128:72", "-fps_mode", "passthrough", str(folder / "%03d.png"))
    assert (await run(path, *small, within=60)).code == 0
    return [Image.open(file).convert("RGB") for file in sorted(folder.iterdir())]


def apart(one: Image.Image, other: Image.Image) -> float:
    """How far two pictures are apart: the mean difference of their colours, 0 to 255."""
    figures = ImageStat.Stat(ImageChops.difference(one, other.resize(one.size)))
    return sum(figures.mean) / 3


async def frame_number(still: Image.Image, path: Path) -> int:
    """Which frame of a film the still is."""
    distances = [apart(frame, still) for frame in await frames_of(path)]
    nearest = min(range(len(distances)), key=distances.__getitem__)
    assert distances[nearest] < 12  # a JPEG has half the colours' sharpness, and this picture is all small colours
    return nearest


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ("null", 0),
        ("fade=in:0:24", 12),
        (COVERED.format(colour="white", when="lt(t,0.4)"), 12),
        (COVERED.format(colour="blue", when="lt(t,1)"), 24),
        (COVERED.format(colour="black", when="not(between(t,1.2,1.3))"), 30),
    ],
    ids=["at once", "fade from black", "white flash", "card of one colour", "a glimpse"],
)
async def test_the_first_frame_that_shows_something_is_the_poster(film: Film, filters: str, expected: int):
    """Frames are looked at every quarter of a second, which is every sixth; a third of a fade is still too dark."""
    path = film(filters)

    assert await frame_number(await still_of(path), path) == expected


async def test_a_long_dark_beginning_is_skipped(film: Film):
    """After the opening one frame a second is sought: black until 5 s, it is the one at 5.5 s."""
    path = film(COVERED.format(colour="black", when="lt(t,5)"), seconds=8)

    assert await frame_number(await still_of(path), path) == 132


async def test_an_all_black_video_has_a_black_poster(film: Film):
    """There is nothing better, and that is no failure."""
    still = await still_of(film(COVERED.format(colour="black", when="1")))

    assert still.size == (128, 72)
    assert ImageStat.Stat(still.convert("L")).mean[0] < 2


async def test_the_best_of_a_dark_video_is_its_brightest_picture(film: Film):
    """A night scene: nothing is bright enough, so the moment that is least dark stands for it."""
    path = film("eq=brightness=-0.35:contrast=0.3," + COVERED.format(colour="black", when="not(between(t,1.4,1.6))"))

    assert await frame_number(await still_of(path), path) == 36


@pytest.mark.parametrize(("seconds", "frames"), [(1 / 24, 1), (0.5, 12)], ids=["one frame", "half a second"])
async def test_a_very_short_video_has_a_poster(film: Film, seconds: float, frames: int):
    """A single frame is enough."""
    path = film(seconds=seconds)

    assert await frame_number(await still_of(path), path) == 0
    assert len(list(path.with_suffix(".frames").iterdir())) == frames


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ("321x181", (321, 181)),
        ("1280x720", (640, 360)),
        ("720x1280", (360, 640)),
        ("90x160", (90, 160)),
        ("1000x16", (640, 10)),
    ],
)
async def test_a_poster_keeps_the_proportions_and_is_never_enlarged(film: Film, size: str, expected: tuple[int, int]):
    """At most 640 pixels on the longer side."""
    path = film(f"scale={size},setsar=1", "-c:v", "libx264", "-pix_fmt", "yuv444p", "-preset", "ultrafast", seconds=0.2)

    assert (await still_of(path)).size == expected


async def test_pixels_that_are_not_square_are_evened_out(film: Film):
    """A film stored narrow and shown wide has a wide poster, as in a player."""
    assert (await still_of(film("setsar=2", size="64x64"))).size == (128, 64)


async def test_a_turned_film_has_an_upright_poster(film: Film):
    """What is stored lying and marked as turned is shown as players show it."""
    path = film()
    path.write_bytes(turned(path.read_bytes()))

    assert (await still_of(path)).size == (72, 128)


@pytest.mark.parametrize("damage", ["gone", "scattered"])
async def test_frames_that_are_damaged_are_passed_over(film: Film, damage: str):
    """The first second does not decode: the poster is a whole frame after it, not what a decoder makes up."""
    path = film("null", *PLAIN, "-g", "24", "-movflags", "+faststart", seconds=4)
    whole = await frames_of(path)
    data = bytearray(path.read_bytes())
    start = data.index(b"mdat") + 4
    first_second = (len(data) - start) // 4
    if damage == "gone":
        data[start : start + first_second] = bytes(first_second)
    else:
        for position in range(start + 64, start + first_second, 97):
            data[position] ^= 0x55
    path.write_bytes(data)

    still = await still_of(path)

    distances = [apart(frame, still) for frame in whole]
    assert min(distances[24:]) < 12
    assert min(distances[24:]) == min(distances)


@pytest.mark.parametrize(
    "options",
    [
        ("-c:v", "libx264", "-pix_fmt", "yuv420p"),
        ("-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-x265-params", "log-level=error"),
    ],
    ids=["8-bit", "10-bit HEVC"],
)
async def test_a_poster_has_the_colours_of_the_video(film: Film, options: tuple[str, ...]):
    """BT.709, as almost every video has: a JPEG is BT.601, and without conversion this red would be 13 steps off."""
    colour = "drawbox=c=0xC83214:t=fill:w=iw/2,format=gbrp,scale=out_color_matrix=bt709:out_range=tv"
    tags = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv")
    still = await still_of(film(colour, *options, *tags, seconds=0.2))

    red, green, blue = still.getpixel((32, 36))  # pyright: ignore[reportGeneralTypeIssues] - RGB, so three
    assert (red, green, blue) == (pytest.approx(200, abs=5), pytest.approx(50, abs=5), pytest.approx(20, abs=5))


async def test_a_poster_that_is_there_is_taken(tmp_path: Path):
    """Nothing is read or written, though the video itself is gone."""
    target = tmp_path / "a.jpg"
    target.write_bytes(b"as it was")

    assert await poster(nothing(tmp_path / "gone.mp4"), target) == target
    assert target.read_bytes() == b"as it was"


async def test_a_file_without_a_frame_has_no_poster(tmp_path: Path):
    """One plain sentence, and no file."""
    path = tmp_path / "a.mp4"
    path.write_bytes(b"no video")

    with pytest.raises(MediaError, match=r"^No poster could be taken from this video\.$"):
        await poster(nothing(path), tmp_path / "a.jpg")

    assert list(tmp_path.iterdir()) == [path]


async def test_a_folder_with_a_percent_sign_is_no_pattern(film: Film, tmp_path: Path):
    """Ffmpeg numbers its pictures by such a sign in their names."""
    folder = tmp_path / "100%d"
    folder.mkdir()

    assert await poster(await probe(film()), folder / "a.jpg") == folder / "a.jpg"
    assert [file.name for file in folder.iterdir()] == ["a.jpg"]


async def test_a_search_that_takes_too_long_is_given_up(film: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """With nothing found by then there is no poster, which holds no video back."""
    path = film()
    video = await probe(path)
    monkeypatch.setattr(sys.modules["bot.media.poster"], "_TIMEOUT", 0.001)

    with pytest.raises(MediaError, match=r"^No poster could be taken from this video\.$"):
        await poster(video, tmp_path / "a.jpg")

    assert list(tmp_path.iterdir()) == [path]


async def test_a_cancelled_search_leaves_nothing_behind(film: Film, tmp_path: Path):
    """The worker may be told to stop in the middle of it."""
    path = film(size="640x360")
    work = asyncio.create_task(poster(await probe(path), tmp_path / "a.jpg"))
    async with asyncio.timeout(30):
        while not list(tmp_path.glob(".poster-*/*.ppm")):
            assert not work.done()
            await asyncio.sleep(0.001)
    work.cancel()
    await asyncio.wait([work])

    assert work.cancelled()
    assert list(tmp_path.iterdir()) == [path]


def nothing(path: Path) -> Video:
    """What a probe might have said of a file that is no video."""
    return Video(
        path=path,
        size=8,
        seconds=2,
        width=64,
        height=64,
        video_codec="h264",
        pixel_format="yuv420p",
        audio_codec=None,
        faststart=True,
    )
