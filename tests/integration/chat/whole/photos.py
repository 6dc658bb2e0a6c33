"""Photos as phones and editors write them, and how to tell that one lost all that it said besides its picture."""

from __future__ import annotations

import io

from PIL import Image as Pillow
from PIL import ImageChops, PngImagePlugin

from tests.unit.requests import files
from tests.unit.requests.conftest import encoded

PLACE, CAMERA, AUTHOR = "51.5007 N, 0.1246 W", "Acme Phone 9", "Jane Doe of Baker Street"
_GPS, _ORIENTATION, _MODEL, _ARTIST = 0x8825, 0x0112, 0x0110, 0x013B
_MARKS = (
    PLACE,
    CAMERA,
    AUTHOR,
    "Exif",
    "EXIF",
    "eXIf",
    "GPS",
    "xmpmeta",
    "Photoshop",
    "8BIM",
    "Motion",
    "Comment",
    "Acme",
)


def jpeg() -> bytes:
    """A phone's JPEG, turned on its side, with everything that phones and editors write into one."""
    data = encoded(
        _turned(), "JPEG", exif=_held(), xmp=b"<x:xmpmeta>" + PLACE.encode(), comment=AUTHOR.encode(), quality=95
    )
    iptc = files.segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04" + AUTHOR.encode())
    return files.after_start(data, iptc) + b"MotionPhoto" + PLACE.encode()


def png() -> bytes:
    """A PNG, turned on its side, with EXIF, a comment and XMP."""
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", PLACE)
    notes.add_itxt("XML:com.adobe.xmp", AUTHOR, zip=False)
    return encoded(_turned(), "PNG", pnginfo=notes, exif=_held())


def webp() -> bytes:
    """A WebP, turned on its side, with EXIF and XMP."""
    return encoded(_turned(), "WEBP", exif=_held(), xmp=PLACE.encode(), lossless=True)


def check_bare(sent: bytes) -> None:
    """What is sent shows the photo upright and says nothing else."""
    for mark in _MARKS:
        assert mark.encode() not in sent, mark
    opened = Pillow.open(io.BytesIO(sent))
    assert not opened.getexif()
    picture = opened.convert("RGB")
    assert picture.size == (60, 40)
    off = ImageChops.difference(picture, _photo()).resize((6, 4), Pillow.Resampling.BOX)
    assert max(high for _, high in off.getextrema()) < 40  # pyright: ignore[reportGeneralTypeIssues] - three bands


def _photo() -> Pillow.Image:
    """A picture of which one can see how it stands: red at the top left."""
    picture = Pillow.new("RGB", (60, 40), "white")
    picture.paste("red", (0, 0, 30, 20))
    return picture


def _turned() -> Pillow.Image:
    """The picture as a phone that is held upright writes it."""
    return _photo().transpose(Pillow.Transpose.ROTATE_90)


def _held() -> Pillow.Exif:
    """The EXIF of a phone: how it was held, where, by whom."""
    exif = Pillow.Exif()
    exif[_ORIENTATION] = 6
    exif[_MODEL] = CAMERA
    exif[_ARTIST] = AUTHOR
    exif[_GPS] = {1: "N", 2: (51.0, 30.0, 2.52), 3: "W", 4: (0.0, 7.0, 28.56), 29: PLACE}
    return exif
