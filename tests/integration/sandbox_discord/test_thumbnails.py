"""Thumbnails: pictures beside the text of a section."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import discord as dpy
import pytest
from discord import ui
from discord.ext import commands

from bot.sandbox.discord_api import DiscordSandbox

Start = Callable[[], Awaitable[None]]
Post = Callable[[str, dict[str, Any]], Awaitable[tuple[int, dict[str, Any]]]]


async def test_a_poster_is_no_video(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """A section's thumbnail is resolved like a gallery's items, with its description and spoiler."""
    await start()
    poster = dpy.File(__file__, "poster.jpg")
    thumbnail = ui.Thumbnail(poster, description="a fox", spoiler=True)
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(ui.Section("Too large for this place", accessory=thumbnail)))
    await bot.get_partial_messageable(discord.world.channel("general").id).send(view=view, file=poster)
    (message,) = discord.messages("general")
    (kept,) = message.files()
    assert (kept.filename, kept.content_type, message.videos()) == ("poster.jpg", "image/jpeg", [])
    shown = await bot.get_partial_messageable(message.channel.id).fetch_message(message.id)
    (container,) = shown.components
    assert isinstance(container, dpy.Container)
    (section,) = container.children
    assert isinstance(section, dpy.SectionComponent)
    assert isinstance(section.accessory, dpy.ThumbnailComponent)
    assert (section.accessory.description, section.accessory.spoiler) == ("a fox", True)
    assert section.accessory.media.url == kept.url


@pytest.mark.parametrize(
    ("thumbnail", "field", "error"),
    [
        ({"media": {"url": "attachment://no.jpg"}}, "media", "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"),
        (
            {"media": {"url": "https://x.example/a.jpg"}, "description": "x" * 1025},
            "description",
            "BASE_TYPE_MAX_LENGTH",
        ),
        ({"media": {"url": "https://x.example/a.jpg"}, "spoiler": "yes"}, "spoiler", "BOOLEAN_TYPE_CONVERT"),
    ],
)
async def test_thumbnails_against_the_rules_are_refused(post: Post, thumbnail: dict[str, Any], field: str, error: str):
    """50035 under the accessory's field."""
    section = {"type": 9, "components": [{"type": 10, "content": "x"}], "accessory": {"type": 11, **thumbnail}}
    body = {"flags": 1 << 15, "components": [section]}
    status, answer = await post("general", body)
    tree = answer["errors"]["components"]["0"]["accessory"][field]
    found = tree["url"] if field == "media" else tree
    assert (status, answer["code"], found["_errors"][0]["code"]) == (400, 50035, error)
