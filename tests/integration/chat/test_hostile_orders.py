"""Orders that are meant to hurt: links into private networks, videos that are none, many heavy pictures at once."""

import asyncio
import resource
import time
from collections.abc import Collection

import pytest

from bot.chat.attachments import MAX_VIDEO_BYTES
from bot.chat.turns import SLOTS
from bot.jobs.store import Store
from bot.sandbox.discord_api import DiscordSandbox, Upload
from tests.integration.chat.conftest import PROMPT, OnlyJob, Shows, StartBot, jobs_of
from tests.integration.processes import our_children
from tests.unit.requests import files

NAMES = {
    "public.example": ["93.184.215.14", "2606:2800:21f::1"],
    "inside.example": ["10.0.0.7"],
    "half.example": ["93.184.215.14", "127.0.0.1"],
    "metadata.example": ["::ffff:169.254.169.254"],
}


async def name_server(host: str) -> Collection[str]:
    """A name server of a hostile world."""
    if host not in NAMES:
        raise OSError(host)
    return NAMES[host]


@pytest.mark.parametrize(
    ("host", "sentence"),
    [
        ("inside.example", "leads to a private address: give a link that anybody can open."),
        ("half.example", "leads to a private address: give a link that anybody can open."),
        ("metadata.example", "leads to a private address: give a link that anybody can open."),
        ("nowhere.example", "cannot be found: check the link."),
    ],
)
@pytest.mark.parametrize(
    ("command", "option"), [("veo31 extend", "video_url"), ("vidu", "wm_url")], ids=["video_url", "wm_url"]
)
async def test_a_link_into_a_private_network_is_not_handed_on(
    command: str,
    option: str,
    host: str,
    sentence: str,
    discord_api: DiscordSandbox,
    store: Store,
    shows: Shows,
    start_bot: StartBot,
):
    """Although its name looks like any other; the card says why nothing was ordered."""
    options = PROMPT | {option: f"https://{host}/a.mp4"} | ({"watermark": True} if command == "vidu" else {})
    async with start_bot(lookup=name_server):
        card = await shows(await discord_api.command("member", "general", command, options), "Not ordered")
        assert sentence in card.text()
        assert await jobs_of(store, discord_api) == []


async def test_a_public_link_is_handed_on_unopened(
    discord_api: DiscordSandbox, only_job: OnlyJob, shows: Shows, start_bot: StartBot
):
    """As it was typed; the bot itself opens no connection to it."""
    options = PROMPT | {"video_url": "https://public.example/a.mp4?sig=%2F"}
    async with start_bot(lookup=name_server):
        await shows(await discord_api.command("member", "general", "veo31 extend", options), "Queued")
        assert (await only_job()).submission.fields["video"] == "https://public.example/a.mp4?sig=%2F"


@pytest.mark.parametrize("url", ["https://127.0.0.1/a.mp4", "http://localhost:9000/a.mp4", "https://2130706433/a.mp4"])
async def test_a_link_to_the_bots_own_machine_is_refused_at_once(
    url: str, discord_api: DiscordSandbox, start_bot: StartBot
):
    """Also where the services themselves are on it, as here."""
    async with start_bot():
        options = PROMPT | {"video_url": url}
        call = await (await discord_api.command("member", "general", "veo31 extend", options)).answered()
        assert call.response is not None
        sentence = (
            "video_url must be a link such as https://example.com/file: https, a host by its name, no user or password."
        )
        assert (call.ephemeral, call.response.text()) == (True, sentence)


@pytest.mark.parametrize(
    ("video", "sentence"),
    [
        (Upload("a.mp4", b"", "video/mp4"), "video is empty: attach a clip of at most 30 seconds."),
        (Upload("a.html", b"<script>", "text/html"), "video takes a video file: attach an MP4."),
        (Upload("a.mp4.exe", b"MZ", "application/x-msdownload"), "video takes a video file: attach an MP4."),
        (
            Upload("big.mp4", bytes(MAX_VIDEO_BYTES + 1), "video/mp4"),
            "video is larger than 100 MB: attach a clip of at most 30 seconds.",
        ),
    ],
    ids=["empty", "page", "program", "large"],
)
async def test_a_video_that_no_service_would_take_is_refused(
    video: Upload, sentence: str, discord_api: DiscordSandbox, start_bot: StartBot
):
    """By what Discord says of it, before a card and before any money."""
    discord_api.world.user("member").upload_limit = 500 * 2**20
    async with start_bot():
        call = await (
            await discord_api.command("member", "general", "veo31 extend", PROMPT | {"video": video})
        ).answered()
        assert call.response is not None
        assert call.response.text() == sentence


async def test_heavy_pictures_do_not_hold_the_bot_up(discord_api: DiscordSandbox, shows: Shows, start_bot: StartBot):
    """Six of 12 megapixels at once: two are opened at a time, by others, while the bot itself has next to nothing to do."""
    heavy = files.png(4000, 3000, files.blank(4000, 3000, 32), colour=6, before=files.chunk(b"tIME", bytes(7)))
    three = {name: Upload("sky.png", heavy) for name in ("image", "image2", "image3")}
    most = 0
    async with start_bot():
        own, others = time.process_time(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        calls = [await discord_api.command(user, "general", "veo", PROMPT | three) for user in ("member", "owner")]
        queued = [asyncio.ensure_future(shows(call, "Queued")) for call in calls]
        async with asyncio.timeout(120):
            while not all(task.done() for task in queued):
                most = max(most, len(our_children()))
                await asyncio.sleep(0.02)
        await asyncio.gather(*queued)
        own, others = time.process_time() - own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - others
    assert 1 <= most <= SLOTS
    assert own < others
