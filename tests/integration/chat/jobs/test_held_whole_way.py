"""A video that could not be posted, from the order to the place where its owner wanted it then."""

from collections.abc import AsyncIterator

import pytest

from bot.sandbox.discord_api import DiscordSandbox
from bot.sandbox.video_api import VideoApiSandbox
from tests.integration.chat.conftest import PROMPT, Join, OnlyJob, Shows, results
from tests.integration.chat.jobs.conftest import button, labels


@pytest.fixture
async def at_work(join: Join) -> AsyncIterator[VideoApiSandbox]:
    """The bot and the engine at work, and their video service."""
    async with VideoApiSandbox(quality="tiny", seconds_to_done=0.05) as service, join(service):
        yield service


async def test_a_held_video_is_given_then_posted_where_its_owner_is(
    at_work: VideoApiSandbox, discord_api: DiscordSandbox, shows: Shows, only_job: OnlyJob
):
    """Paid once: held where the bot may not post, given by /jobs show, posted for all at one press, and linked to."""
    old = await shows(await discord_api.command("member", "announcements", "sora", PROMPT), "· Held")
    job = await only_job()
    asked = await discord_api.command("member", "general", "jobs show", {"job": job.id})
    await discord_api.wait_for(lambda: asked.response and asked.response.videos(), what="the video, for its owner")
    assert asked.response is not None
    mine = asked.response.videos()[0].data
    card = await shows(await discord_api.press("member", asked.response, button(job, "bring")), "· Done")
    (posted,) = results(discord_api, "general", viewer="owner")
    assert (posted.reply_to, posted.videos()[0].data) == (card.id, mine)
    assert [part["url"].rpartition("/")[2] for part in card.walk() if part.get("style") == 5] == [str(posted.id)]
    await discord_api.wait_for(lambda: "· Moved" in old.text(), what="the old card's news")
    assert labels(old) == ["Go to it"]
    assert results(discord_api, "announcements") == []
    assert len(at_work.posts) == 1
