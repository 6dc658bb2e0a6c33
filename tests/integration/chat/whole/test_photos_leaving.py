"""A person's photo on every way that leads out of the bot: as bytes, as a link of our own, as a link of Discord's."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp.test_utils import TestServer

from bot.jobs.store import Store
from bot.jobs.videos import Videos
from bot.links import Links
from bot.sandbox.discord_api import DiscordSandbox, Upload
from bot.sandbox.video_api import Call, VideoApiSandbox
from bot.web import application
from tests.integration.chat.conftest import Join, Picture
from tests.integration.chat.whole.conftest import MAKING, PROMPT, Scene
from tests.integration.chat.whole.photos import check_bare, jpeg, png, webp
from tests.ports import free_port

SUBCOMMAND, ATTACHMENT = 1, 11
#: A file of each kind, with endings and types that lie.
PHOTOS = (
    Upload("IMG_0001.png", jpeg(), "image/png"),
    Upload("shot.jpg", png(), "image/jpeg"),
    Upload("x.bin.gif", webp(), "image/gif"),
)
PICTURES = {
    "veo": ["image", "image2", "image3"],
    "sora": ["image"],
    "vidu": ["image"],
    "kling": ["image", "image2", "image3"],
    "video": ["image", "image2", "image3"],
    "veo31 image": ["image"],
    "veo31 frames": ["image", "last_image"],
    "veo31 references": ["image", "image2", "image3"],
}
"""Every option that takes a picture, by command."""
CLIP = {"veo31 extend": ["video"]}
NEEDED = {"video": {"model": "kling-v1"}}
LINKED = [command for command in PICTURES if command.startswith("veo31 ")]


@pytest.fixture
async def serving(join: Join, store: Store, discord_api: DiscordSandbox, tmp_path: Path) -> AsyncIterator[Scene]:
    """The program at work with links of its own, and the server to which they lead."""
    clock, port, videos = discord_api.clock, free_port(), Videos(tmp_path)
    links = Links(base_url=f"http://127.0.0.1:{port}", key=bytes(32))
    routes = application(store, links, videos, ready=lambda: True, clock=clock)
    async with (
        TestServer(routes, port=port),
        VideoApiSandbox(quality="tiny", seconds_to_done=MAKING, clock=clock) as service,
        join(service, clock, links=links) as worker,
    ):
        yield Scene(discord=discord_api, service=service, store=store, videos=videos, worker=worker)


async def sent(post: Call) -> list[bytes]:
    """Every picture of a request: its file parts, and what the strings of its body hold or lead to."""
    found = [part.data for part in post.parts if part.filename is not None]
    async with httpx.AsyncClient() as client:
        for text in strings(post.json):
            if text.startswith("data:"):
                found.append(base64.b64decode(text.partition(",")[2], validate=True))
            elif text.startswith("http"):
                found.append((await client.get(text)).raise_for_status().content)
    return found


def strings(value: Any) -> list[str]:
    """Every string in JSON data."""
    if isinstance(value, dict):
        return [text for each in value.values() for text in strings(each)]
    if isinstance(value, list):
        return [text for each in value for text in strings(each)]
    return [value] if isinstance(value, str) else []


async def check_photos(scene: Scene, command: str) -> None:
    """Order with a photo in every place; the service gets each upright, and nothing else that was in its file."""
    pictures = dict(zip(PICTURES[command], PHOTOS, strict=False))
    options = {"prompt": PROMPT, **NEEDED.get(command, {}), **pictures}
    await scene.discord.command("member", "general", command, options)
    await scene.until("in_progress")
    (post,) = scene.service.posts
    found = await sent(post)
    assert len(found) == len(pictures)
    for data in found:
        check_bare(data)


@pytest.mark.parametrize("command", PICTURES)
async def test_where_a_photo_was_taken_does_not_reach_the_service(command: str, scene: Scene):
    """Neither in what is sent nor behind a link that is sent, which is one of Discord's."""
    await check_photos(scene, command)


@pytest.mark.parametrize("command", LINKED)
async def test_links_of_our_own_lead_to_no_place_either(command: str, serving: Scene):
    """With PUBLIC_URL the service fetches the pictures from the bot itself."""
    await check_photos(serving, command)


async def test_the_person_sees_what_is_sent_instead_of_a_photo(scene: Scene, picture: Picture):
    """Only they do, and only the photo that had to be changed; the other goes by the link that it has."""
    options = {"prompt": PROMPT, "image": picture(name="plain.png"), "last_image": PHOTOS[0]}
    call = await scene.discord.command("member", "general", "veo31 frames", options)
    await scene.until("in_progress")
    (message,) = call.followups
    assert (message.ephemeral, message.mentions) == (True, [])
    assert message.content == (
        "This is sent instead of your file: the picture alone, upright, without where, when or by whom it was taken."
    )
    (post,) = scene.service.posts
    (shown,) = message.attachments
    given = call.data["resolved"]["attachments"].values()
    assert [each["filename"] for each in given if each["url"] == post.json["image"]] == ["plain.png"]
    assert shown.file.is_at(post.json["last_image"])
    check_bare(shown.file.data)


async def test_nothing_is_ordered_where_discord_does_not_take_the_changed_picture(scene: Scene):
    """Neither the photo as it was nor a request without it."""
    scene.discord.faults.add(r"/webhooks/\d+/[^/]+$", method="POST", status=400)
    options = {"prompt": PROMPT, "image": PHOTOS[0]}
    call = await scene.discord.command("member", "general", "veo31 image", options)
    await scene.discord.wait_for(lambda: call.response and "Not ordered" in call.response.text())
    assert call.response is not None
    assert "Discord did not take the picture back, and nothing was ordered: please try again." in call.response.text()
    assert scene.service.posts == []


@pytest.mark.usefixtures("scene")
def test_every_option_that_takes_a_file_is_looked_at(discord_api: DiscordSandbox):
    """Those above are all that the bot has; a video is sent as it is, and its option says so."""
    takes: dict[str, list[str]] = {}
    for command in discord_api.commands:
        modes = {f"{command['name']} {mode['name']}": mode for mode in command["options"] if mode["type"] == SUBCOMMAND}
        for name, leaf in (modes or {command["name"]: command}).items():
            files = [option for option in leaf.get("options", []) if option["type"] == ATTACHMENT]
            if files:
                takes[name] = sorted(option["name"] for option in files)
            assert all("sent as it is" in option["description"] for option in files if option["name"] == "video")
    assert takes == PICTURES | CLIP
