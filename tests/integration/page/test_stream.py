"""What one person's page is told: their places, their messages, and nobody else's secrets."""

import asyncio
from typing import Any

from bot.sandbox.discord_api import Message
from tests.integration.page.conftest import Browser


def _names(world: dict[str, Any]) -> set[str]:
    return {each["name"] for each in world["places"]}


async def test_a_person_is_told_of_the_places_they_see(browser: Browser):
    """The owner of two servers more than the newcomer; both have direct messages with the bot."""
    owner = dict(await browser.heard("api/stream?person=owner", "world"))["world"]
    newcomer = dict(await browser.heard("api/stream?person=newcomer", "world"))["world"]
    assert _names(owner) - _names(newcomer) >= {"screening", "lounge", "casting"}
    assert [each["kind"] for each in newcomer["places"] if each["name"] == "newcomer"] == ["dm"]
    assert newcomer["me"]["locale"] == "de"


async def test_a_place_says_what_can_be_done_there(browser: Browser):
    """Where the bot may not post, and what is age-restricted."""
    world = dict(await browser.heard("api/stream?person=member", "world"))["world"]
    found = {each["name"]: each for each in world["places"]}
    assert (found["general"]["can_say"], found["general"]["bot_can_say"]) == (True, True)
    assert (found["announcements"]["can_say"], found["announcements"]["bot_can_say"]) == (True, False)
    assert (found["after-dark"]["nsfw"], found["general"]["nsfw"]) == (True, False)


async def test_messages_come_as_they_are_posted_and_go_as_they_are_deleted(browser: Browser):
    """New ones alone, not all of them again."""
    discord, heard = browser.play.discord, list[tuple[str, Any]]()
    posted: list[Message] = []
    async with asyncio.timeout(30):
        async for name, data in browser.events("api/stream?person=member"):
            heard.append((name, data))
            if len(heard) == 4:  # hello, state, world, and the forum's first post
                posted.append(await discord.say("owner", "general", "Look at **this**"))
            if len(heard) == 5:
                discord.delete(posted[0])
            if name == "gone":
                break
    assert [name for name, _ in heard] == ["hello", "state", "world", "messages", "messages", "gone"]
    assert [each["content"] for each in heard[4][1]] == ["Look at **this**"]
    assert heard[5][1] == [str(posted[0].id)]


async def test_a_stranger_to_a_place_is_told_nothing_of_it(browser: Browser):
    """What is said in a private thread reaches those in it."""
    discord = browser.play.discord
    await discord.say("owner", "casting", "between us")
    told = dict(await browser.heard("api/stream?person=member", "messages"))["messages"]
    untold = dict(await browser.heard("api/stream?person=newcomer", "messages"))["messages"]
    assert "between us" in [each["content"] for each in told]
    assert "between us" not in [each["content"] for each in untold]


async def test_nobody_else_can_be_watched(browser: Browser):
    """The bot has no page, nor has somebody who does not exist."""
    for name in ("reelcord", "stranger", ""):
        assert await browser.get(f"api/stream?person={name}") == (404, {"error": "There is no such person."})
