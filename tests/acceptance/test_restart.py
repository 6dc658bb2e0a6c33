"""What a restart may not change: every video arrives once and nothing is paid twice."""

import sqlite3

import pytest

from tests.acceptance.stage import Stage

pytestmark = pytest.mark.unmeasured


async def test_a_killed_bot_posts_every_waiting_video_once_after_a_restart(stage: Stage):
    """Five jobs wait when the bot is killed; the next process posts all five, with no second POST."""
    stage.api.seconds_to_done = 3600
    bot = await stage.start_bot()
    cards = [await stage.type("veo", {"prompt": f"Boat number {n}"}) for n in range(5)]
    await stage.until(lambda: all("Generating" in card.text() for card in cards))
    await stage.kill(bot)

    stage.ahead = 3600
    bot = await stage.start_bot()
    await stage.until(lambda: all("Done" in card.text() for card in cards))

    assert [len(stage.results(card)) for card in cards] == [1] * 5
    assert len(stage.api.posts) == len(stage.api.tasks) == 5
    assert [row["status"] for row in stage.rows()] == ["completed"] * 5
    assert await stage.stop(bot) == 0


async def test_a_bot_killed_while_its_post_is_unanswered_never_posts_again(stage: Stage):
    """The service has the order, the answer is on its way, the bot dies: the person is told, nothing is ordered anew."""
    fault = stage.api.faults.add("^/v1/videos$", method="POST", after=True, delay=3600)
    bot = await stage.start_bot()
    card = await stage.type("sora", {"prompt": "A kettle", "seconds": 4})
    await fault.reached.wait()
    await stage.kill(bot)
    stage.api.faults.clear()

    await stage.start_bot()
    await stage.until(lambda: "Unconfirmed" in card.text())

    assert len(stage.api.posts) == len(stage.api.tasks) == 1
    assert "Again" in str(card.components)


async def test_a_message_posted_just_before_a_kill_is_found_and_not_posted_again(stage: Stage):
    """The video is in the channel but the bot died before it read the answer: the next process finds its message."""
    fault = stage.discord.faults.add(r"/channels/\d+/messages$", method="POST", after=True, delay=3600)
    bot = await stage.start_bot()
    card = await stage.type("veo", {"prompt": "A swing in the wind"})
    await fault.reached.wait()
    await stage.kill(bot)
    stage.discord.faults.clear()

    await stage.start_bot()
    await stage.until(lambda: "Done" in card.text())

    assert len(stage.results(card)) == 1
    assert len(stage.api.tasks) == 1


async def test_sigterm_drains_and_the_next_process_goes_on(stage: Stage):
    """A polite stop exits 0 with the job safely saved; the next process delivers it."""
    stage.api.seconds_to_done = 3600
    bot = await stage.start_bot()
    card = await stage.type("veo", {"prompt": "A slow sunrise"})
    await stage.until(lambda: "Generating" in card.text())
    assert await stage.stop(bot) == 0

    stage.ahead = 3600
    await stage.start_bot()
    await stage.until(lambda: "Done" in card.text())
    assert len(stage.results(card)) == 1
    assert len(stage.api.tasks) == 1


async def test_a_stop_ends_in_time_although_the_database_is_locked(stage: Stage):
    """Another process holds the file, so nothing can be saved: the bot ends within 20 seconds, and the row is as it was."""
    stage.api.seconds_to_done = 3600
    bot = await stage.start_bot()
    card = await stage.type("veo", {"prompt": "A locked gate"})
    await stage.until(lambda: "Generating" in card.text())
    lock = sqlite3.connect(stage.folder / "reelcord.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    assert await stage.stop(bot) == 0
    lock.close()
    assert [row["status"] for row in stage.rows()] == ["in_progress"]
