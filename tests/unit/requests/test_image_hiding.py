"""Hiding places in pictures: whatever stands in one, it does not leave with the picture."""

import io
import zlib
from collections.abc import Callable
from functools import reduce

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image as Pillow

from bot.errors import Refusal
from bot.requests.bare import is_bare
from bot.requests.image import read_image
from tests.unit.requests import files
from tests.unit.requests.conftest import encoded, noise

SECRET = b"51.5007N 0.1246W"
RED = Pillow.new("RGB", (40, 20), "red")
PNG, JPEG, WEBP = (
    encoded(RED, kind, **({"lossless": True} if kind == "WEBP" else {})) for kind in ("PNG", "JPEG", "WEBP")
)
PROGRESSIVE = encoded(noise(64, 64), "JPEG", progressive=True)


def between_scans(content: bytes) -> bytes:
    """A progressive JPEG with something between two of its scans, where no reader of headers looks."""
    second = list(files.scans(PROGRESSIVE))[1]
    table = PROGRESSIVE.rfind(b"\xff\xc4", 0, second)  # the table that belongs to the scan
    return PROGRESSIVE[:table] + content + PROGRESSIVE[table:]


def in_pixels(content: bytes) -> bytes:
    """A PNG whose pixels go on where the picture has ended."""
    rows = (b"\0" + b"\xff\0\0" * 40) * 20
    return files.png(40, 20, zlib.compress(rows + content, 0))


HIDDEN: dict[str, Callable[[], bytes]] = {
    "PNG: the time it was changed": lambda: PNG[:33] + files.chunk(b"tIME", SECRET) + PNG[33:],
    "PNG: a public chunk that nobody knows": lambda: PNG[:33] + files.chunk(b"tXTX", SECRET) + PNG[33:],
    "PNG: a suggested palette": lambda: PNG[:33] + files.chunk(b"sPLT", SECRET + b"\0\x08") + PNG[33:],
    "PNG: EXIF": lambda: PNG[:33] + files.chunk(b"eXIf", b"MM\0*\0\0\0\x08\0\0" + SECRET) + PNG[33:],
    "PNG: a text": lambda: PNG[:33] + files.chunk(b"tEXt", b"Comment\0" + SECRET) + PNG[33:],
    "PNG: a text of Unicode": lambda: (
        PNG[:33] + files.chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + SECRET) + PNG[33:]
    ),
    "PNG: a short chunk that is too long": lambda: PNG[:33] + files.chunk(b"gAMA", b"\0\0\xb1\x8f" + SECRET) + PNG[33:],
    "PNG: an end with content": lambda: PNG[:-12] + files.chunk(b"IEND", SECRET),
    "PNG: a tail": lambda: PNG + SECRET,
    "PNG: a tail that ends as a picture does": lambda: PNG + SECRET + files.chunk(b"IEND"),
    "PNG: a page": lambda: PNG + b"<script>" + SECRET + b"</script>" + files.chunk(b"IEND"),
    "PNG: more pixels than it has": lambda: in_pixels(SECRET),
    "PNG: behind the last pixel": lambda: files.png(40, 20, zlib.compress((b"\0" + b"\xff\0\0" * 40) * 20) + SECRET),
    "JPEG: a thumbnail in the JFIF header": lambda: (
        JPEG[:2] + files.segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\x04\x02" + SECRET + b"12345678") + JPEG[20:]
    ),
    "JPEG: a thumbnail of its own": lambda: files.after_start(JPEG, files.segment(0xE0, b"JFXX\0\x10" + SECRET)),
    "JPEG: FlashPix": lambda: files.after_start(JPEG, files.segment(0xE2, b"FPXR\0" + SECRET)),
    "JPEG: EXIF": lambda: files.after_start(JPEG, files.segment(0xE1, b"Exif\0\0MM\0*\0\0\0\x08\0\0" + SECRET)),
    "JPEG: Adobe with more": lambda: files.after_start(JPEG, files.segment(0xEE, b"Adobe\0\x64\0\0\0\0\x01" + SECRET)),
    "JPEG: IPTC": lambda: files.after_start(JPEG, files.segment(0xED, b"Photoshop 3.0\0" + SECRET)),
    "JPEG: a comment": lambda: files.after_start(JPEG, files.segment(0xFE, SECRET)),
    "JPEG: a comment between two scans": lambda: between_scans(files.segment(0xFE, SECRET)),
    "JPEG: EXIF between two scans": lambda: between_scans(files.segment(0xE1, b"Exif\0\0" + SECRET)),
    "JPEG: a ZIP archive": lambda: JPEG + b"PK\x03\x04" + SECRET + b"PK\x05\x06" + bytes(16) + b"\x02\0\xff\xd9",
    "JPEG: another JPEG": lambda: JPEG + files.after_start(JPEG, files.segment(0xFE, SECRET)),
    "JPEG: a Java archive": lambda: JPEG + b"PK\x03\x04META-INF/" + SECRET,
    "JPEG: a PDF in a comment": lambda: files.after_start(JPEG, files.segment(0xFE, b"%PDF-1.7\n" + SECRET)),
    "WEBP: EXIF": lambda: files.riff(WEBP, b"EXIF", SECRET),
    "WEBP: XMP": lambda: files.riff(WEBP, b"XMP ", SECRET),
    "WEBP: a chunk that nobody knows": lambda: files.riff(WEBP, b"NOTE", SECRET),
    "WEBP: a tail": lambda: WEBP + SECRET,
}


