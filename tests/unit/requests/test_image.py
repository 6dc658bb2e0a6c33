"""Pictures: judged by content, cleaned, turned upright, and made to fit."""

import io
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image as Pillow
from PIL import ImageCms, PngImagePlugin

from bot.requests import image as room
from bot.requests.base import Image
from bot.requests.image import read_image
from tests.unit.requests.conftest import encoded, noise

Picture = Pillow.Image
PLACE = "51.5007 N 0.1246 W"


def opened(image: Image) -> Picture:
    """What was made, opened again and decoded."""
    picture = Pillow.open(io.BytesIO(image.data))
    picture.load()
    return picture


def colour(picture: Picture, x: int = 5, y: int = 5) -> tuple[int, int, int]:
    """Red, green and blue of one pixel."""
    pixel = picture.convert("RGB").getpixel((x, y))
    assert isinstance(pixel, tuple)
    red, green, blue = pixel
    return int(red), int(green), int(blue)


def with_exif(orientation: int) -> Pillow.Exif:
    """The EXIF of a phone: how it was held, and where."""
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = PLACE
    return exif


@pytest.mark.parametrize(
    ("kind", "content_type", "ending"),
    [("PNG", "image/png", "png"), ("JPEG", "image/jpeg", "jpg"), ("WEBP", "image/webp", "webp")],
)
def test_a_clean_picture_keeps_its_bytes_and_gets_its_true_name(kind: str, content_type: room.ContentType, ending: str):
    """The content decides, not the name."""
    data = encoded(Pillow.new("RGB", (64, 32), "teal"), kind)
    assert read_image(data, "holiday.gif") == Image(
        name=f"holiday.{ending}", content_type=content_type, width=64, height=32, data=data
    )


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_common_kind_of_png_keeps_its_bytes(mode: str):
    """Grey, palette and transparent pictures are understood everywhere."""
    data = encoded(Pillow.new(mode, (8, 8)), "PNG")
    assert read_image(data, "a.png").data == data


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Café été.PNG", "Cafe-ete.png"),
        ("../../etc/passwd", "passwd.png"),
        ("C:\\Users\\me\\cat.jpeg", "cat.png"),
        ("猫.png", "image.png"),
        ("", "image.png"),
        ('a"b\r\nc; filename=x.png', "a-b-c-filename-x.png"),
        ("x" * 300 + ".png", "x" * 60 + ".png"),
    ],
)
def test_names_are_plain_ascii(name: str, plain: str):
    """A name goes into a multipart header and into a service's logs."""
    assert read_image(encoded(Pillow.new("RGB", (4, 4)), "PNG"), name).name == plain


def webp_with_exif() -> bytes:
    """A WebP that says where it was taken."""
    return encoded(Pillow.new("RGB", (40, 20), "red"), "WEBP", exif=with_exif(1), lossless=True)


def png_with_text() -> bytes:
    """A PNG with a comment, as image generators and editors write them."""
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", PLACE)
    return encoded(Pillow.new("RGB", (40, 20), "red"), "PNG", pnginfo=notes)


def png_with_private_chunk() -> bytes:
    """A PNG with a chunk of somebody's own."""
    notes = PngImagePlugin.PngInfo()
    notes.add(b"prVt", PLACE.encode())
    return encoded(Pillow.new("RGB", (40, 20), "red"), "PNG", pnginfo=notes)


def jpeg_with_exif() -> bytes:
    """A JPEG of a phone."""
    return encoded(Pillow.new("RGB", (40, 20), "red"), "JPEG", exif=with_exif(1))


def jpeg_with_comment() -> bytes:
    """A JPEG with a comment segment."""
    return encoded(Pillow.new("RGB", (40, 20), "red"), "JPEG", comment=PLACE.encode())


def jpeg_with_xmp() -> bytes:
    """A JPEG with an XMP packet."""
    return encoded(Pillow.new("RGB", (40, 20), "red"), "JPEG", xmp=b"<x:xmpmeta>" + PLACE.encode())


def jpeg_with_segment(marker: bytes, block: bytes) -> bytes:
    """A JPEG with an application's own segment."""
    plain = encoded(Pillow.new("RGB", (40, 20), "red"), "JPEG")
    return plain[:2] + marker + (len(block) + 2).to_bytes(2, "big") + block + plain[2:]


def jpeg_with_photoshop() -> bytes:
    """A JPEG with an IPTC block in APP13."""
    return jpeg_with_segment(b"\xff\xed", b"Photoshop 3.0\0" + PLACE.encode())


def jpeg_with_unknown_segment() -> bytes:
    """A JPEG with a camera maker's own block in APP9."""
    return jpeg_with_segment(b"\xff\xe9", b"Acme\0" + PLACE.encode())


def jpeg_with_tail() -> bytes:
    """A JPEG with something behind it, as phones append a short video."""
    return encoded(Pillow.new("RGB", (40, 20), "red"), "JPEG") + PLACE.encode()


def webp_with_tail() -> bytes:
    """A WebP with something behind it."""
    return encoded(Pillow.new("RGB", (40, 20), "red"), "WEBP", lossless=True) + PLACE.encode()


def two_jpegs_in_one() -> bytes:
    """An MPO, as phones write portraits with depth."""
    other = Pillow.new("RGB", (40, 20), "blue")
    return encoded(
        Pillow.new("RGB", (40, 20), "red"), "MPO", save_all=True, append_images=[other], comment=PLACE.encode()
    )


