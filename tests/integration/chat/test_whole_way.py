"""The whole way, in one process: every command, through the engine and a video service, to a video in the channel."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.discord_api import Call, DiscordSandbox, Message, Upload
from bot.sandbox.video_api import VideoApiSandbox
from tests.integration.chat.conftest import PROMPT, Join, Picture, Shows

WAYS: dict[str, tuple[str, ...]] = {
    "veo": ("image", "image2"),
    "sora": ("image",),
    "vidu": ("image",),
    "kling": ("image",),
    "video": (),
    "veo31 text": (),
    "veo31 image": ("image",),
    "veo31 frames": ("image", "last_image"),
    "veo31 references": ("image", "image2"),
    "veo31 extend": (),
}


@pytest.fixture
async def video_api() -> AsyncIterator[VideoApiSandbox]:
    """Both upstreams on one server, quick and small."""
    async with VideoApiSandbox(quality="tiny", seconds_to_done=0.05) as sandbox:
        yield sandbox


@pytest.fixture
async def at_work(join: Join, video_api: VideoApiSandbox) -> AsyncIterator[None]:
    """The bot and the engine, at work."""
    async with join(video_api):
        yield


@pytest.mark.usefixtures("at_work")
@pytest.mark.parametrize("command", WAYS)
async def test_a_command_becomes_a_video(
    command: str,
    discord_api: DiscordSandbox,
    video_api: VideoApiSandbox,
    picture: Picture,
    video: Path,
):
    """One POST, one message with a video that replies to the card, and the card says Done and links to it."""
    pictures = {name: picture(320 + number) for number, name in enumerate(WAYS[command])}
    options: dict[str, Any] = PROMPT | pictures
    if command == "video":
        options["model"] = "kling-v1"
    if command == "veo31 extend":
        data = await asyncio.to_thread(video.read_bytes)
        options["video"] = Upload(filename="before.mp4", data=data)
    call = await discord_api.command("member", "general", command, options)
    card = await _done(discord_api, call)
    (result,) = [message for message in discord_api.messages("general") if message.videos()]
    assert result.reply_to == card.id
    assert [part["url"].rpartition("/")[2] for part in card.walk() if part.get("style") == 5] == [str(result.id)]
    assert len(video_api.posts) == 1


@pytest.mark.usefixtures("at_work")
async def test_a_failure_says_why_on_the_card(discord_api: DiscordSandbox, shows: Shows):
    """A plain sentence, a way to try again, and no video."""
    call = await discord_api.command("member", "general", "sora", {"prompt": "a fox [fail]"})
    card = await shows(call, "Failed")
    assert [part["label"] for part in card.walk() if part["type"] == 2] == ["Again"]
    assert [message for message in discord_api.messages("general") if message.videos()] == []


async def _done(discord_api: DiscordSandbox, call: Call) -> Message:
    """The card when it says Done; a job that ended otherwise shows its card."""
    ends = ("Done", "Failed", "Unconfirmed", "Expired", "Held", "Not ordered")

    def ended() -> Message | None:
        card = call.response
        return card if card and any(f"· {word}" in card.text() for word in ends) else None

    card = await discord_api.wait_for(ended, timeout=20, what="the end of the job")
    assert card is not None
    assert "· Done" in card.text(), card.text()
    return card
