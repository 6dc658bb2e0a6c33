"""Pictures that are weapons: what they do, they do to a process that is not the bot's."""

import asyncio
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image as Pillow

from bot.errors import Refusal
from bot.media import picture
from bot.media.picture import open_picture, serve
from bot.requests.base import Image
from tests.integration.processes import our_children
from tests.unit.requests import files
from tests.unit.requests.conftest import encoded

SMALL = encoded(Pillow.new("RGB", (40, 20), "red"), "JPEG")
DAMAGED = "The picture is damaged: open it, save it again as PNG or JPEG and attach that."
NO_PICTURE = "The file is not a picture or damaged: attach a PNG, JPEG or WebP instead."
SLOW = "The picture takes too long to open: open it, save it again as PNG or JPEG and attach that."
HUGE = "The picture is far too large: attach one of at most 50 megapixels, such as 8000x6000."


def many_scans(times: int) -> bytes:
    """A progressive JPEG of 48 megapixels whose last scan comes again and again, in 108 bytes each."""
    whole = encoded(Pillow.new("L", (8000, 6000)), "JPEG", progressive=True)
    last = list(files.scans(whole))[-1]
    return whole[:-2] + whole[last:-2] * times + b"\xff\xd9"


def text_bomb(kind: bytes, start: bytes) -> bytes:
    """A PNG with a packed text of 64 MB."""
    return files.png(10, 10, files.blank(10, 10), before=files.chunk(kind, start + files.zeros(2**26)))


def frames(kind: str) -> bytes:
    """An animation of a hundred pictures."""
    first, *others = (Pillow.new("RGB", (64, 64), (number, 0, 0)) for number in range(100))
    return encoded(first, kind, save_all=True, append_images=others, duration=10)


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "50,000 by 50,000 in a few bytes": (lambda: files.png(50_000, 50_000, files.blank(10, 10)), HUGE),
    "a WebP that claims to be as large as it can": (
        lambda: b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\xff" * 6,
        HUGE,
    ),
    "a JPEG that claims to be as large as it can": (
        lambda: re.sub(rb"(\xff\xc0..\x08)....", lambda found: found[1] + b"\xff" * 4, SMALL, flags=re.DOTALL),
        HUGE,
    ),
    "a thousand scans": (lambda: many_scans(1000), SLOW),
    "a packed comment": (lambda: text_bomb(b"zTXt", b"Comment\0\0"), NO_PICTURE),
    "a packed text of Unicode": (lambda: text_bomb(b"iTXt", b"XML\0\1\0en\0\0"), NO_PICTURE),
    "a packed colour profile": (lambda: text_bomb(b"iCCP", b"icc\0\0"), NO_PICTURE),
    "an SVG with a script": (
        lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "The file is an SVG: attach a PNG, JPEG or WebP instead.",
    ),
    "an SVG with an external entity": (
        lambda: b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>',
        "The file is an SVG: attach a PNG, JPEG or WebP instead.",
    ),
    "a PDF that goes on as a JPEG": (
        lambda: b"%PDF-1.7\n" + SMALL,
        "The file is a PDF: attach a PNG, JPEG or WebP instead.",
    ),
    "a GIF that is a Java archive too": (
        lambda: b"GIF89a" + bytes(7) + b";PK\x03\x04",
        "The file is a GIF: attach a PNG, JPEG or WebP instead.",
    ),
    "nothing": (lambda: b"", "The picture is empty: attach it again."),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_weapon_is_refused(name: str):
    """In one sentence that says what to do, and in no more time than an honest picture takes."""
    make, sentence = REFUSED[name]
    with pytest.raises(Refusal) as refusal:
        await open_picture(make(), "fox.png")
    assert str(refusal.value) == sentence


DISARMED: dict[str, tuple[Callable[[], bytes], tuple[int, int], int]] = {
    "a hundred megabytes of pixels behind the last": (lambda: files.png(10, 10, files.zeros(10**8)), (10, 10), 200),
    "60 packed texts of a megabyte": (
        lambda: files.png(
            10, 10, files.blank(10, 10), before=files.chunk(b"zTXt", b"C\0\0" + files.zeros(2**20 - 16)) * 60
        ),
        (10, 10),
        200,
    ),
    "200,000 chunks of nobody's": (
        lambda: files.png(10, 10, files.blank(10, 10), before=files.chunk(b"prVt") * 200_000),
        (10, 10),
        200,
    ),
    "40 MB of camera notes": (
        lambda: files.after_start(SMALL, files.segment(0xE1, b"x" * 65_533) * 640),
        (40, 20),
        1000,
    ),
    "200,000 empty segments": (lambda: files.after_start(SMALL, files.segment(0xE9, b"") * 200_000), (40, 20), 1000),
    "50 million pixels in a row": (
        lambda: files.png(50_000_000, 1, files.blank(50_000_000, 1, 8), colour=0),
        (4096, 1),
        500,
    ),
    "an animated PNG": (lambda: frames("PNG"), (64, 64), 500),
    "an animated WebP": (lambda: frames("WEBP"), (64, 64), 1500),
    "a hundred JPEGs in one": (lambda: frames("MPO"), (64, 64), 1500),
    "1 by 1": (lambda: files.png(1, 1, files.blank(1, 1)), (1, 1), 100),
    "1 by 10,000": (lambda: files.png(1, 10_000, files.blank(1, 10_000)), (1, 10_000), 500),
}


