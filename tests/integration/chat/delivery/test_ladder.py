"""A video is posted as large as its place takes it, and the message says what was done to it."""

import asyncio
import re
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.chat.client import Reelcord
from bot.jobs.delivery import Delivery, DeliveryDelayed, Original, Undeliverable
from bot.jobs.job import Job
from bot.sandbox.discord_api import DiscordSandbox, Message
from bot.sandbox.discord_api.place_payloads import guild_json
from tests.integration.chat.conftest import OnlyJob, Shows, results
from tests.integration.chat.delivery.conftest import MIB, ORDER, ORIGINAL, Padded, bring, ordered

POSTS = r"/channels/\d+/messages$"


def done_to(message: Message) -> str:
    """What the message says was done to its file: small print that is not the recipe; "" for nothing."""
    return next((line for line in message.text().splitlines() if re.search("encoded|cannot|refused", line)), "")


def link_of(message: Message) -> str | None:
    """Where the message's button leads."""
    return next((part["url"] for part in message.walk() if part.get("style") == 5), None)


@pytest.mark.parametrize(
    ("tier", "size", "said"),
    [
        (0, 9 * MIB, ""),
        (0, 10 * MIB, "-# re-encoded from 10 MB to fit this server's 10 MB limit"),
        (1, 11 * MIB, "-# re-encoded from 11 MB to fit this server's 10 MB limit"),
        (2, 49 * MIB, ""),
        (2, 51 * MIB, "-# re-encoded from 51 MB to fit this server's 50 MB limit"),
        (3, 98 * MIB, ""),
        (3, 101 * MIB, "-# re-encoded from 101 MB to fit this server's 100 MB limit"),
    ],
)
async def test_the_boosts_of_the_server_decide(
    tier: int, size: int, said: str, discord_api: DiscordSandbox, rest_delivery: Delivery, job: Job, padded: Padded
):
    """Those it has when the video is there, less 1 % of headroom; the button leads to the original only if that was changed."""
    discord_api.world.guild("studio").premium_tier = tier
    posted = await bring(rest_delivery, job, padded(size), original=ORIGINAL)
    (message,) = results(discord_api)
    assert (message.id, done_to(message)) == (posted.message_id, said)
    assert (message.videos()[0].size == size) is not bool(said)
    assert link_of(message) == (ORIGINAL.url if said else None)
    assert posted.offers_original is bool(said)


async def test_boosts_that_ended_since_the_command_are_gone(
    bot: Reelcord, discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, only_job: OnlyJob, padded: Padded
):
    """The connected bot hears of it; the limit that the command came with counts for nothing in a channel."""
    cinema = discord_api.world.guild("cinema")
    await shows(await discord_api.command("member", "screening", "sora", ORDER), "Queued")
    job = await only_job()
    assert job.destination.upload_limit == 100 * MIB
    cinema.premium_tier = 0
    discord_api._gateway.dispatch("GUILD_UPDATE", guild_json(cinema))
    await discord_api.wait_for(lambda: [each.premium_tier for each in bot.guilds if each.id == cinema.id] == [0])
    await bring(delivery, job, padded(11 * MIB))
    (message,) = results(discord_api, "screening")
    assert done_to(message) == "-# re-encoded from 11 MB to fit this server's 10 MB limit"


async def test_direct_messages_take_10_mib(
    discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, only_job: OnlyJob, padded: Padded
):
    """Whatever the person's own subscription allows them."""
    direct = discord_api.world.dm(discord_api.world.user("member"))
    discord_api.world.user("member").upload_limit = 500 * MIB
    await shows(await discord_api.command("member", direct, "sora", ORDER), "Queued")
    await bring(delivery, await only_job(), padded(11 * MIB))
    (message,) = results(discord_api, direct)
    assert done_to(message) == "-# re-encoded from 11 MB to fit the 10 MB limit of direct messages"


@pytest.mark.parametrize(
    ("limit", "size", "said"),
    [(10, 11, "-# re-encoded from 11 MB to fit the 10 MB limit here"), (50, 11, "")],
)
async def test_by_the_token_the_interactions_own_limit_counts(
    limit: int,
    size: int,
    said: str,
    discord_api: DiscordSandbox,
    delivery: Delivery,
    shows: Shows,
    only_job: OnlyJob,
    padded: Padded,
):
    """The card may be given what the person may send."""
    discord_api.world.user("member").upload_limit = limit * MIB
    job = await ordered(discord_api, shows, only_job, {"prompt": "a fox", "private": True})
    await bring(delivery, job, padded(size * MIB))
    (message,) = results(discord_api)
    assert (message.ephemeral, done_to(message)) == (True, said)


REFUSED = [
    (3, 60, "-# re-encoded from 60 MB to fit the 10 MB limit found here"),
    (0, 9, "-# re-encoded from 9 MB to fit the 8 MB limit found here"),
    (0, 7, "-# re-encoded from 7 MB to fit the 1 MB limit found here"),
]


@pytest.mark.parametrize(("tier", "size", "said"), REFUSED)
@pytest.mark.parametrize(
    "answer", [{"status": 413, "body": {"code": 40005}}, {"status": 413, "body": "<html>"}], ids=["Discord", "proxy"]
)
async def test_a_file_refused_for_its_size_is_tried_smaller(
    tier: int,
    size: int,
    said: str,
    answer: dict[str, object],
    discord_api: DiscordSandbox,
    rest_delivery: Delivery,
    job: Job,
    padded: Padded,
):
    """Discord's own word was too good, or a proxy before it is stricter: the next known limit is tried."""
    discord_api.world.guild("studio").premium_tier = tier
    refused = discord_api.faults.add(POSTS, method="POST", **answer)
    await bring(rest_delivery, job, padded(size * MIB), original=ORIGINAL)
    (message,) = results(discord_api)
    assert (refused.hits, done_to(message), link_of(message)) == (1, said, ORIGINAL.url)


