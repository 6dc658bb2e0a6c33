"""Input pictures: identified by content, stripped of metadata, re-encoded where they are too large to send."""

from __future__ import annotations

import io
import re
import unicodedata
from pathlib import PurePosixPath

from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from bot.errors import Refusal
from bot.requests.bare import is_bare
from bot.requests.base import ContentType, Image

MAX_FILE_BYTES = 50 * 1024 * 1024
"""Vidu's own limit, the highest of the services."""
MAX_PIXELS = 50_000_000
"""A larger picture is refused unopened: unpacked it would take more than 200 MB of memory."""
WIRE_BYTES = 7_500_000
"""As base64 these are 10 MB: half of what Veo and Vidu take, and within what a proxy before the gateway lets through."""
TOO_HARD = "The picture takes too long to open: open it, save it again as PNG or JPEG and attach that."
"""The refusal of a picture that is made to be slow, whoever finds that out."""

_MAX_SIDE = 4096
"""The longest side of a picture encoded anew: more than the widest video that any service makes, 3840."""
_SCAN, _MOST_SCANS = b"\xff\xda", 200
"""A progressive JPEG has some ten scans. A decoder goes over every pixel for each, and a file has room for millions."""
_LONGEST_SIDE = 16_383
"""The longest side of a picture that is sent as it came: WebP's own limit. A line of 50 million pixels is a weapon."""
_JPEG_QUALITIES = (95, 90, 80, 70)

_TYPES: dict[str | None, ContentType] = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",  # two JPEGs in one file, as phones and 3D cameras write them
    "WEBP": "image/webp",
}
_ENDINGS: dict[ContentType, str] = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}

_PLAIN_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})
_EXIF_ORIENTATION = 0x0112
_TURNS = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}

_OTHER_KINDS = (
    (re.compile(rb"GIF8"), "a GIF"),
    (re.compile(rb"BM"), "a BMP"),
    (re.compile(rb"(II\*\0|MM\0\*)"), "a TIFF or a raw photo"),
    (re.compile(rb"%PDF"), "a PDF"),
    (re.compile(rb"\s*<(\?xml|svg|!--)", re.IGNORECASE), "an SVG"),
    (re.compile(rb".{4}ftyp(heic|heix|hevc|heim|heis|mif1|msf1)", re.DOTALL), "a HEIC photo"),
    (re.compile(rb".{4}ftypavi", re.DOTALL), "an AVIF picture"),
    (re.compile(rb".{4}ftyp", re.DOTALL), "a video"),
)


def read_image(data: bytes, name: str) -> Image:
    """Open a picture, whatever its name says, and make it fit to be sent: upright, without metadata, small enough.

    A picture that is all this already keeps its bytes. Takes up to some seconds of processor time for a large one.

    Raises:
        Refusal: it is empty, over 50 MB or 50 megapixels, damaged, made to be slow, or no PNG, JPEG or WebP.
    """
    if not data:
        raise Refusal("The picture is empty: attach it again.")
    if len(data) > MAX_FILE_BYTES:
        raise Refusal(f"The picture has {len(data) / 2**20:.0f} MB: attach one of at most 50 MB.")
    picture = _open(data)
    if picture.width * picture.height > MAX_PIXELS:
        raise Refusal(_too_many_pixels(picture.width, picture.height))
    if picture.info.get("progressive") and data.count(_SCAN) > _MOST_SCANS:
        raise Refusal(TOO_HARD)
    try:
        picture.load()
        content_type, clean = _fit(picture, data)
    except Exception:  # noqa: BLE001 - Pillow names no set of errors for damaged files
        raise Refusal("The picture is damaged: open it, save it again as PNG or JPEG and attach that.") from None
    with Pillow.open(io.BytesIO(clean)) as made:
        width, height = made.size
    return Image(
        name=_plain_name(name, content_type), content_type=content_type, width=width, height=height, data=clean
    )


