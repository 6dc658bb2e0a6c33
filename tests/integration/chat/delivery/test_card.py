"""The card of a video that is done has a still, where its place takes one."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.jobs.delivery import Delivery, DeliveryDelayed, Undeliverable
from bot.jobs.job import Job, Status
from bot.sandbox.discord_api import DiscordSandbox
from tests.integration.chat.conftest import OnlyJob, Shows
from tests.integration.chat.delivery.conftest import card_of, ordered

BY_TOKEN, BY_CHANNEL = "/webhooks/", r"/channels/\d+/messages/\d+$"
ROUTES = [(0, BY_TOKEN), (20 * 60, BY_CHANNEL)]


def done(job: Job) -> Job:
    """The job with its video in place."""
    return job.evolve(status=Status.COMPLETED, message_id=1, message_url="https://discord.com/channels/1/2/3")


@pytest.mark.parametrize(("age", "path"), ROUTES, ids=["by the token", "by the channel"])
async def test_a_done_card_shows_a_still(
    age: float, path: str, discord_api: DiscordSandbox, delivery: Delivery, job: Job, still: Path
):
    """Hidden like the video where that is; a second edit gives the same card."""
    discord_api.advance(age)
    before = len(discord_api.log)
    for _ in range(2):
        await delivery.show(done(job), still)
    card = card_of(job, discord_api)
    assert [file.filename for file in card.files()] == [file.filename for file in card.attachments]
    assert [file.filename for file in card.files()] == [f"poster-{job.id}.jpg"]
    assert card.files()[0].data == await asyncio.to_thread(still.read_bytes)
    assert [part.get("spoiler") for part in card.walk() if part["type"] == 11] == [True]
    assert [(entry.method, entry.status) for entry in discord_api.log[before:]] == 2 * [("PATCH", 200)]
    assert all(path.split("\\d", maxsplit=1)[0] in entry.path for entry in discord_api.log[before:])


@pytest.mark.parametrize(("age", "path"), ROUTES, ids=["by the token", "by the channel"])
@pytest.mark.parametrize(
    "refusal",
    [
        {"status": 413, "body": {"code": 40005}},
        {"status": 413, "body": "<html>"},
        {"status": 403, "body": {"code": 50013}},
        {"status": 400, "body": {"code": 50045}},
        {"status": 403, "body": {"code": 400001}},
    ],
    ids=["40005", "proxy", "no right to attach", "50045", "uploads limited"],
)
async def test_a_place_that_refuses_files_gets_the_card_without(
    age: float,
    path: str,
    refusal: dict[str, Any],
    discord_api: DiscordSandbox,
    delivery: Delivery,
    job: Job,
    still: Path,
):
    """What the card says matters more than how it looks."""
    discord_api.advance(age)
    refused = discord_api.faults.add(path, method="PATCH", **refusal)
    await delivery.show(done(job), still)
    card = card_of(job, discord_api)
    assert refused.hits == 1
    assert "Done" in card.text()
    assert card.attachments == []


@pytest.mark.parametrize("age", [0, 20 * 60], ids=["by the token", "by the channel"])
async def test_a_prompt_that_automod_blocks_is_left_out(
    age: float, discord_api: DiscordSandbox, delivery: Delivery, job: Job, still: Path
):
    """The card would else say for ever that nothing has been ordered, while the video is paid for and posted."""
    discord_api.block_words("studio", "fox")
    discord_api.advance(age)
    await delivery.show(done(job), still)
    card = card_of(job, discord_api)
    assert card.text().splitlines()[:2] == [
        "### /sora · Done",
        "> *The prompt is not shown: this server's AutoMod blocks it.*",
    ]
    assert [file.filename for file in card.files()] == [f"poster-{job.id}.jpg"]
    discord_api.block_words("studio", "done")
    with pytest.raises(Undeliverable, match="AutoMod"):
        await delivery.show(done(job), still)


async def test_only_a_done_card_shows_a_still(discord_api: DiscordSandbox, delivery: Delivery, job: Job, still: Path):
    """A held video has one too, but it is not in its place."""
    await delivery.show(job.evolve(status=Status.HELD, reason="No."), still)
    assert card_of(job, discord_api).attachments == []


async def test_a_private_card_shows_a_still_to_the_person(
    discord_api: DiscordSandbox, delivery: Delivery, shows: Shows, only_job: OnlyJob, still: Path
):
    """Its video came as a direct message: the card was out of reach then."""
    job = await ordered(discord_api, shows, only_job, {"prompt": "a fox", "private": True})
    await delivery.show(done(job), still)
    card = card_of(job, discord_api)
    assert (card.ephemeral, len(card.files())) == (True, 1)


@pytest.mark.parametrize("fault", [{"status": 503}, {"drop": True}, {"status": 429, "body": "slow"}])
async def test_a_card_that_cannot_be_edited_now_is_edited_later(
    fault: dict[str, Any], discord_api: DiscordSandbox, delivery: Delivery, job: Job, still: Path
):
    """By the channel, which is asked once."""
    discord_api.advance(20 * 60)
    asked = discord_api.faults.add(BY_CHANNEL, method="PATCH", headers={"Retry-After": "7"}, **fault)
    with pytest.raises(DeliveryDelayed) as caught:
        await delivery.show(done(job), still)
    assert caught.value.retry_after == (None if fault.get("drop") else 7.0)
    assert asked.hits == 1
