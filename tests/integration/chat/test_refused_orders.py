"""Orders that are refused: one sentence says why, and nothing was ordered."""

from typing import Any

import pytest

from bot.jobs.store import Store
from bot.sandbox.discord_api import DiscordSandbox, Upload
from tests.integration.chat.conftest import PROMPT, Picture, Shows, jobs_of

pytestmark = pytest.mark.usefixtures("bot")


async def test_a_wrong_option_is_refused_to_the_person_alone(discord_api: DiscordSandbox, store: Store):
    """One sentence, seen by one person, and nothing else happens: no picture is even read."""
    options = PROMPT | {"model": "viduq2-pro", "duration": 12}
    call = await (await discord_api.command("member", "general", "vidu", options)).answered()
    assert call.ephemeral
    assert call.response is not None
    assert call.response.text() == "viduq2-pro makes 1 to 10 seconds: for 12 choose 10."
    assert await jobs_of(store, discord_api) == []
    assert discord_api.messages("general") == []


async def test_a_rule_across_options_is_refused_before_the_picture_is_read(
    discord_api: DiscordSandbox, picture: Picture
):
    """What Discord says of an attachment is enough to ask the rules."""
    reading = discord_api.faults.add("/ephemeral-attachments/", times=-1, status=404)
    options = PROMPT | {"image": picture(), "voice_id": "alto"}
    call = await (await discord_api.command("member", "general", "vidu", options)).answered()
    assert call.ephemeral
    assert call.response is not None
    assert "voice_id has no effect" in call.response.text()
    assert reading.hits == 0


async def test_a_picture_over_the_limit_is_refused_before_it_is_read(discord_api: DiscordSandbox, store: Store):
    """Discord tells its size, so a person with Nitro is answered at once and nothing is loaded."""
    discord_api.world.user("member").upload_limit = 500 << 20
    reading = discord_api.faults.add("/ephemeral-attachments/", times=-1, status=404)
    upload = Upload(filename="fox.png", data=bytes((50 << 20) + 1))
    call = await (await discord_api.command("member", "general", "veo", PROMPT | {"image": upload})).answered()
    assert call.ephemeral
    assert call.response is not None
    assert call.response.text() == "image is larger than 50 MB: attach a smaller picture."
    assert reading.hits == 0
    assert await jobs_of(store, discord_api) == []


@pytest.mark.parametrize(
    ("upload", "sentence"),
    [
        (
            Upload(filename="fox.png", data=b"GIF89a" + b"\0" * 64),
            "The file is a GIF: attach a PNG, JPEG or WebP instead.",
        ),
        (Upload(filename="fox.png", data=b"not a picture"), "The file is not a picture"),
    ],
)
async def test_a_bad_picture_is_refused_on_the_card(
    upload: Upload, sentence: str, discord_api: DiscordSandbox, store: Store, shows: Shows
):
    """The card that stands already says why nothing was ordered."""
    call = await discord_api.command("member", "general", "veo", PROMPT | {"image": upload})
    card = await shows(call, "Not ordered")
    assert sentence in card.text()
    assert await jobs_of(store, discord_api) == []


async def test_an_attachment_that_discord_does_not_hand_over_is_refused(
    discord_api: DiscordSandbox, store: Store, shows: Shows, picture: Picture
):
    """A dead link is the person's chance to attach the picture again."""
    discord_api.faults.add("/ephemeral-attachments/", times=-1, status=404)
    call = await discord_api.command("member", "general", "veo", PROMPT | {"image": picture()})
    card = await shows(call, "Not ordered")
    assert "Discord did not hand image over, and nothing was ordered: please attach it again." in card.text()
    assert await jobs_of(store, discord_api) == []


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "Give the video either as an attachment or as video_url."),
        (
            {"video": Upload(filename="a.mp4", data=b"x"), "video_url": "https://a.example/b.mp4"},
            "Give the video either as an attachment or as video_url.",
        ),
        ({"video": Upload(filename="fox.png", data=b"x")}, "video takes a video file: attach an MP4."),
    ],
)
async def test_veo31_extend_takes_exactly_one_video(
    options: dict[str, Any], sentence: str, discord_api: DiscordSandbox
):
    """Both, none, or a picture are refused."""
    call = await (await discord_api.command("member", "general", "veo31 extend", PROMPT | options)).answered()
    assert call.ephemeral
    assert call.response is not None
    assert call.response.text() == sentence