@pytest.mark.parametrize(
    "make",
    [
        webp_with_exif,
        png_with_text,
        png_with_private_chunk,
        jpeg_with_exif,
        jpeg_with_comment,
        jpeg_with_xmp,
        jpeg_with_photoshop,
        jpeg_with_unknown_segment,
        jpeg_with_tail,
        webp_with_tail,
        two_jpegs_in_one,
    ],
)
def test_what_a_picture_tells_about_a_person_does_not_leave(make: Callable[[], bytes]):
    """Places, comments and appendices are gone; the picture is the same."""
    data = make()
    assert PLACE.encode() in data
    image = read_image(data, "a.png")
    assert PLACE.encode() not in image.data
    red, green, blue = colour(opened(image))
    assert (image.width, image.height) == (40, 20)
    assert red > 245
    assert max(green, blue) < 10
    assert image.content_type == ("image/png" if data.startswith(b"\x89PNG") else "image/jpeg")
    assert read_image(image.data, "a.png").data == image.data


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_sent_upright(orientation: int):
    """A phone writes how it was held; a service that ignores that would see a person lying down."""
    upright = Pillow.new("RGB", (60, 40), "white")
    upright.paste("red", (0, 0, 20, 20))
    inverse = {6: Pillow.Transpose.ROTATE_90, 8: Pillow.Transpose.ROTATE_270}
    turn = inverse.get(orientation, room._TURNS.get(orientation))
    held = upright if turn is None else upright.transpose(turn)
    image = read_image(encoded(held, "PNG", exif=with_exif(orientation)), "a.png")
    assert (image.width, image.height) == (60, 40)
    assert opened(image).tobytes() == upright.tobytes()


def test_a_colour_profile_stays_with_its_picture():
    """Without it the colours of a wide-gamut photo would turn pale."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encoded(Pillow.new("RGB", (40, 20), "red"), "JPEG", exif=with_exif(1), icc_profile=profile)
    assert opened(read_image(data, "a.jpg")).info["icc_profile"] == profile


def test_sixteen_bits_are_scaled_to_eight():
    """Cut off instead of scaled, a medical or astronomical picture would be white."""
    image = read_image(encoded(Pillow.new("I;16", (8, 8), 40_000), "PNG"), "a.png")
    assert image.content_type == "image/png"
    assert colour(opened(image)) == (156, 156, 156)


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk of a PNG."""
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def test_sixteen_bits_a_colour_become_eight():
    """Deep colour is for printing houses; video services expect eight bits."""
    header = (2).to_bytes(4, "big") * 2 + bytes([16, 2, 0, 0, 0])
    rows = (b"\0" + b"\x9c\x40\x20\x00\x10\x00" * 2) * 2
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")
    image = read_image(b"\x89PNG\r\n\x1a\n" + chunks, "deep.png")
    assert image.data[24] == 8
    assert colour(opened(image), 1, 1) == (0x9C, 0x20, 0x10)


def test_print_colours_become_screen_colours():
    """Few services read CMYK."""
    image = read_image(encoded(Pillow.new("CMYK", (40, 20), (0, 255, 255, 0)), "JPEG"), "a.jpg")
    picture = opened(image)
    assert picture.mode == "RGB"
    red, green, blue = colour(picture)
    assert red > 200
    assert max(green, blue) < 60


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_animation_gives_its_first_frame(kind: str):
    """A reference is one picture."""
    frames = [Pillow.new("RGB", (40, 20), colour) for colour in ("red", "blue")]
    options: dict[str, Any] = {"lossless": True} if kind == "WEBP" else {}
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100, **options)
    image = read_image(data, "a.webp")
    picture = opened(image)
    assert getattr(picture, "n_frames", 1) == 1
    assert colour(picture)[0] > 245


def test_a_picture_too_large_for_the_wire_is_encoded_anew():
    """It is made smaller, not refused; its size in pixels stays while quality alone is enough."""
    data = encoded(noise(1800, 1800), "PNG")
    assert len(data) > room.WIRE_BYTES
    image = read_image(data, "noise.png")
    assert len(image.data) <= room.WIRE_BYTES
    assert (image.name, image.content_type, image.width, image.height) == ("noise.jpg", "image/jpeg", 1800, 1800)


def test_a_picture_too_large_for_any_quality_is_made_smaller(monkeypatch: pytest.MonkeyPatch):
    """Then the pixels go, in steps of a quarter, and the shape stays."""
    monkeypatch.setattr(room, "WIRE_BYTES", 20_000)
    image = read_image(encoded(noise(400, 200), "PNG"), "noise.png")
    assert len(image.data) <= 20_000
    assert image.width < 400
    assert image.width / image.height == pytest.approx(2, abs=0.05)


def test_transparency_turns_white_only_when_the_picture_must_become_a_jpeg(monkeypatch: pytest.MonkeyPatch):
    """Black is what a careless conversion gives."""
    picture = noise(200, 200, "RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 50, 50))
    kept = read_image(encoded(picture, "WEBP", exif=with_exif(1), lossless=True), "a.webp")
    assert opened(kept).mode == "RGBA"
    monkeypatch.setattr(room, "WIRE_BYTES", 60_000)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    flat = read_image(encoded(picture, "PNG", icc_profile=profile), "a.png")
    assert flat.content_type == "image/jpeg"
    assert opened(flat).info["icc_profile"] == profile
    assert min(colour(opened(flat), 10, 10)) > 230


def test_a_picture_encoded_anew_has_no_more_pixels_than_any_video():
    """Beyond 4096 a side they cost memory and wire and show in no video; JPEG ends at 65,500 a side anyway."""
    data = encoded(Pillow.new("RGB", (70_000, 40)), "PNG", exif=with_exif(6))
    image = read_image(data, "a.png")
    assert (image.width, image.height) == (2, 4096)
