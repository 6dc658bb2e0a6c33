"""Kinds of pictures that few programs write: each is sent as people see it, or refused."""

import io
import struct
import zlib

import pytest
from PIL import Image as Pillow
from PIL import ImageChops, ImageStat

from bot.errors import Refusal
from bot.requests.image import read_image
from tests.unit.requests import files
from tests.unit.requests.conftest import encoded, noise

Colour = tuple[int, ...]


def pixel(data: bytes, x: int = 0, y: int = 0) -> Colour:
    """One pixel of what is sent, with its alpha."""
    found = Pillow.open(io.BytesIO(data)).convert("RGBA").getpixel((x, y))
    assert isinstance(found, tuple)
    return tuple(int(value) for value in found)


def deep(colour_type: int, *values: int) -> bytes:
    """A PNG of 16 bits a value, two pixels wide."""
    row = b"\0" + struct.pack(f">{len(values)}H", *values) * 2
    return files.png(2, 1, zlib.compress(row), depth=16, colour=colour_type)


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (deep(0, 0x8080), (0x80, 0x80, 0x80, 255)),
        (deep(2, 0xC0FF, 0x40FF, 0x10FF), (0xC0, 0x40, 0x10, 255)),
        (deep(4, 0x8080, 0x4040), (0x80, 0x80, 0x80, 0x40)),
        (deep(6, 0xC0FF, 0x40FF, 0x10FF, 0x80FF), (0xC0, 0x40, 0x10, 0x80)),
    ],
    ids=["grey", "colour", "grey and alpha", "colour and alpha"],
)
def test_sixteen_bits_become_eight(data: bytes, shown: Colour):
    """The upper eight, in every kind that PNG has."""
    sent = read_image(data, "deep.png").data
    assert sent[24] == 8
    assert pixel(sent) == pytest.approx(shown, abs=1)


def with_palette(transparent: bytes) -> bytes:
    """A PNG with a palette of red and blue, of which one may be transparent, and a comment that keeps it from passing."""
    palette = files.chunk(b"PLTE", b"\xff\0\0\0\0\xff") + files.chunk(b"tRNS", transparent)
    return files.png(2, 1, zlib.compress(b"\0\0\1"), colour=3, before=palette + files.chunk(b"tEXt", b"a\0b"))


def test_a_palette_keeps_its_transparency():
    """Encoded anew: one colour is gone, the other half seen."""
    sent = read_image(with_palette(b"\0\x80"), "icon.png").data
    assert b"tEXt" not in sent
    assert (pixel(sent)[3], pixel(sent, 1)) == (0, (0, 0, 255, 128))


def test_grey_with_alpha_keeps_both():
    """Encoded anew, since it has a comment."""
    data = files.png(1, 1, zlib.compress(b"\0\x60\x80"), colour=4, before=files.chunk(b"tEXt", b"a\0b"))
    assert pixel(read_image(data, "a.png").data) == (0x60, 0x60, 0x60, 0x80)


def printed(transform: int, *ink: int) -> bytes:
    """A JPEG of four colours as Adobe's programs write them, with their word on how to read them."""
    data = bytearray(encoded(Pillow.new("CMYK", (16, 16), ink), "JPEG", quality=100))  # pyright: ignore[reportArgumentType]
    adobe = bytes(data).find(b"Adobe")
    assert adobe > 0
    data[adobe + 11] = transform
    return bytes(data)


def test_adobes_inverted_inks_are_read_as_they_print():
    """Cyan and yellow make green; read the wrong way round it would be pink on black."""
    red, green, blue, _ = pixel(read_image(printed(0, 255, 0, 255, 0), "print.jpg").data)
    assert green > 120
    assert max(red, blue) < 110


def test_inks_told_as_brightness_and_hue_are_read_too():
    """YCCK: half grey is the same in both ways of telling it."""
    red, green, blue, _ = pixel(read_image(printed(2, 128, 128, 128, 0), "print.jpg").data)
    assert max(red, green, blue) - min(red, green, blue) < 12
    assert 90 < green < 170


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_every_way_of_holding_a_phone_is_set_right(orientation: int, kind: str):
    """By the pixels: red is at the top left, blue at the bottom left, whatever the phone wrote."""
    upright = Pillow.new("RGB", (96, 64), "white")
    upright.paste("red", (0, 0, 48, 32))
    upright.paste("blue", (0, 32, 48, 64))
    stored = {
        2: Pillow.Transpose.FLIP_LEFT_RIGHT,
        3: Pillow.Transpose.ROTATE_180,
        4: Pillow.Transpose.FLIP_TOP_BOTTOM,
        5: Pillow.Transpose.TRANSPOSE,
        6: Pillow.Transpose.ROTATE_90,
        7: Pillow.Transpose.TRANSVERSE,
        8: Pillow.Transpose.ROTATE_270,
    }
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    held = upright.transpose(stored[orientation]) if orientation in stored else upright
    image = read_image(encoded(held, kind, exif=exif, quality=95), "photo.jpg")
    assert (image.width, image.height) == (96, 64)
    found = [pixel(image.data, x, y)[:3] for x, y in ((20, 12), (20, 50), (76, 12), (76, 50))]
    assert [[value > 128 for value in each] for each in found] == [
        [True, False, False],
        [False, False, True],
        [True, True, True],
        [True, True, True],
    ]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_file_cut_off_anywhere_is_refused_or_whole(kind: str):
    """At every length; nothing is sent of which a part is missing."""
    data = encoded(noise(12, 8), kind)
    for length in range(len(data)):
        try:
            image = read_image(data[:length], "cut.png")
        except Refusal:
            continue
        sent, whole = (Pillow.open(io.BytesIO(each)).convert("RGB") for each in (image.data, data))
        assert sent.size == (12, 8)
        off = ImageStat.Stat(ImageChops.difference(sent, whole)).mean
        assert max(off) < 12, length  # no more than encoding anew makes of noise
