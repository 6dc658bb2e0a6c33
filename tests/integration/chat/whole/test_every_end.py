"""Every way in which a place can close: the video is held, its person is told, has it, and posts it elsewhere."""

from collections.abc import Callable

import pytest

from bot.jobs.job import Job, Status
from bot.jobs.sweep import sweep
from bot.jobs.videos import DAY, Retention
from bot.sandbox.discord_api import DiscordSandbox, Message
from bot.sandbox.discord_api.permissions import Permission
from tests.integration.chat.conftest import pictures
from tests.integration.chat.whole.conftest import MAKING, PROMPT, TOO_LONG, Scene

pytestmark = pytest.mark.unmeasured

HIDDEN = "The bot cannot see the channel: it needs the permission View Channel, or was removed from the server."
NO_RIGHT = (
    "The bot may not post in the channel: it needs the permissions Send Messages (in threads: Send Messages in "
    "Threads) and Attach Files."
)
ARCHIVED = "The thread is archived, and the bot may not reopen it: it needs the permission Manage Threads."
LOCKED = "The thread is locked, and the bot may not post in it: it needs the permission Manage Threads."
AUTOMOD = "The server's AutoMod blocked the message: ask its moderators to let the bot post."
NO_DM = "The bot may not send you direct messages: allow them for a server you share with it."

#: Name: the place, what happens there, what the person reads, and where they then ask for the video.
ENDS: dict[str, tuple[str, Callable[[DiscordSandbox], object], str, str]] = {
    "channel deleted": ("news", lambda it: it.delete_channel("news"), "The channel is gone.", "general"),
    "thread deleted": ("trailer", lambda it: it.delete_channel("trailer"), "The channel is gone.", "general"),
    "hidden": ("news", lambda it: it.deny("news", Permission.VIEW_CHANNEL), HIDDEN, "general"),
    "muted": ("news", lambda it: it.deny("news", Permission.SEND_MESSAGES), NO_RIGHT, "general"),
    "no files": ("news", lambda it: it.deny("news", Permission.ATTACH_FILES), NO_RIGHT, "general"),
    "out of a thread": ("casting", lambda it: it.remove_from_thread("casting"), HIDDEN, "general"),
    "archived and locked": ("trailer", lambda it: it.archive("trailer", locked=True), ARCHIVED, "general"),
    "locked": ("first-cut", lambda it: it.lock("first-cut"), LOCKED, "general"),
    "AutoMod": ("news", lambda it: it.block_words("studio", "video"), AUTOMOD, "screening"),
    "bot removed": ("news", lambda it: it.remove_bot("studio"), HIDDEN, "direct"),
}


async def closed(scene: Scene, name: str, after: float) -> Job:
    """A job whose place was closed while its video was made."""
    where, end, _, _ = ENDS[name]
    await scene.order(where, spoiler=True)
    end(scene.discord)
    return await scene.made(after=after)


async def shown(scene: Scene, job: Job, where: str, says: str) -> Message:
    """The answer to `/jobs show`, once it says so."""
    call = await scene.discord.command("member", scene.place(where), "jobs show", {"job": job.id})

    def answer() -> Message | None:
        return call.response if call.response and says in call.response.text() else None

    found = await scene.discord.wait_for(answer, what=f"{says!r} in the answer")
    assert found is not None
    return found


def buttons(message: Message) -> list[str]:
    """The labels of a message's buttons."""
    return [part["label"] for part in message.walk() if part["type"] == 2]


@pytest.mark.parametrize(
    ("name", "after"),
    [*((name, TOO_LONG) for name in ENDS), *((name, MAKING) for name in ("hidden", "no files", "locked", "AutoMod"))],
)
async def test_a_closed_place_costs_no_video(name: str, after: float, scene: Scene):
    """Paid once, told in a direct message, given by `/jobs show`, posted at one press where its owner is then."""
    _, _, reason, elsewhere = ENDS[name]
    job = await closed(scene, name, after)
    assert (job.status, job.reason, scene.seen("member")) == (Status.HELD, reason, [])
    (notice,) = scene.discord.messages(scene.place("direct"), "member")
    assert f"{reason} It is kept:" in notice.text()
    assert "Post it here" in buttons(notice)

    mine = await shown(scene, job, elsewhere, "Here it is, for you alone")
    assert ([video.filename for video in mine.videos()], mine.ephemeral) == ([f"reelcord-{job.id}.mp4"], True)
    assert pictures(mine) == [(f"AI video: {PROMPT}", True)]
    await scene.discord.press("member", mine, f"reelcord:bring:{job.id}")
    done = await scene.until("completed")
    posted = scene.discord.world.messages[done.message_id or 0]
    assert (posted.channel, posted.ephemeral) == (scene.place(elsewhere), False)
    assert posted.videos()[0].data == mine.videos()[0].data
    assert pictures(posted) == [(f"AI video: {PROMPT}", True)]
    assert len(scene.service.posts) == 1


async def test_closed_direct_messages_cost_no_private_video(scene: Scene):
    """The last way of a private result: it is never shown to others, and there is nobody who could be told."""
    await scene.order("general", private=True)
    scene.discord.world.user("member").dms_open = False
    job = await scene.made(after=TOO_LONG)
    assert (job.status, job.reason, scene.discord.messages(scene.place("direct"))) == (Status.HELD, NO_DM, [])
    mine = await shown(scene, job, "general", "shows it where you are, to you alone")
    await scene.discord.press("member", mine, f"reelcord:bring:{job.id}")
    done = await scene.until("completed")
    posted = scene.discord.world.messages[done.message_id or 0]
    assert (posted.ephemeral, len(posted.videos()), scene.seen("owner")) == (True, 1, [])


@pytest.mark.parametrize(
    ("shut", "allowed"), [(False, False), (True, True)], ids=["archived", "archived and locked, bot may open"]
)
async def test_a_thread_that_may_be_opened_is_no_end(shut: bool, allowed: bool, scene: Scene):
    """The video is in it, and its card says done."""
    await scene.order("trailer")
    if allowed:
        scene.discord.allow("trailer", Permission.MANAGE_THREADS)
    scene.discord.archive("trailer", locked=shut)
    job = await scene.made(after=TOO_LONG)
    assert (job.status, [where for where, _ in scene.seen("member")]) == (Status.COMPLETED, ["trailer"])
    assert "· Done" in scene.discord.world.messages[job.destination.card_id or 0].text()


@pytest.mark.parametrize(("days", "kept"), [(13.9, True), (14.1, False)])
async def test_a_held_video_outlives_an_original_by_seven_days(days: float, kept: bool, scene: Scene):
    """Seven days are an original's; after fourteen the person is not promised what is gone, and may have it fetched."""
    job = await closed(scene, "channel deleted", MAKING)
    scene.advance(days * DAY)
    await sweep(scene.store, scene.videos, Retention(), scene.discord.clock())
    assert (scene.videos.served(job.id) is not None) is kept
    says = "Here it is, for you alone" if kept else "The video is not at hand just now"
    assert "Post it here" in buttons(await shown(scene, job, "general", says))
