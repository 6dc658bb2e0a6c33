"""Without PUBLIC_URL a changed video comes with the service's own link, where that is for everybody to open."""

from pathlib import Path

import pytest

from bot.jobs.job import Status
from tests.integration.chat.whole.conftest import MAKING, Scene


@pytest.mark.parametrize("private", [False, True], ids=["for all", "private"])
@pytest.mark.parametrize(
    ("url", "changed", "offered"),
    [("direct", True, True), ("direct", False, False), ("content", True, False), ("proxy", True, False)],
    ids=["public", "public, as it is", "with the key", "content route"],
)
async def test_the_services_link_is_offered_where_it_needs_no_key(
    url: str, changed: bool, offered: bool, private: bool, scene: Scene, video: Path, late: Path
):
    """On the message and in the row; nothing is kept here for it, and no key is given away by it."""
    scene.service.next(video=late if changed else video, url=url)
    await scene.order("general", private=private)
    job = await scene.made(after=MAKING)
    message = scene.discord.world.messages[job.message_id or 0]
    links = [part["url"] for part in message.walk() if part.get("label") == "Full quality"]
    assert job.status is Status.COMPLETED
    assert ("repacked" in message.text()) is changed
    assert (links, job.original_url, job.original_until) == (
        ([job.video_url], job.video_url, None) if offered else ([], None, None)
    )
    assert scene.service.key not in str(message.components)
    assert scene.videos.served(job.id) is None
