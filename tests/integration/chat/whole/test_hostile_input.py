"""Hostile and clumsy input on its whole way: from a command in Discord to the bytes that the video service gets."""

import base64
import io
import json

import pytest
from PIL import Image as Pillow
from PIL import ImageChops, PngImagePlugin

from bot.sandbox.discord_api import Upload
from tests.integration.chat.whole.conftest import Scene
from tests.unit.requests import files
from tests.unit.requests.conftest import encoded

PLACE, CAMERA, AUTHOR = "51.5007 N, 0.1246 W", "Acme Phone 9", "Jane Doe of Baker Street"
GPS = 0x8825


def photo() -> Pillow.Image:
    """A picture of which one can see how it stands: red at the top left."""
    picture = Pillow.new("RGB", (60, 40), "white")
    picture.paste("red", (0, 0, 30, 20))
    return picture


def held(orientation: int) -> Pillow.Exif:
    """The EXIF of a phone: how it was held, where, by whom."""
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    exif[0x0110] = CAMERA
    exif[0x013B] = AUTHOR
    exif[GPS] = {1: "N", 2: (51.0, 30.0, 2.52), 3: "W", 4: (0.0, 7.0, 28.56), 29: PLACE}
    return exif


def jpeg() -> bytes:
    """A phone's JPEG, turned on its side, with everything that phones and editors write into one."""
    turned = photo().transpose(Pillow.Transpose.ROTATE_90)
    data = encoded(
        turned, "JPEG", exif=held(6), xmp=b"<x:xmpmeta>" + PLACE.encode(), comment=AUTHOR.encode(), quality=95
    )
    iptc = files.segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04" + AUTHOR.encode())
    return files.after_start(data, iptc) + b"MotionPhoto" + PLACE.encode()


def png() -> bytes:
    """A PNG with EXIF, a comment and XMP."""
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", PLACE)
    notes.add_itxt("XML:com.adobe.xmp", AUTHOR, zip=False)
    return encoded(photo(), "PNG", pnginfo=notes, exif=held(1))


def webp() -> bytes:
    """A WebP with EXIF and XMP."""
    return encoded(photo(), "WEBP", exif=held(1), xmp=PLACE.encode(), lossless=True)


def check_bare(sent: bytes) -> None:
    """What the service got shows the photo upright and says nothing else."""
    for mark in (PLACE, CAMERA, AUTHOR, "Exif", "GPS", "xmpmeta", "Photoshop", "8BIM", "Motion", "Comment", "Acme"):
        assert mark.encode() not in sent, mark
    assert b"eXIf" not in sent
    assert b"EXIF" not in sent
    picture = Pillow.open(io.BytesIO(sent)).convert("RGB")
    assert picture.size == (60, 40)
    off = ImageChops.difference(picture, photo()).resize((6, 4), Pillow.Resampling.BOX)
    assert max(high for _, high in off.getextrema()) < 40  # pyright: ignore[reportGeneralTypeIssues] - three bands
    assert not Pillow.open(io.BytesIO(sent)).getexif()


async def test_where_a_photo_was_taken_does_not_reach_the_service(scene: Scene):
    """Three kinds of file in one JSON body, with endings and types that lie."""
    uploads = {
        "image": Upload("IMG_0001.png", jpeg(), "image/png"),
        "image2": Upload("shot.jpg", png(), "image/jpeg"),
        "image3": Upload("x.bin.gif", webp(), "image/gif"),
    }
    await scene.discord.command("member", "general", "veo", {"prompt": "a cat"} | uploads)
    await scene.until("in_progress")
    (post,) = scene.service.posts
    references: list[str] = post.json["input_reference"]
    assert [each.partition(";")[0] for each in references] == ["data:image/jpeg", "data:image/png", "data:image/jpeg"]
    for reference in references:
        check_bare(base64.b64decode(reference.partition(",")[2], validate=True))


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("../../etc/passwd", "image.jpg"),
        ('a"; name="prompt"; x="\r\n\r\nfree money\r\n--', "a_name_prompt_x_free_money.jpg"),
        ("nul\0l.png", "nul_l.jpg"),
        ("猫🐈\u202egnp.exe", "gnp.jpg"),
        ("x" * 300 + ".png", "x" * 60 + ".jpg"),
    ],
)
async def test_a_form_is_not_broken_by_a_files_name(scene: Scene, name: str, sent: str):
    """One file part under a plain name, with the type that it has, and the same text parts as ever."""
    await scene.discord.command("member", "general", "vidu", {"prompt": "a cat", "image": Upload(name, jpeg())})
    await scene.until("in_progress")
    (post,) = scene.service.posts
    (file,) = [part for part in post.parts if part.filename is not None]
    assert {part.name: part.text for part in post.parts if part is not file} == {
        "model": "viduq3-pro",
        "prompt": "a cat",
        "duration": "5",
    }
    assert (file.name, file.filename, file.content_type) == ("images", sent, "image/jpeg")
    check_bare(file.data)


PROMPTS = {
    "6,000 characters": "many words " * 545 + "fox!",
    "half an emoji": "a fox \ud83d in \udc00 snow",
    "null bytes": "a fox\0 in snow\0",
    "everybody": "@everyone @here <@1> <@&2> <#3> </veo:4>",
    "markdown": "# **bold** ||spoiler|| ```code``` [link](https://evil.example) -# <t:0:R> :smile:",
    "right to left": "שלום \u202egpj.exe\u202c مرحبا",
    "zero width": "f\u200bo\u200dx\ufeff",
    "a tower": "Z" + "\u0301" * 500,
    "one long word": "x" * 5000,
    "emoji": "🦊❄️👩\u200d👩\u200d👧🏴\U000e0067\U000e0062\U000e007f",
    "lines": "one\r\ntwo\n\n> three\t",
}


@pytest.mark.parametrize("kind", PROMPTS)
async def test_a_prompt_is_sent_as_typed_and_pings_nobody(scene: Scene, kind: str):
    """But for what no service and no database takes: control characters and halves of surrogate pairs."""
    prompt = PROMPTS[kind]
    await scene.discord.command("member", "general", "sora", {"prompt": prompt})
    await scene.until("in_progress")
    (post,) = scene.service.posts
    kept = "".join(ch for ch in prompt if ch in "\n\t" or not (ord(ch) < 32 or 0xD800 <= ord(ch) < 0xE000))
    assert post.json["prompt"] == kept
    await scene.made(after=300)
    messages = scene.discord.messages("general", "member")
    assert len(messages) == 2
    member = scene.discord.world.user("member")
    for message in messages:
        assert not message.mention_everyone
        assert message.mention_roles == []
        assert message.mentions in ([], [member])
        assert json.dumps(message.text()).isascii()
        assert message.text().encode()


async def test_metadata_cannot_order_more_than_was_checked(scene: Scene):
    """It would be laid over the vendor's request: nothing is ordered, and the person is told why."""
    options = {"prompt": "a cat", "model": "kling-v1", "metadata": '{"style": "noir", "Duration": 10}'}
    call = await (await scene.discord.command("member", "general", "video", options)).answered()
    assert call.response is not None
    sentence = "metadata may not hold Duration: the command itself decides it, so leave it out there."
    assert call.response.text() == sentence
    assert scene.service.posts == []
