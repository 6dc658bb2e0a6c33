"""A person in a hurry, or with a script: all are answered, few are ordered, and nobody else waits."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.chat.client import Reelcord
from bot.jobs.job import ACTIVE, Status
from bot.jobs.store import Store
from bot.sandbox.discord_api import Call, DiscordSandbox
from bot.sandbox.video_api import VideoApiSandbox
from tests.integration.chat.conftest import PROMPT, Join, Picture, SettingsOf, Shows, StartBot, jobs_of
from tests.integration.chat.jobs.conftest import slow_database

ENOUGH = (
    "You have 10 videos in the making: wait for one to finish, or end one by `/jobs cancel`; `/jobs list` shows which."
)


@pytest.fixture
async def service() -> AsyncIterator[VideoApiSandbox]:
    """A video service that takes an hour for each video."""
    async with VideoApiSandbox(seconds_to_done=3600, quality="tiny") as started:
        yield started


def said(call: Call) -> str:
    """What the first answer says."""
    return call.response.text() if call.response else ""


async def test_a_hundred_commands_order_ten_and_starve_nobody(
    join: Join, service: VideoApiSandbox, discord_api: DiscordSandbox, store: Store, shows: Shows, picture: Picture
):
    """Each is answered, ninety of them in one sentence for the person alone; what is paid is what was ordered."""
    discord_api.clock.stop()  # three seconds are measured elsewhere: this machine may stall
    options = PROMPT | {"image": picture()}
    async with join(service):
        calls = [await discord_api.command("member", "general", "veo", options) for _ in range(100)]
        other = await discord_api.command("owner", "general", "veo", options)
        await shows(other, "Generating")
        for call in calls:
            await call.answered(30)
        refused = [call for call in calls if call.ephemeral]
        ordered = [call for call in calls if not call.ephemeral]
        assert [said(call) for call in refused] == [ENOUGH] * 90
        for call in ordered:
            await shows(call, "Generating")
        assert len(await jobs_of(store, discord_api)) == len(ordered) == 10
        assert len(service.posts) == len(service.tasks) == 11
        assert await store.promises.break_those_of([]) == 0

        (first, *_) = await jobs_of(store, discord_api)
        await discord_api.command("member", "general", "jobs cancel", {"job": first.id})
        await discord_api.wait_for(lambda: "Cancelled" in "".join(map(said, ordered)), what="room for one more")
        await shows(await discord_api.command("member", "general", "veo", PROMPT), "Generating")
        assert len(service.tasks) == 12


@pytest.mark.parametrize(("most", "sentence"), [(1, "You have a video in the making"), (2, "You have 2 videos")])
async def test_the_operator_says_how_many(
    most: int,
    sentence: str,
    start_bot: StartBot,
    settings_of: SettingsOf,
    discord_api: DiscordSandbox,
    shows: Shows,
    store: Store,
):
    """A repeat counts as well; 0 would be any number."""
    async with start_bot(settings=settings_of(jobs_per_user=most)):
        for _ in range(most):
            call = await discord_api.command("member", "general", "sora", PROMPT)
            await shows(call, "Queued")
        call = await (await discord_api.command("member", "general", "sora", PROMPT)).answered()
        assert call.ephemeral
        assert said(call).startswith(sentence)
        (job, *_) = await jobs_of(store, discord_api)
        await store.save(job.evolve(status=Status.FAILED, finished_at=job.created_at))
        await shows(await discord_api.command("member", "general", "sora", PROMPT), "Queued")
        again = await (await discord_api.command("member", "general", "jobs again", {"job": job.id})).answered()
        assert said(again).startswith(sentence)
    assert len(await store.of_user(discord_api.world.user("member").id, statuses=ACTIVE)) == most


async def test_zero_is_any_number(
    start_bot: StartBot, settings_of: SettingsOf, discord_api: DiscordSandbox, shows: Shows, store: Store
):
    """For a server whose operator pays and trusts."""
    async with start_bot(settings=settings_of(jobs_per_user=0)):
        for _ in range(12):
            await shows(await discord_api.command("member", "general", "sora", PROMPT), "Queued")
    assert len(await jobs_of(store, discord_api)) == 12


@pytest.mark.usefixtures("bot")
async def test_a_persons_pictures_are_read_one_order_at_a_time(
    discord_api: DiscordSandbox, shows: Shows, picture: Picture
):
    """However many wait, another person's are read meanwhile."""
    gate = asyncio.Event()
    reading = discord_api.faults.add("/ephemeral-attachments/", times=-1, hold=gate)
    options = PROMPT | {"image": picture()}
    calls = [await discord_api.command("member", "general", "sora", options) for _ in range(4)]
    for call in calls:
        await call.answered(30)
    await asyncio.wait_for(reading.reached.wait(), 30)
    other = await discord_api.command("owner", "general", "sora", options)
    await discord_api.wait_for(lambda: reading.hits >= 2, what="the other person's picture")
    await asyncio.sleep(0.05)
    assert reading.hits == 2
    gate.set()
    for call in [*calls, other]:
        await shows(call, "Queued")


async def test_a_person_who_types_fast_asks_a_slow_database_once(
    bot: Reelcord, discord_api: DiscordSandbox, shows: Shows, store: Store
):
    """Of ten keystrokes the first is answered with jobs, the others with none; none of them waits in line."""
    await shows(await discord_api.command("member", "general", "sora", PROMPT), "Queued")
    assert bot.desk.store is store

    async def typed() -> list[dict[str, Any]]:
        return await discord_api.autocomplete("member", "general", "jobs show", {"job": "fox"}, focused="job")

    with slow_database(0.04):
        offered = await asyncio.gather(*(typed() for _ in range(10)))
    assert sorted(len(each) for each in offered) == [0] * 9 + [1]
    assert len(await typed()) == 1
