"""What the demo prints of requests and messages: all that a newcomer needs, and nothing to scroll past."""

from collections.abc import Sequence
from typing import Any

from bot.sandbox.demo.words import message_text, request_text
from bot.sandbox.video_api import Call
from bot.sandbox.video_api.calls import Part


def _call(json: Any = None, parts: Sequence[Part] = ()) -> Call:
    return Call(method="POST", path="/v1/videos", headers={}, json=json, parts=list(parts), time=0)


def test_pictures_are_cut_to_their_type_and_size():
    """Thousands of letters of base64 say nothing."""
    call = _call(json={"prompt": "a fox", "input_reference": "data:image/png;base64,AAAABBBB"})
    assert request_text(call) == 'POST /v1/videos {"prompt": "a fox", "input_reference": "<image/png, 6 bytes>"}'


def test_signed_links_are_cut_to_their_host_and_file():
    """Their ids and signatures are long and change each time; other links stay as they are."""
    call = _call(
        json={"image": "http://127.0.0.1:9/attachments/1/2/fox.png?ex=1&hm=2&", "video": "https://x.example/a.mp4"}
    )
    assert request_text(call) == (
        'POST /v1/videos {"image": "http://127.0.0.1:9/…/fox.png?…", "video": "https://x.example/a.mp4"}'
    )


def test_a_form_is_told_by_its_parts():
    """Text parts by their text, files by name, type and size."""
    parts = [
        Part(name="prompt", data="ein Füchslein".encode()),
        Part(name="images", data=b"12345", filename="fox.png", content_type="image/png"),
    ]
    assert request_text(_call(parts=parts)) == (
        'POST /v1/videos multipart {"prompt": "ein Füchslein", "images": "<file fox.png, image/png, 5 bytes>"}'
    )


def test_a_message_reads_as_discord_shows_it():
    """No marks, escapes, ids or stamps."""
    text = "### /sora · Failed\n> a \\[fail\\] \\*fox\\*\n<@7> was refused. <t:1790000000:R>\n-# model `sora-2`"
    assert message_text(text, {7: "owner"}) == "/sora · Failed · a [fail] *fox* · @owner was refused. · model sora-2"