def _open(data: bytes) -> Pillow.Image:
    """Read the header only."""
    try:
        return Pillow.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP"))
    except UnidentifiedImageError:
        kind = next((kind for start, kind in _OTHER_KINDS if start.match(data)), "not a picture or damaged")
        raise Refusal(f"The file is {kind}: attach a PNG, JPEG or WebP instead.") from None
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning):
        raise Refusal(_too_many_pixels()) from None
    except Exception:  # noqa: BLE001 - as above
        raise Refusal("The file is not a picture or damaged: attach a PNG, JPEG or WebP instead.") from None


def _too_many_pixels(width: int = 0, height: int = 0) -> str:
    size = f"is {width}x{height}" if width else "is far too large"
    return f"The picture {size}: attach one of at most 50 megapixels, such as 8000x6000."


def _fit(picture: Pillow.Image, data: bytes) -> tuple[ContentType, bytes]:
    """The bytes to send: the file's own when they are clean and small, else the picture encoded anew."""
    content_type = _TYPES[picture.format]
    if len(data) <= WIRE_BYTES and _is_clean(picture, data):
        return content_type, data
    lossless = content_type == "image/png" or picture.has_transparency_data
    return _encode(_upright(picture), lossless=lossless)


def _is_clean(picture: Pillow.Image, data: bytes) -> bool:
    """Whether a loaded picture is plain, so that it is upright too: a common kind of pixel, and nothing else in the file."""
    return (
        picture.mode in _PLAIN_MODES
        and max(picture.size) <= _LONGEST_SIDE
        and not (picture.format == "PNG" and data[24] == 16)  # 16 bits a channel
        and is_bare(data, picture.format)
    )


def _upright(picture: Pillow.Image) -> Pillow.Image:
    """The first frame in RGB or RGBA, turned as its EXIF says, with its colour profile and nothing else."""
    turn = _TURNS.get(picture.getexif().get(_EXIF_ORIENTATION, 1))
    profile = picture.info.get("icc_profile") if picture.mode in {"RGB", "RGBA", "P"} else None
    if picture.mode.startswith("I"):
        # Pillow would cut 16 bits off at 255 instead of scaling them.
        scaled = picture.convert("I").point(lambda value: value / 256)  # pyright: ignore[reportUnknownMemberType] - untyped
        picture = scaled.convert("L")
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    picture = picture if picture.mode == mode else picture.convert(mode)  # a copy of 50 megapixels is 200 MB
    picture.thumbnail((_MAX_SIDE, _MAX_SIDE))
    picture = picture if turn is None else picture.transpose(turn)
    picture.info = {"icc_profile": profile} if profile else {}
    return picture


def _encode(picture: Pillow.Image, *, lossless: bool) -> tuple[ContentType, bytes]:
    """The best encoding that fits: PNG if lossless, then JPEG at falling quality, then smaller and smaller."""
    if lossless and len(made := _saved(picture, "PNG")) <= WIRE_BYTES:
        return "image/png", made
    flat = _flat(picture)
    while True:
        for quality in _JPEG_QUALITIES:
            if len(made := _saved(flat, "JPEG", quality=quality)) <= WIRE_BYTES:
                return "image/jpeg", made
        flat.thumbnail((flat.width * 3 // 4, flat.height * 3 // 4))


def _flat(picture: Pillow.Image) -> Pillow.Image:
    """A transparent picture on white, since JPEG has no transparency."""
    if picture.mode != "RGBA":
        return picture
    ground = Pillow.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture)
    ground.info = picture.info
    return ground


def _saved(picture: Pillow.Image, kind: str, **options: int) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, icc_profile=picture.info.get("icc_profile"), **options)
    return file.getvalue()


def _plain_name(name: str, content_type: ContentType) -> str:
    """The file's name in plain ASCII, with the ending of what it really is."""
    stem = PurePosixPath(name.replace("\\", "/")).stem
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode("ascii")
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", plain).strip("-_")[:60]
    return f"{plain or 'image'}.{_ENDINGS[content_type]}"
