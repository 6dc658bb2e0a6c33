"""While Discord is away or asks to wait: paid jobs go on, nothing is lost, and nobody hammers."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import discord
import pytest
from discord.webhook import async_

from bot.chat.client import Reelcord
from bot.errors import SettingsError
from bot.sandbox.discord_api import DiscordSandbox
from bot.sandbox.discord_api.server import API
from tests.integration.chat.conftest import answered
from tests.integration.chat.faults.conftest import MAKING, Bench

PEOPLE = ("member", "owner", "newcomer")


@pytest.mark.parametrize("how", ["answers 503", "refuses connections"])
async def test_ten_minutes_without_discord_lose_nothing(how: str, bench: Bench):
    """The videos are asked for and fetched meanwhile; each is there once when Discord is back, and paid once."""
    for person in PEOPLE:
        await bench.ordered(person)
    if how == "answers 503":
        bench.discord.faults.add(API, times=-1, status=503)
    else:
        await bench.discord.unplug()
    bench.advance(MAKING)
    for person in PEOPLE:
        await bench.until(lambda job: job.status == "delivering" and job.posting_at is not None, person)
    before = len(bench.discord.log)
    for _ in range(30):
        bench.advance(10)
        await asyncio.sleep(0.03)
    assert bench.videos() == []
    if how == "answers 503":
        assert len(bench.discord.log) - before < 100
        bench.discord.faults.clear()
    else:
        await bench.discord.plug()
    for person in PEOPLE:
        (job,) = await bench.ends(person)
        assert job.status == "completed"
    assert (len(bench.videos()), bench.charged) == (3, 3)


async def test_a_long_limit_of_some_cards_delays_no_other(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    """discord.py would wait out any limit of a webhook, and hold all the slots that there are for cards of ended jobs."""
    monkeypatch.setattr(async_, "asyncio", asyncio)
    for _ in range(6):
        bench.service.next(fail="No cats today.")
    limited = [await bench.ordered() for _ in range(5)]
    await answered()
    faults = [bench.discord.rate_limit(call.token, method="PATCH", retry_after=600, times=-1) for call in limited]
    bench.service.seconds_to_done = 0
    free = await bench.ordered("owner")
    bench.advance(MAKING)
    await bench.discord.wait_for(
        lambda: free.response and "No cats today" in free.response.text(), what="the free card"
    )
    assert [call.response and "Failed" in call.response.text() for call in limited] == [False] * 5
    for fault in faults:
        fault.times = 0
    await bench.ends()
    assert [call.response and "Failed" in call.response.text() for call in limited] == [True] * 5


@pytest.mark.parametrize("ban", [False, True], ids=["limit of the whole bot", "ban of Cloudflare's"])
async def test_a_wait_of_the_whole_bot_is_not_answered_by_hammering(ban: bool, bench: Bench):
    """Ten videos make progress for nine minutes: once Discord has said ten, nothing more is asked of it."""
    bench.discord.clock.stop()
    bench.service.seconds_to_done = 7200
    calls = [await bench.ordered() for _ in range(10)]
    await answered()
    if ban:
        fault = bench.discord.ban(retry_after=600, times=-1)
    else:
        fault = bench.discord.rate_limit(API, retry_after=600, times=-1, whole=True)
    for _ in range(9):
        bench.advance(60)
        await bench.polled()
    assert 0 < fault.hits <= 10  # of jobs whose turn came in the same moment
    fault.times = 0
    for _ in range(2):
        bench.advance(60)
        await bench.polled()
    await bench.discord.wait_for(lambda: all("%" in (call.response.text() if call.response else "") for call in calls))


async def test_a_reset_token_ends_the_bot_before_it_asks_again_and_again(bot: Reelcord, discord_api: DiscordSandbox):
    """One refusal, one question whether that was meant, and then the line that says what to do."""
    guard = asyncio.create_task(bot.gate.guard_token(bot))
    discord_api.reset_token()
    before = len(discord_api.log)
    with suppress(discord.HTTPException):
        await bot.fetch_channel(discord_api.world.channel("general").id)
    with pytest.raises(SettingsError, match="DISCORD_TOKEN: Discord refuses this token"):
        await asyncio.wait_for(guard, 30)
    assert [entry.status for entry in discord_api.log[before:]] == [401, 401]


ANSWERS = {
    "a 503": {"status": 503},
    "a cut line": {"drop": True, "times": 2},  # aiohttp asks again by itself once
    "a ban of Cloudflare's": {"status": 429, "body": "<html>error code: 1015</html>", "headers": {"Via": ""}},
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
async def test_a_question_about_the_token_that_is_not_answered_is_put_again(
    answer: dict[str, Any], bot: Reelcord, discord_api: DiscordSandbox
):
    """Only Discord's own refusal counts; it comes at the next request that is refused."""
    guard = asyncio.create_task(bot.gate.guard_token(bot))
    channel = discord_api.world.channel("general").id
    unanswered = discord_api.faults.add("/users/@me$", **answer)
    discord_api.faults.add("/channels/", status=401, body={"code": 0, "message": "401: Unauthorized"})
    before = len(discord_api.log)
    with suppress(discord.HTTPException):
        await bot.fetch_channel(channel)
    await asyncio.wait_for(unanswered.reached.wait(), 30)
    await discord_api.wait_for(lambda: unanswered.times == 0)
    discord_api.reset_token()
    with suppress(discord.HTTPException):
        await bot.fetch_channel(channel)
    with pytest.raises(SettingsError, match="DISCORD_TOKEN: Discord refuses this token"):
        await asyncio.wait_for(guard, 30)
    asked = [entry.status for entry in discord_api.log[before:] if entry.path == "/users/@me"]
    assert asked == [answer.get("status")] * answer.get("times", 1) + [401]


async def test_a_single_401_is_asked_about_and_forgotten(bot: Reelcord, discord_api: DiscordSandbox):
    """Discord was confused for a moment; the dead token of an interaction is no matter of the bot's at all."""
    guard = asyncio.create_task(bot.gate.guard_token(bot))
    channel = discord_api.world.channel("general").id
    discord_api.faults.add("/channels/", times=1, status=401, body={"code": 0, "message": "401: Unauthorized"})
    with suppress(discord.HTTPException):
        await bot.fetch_channel(channel)
    await discord_api.wait_for(lambda: discord_api.log[-1].path == "/users/@me")
    asked = len(discord_api.log)
    discord_api.faults.add("/webhooks/", times=1, status=401, body={"code": 50027, "message": "Invalid Webhook Token"})
    with suppress(discord.HTTPException):
        await discord.Webhook.partial(1, "dead", client=bot).fetch_message(2)
    await bot.fetch_channel(channel)
    assert not guard.done()
    assert [entry.path.split("/")[1] for entry in discord_api.log[asked:]] == ["webhooks", "channels"]
    guard.cancel()
