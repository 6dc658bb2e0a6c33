"""Hostile and clumsy input on its whole way: from a command in Discord to the bytes that the video service gets."""

import json

import pytest

from bot.sandbox.discord_api import Upload
from tests.integration.chat.whole.conftest import Scene
from tests.integration.chat.whole.photos import check_bare, jpeg


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