async def test_a_card_that_refuses_a_file_gets_a_smaller_one(
    discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, only_job: OnlyJob, padded: Padded
):
    """The limit that an interaction names is too high at times."""
    discord_api.world.user("member").upload_limit = 50 * MIB
    job = await ordered(discord_api, shows, only_job, {"prompt": "a fox", "private": True})
    discord_api.faults.add("/webhooks/", method="PATCH", status=413, body={"code": 40005})
    await bring(delivery, job, padded(20 * MIB))
    (message,) = results(discord_api)
    assert done_to(message) == "-# re-encoded from 20 MB to fit the 10 MB limit found here"


async def test_a_file_too_large_for_a_slow_line_is_tried_smaller(
    bot: Reelcord, discord_api: DiscordSandbox, shows: Shows, only_job: OnlyJob, delivery: Delivery, padded: Padded
):
    """Aiohttp ends a request after five minutes, however far the upload is."""
    await shows(await discord_api.command("member", "screening", "sora", ORDER), "Queued")
    session: aiohttp.ClientSession = bot.http._HTTPClient__session  # pyright: ignore[reportAttributeAccessIssue]
    usual, session._timeout = session._timeout, aiohttp.ClientTimeout(total=0.001)

    async def be_fast_again(*_: object) -> None:
        session._timeout = usual

    trace = aiohttp.TraceConfig()
    trace.on_request_exception.append(be_fast_again)
    trace.freeze()
    session._trace_configs.append(trace)
    await bring(delivery, await only_job(), padded(20 * MIB))
    (message,) = results(discord_api, "screening")
    assert done_to(message) == "-# re-encoded from 20 MB to fit the 10 MB limit found here"


async def test_a_small_file_that_takes_too_long_is_sent_later(bot: Reelcord, delivery: Delivery, job: Job, video: Path):
    """A smaller one would do no better: Discord is out of reach."""
    session: aiohttp.ClientSession = bot.http._HTTPClient__session  # pyright: ignore[reportAttributeAccessIssue]
    session._timeout = aiohttp.ClientTimeout(total=0.001)
    with pytest.raises(DeliveryDelayed):
        await bring(delivery, job, video)


async def test_at_the_foot_a_still_leads_to_the_video(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job, padded: Padded, still: Path
):
    """Every file was refused; the message is found again like any result."""
    refused = discord_api.faults.add(POSTS, method="POST", times=4, status=413, body={"code": 40005})
    with capture_logs() as logs:
        posted = await bring(delivery, job, padded(12 * MIB), original=ORIGINAL, poster=still)
    told = [line for line in logs if line["action"] in ("video_fitted", "file_refused")]
    assert [line["action"] for line in told] == 4 * ["video_fitted", "file_refused"]
    assert [told[0][name] for name in ("rung", "original", "limit", "tries")] == ["re-encoded", 12 * MIB, 10 * MIB, 1]
    assert told[0]["size"] == told[1]["size"]
    message = discord_api.world.messages[posted.message_id or 0]
    assert refused.hits == 4
    assert [file.filename for file in message.files()] == [f"reelcord-{job.id}.jpg"]
    assert message.files()[0].data == await asyncio.to_thread(still.read_bytes)
    assert done_to(message) == "-# Discord refused the video (12 MB), even when made smaller"
    assert (link_of(message), posted.offers_original) == (ORIGINAL.url, True)
    assert await delivery.find(job) == posted


LONG = replace(ORIGINAL, url="https://bot.example/" + 500 * "x")


@pytest.mark.parametrize(
    ("original", "has_still"),
    [(None, True), (ORIGINAL, False), (LONG, True), (replace(ORIGINAL, url="data:video/mp4;base64,AA=="), True)],
    ids=["no link", "no still", "a link too long for a button", "a link that is no address"],
)
async def test_what_fits_nowhere_and_has_no_link_is_held(
    original: Original | None,
    has_still: bool,
    discord_api: DiscordSandbox,
    delivery: Delivery,
    job: Job,
    video: Path,
    still: Path,
):
    """Nothing is left to be posted."""
    discord_api.faults.add(POSTS, method="POST", times=-1, status=413, body={"code": 40005})
    with pytest.raises(Undeliverable) as caught:
        await bring(delivery, job, video, original=original, poster=still if has_still else None)
    assert str(caught.value) == "Discord finds the video too large for its place, even when made smaller."
    assert results(discord_api) == []


async def test_a_link_too_long_for_a_button_is_left_out(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job, padded: Padded
):
    """The video is posted without it."""
    posted = await bring(delivery, job, padded(11 * MIB), original=LONG)
    (message,) = results(discord_api)
    assert (link_of(message), posted.offers_original) == (None, False)


async def test_what_cannot_be_made_watchable_is_held_with_its_numbers(
    discord_api: DiscordSandbox, delivery: Delivery, job: Job, video: Path, still: Path
):
    """A place that takes next to nothing: the person reads how large the video is, and what the place takes."""
    tiny = job.evolve(destination=replace(job.destination, private=True, upload_limit=2000))
    with pytest.raises(Undeliverable, match=r"\(\d+ KB, 1 s\) cannot be made small enough: its place takes 2 KB\.$"):
        await bring(delivery, tiny, video)
    posted = await bring(delivery, tiny, video, original=ORIGINAL, poster=still)
    message = discord_api.world.messages[posted.message_id or 0]
    assert re.fullmatch(r"-# the video \(\d+ KB\) cannot be made to fit the 2 KB limit here", done_to(message))
    assert [file.filename for file in message.files()] == [f"reelcord-{job.id}.jpg"]
