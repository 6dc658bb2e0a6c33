"""Posting, editing and finding messages through the channel's routes."""

from __future__ import annotations

import io
import json
from collections.abc import Awaitable, Callable

import aiohttp
import discord as dpy
import pytest
from discord import ui
from discord.ext import commands

from bot.sandbox.discord_api import DiscordSandbox, Upload

Start = Callable[[], Awaitable[None]]
MIB = 1024 * 1024


def gallery(text: str, *files: dpy.File) -> ui.LayoutView:
    """A Components V2 message: a text and a gallery of files."""
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.TextDisplay(text))
    view.add_item(ui.MediaGallery(*(dpy.MediaGalleryItem(file) for file in files)))
    return view


def video(name: str = "cat.mp4", data: bytes = b"video") -> dpy.File:
    """A file that calls itself a video."""
    return dpy.File(io.BytesIO(data), filename=name)


def place(discord: DiscordSandbox, bot: commands.Bot, name: str = "general") -> dpy.PartialMessageable:
    """A channel of the world, as the bot addresses it."""
    return bot.get_partial_messageable(discord.world.channel(name).id)


async def test_a_bot_types_until_it_posts(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """Ten seconds, unless its message comes sooner; where it may not post, it does not type either."""
    await start()
    general = discord.world.channel("general")
    async with place(discord, bot).typing():
        assert general.bot_types_until - discord.clock() > 5
    discord.advance(11)
    assert general.bot_types_until < discord.clock()
    async with place(discord, bot).typing():
        await place(discord, bot).send("done")
        assert general.bot_types_until == 0
    with pytest.raises(dpy.Forbidden):
        await place(discord, bot, "announcements").typing()


async def test_a_video_is_shown_in_a_gallery_and_can_be_reused(
    discord: DiscordSandbox, bot: commands.Bot, start: Start
):
    """`attachment://` becomes a signed link in the gallery; the V2 message lists no attachments."""
    await start()
    file = video()
    sent = await place(discord, bot).send(view=gallery("a cat", file), file=file)
    assert sent.attachments == []
    component = sent.components[1]
    assert isinstance(component, dpy.MediaGalleryComponent)
    assert await bot.http.get_from_cdn(component.items[0].media.url) == b"video"
    (message,) = discord.messages("general")
    assert [(each.filename, each.data) for each in message.videos()] == [("cat.mp4", b"video")]
    (entry,) = [each for each in discord.log if each.path.endswith("/messages")]
    assert entry.body["files"] == [
        {"n": 0, "filename": "cat.mp4", "size": 5, "content_type": "application/octet-stream"}
    ]
    assert entry.body["payload_json"]["attachments"] == [{"id": 0, "filename": "cat.mp4"}]


async def test_components_come_back_whole(discord: DiscordSandbox, rest: aiohttp.ClientSession):
    """Every component has its id and defaults, and the media their links, as Discord's document says."""
    gallery_item = {"media": {"url": "attachment://a_b.mp4"}, "description": "a cat", "spoiler": True}
    sent = [
        {"type": 17, "id": 7, "components": [{"type": 10, "content": "x"}, {"type": 14}]},
        {"type": 12, "items": [gallery_item]},
        {"type": 13, "file": {"url": "attachment://a_b.mp4"}},
    ]
    form = aiohttp.FormData({"payload_json": json.dumps({"components": sent, "flags": 1 << 15})}, quote_fields=False)
    form.add_field("files[0]", b"data", filename="a b.mp4", content_type="video/mp4")
    async with rest.post(f"channels/{discord.world.channel('general').id}/messages", data=form) as response:
        body = await response.json()
    (attachment,) = discord.messages("general")[0].attachments
    media = {
        "id": str(attachment.id), "attachment_id": str(attachment.id), "url": attachment.url,
        "proxy_url": attachment.url, "width": None, "height": None, "content_type": "video/mp4", "loading_state": 2,
        "flags": 0,
    }  # fmt: skip
    assert body["components"] == [
        {
            "type": 17,
            "id": 7,
            "accent_color": None,
            "spoiler": False,
            "components": [
                {"type": 10, "id": 1, "content": "x"},
                {"type": 14, "id": 2, "divider": True, "spacing": 1},
            ],
        },
        {"type": 12, "id": 3, "items": [{"media": media, "description": "a cat", "spoiler": True}]},
        {"type": 13, "id": 4, "file": media, "spoiler": False, "name": "a_b.mp4", "size": 4},
    ]
    assert (body["attachments"], body["content"], body["flags"]) == ([], "", 1 << 15)


async def test_a_nonce_posts_once(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """The same nonce within minutes gives the first message back, files and all; later it posts anew."""
    await start()
    channel = place(discord, bot)
    first = await channel.send("one", nonce="job-1")
    file = video()
    again = await channel.send(view=gallery("two", file), file=file, nonce="job-1")
    assert again.id == first.id
    assert [each.text() for each in discord.messages("general")] == ["one"]
    await channel.send("notice", nonce="job-1-notice")
    discord.advance(6 * 60)
    await channel.send("three", nonce="job-1")
    assert [each.text() for each in discord.messages("general")] == ["one", "notice", "three"]


async def test_an_upload_is_lost_with_its_answer_but_posted(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """The connection dies after the message was made: discord.py raises what is no discord exception."""
    await start()
    fault = discord.faults.add(r"/channels/\d+/messages$", method="POST", after=True, drop=True)
    file = video()
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await place(discord, bot).send(view=gallery("a cat", file), file=file, nonce="job-1")
    assert fault.hits == 1
    assert [each.text() for each in discord.messages("general")] == ["a cat"]
    assert discord.log[-1].status is None
    again = await place(discord, bot).send("a cat", nonce="job-1")
    assert [each.id for each in discord.messages("general")] == [again.id]


@pytest.mark.parametrize(("name", "limit", "fits"), [("general", 10, 10), ("screening", 100, 11)])
async def test_files_above_the_limit_of_the_tier_are_refused(
    discord: DiscordSandbox, bot: commands.Bot, start: Start, name: str, limit: int, fits: int
):
    """One byte above the guild's limit (in MiB) gives HTTP 413 with code 40005; what fits is posted."""
    await start()
    data = bytes(limit * MIB + 1)
    with pytest.raises(dpy.HTTPException) as refusal:
        await place(discord, bot, name).send(file=video(data=data))
    assert (refusal.value.status, refusal.value.code) == (413, 40005)
    assert discord.messages(name) == []
    await place(discord, bot, name).send(file=video(data=bytes(fits * MIB)))
    assert [each.size for each in discord.messages(name)[0].videos()] == [fits * MIB]


@pytest.mark.parametrize(
    ("name", "status", "code"), [("announcements", 403, 50013), ("backstage", 403, 50001), ("lounge", 403, 50001)]
)
async def test_places_that_cannot_be_posted_to(
    discord: DiscordSandbox, bot: commands.Bot, start: Start, name: str, status: int, code: int
):
    """50013 where the bot lacks a permission, 50001 where it sees nothing."""
    await start()
    with pytest.raises(dpy.Forbidden) as refusal:
        await place(discord, bot, name).send("x")
    assert (refusal.value.status, refusal.value.code) == (status, code)


async def test_what_is_gone_is_unknown(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """10003 for a deleted channel, 10008 for a deleted message, and a reply to it fails or is plain."""
    await start()
    channel = place(discord, bot)
    message = await channel.send("x")
    discord.delete(discord.messages("general")[0])
    with pytest.raises(dpy.NotFound) as refusal:
        await channel.fetch_message(message.id)
    assert refusal.value.code == 10008
    with pytest.raises(dpy.HTTPException, match="In message_reference: Unknown message"):
        await channel.send("y", reference=message.to_reference())
    plain = await channel.send("z", reference=message.to_reference(fail_if_not_exists=False))
    assert (plain.type, plain.reference) == (dpy.MessageType.default, None)
    discord.world.channel("general").deleted = True
    with pytest.raises(dpy.NotFound) as refusal:
        await channel.send("x")
    assert refusal.value.code == 10003


async def test_a_reply_mentions_whom_it_may(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """allowed_mentions decides who is pinged, whatever the text says; @everyone takes a permission."""
    await start()
    member, owner = discord.world.user("member"), discord.world.user("owner")
    role = next(each for each in discord.world.guild("studio").roles.values() if each.mentionable)
    said = await discord.say("owner", "general", "hello")
    text = f"{member.mention} {owner.mention} <@&{role.id}> @everyone"
    reference = dpy.MessageReference(message_id=said.id, channel_id=said.channel.id)
    channel = place(discord, bot)
    only_member = dpy.AllowedMentions(users=[dpy.Object(member.id)], everyone=False, roles=False, replied_user=False)
    await channel.send(text, reference=reference, allowed_mentions=only_member)
    await channel.send("done", reference=reference)
    await channel.send(text)
    await channel.send(text, allowed_mentions=dpy.AllowedMentions.none())
    posted = discord.messages("general")[1:]
    assert [each.mentions for each in posted] == [[member], [owner], [member, owner], []]
    assert [each.mention_roles for each in posted] == [[], [], [role], []]
    assert [each.mention_everyone for each in posted] == [False] * 4
    assert [each.reply_to for each in posted] == [said.id, said.id, None, None]


async def test_edits_keep_or_drop_files(
    discord: DiscordSandbox, bot: commands.Bot, start: Start, rest: aiohttp.ClientSession
):
    """An edit without files keeps them; new files with no list drop the old ones; the history is kept."""
    await start()
    message = await place(discord, bot).send("x", file=video("a.mp4"))
    await message.edit(content="y")
    kept = discord.messages("general")[0]
    assert [each.filename for each in kept.attachments] == ["a.mp4"]
    await message.edit(attachments=[*message.attachments, video("b.mp4")])
    assert [each.filename for each in kept.attachments] == ["a.mp4", "b.mp4"]
    form = aiohttp.FormData({"payload_json": "{}"})
    form.add_field("files[0]", b"c", filename="c.mp4", content_type="video/mp4")
    async with rest.patch(f"channels/{kept.channel.id}/messages/{kept.id}", data=form) as response:
        assert [each["filename"] for each in (await response.json())["attachments"]] == ["c.mp4"]
    assert len(kept.edits) == 3
    assert kept.edited_at is not None


async def test_a_v2_message_cannot_go_back(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """Once made of components, a message takes no content; a plain one must give its content up."""
    await start()
    message = await place(discord, bot).send(view=gallery("x", file := video()), file=file)
    with pytest.raises(dpy.HTTPException, match="The 'content' field cannot be used"):
        await message.edit(content="plain")
    plain = await place(discord, bot).send("plain")
    with pytest.raises(dpy.HTTPException, match="The 'content' field cannot be used"):
        await plain.edit(view=gallery("y", file := video()), attachments=[file])
    await plain.edit(content=None, view=gallery("y", file := video()), attachments=[file])
    assert [each.text() for each in discord.messages("general")] == ["x", "y"]


async def test_history_is_listed_newest_first(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """limit, before, after and around page through a channel as discord.py expects."""
    await start()
    said = [await discord.say("member", "general", str(number)) for number in range(9)]
    channel = place(discord, bot)
    middle = dpy.Object(said[4].id)
    assert [each.id async for each in channel.history(limit=3)] == [each.id for each in said[:-4:-1]]
    assert [each.id async for each in channel.history(limit=2, before=middle)] == [said[3].id, said[2].id]
    assert [each.id async for each in channel.history(limit=2, after=middle)] == [said[5].id, said[6].id]
    assert sorted([each.id async for each in channel.history(limit=3, around=middle)]) == [
        each.id for each in said[3:6]
    ]


async def test_direct_messages_open_and_may_be_closed(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """A DM reaches its person, with 10 MiB a file; closed DMs give 50007."""
    await start()
    member = discord.world.user("member")
    user = await bot.fetch_user(member.id)
    await user.send("your video")
    dm = discord.world.dm(member)
    assert [each.text() for each in discord.messages(dm, member)] == ["your video"]
    assert discord.messages(dm, "owner") == []
    with pytest.raises(dpy.HTTPException) as refusal:
        await user.send(file=video(data=bytes(10 * MIB + 1)))
    assert refusal.value.code == 40005
    member.dms_open = False
    with pytest.raises(dpy.Forbidden) as refusal:
        await user.send("again")
    assert refusal.value.code == 50007


async def test_links_die_and_are_renewed(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """A signed link gives 404 after a day; refresh-urls and a fetch of the message sign a new one."""
    await start()
    sent = await place(discord, bot).send(file=video(data=b"0123456789"))
    old = sent.attachments[0].url
    discord.advance(25 * 3600)
    with pytest.raises(dpy.NotFound):
        await bot.http.get_from_cdn(old)
    fetched = await sent.channel.fetch_message(sent.id)
    assert await fetched.attachments[0].read() == b"0123456789"
    route = dpy.http.Route("POST", "/attachments/refresh-urls")  # type: ignore[attr-defined]
    answer = await bot.http.request(route, json={"attachment_urls": [old]})
    assert answer["refreshed_urls"][0]["original"] == old
    async with aiohttp.ClientSession() as web:
        fresh = answer["refreshed_urls"][0]["refreshed"]
        async with web.get(fresh, headers={"Range": "bytes=2-4"}) as response:
            assert (response.status, await response.read()) == (206, b"234")
            assert response.headers["Content-Range"] == "bytes 2-4/10"
        async with web.get(fresh, headers={"Range": "bytes=-3"}) as response:
            assert (response.status, await response.read()) == (206, b"789")
        async with web.get(fresh, headers={"Range": "bytes=99-"}) as response:
            assert response.status == 416
        async with web.get(fresh.replace("hm=", "hm=0")) as response:
            assert response.status == 404


async def test_others_messages_come_without_their_content(discord: DiscordSandbox, bot: commands.Bot, start: Start):
    """Without the message content intent the gateway sends an empty text, unless the bot is mentioned."""
    seen: list[str] = []

    async def on_message(message: dpy.Message) -> None:
        seen.append(message.content)

    bot.add_listener(on_message)
    await start()
    await discord.say("member", "general", "private talk", [Upload("a.png", b"a")])
    await discord.say("member", "trailer", f"hey {discord.world.bot.mention}")
    await discord.wait_for(lambda: len(seen) == 2)
    assert seen == ["", f"hey {discord.world.bot.mention}"]
