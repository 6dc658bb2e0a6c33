"""Files that are no good picture: refused with a sentence, whatever their bytes."""

import io
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from bot.errors import Refusal
from bot.requests.image import TOO_HARD, read_image
from tests.unit.requests import files
from tests.unit.requests.conftest import encoded, noise


def png_of(width: int, height: int) -> bytes:
    """A small file whose header claims any size."""
    data = bytearray(encoded(Pillow.new("1", (1, 1)), "PNG"))
    data[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    crc = zlib.crc32(bytes(data[12:29]))
    data[29:33] = crc.to_bytes(4, "big")
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The picture is empty: attach it again."),
        (b"hello", "The file is not a picture or damaged: attach a PNG, JPEG or WebP instead."),
        (encoded(Pillow.new("P", (4, 4)), "GIF"), "The file is a GIF: attach a PNG, JPEG or WebP instead."),
        (encoded(Pillow.new("RGB", (4, 4)), "BMP"), "The file is a BMP: attach a PNG, JPEG or WebP instead."),
        (
            encoded(Pillow.new("RGB", (4, 4)), "TIFF"),
            "The file is a TIFF or a raw photo: attach a PNG, JPEG or WebP instead.",
        ),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "The file is an SVG: attach a PNG, JPEG or WebP instead."),
        (b'\n<?xml version="1.0"?><svg/>', "The file is an SVG: attach a PNG, JPEG or WebP instead."),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "The file is a HEIC photo: attach a PNG, JPEG or WebP instead."),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "The file is an AVIF picture: attach a PNG, JPEG or WebP instead."),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "The file is a video: attach a PNG, JPEG or WebP instead."),
        (b"%PDF-1.7", "The file is a PDF: attach a PNG, JPEG or WebP instead."),
        (
            encoded(noise(64, 64), "PNG")[:-2000],
            "The picture is damaged: open it, save it again as PNG or JPEG and attach that.",
        ),
        (
            encoded(noise(64, 64), "JPEG")[:-1000],
            "The picture is damaged: open it, save it again as PNG or JPEG and attach that.",
        ),
        (
            png_of(8000, 7000),
            "The picture is 8000x7000: attach one of at most 50 megapixels, such as 8000x6000.",
        ),
        (
            png_of(10_000, 10_000),
            "The picture is far too large: attach one of at most 50 megapixels, such as 8000x6000.",
        ),
        (
            png_of(2_000_000, 2_000_000),
            "The picture is far too large: attach one of at most 50 megapixels, such as 8000x6000.",
        ),
    ],
    ids=range(16),
)
def test_what_is_no_good_picture_is_refused(data: bytes, sentence: str):
    """Each is told what it is and what to do; nothing is unpacked before its size is known."""
    with pytest.raises(Refusal) as refusal:
        read_image(data, "cat.png")
    assert str(refusal.value) == sentence


def test_a_picture_made_to_be_slow_is_refused_unopened():
    """Each scan of a progressive JPEG goes over the whole picture: two hundred are far more than a program writes."""
    data = encoded(noise(64, 64), "JPEG", progressive=True)
    last = list(files.scans(data))[-1]
    with pytest.raises(Refusal) as refusal:
        read_image(data[:-2] + data[last:-2] * 200 + data[-2:], "cat.jpg")
    assert str(refusal.value) == TOO_HARD


def test_files_over_50_mb_are_refused_unopened():
    """The services' own limit; just below it a picture is taken."""
    small = encoded(Pillow.new("RGB", (4, 4)), "PNG")
    with pytest.raises(Refusal) as refusal:
        read_image(small + bytes(51 * 1024 * 1024), "a.png")
    assert str(refusal.value) == "The picture has 51 MB: attach one of at most 50 MB."
    assert read_image(small + bytes(49 * 1024 * 1024), "a.png").width == 4


SAMPLES = [
    encoded(Pillow.new("RGB", (16, 8), "red"), "PNG"),
    encoded(Pillow.new("RGB", (16, 8), "red"), "JPEG", comment=b"hello", xmp=b"<x/>"),
    encoded(Pillow.new("RGB", (16, 8), "red"), "WEBP", xmp=b"<x/>"),
    encoded(Pillow.new("P", (4, 4)), "GIF"),
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A real file with some of its bytes changed, cut off or doubled."""
    data = bytearray(draw(st.sampled_from(SAMPLES)))
    for _ in range(draw(st.integers(0, 5))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.integers(0, len(data)))]) + draw(st.binary(max_size=20))


@settings(max_examples=300)
@given(st.one_of(st.binary(max_size=200), damaged()), st.text(max_size=30))
def test_any_bytes_give_a_picture_or_a_sentence(data: bytes, name: str):
    """Whatever is uploaded, the bot lives on and what it sends can be opened."""
    try:
        image = read_image(data, name)
    except Refusal as refused:
        sentence = str(refused)
        assert sentence.endswith(".")
        assert len(sentence.splitlines()) == 1
    else:
        picture = Pillow.open(io.BytesIO(image.data))
        picture.load()
        assert picture.size == (image.width, image.height)
        assert image.name.isascii()
