"""From a slash command to a row: what an order becomes, and where its result will go."""

import base64
from typing import Any

import pytest

from bot.chat.client import Reelcord
from bot.jobs.job import Destination, Status
from bot.sandbox.discord_api import DiscordSandbox, Upload
from tests.integration.chat.conftest import PROMPT, OnlyJob, Picture, Shows

pytestmark = pytest.mark.usefixtures("bot")


async def test_an_order_becomes_a_row(
    discord_api: DiscordSandbox, only_job: OnlyJob, shows: Shows, wakes: list[None], bot: Reelcord
):
    """The card is public and says Queued; the row holds the submission and where its result goes; the engine is woken."""
    call = await discord_api.command("member", "general", "veo", PROMPT | {"seconds": 6, "spoiler": True})
    card = await shows(call, "Queued")
    job = await only_job()

    assert job.status is Status.QUEUED
    assert (job.command, job.prompt) == ("veo", "a red fox in the snow")
    assert job.recipe == {"model": "veo_3_1", "size": "1280x720", "seconds": "6"}
    assert job.submission.json_body()["seconds"] == "6"
    member, general = discord_api.world.user("member"), discord_api.world.channel("general")
    assert general.guild is not None
    assert job.destination == Destination(
        user_id=member.id,
        channel_id=general.id,
        guild_id=general.guild.id,
        card_id=card.id,
        upload_limit=10 * 1024 * 1024,
        spoiler=True,
        application_id=discord_api.world.application_id,
        token=call.token,
    )
    assert not card.ephemeral
    assert job.id in card.text()
    assert card.mentions == []
    assert wakes == [None]
    assert bot.persistent_views == []


async def test_pictures_are_read_and_checked_by_content(
    discord_api: DiscordSandbox, only_job: OnlyJob, shows: Shows, picture: Picture
):
    """A JPEG that calls itself a PNG goes out as the JPEG it is."""
    options = PROMPT | {"image": picture(kind="JPEG", name="fox.png"), "image2": picture(64, 64)}
    await shows(await discord_api.command("member", "general", "veo", options), "Queued")
    files = (await only_job()).submission.files
    assert [(file.field, file.content_type) for file in files] == [
        ("input_reference[]", "image/jpeg"),
        ("input_reference[]", "image/png"),
    ]
    assert base64.b64encode(picture(64, 64).data).decode() in files[1].data_uri()


async def test_a_private_order_is_seen_by_the_person_alone(
    discord_api: DiscordSandbox, only_job: OnlyJob, shows: Shows
):
    """The card is ephemeral, and the row knows that the result must be so too."""
    card = await shows(await discord_api.command("member", "general", "sora", PROMPT | {"private": True}), "Queued")
    assert card.ephemeral
    assert (await only_job()).destination.private
    assert discord_api.messages("general", "owner") == []


async def test_a_prompt_cannot_ping_anyone(discord_api: DiscordSandbox, shows: Shows):
    """Neither everyone nor a person is mentioned by what somebody typed."""
    owner = discord_api.world.user("owner")
    call = await discord_api.command(
        "owner", "general", "sora", {"prompt": f"@everyone {owner.mention} [x](https://e.vil)"}
    )
    card = await shows(call, "Queued")
    assert (card.mentions, card.mention_everyone) == ([], False)
    assert owner.mention not in card.text()


async def test_a_direct_message_is_a_place_too(discord_api: DiscordSandbox, only_job: OnlyJob, shows: Shows):
    """In the person's own channel with the bot the bot may post by itself."""
    channel = discord_api.world.dm(discord_api.world.user("member"))
    await shows(await discord_api.command("member", channel, "sora", PROMPT), "Queued")
    where = (await only_job()).destination
    assert (where.channel_id, where.guild_id, where.member, where.private) == (channel.id, None, True, False)


@pytest.mark.parametrize("place", ["general", "direct"])
@pytest.mark.parametrize("kept", [False, True], ids=["uncached", "cached"])
async def test_an_interaction_that_says_little_is_the_plain_case(
    place: str, kept: bool, bot: Reelcord, discord_api: DiscordSandbox, only_job: OnlyJob, shows: Shows
):
    """Neither context nor owners, and perhaps no GUILD_CREATE yet: the result goes to the channel all the same."""
    channel = discord_api.world.dm(discord_api.world.user("member")) if place == "direct" else "general"
    if not kept:
        bot._connection._guilds.clear()
    whole = bot._connection.parse_interaction_create
    bot._connection.parsers["INTERACTION_CREATE"] = lambda data: whole(
        {name: value for name, value in data.items() if name not in ("context", "authorizing_integration_owners")}  # pyright: ignore[reportArgumentType]
    )
    await shows(await discord_api.command("member", channel, "sora", PROMPT), "Queued")
    assert (await only_job()).destination.member


VEO31: dict[str, dict[str, Any]] = {
    "veo31 image": {"image": 1},
    "veo31 frames": {"image": 1, "last_image": 2},
    "veo31 references": {"image": 1, "image2": 2},
}


@pytest.mark.parametrize("command", VEO31)
async def test_veo31_gets_the_attachments_own_links(
    command: str, discord_api: DiscordSandbox, only_job: OnlyJob, shows: Shows, picture: Picture
):
    """Without PUBLIC_URL the service fetches the picture from Discord, and nothing is stored."""
    pictures = {name: picture(300 + number) for name, number in VEO31[command].items()}
    await shows(await discord_api.command("member", "general", command, PROMPT | pictures), "Queued")
    submission = (await only_job()).submission
    urls = [url for name in submission.links for url in _list(submission.fields[name])]
    assert len(urls) == len(pictures)
    assert all("/ephemeral-attachments/" in url for url in urls)
    assert submission.files == ()


async def test_veo31_extend_takes_an_attachment_or_a_link(discord_api: DiscordSandbox, only_job: OnlyJob, shows: Shows):
    """The attachment's link is what is sent."""
    video = Upload(filename="fox.mp4", data=b"\0\0\0\x18ftypmp42", content_type="video/mp4")
    await shows(await discord_api.command("member", "general", "veo31 extend", PROMPT | {"video": video}), "Queued")
    submission = (await only_job()).submission
    assert submission.links == ("video",)
    assert "fox.mp4" in str(submission.fields["video"])


async def test_the_seconds_of_sora_are_offered(discord_api: DiscordSandbox):
    """The operator's list, narrowed by what was typed."""
    offered = await discord_api.autocomplete("member", "general", "sora", PROMPT | {"seconds": "1"}, focused="seconds")
    assert [choice["value"] for choice in offered] == [10, 12, 15]


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