@pytest.mark.parametrize("place", HIDDEN)
def test_what_is_hidden_in_a_picture_does_not_leave(place: str):
    """The picture is sent without it, and looks the same."""
    data = HIDDEN[place]()
    assert SECRET in data
    sent = read_image(data, "a.jpg").data
    assert SECRET not in sent
    shown, plain = (
        Pillow.open(io.BytesIO(each)).convert("RGB").resize((1, 1)).getpixel((0, 0)) for each in (sent, data)
    )
    assert shown == pytest.approx(plain, abs=8)


@pytest.mark.parametrize(("kind", "data"), [("PNG", PNG), ("JPEG", JPEG), ("JPEG", PROGRESSIVE), ("WEBP", WEBP)])
def test_a_file_of_pixels_alone_is_bare_at_its_full_length_only(kind: str, data: bytes):
    """One byte less or more, at its end, and it is something else."""
    assert is_bare(data, kind)
    assert not is_bare(data + b"\0", kind)
    assert [cut for cut in range(len(data)) if is_bare(data[:cut], kind)] == []


NOT_BARE = {
    "PNG: pixels that are not packed": ("PNG", files.png(2, 2, b"not packed")),
    "PNG: more pixels than its sides": ("PNG", files.png(2, 2, files.blank(2000, 2000))),
    "PNG: fewer pixels than its sides": ("PNG", files.png(3, 3, files.blank(2, 2))),
    "JPEG: tables without end": ("JPEG", files.after_start(JPEG, files.segment(0xDD, b"\0\0") * 300)),
    "WEBP: profiles without end": ("WEBP", reduce(lambda data, _: files.riff(data, b"ICCP", b""), range(300), WEBP)),
}


@pytest.mark.parametrize(("kind", "data"), NOT_BARE.values(), ids=NOT_BARE)
def test_what_no_honest_program_writes_is_not_bare(kind: str, data: bytes):
    """Each part is one that a picture may have, and the whole is none: it is not looked at to its end."""
    assert not is_bare(data, kind)


@given(st.integers(0, len(PNG)))
@example(len(PNG))
@example(33)
def test_nothing_put_anywhere_into_a_png_leaves(at: int):
    """The one format whose every byte is accounted for."""
    try:
        image = read_image(PNG[:at] + SECRET + PNG[at:], "a.png")
    except Refusal:
        return
    assert SECRET not in image.data


@given(st.binary(max_size=400), st.sampled_from(["PNG", "JPEG", "WEBP"]))
@example(b"\xff", "JPEG")
@example(b"\xff\xd8\xff\xda", "JPEG")
@example(files.PNG_START + files.chunk(b"IEND"), "PNG")
def test_any_bytes_are_looked_at_without_an_error(data: bytes, kind: str):
    """Whatever stands behind a file's first bytes."""
    start = {"PNG": PNG[:33], "JPEG": JPEG[:2], "WEBP": WEBP[:12]}[kind]
    assert is_bare(data, kind) in (True, False)
    assert is_bare(start + data, kind) in (True, False)


def test_an_interlaced_picture_is_sent_in_order():
    """It comes in seven passes, which nobody needs on the way to a service."""
    seven = zlib.compress(b"".join((b"\0" + b"\xff\0\0" * width) * height for width, height in _passes(16, 8)))
    image = read_image(files.png(16, 8, seven, interlaced=True), "a.png")
    assert image.data[28] == 0
    assert Pillow.open(io.BytesIO(image.data)).convert("RGB").getpixel((9, 5)) == (255, 0, 0)


def _passes(width: int, height: int) -> list[tuple[int, int]]:
    """Width and height of the seven pictures of Adam7."""
    starts = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    sizes = [(-((x - width) // dx), -((y - height) // dy)) for x, y, dx, dy in starts]
    return [(wide, high) for wide, high in sizes if wide and high]
