"""From the command to the video, in every place where a command may be given; seen by whom it is for, and once."""

import pytest

from bot.sandbox.discord_api import Message
from tests.integration.chat.conftest import pictures
from tests.integration.chat.whole.conftest import MAKING, PROMPT, TOO_LONG, Scene

pytestmark = pytest.mark.unmeasured

OWN_RIGHT = ["general", "trailer", "casting", "first-cut", "green-room", "news", "direct"]
TOKEN_ONLY = ["lounge", "friends"]
LATE = pytest.mark.parametrize("after", [MAKING, TOO_LONG], ids=["token alive", "token dead"])


async def only(scene: Scene, message: Message, place: str) -> None:
    """The message is the one that has the video, in its place, with alt text and spoiler; it was paid for once."""
    assert [(where, seen.id) for where, seen in scene.seen("member")] == [(scene.place(place).name, message.id)]
    assert pictures(message) == [(f"AI video: {PROMPT}", True)]
    assert len(scene.service.posts) == 1


@pytest.mark.parametrize("name", OWN_RIGHT)
async def test_where_the_bot_is_a_member_the_video_is_a_reply(name: str, scene: Scene):
    """However long it took; the card, still there, says done and leads to it."""
    await scene.order(name, spoiler=True)
    job = await scene.made(after=TOO_LONG)
    message, card = (scene.discord.world.messages[number or 0] for number in (job.message_id, job.destination.card_id))
    await only(scene, message, name)
    assert message.reply_to == card.id
    assert "· Done" in card.text()
    assert [part["url"] for part in card.walk() if part.get("style") == 5] == [job.message_url]


@pytest.mark.parametrize("name", TOKEN_ONLY)
async def test_where_only_the_person_has_the_app_the_card_is_the_video(name: str, scene: Scene):
    """One further answer of the five calls them."""
    await scene.order(name, spoiler=True)
    job = await scene.made(after=MAKING)
    card, call = scene.discord.messages(scene.place(name), "member")
    await only(scene, card, name)
    assert (job.message_id, call.mentions) == (card.id, [scene.discord.world.user("member")])
    assert [where for where, _ in scene.seen("owner")] == [name]


@pytest.mark.parametrize("private", [False, True], ids=["for all", "private"])
@pytest.mark.parametrize("name", TOKEN_ONLY)
async def test_after_the_token_the_video_is_a_direct_message(name: str, private: bool, scene: Scene):
    """Nothing else of that place can be reached."""
    await scene.order(name, spoiler=True, private=private)
    job = await scene.made(after=TOO_LONG)
    await only(scene, scene.discord.world.messages[job.message_id or 0], "direct")
    assert scene.seen("owner") == []


@pytest.mark.parametrize("name", ["general", "casting", "first-cut", "green-room", *TOKEN_ONLY])
async def test_a_private_video_is_on_its_card(name: str, scene: Scene):
    """While the token lives; nobody else sees anything."""
    before = scene.discord.messages(scene.place(name), "owner")
    await scene.order(name, spoiler=True, private=True)
    job = await scene.made(after=MAKING)
    card = scene.discord.messages(scene.place(name), "member")[-1]
    await only(scene, card, name)
    assert (job.message_id, card.ephemeral, job.destination.card_id) == (card.id, True, card.id)
    assert scene.discord.messages(scene.place(name), "owner") == before


@pytest.mark.parametrize("name", ["general", "casting"])
async def test_a_private_video_after_the_token_is_a_direct_message(name: str, scene: Scene):
    """Its card can never be changed again."""
    await scene.order(name, spoiler=True, private=True)
    job = await scene.made(after=TOO_LONG)
    await only(scene, scene.discord.world.messages[job.message_id or 0], "direct")
    assert scene.seen("owner") == []


@LATE
async def test_a_private_video_in_direct_messages_is_there(after: float, scene: Scene):
    """All is private there."""
    await scene.order("direct", spoiler=True, private=True)
    job = await scene.made(after=after)
    await only(scene, scene.discord.world.messages[job.message_id or 0], "direct")