@pytest.mark.parametrize("name", DISARMED)
async def test_a_picture_in_heavy_armour_is_sent_without_it(name: str):
    """What is sent is the picture, in a few bytes."""
    make, size, most = DISARMED[name]
    image = await open_picture(make(), "fox.png")
    assert (image.width, image.height) == size
    assert len(image.data) < most
    assert Pillow.open(io.BytesIO(image.data)).size == size


def resident() -> int:
    """Bytes that this process holds."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) * 1024


async def test_the_bots_own_memory_stays_as_it_was():
    """A picture of 48 megapixels takes 200 MB and more, for a moment, and none of it here."""
    data = files.png(8000, 6000, files.blank(8000, 6000, 32), colour=6)
    await open_picture(SMALL, "first.jpg")
    before = resident()
    image = await open_picture(data, "fox.png")
    assert (image.width, image.height) == (8000, 6000)
    assert resident() - before < 30 * 2**20


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bot that does not wait for a picture."""
    monkeypatch.setattr(picture, "WITHIN", 0.01)


@pytest.mark.usefixtures("impatient")
async def test_what_takes_too_long_is_ended():
    """With its process: nothing goes on in the background."""
    with pytest.raises(Refusal) as refusal:
        await open_picture(files.png(8000, 6000, files.blank(8000, 6000, 32), colour=6), "fox.png")
    assert str(refusal.value) == SLOW
    assert our_children() == []


async def test_a_cancelled_order_ends_its_process():
    """As where the bot is told to stop meanwhile."""
    opening = asyncio.create_task(open_picture(files.png(8000, 6000, files.blank(8000, 6000, 32), colour=6), "a.png"))
    async with asyncio.timeout(30):
        while not our_children():  # noqa: ASYNC110 - the kernel tells nobody
            await asyncio.sleep(0.01)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert our_children() == []


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (b"", SLOW),
        (b'{"refusal": "No."}', "No."),
        (b"[]\n", picture._BROKE),
        (b"Traceback (most recent call last):\n", picture._BROKE),
        (b'{"name": "a.png"}\n', picture._BROKE),
        (b'{"name": "a.png", "content_type": "text/html", "width": 1, "height": 1}\n<p>', picture._BROKE),
    ],
)
def test_what_a_child_says_is_not_trusted(said: bytes, sentence: str):
    """It may have been taken over by the file, or have died in the middle of a word."""
    with pytest.raises(Refusal) as refusal:
        picture._answer(said)
    assert str(refusal.value) == sentence


def test_a_child_opens_what_it_is_given():
    """A line with the name, then the bytes; the answer is a line, then bytes."""
    answer = io.BytesIO()
    serve(io.BytesIO(b'"f\\ud800ox.gif"\n' + SMALL), answer)
    image = picture._answer(answer.getvalue())
    assert image == Image(name="fox.jpg", content_type="image/jpeg", width=40, height=20, data=SMALL)
    refused = io.BytesIO()
    serve(io.BytesIO(b'"a"\nhello'), refused)
    assert json.loads(refused.getvalue()) == {"refusal": NO_PICTURE}


def test_a_child_gets_none_of_the_bots_secrets(monkeypatch: pytest.MonkeyPatch):
    """Whoever takes it over finds no token in its environment."""
    for name in ("DISCORD_TOKEN", "OCTOPUSX_API_KEY", "UNIALL_API_KEY", "DATABASE_URL"):
        monkeypatch.setenv(name, "secret")
    assert set(picture._environment()) <= {"PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "PYTHONPATH"}
    assert "secret" not in picture._environment().values()


async def test_a_broken_exif_does_not_break_its_picture():
    """Editors and phones write it wrong often enough; it is stripped anyhow."""
    for broken in (b"", b"garbage", b"II*\0\x08\0\0\0\xff\xff" + b"\xff" * 50, b"MM\0*\xff\xff\xff\xff"):
        data = files.after_start(SMALL, files.segment(0xE1, b"Exif\0\0" + broken))
        assert (await open_picture(data, "fox.jpg")).width == 40


def test_the_limits_hold_for_the_child():
    """Its own code sets them before it reads a byte, and no byte of it can raise them again."""
    script = "import resource, bot.media.picture as p; p._confine(); print(*(resource.getrlimit(k)[1] for k in (9, 0, 1, 4)))"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, env=picture._environment())
    assert told.stdout.split() == [str(picture.MEMORY).encode(), str(picture.PROCESSOR_SECONDS).encode(), b"0", b"0"]
