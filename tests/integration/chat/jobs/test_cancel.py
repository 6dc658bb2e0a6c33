"""Cancelling: by the card's button and by /jobs cancel, in time and too late."""

import pytest
from structlog.testing import capture_logs

from bot.jobs.job import Job, Status
from bot.jobs.store import Store
from bot.sandbox.discord_api import DiscordSandbox, Message
from tests.integration.chat.conftest import PROMPT, Shows, jobs_of
from tests.integration.chat.jobs.conftest import button, ended


async def test_cancel_drops_a_queued_job_for_free(
    discord_api: DiscordSandbox, card: Message, job: Job, store: Store, shows: Shows, wakes: list[None]
):
    """The card says so at once, and nothing will be submitted."""
    wakes.clear()
    with capture_logs() as logs:
        call = await discord_api.press("member", card, button(job, "cancel"))
        shown = await shows(call, "Cancelled")
    told = [(line["job"], line["by"], line["was"]) for line in logs if line["action"] == "job_cancelled"]
    assert told == [(job.id, "owner", "queued")]
    assert shown is card
    assert "nothing was charged" in card.text()
    cancelled = await store.get(job.id)
    assert cancelled is not None
    assert cancelled.status is Status.CANCELLED
    assert wakes == [None]


async def test_a_defer_answered_without_a_body_goes_on(
    discord_api: DiscordSandbox, job: Job, store: Store, shows: Shows
):
    """`/jobs cancel` defers first; a 204 to that is a yes."""
    discord_api.faults.add("/callback", after=True, status=204)
    await shows(await discord_api.command("member", "general", "jobs cancel", {"job": job.id}), "Cancelled")
    cancelled = await store.get(job.id)
    assert cancelled is not None
    assert cancelled.status is Status.CANCELLED


async def test_cancel_says_that_a_running_video_may_still_cost(
    discord_api: DiscordSandbox, card: Message, job: Job, store: Store, shows: Shows
):
    """After the submit the provider works on, whatever we do."""
    await store.save(job.evolve(status=Status.IN_PROGRESS, video_id="v1"))
    await shows(await discord_api.press("member", card, button(job, "cancel")), "Cancelled")
    assert "may still make it and charge for it" in card.text()


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (Status.SUBMITTING, "This job is being sent at this moment: cancel it again in a few seconds."),
        (Status.DELIVERING, "This video is made and on its way: there is nothing left to cancel."),
        (Status.COMPLETED, "This job is already over: there is nothing left to cancel."),
        (Status.CANCELLED, "This job is already over: there is nothing left to cancel."),
    ],
)
async def test_cancel_comes_too_late(
    status: Status, sentence: str, discord_api: DiscordSandbox, card: Message, job: Job, store: Store
):
    """The person is told, alone, and the job stays what it is."""
    await store.save(job.evolve(status=status))
    call = await discord_api.press("member", card, button(job, "cancel"))
    assert await ended(discord_api, call) == sentence
    assert call.followups[0].ephemeral
    assert "Queued" in card.text()


async def test_a_moderator_may_cancel(discord_api: DiscordSandbox, card: Message, job: Job, shows: Shows):
    """Who may manage the channel's messages keeps order in it: here the owner of the server."""
    await shows(await discord_api.press("owner", card, button(job, "cancel")), "Cancelled")


@pytest.mark.usefixtures("bot")
async def test_a_moderator_may_not_cancel_a_private_job(discord_api: DiscordSandbox, store: Store, shows: Shows):
    """What only one person sees keeps no channel in order, and the answer would show its prompt to another."""
    await shows(await discord_api.command("member", "general", "sora", PROMPT | {"private": True}), "Queued")
    (job,) = await jobs_of(store, discord_api)
    call = await discord_api.command("owner", "general", "jobs cancel", {"job": job.id})
    await shows(call, "You have no such job: only whoever ordered a video may do this. `/jobs list` shows yours.")
    kept = await store.get(job.id)
    assert kept is not None
    assert kept.status is Status.QUEUED


async def test_cancel_by_command(discord_api: DiscordSandbox, job: Job, shows: Shows, store: Store):
    """The same as the button, answered to the person alone."""
    call = await discord_api.command("member", "general", "jobs cancel", {"job": job.id})
    shown = await shows(call, "Cancelled")
    assert shown.ephemeral
    cancelled = await store.get(job.id)
    assert cancelled is not None
    assert cancelled.status is Status.CANCELLED
