"""From a slash command to a row: the card within three seconds, and never an order that the person was not told of."""

import asyncio
import base64
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from bot.chat.client import Reelcord
from bot.jobs.job import Destination, Status
from bot.jobs.store import Store
from bot.sandbox.discord_api import DiscordSandbox, Upload
from tests.integration.chat.conftest import PROMPT, OnlyJob, Picture, Shows, jobs_of

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


async def test_a_wrong_option_is_refused_to_the_person_alone(discord_api: DiscordSandbox, store: Store):
    """One sentence, seen by one person, and nothing else happens: no picture is even read."""
    options = PROMPT | {"model": "viduq2-pro", "duration": 12}
    call = await (await discord_api.command("member", "general", "vidu", options)).answered()
    assert call.ephemeral
    assert call.response is not None
    assert call.response.text() == "viduq2-pro makes 1 to 10 seconds: for 12 choose 10."
    assert await jobs_of(store, discord_api) == []
    assert discord_api.messages("general") == []


async def test_a_rule_across_options_is_refused_before_the_picture_is_read(
    discord_api: DiscordSandbox, picture: Picture
):
    """What Discord says of an attachment is enough to ask the rules."""
    reading = discord_api.faults.add("/ephemeral-attachments/", times=-1, status=404)
    options = PROMPT | {"image": picture(), "voice_id": "alto"}
    call = await (await discord_api.command("member", "general", "vidu", options)).answered()
    assert call.ephemeral
    assert call.response is not None
    assert "voice_id has no effect" in call.response.text()
    assert reading.hits == 0


@pytest.mark.parametrize(
    ("upload", "sentence"),
    [
        (
            Upload(filename="fox.png", data=b"GIF89a" + b"\0" * 64),
            "The file is a GIF: attach a PNG, JPEG or WebP instead.",
        ),
        (Upload(filename="fox.png", data=b"not a picture"), "The file is not a picture"),
    ],
)
async def test_a_bad_picture_is_refused_on_the_card(
    upload: Upload, sentence: str, discord_api: DiscordSandbox, store: Store, shows: Shows
):
    """The card that stands already says why nothing was ordered."""
    call = await discord_api.command("member", "general", "veo", PROMPT | {"image": upload})
    card = await shows(call, "Not ordered")
    assert sentence in card.text()
    assert await jobs_of(store, discord_api) == []


async def test_an_attachment_that_discord_does_not_hand_over_is_refused(
    discord_api: DiscordSandbox, store: Store, shows: Shows, picture: Picture
):
    """A dead link is the person's chance to attach the picture again."""
    discord_api.faults.add("/ephemeral-attachments/", times=-1, status=404)
    call = await discord_api.command("member", "general", "veo", PROMPT | {"image": picture()})
    card = await shows(call, "Not ordered")
    assert "Discord did not hand image over, and nothing was ordered: please attach it again." in card.text()
    assert await jobs_of(store, discord_api) == []


async def test_a_slow_file_store_does_not_delay_the_first_answer(
    discord_api: DiscordSandbox, store: Store, shows: Shows, picture: Picture
):
    """The card comes first and says that nothing is ordered yet; the picture may take its time."""
    gate = asyncio.Event()
    reading = discord_api.faults.add("/ephemeral-attachments/", hold=gate)
    call = await discord_api.command("member", "general", "veo", PROMPT | {"image": picture()})
    await call.answered(timeout=1.0)
    assert call.response is not None
    assert "Checking" in call.response.text()
    assert "Nothing has been ordered yet." in call.response.text()
    assert "look at `/jobs list`" in call.response.text()  # the bot may die here, and this card with it
    await asyncio.wait_for(reading.reached.wait(), 30)
    assert await jobs_of(store, discord_api) == []
    gate.set()
    await shows(call, "Queued")


async def test_a_locked_database_does_not_delay_the_first_answer(
    discord_api: DiscordSandbox, shows: Shows, tmp_path: Path, only_job: OnlyJob
):
    """Another process writes: the card comes in time, and the order follows when the lock is gone."""
    lock = sqlite3.connect(tmp_path / "jobs.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    call = await discord_api.command("member", "general", "sora", PROMPT)
    await call.answered(timeout=1.0)
    assert call.response is not None
    assert "Checking" in call.response.text()
    lock.execute("COMMIT")
    lock.close()
    card = await shows(call, "Queued")
    assert (await only_job()).id in card.text()


async def test_a_row_that_cannot_be_saved_is_no_order(
    discord_api: DiscordSandbox, store: Store, shows: Shows, tmp_path: Path, wakes: list[None]
):
    """The card says plainly that nothing was ordered."""
    database = sqlite3.connect(tmp_path / "jobs.db")
    database.execute("CREATE TRIGGER full BEFORE INSERT ON jobs BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    database.commit()
    database.close()
    call = await discord_api.command("member", "general", "sora", PROMPT)
    card = await shows(call, "Not ordered")
    assert "so nothing was ordered: please try again soon" in card.text()
    assert await jobs_of(store, discord_api) == []
    assert wakes == []


async def test_a_database_that_breaks_leaves_no_lie_on_the_card(
    discord_api: DiscordSandbox, shows: Shows, tmp_path: Path, wakes: list[None]
):
    """Neither the save nor a look at what became of it works: the card says that it does not know."""
    with sqlite3.connect(tmp_path / "jobs.db") as database:
        database.execute("ALTER TABLE jobs RENAME TO gone")
    database.close()
    card = await shows(await discord_api.command("member", "general", "sora", PROMPT), "Unconfirmed")
    assert "It is not certain that this was ordered" in card.text()
    assert wakes == []


async def test_a_command_told_twice_is_one_order(discord_api: DiscordSandbox, only_job: OnlyJob, shows: Shows):
    """Two processes with one bot token, as at a deploy, both hear of the command; one job comes of it."""
    call = await discord_api.command("member", "general", "sora", PROMPT)
    await shows(call, "Queued")
    before = await only_job()
    discord_api._gateway.dispatch("INTERACTION_CREATE", call.event_json())
    path = f"/interactions/{call.id}"
    await discord_api.wait_for(
        lambda: len([e for e in discord_api.log if e.path.startswith(path) and e.status == 400]) == 1
    )
    await asyncio.sleep(0.05)
    assert await only_job() == before
    assert "Queued" in (call.response.text() if call.response else "")
    assert len(discord_api.messages("general")) == 1


@pytest.mark.parametrize("cdn", ["answers", "fails"])
async def test_a_command_told_late_to_another_process_spoils_no_card(
    cdn: str,
    discord_api: DiscordSandbox,
    only_job: OnlyJob,
    shows: Shows,
    picture: Picture,
    store: Store,
):
    """The slower process finds the order made, and maybe ended: it neither says Queued again nor "not ordered"."""
    call = await discord_api.command("member", "general", "sora", PROMPT | {"image": picture()})
    card = await shows(call, "Queued")
    job = await only_job()
    failed = await store.save(job.evolve(status=Status.FAILED, reason="No cats today."))
    fault = discord_api.faults.add("/ephemeral-attachments/", times=-1, status=404) if cdn == "fails" else None
    discord_api._gateway.dispatch("INTERACTION_CREATE", call.event_json())
    looked = f"/interactions/{call.id}"
    await discord_api.wait_for(lambda: any(e.path.startswith(looked) and e.status == 400 for e in discord_api.log))
    if fault:
        await discord_api.wait_for(lambda: fault.hits)
        await asyncio.sleep(0.05)
        assert "Queued" in card.text()  # as the first process left it: the engine will say how it ended
    else:
        await shows(call, "No cats today.")
    assert (await only_job()).revision == failed.revision


async def test_a_private_order_is_seen_by_the_person_alone(
    discord_api: DiscordSandbox, only_job: OnlyJob, shows: Shows
):
    """The card is ephemeral, and the row knows that the result must be so too."""
    card = await shows(await discord_api.command("member", "general", "sora", PROMPT | {"private": True}), "Queued")
    assert card.ephemeral
    assert (await only_job()).destination.private
    assert discord_api.messages("general", "owner") == []


async def test_a_lost_answer_is_found_again(discord_api: DiscordSandbox, only_job: OnlyJob, shows: Shows):
    """Discord made the card, the connection dropped: the card is looked for, and there is one of each."""
    discord_api.faults.add("/callback", after=True, drop=True)
    call = await discord_api.command("member", "general", "sora", PROMPT)
    card = await shows(call, "Queued")
    assert (await only_job()).destination.card_id == card.id
    assert len(discord_api.messages("general")) == 1


NO_WORD_OF_THE_CARD: dict[str, dict[str, Any]] = {
    "no body": {"status": 204},
    "empty object": {"status": 200, "body": b"{}", "headers": {"Content-Type": "application/json"}},
    "no message": {
        "status": 200,
        "body": b'{"interaction": {"id": "1", "type": 2}}',
        "headers": {"Content-Type": "application/json"},
    },
}


@pytest.mark.parametrize("answer", NO_WORD_OF_THE_CARD.values(), ids=NO_WORD_OF_THE_CARD)
@pytest.mark.parametrize("private", [False, True])
async def test_an_answer_that_says_nothing_of_the_card_is_a_yes(
    answer: dict[str, Any], private: bool, discord_api: DiscordSandbox, only_job: OnlyJob, shows: Shows
):
    """A proxy that drops `with_response` makes Discord answer 204, which discord.py 2.7 cannot read."""
    discord_api.faults.add("/callback", after=True, **answer)
    card = await shows(await discord_api.command("member", "general", "sora", PROMPT | {"private": private}), "Queued")
    where = (await only_job()).destination
    assert (where.card_id, where.private) == (card.id, private)


async def test_a_card_that_cannot_be_read_is_written_again(
    discord_api: DiscordSandbox, only_job: OnlyJob, shows: Shows
):
    """The answer says nothing of the card and the card cannot be fetched: editing it tells which message it is."""
    discord_api.faults.add("/callback", after=True, status=204)
    discord_api.faults.add("/messages/@original", method="GET", status=404, times=-1)
    card = await shows(await discord_api.command("member", "general", "sora", PROMPT), "Queued")
    assert (await only_job()).destination.card_id == card.id


async def test_an_answer_that_never_arrived_orders_nothing(discord_api: DiscordSandbox, store: Store):
    """The connection dropped before Discord saw the answer: no card, so no order."""
    discord_api.faults.add("/callback", drop=True)
    call = await discord_api.command("member", "general", "sora", PROMPT)
    await discord_api.wait_for(lambda: any("/messages/@original" in entry.path for entry in discord_api.log))
    await asyncio.sleep(0.05)
    assert not call.acknowledged
    assert await jobs_of(store, discord_api) == []


async def test_an_interaction_that_is_too_old_orders_nothing(discord_api: DiscordSandbox, store: Store):
    """10062 is normal after a reconnect: it is logged, and nothing is said or ordered."""
    refused = discord_api.faults.add("/callback", status=404, body={"code": 10062, "message": "Unknown interaction"})
    await discord_api.command("member", "general", "sora", PROMPT)
    await asyncio.wait_for(refused.reached.wait(), 30)
    await asyncio.sleep(0.05)
    assert [entry.path for entry in discord_api.log if "/webhooks/" in entry.path] == []
    assert await jobs_of(store, discord_api) == []


async def test_an_answer_carried_out_twice_is_one_order(discord_api: DiscordSandbox, only_job: OnlyJob, shows: Shows):
    """The answer to the first try is spoilt, discord.py tries again and gets 40060: the card stands all the same."""
    discord_api.faults.add("/callback", after=True, status=500)
    call = await discord_api.command("member", "general", "sora", PROMPT)
    card = await shows(call, "Queued")
    assert (await only_job()).destination.card_id == card.id


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


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "Give the video either as an attachment or as video_url."),
        (
            {"video": Upload(filename="a.mp4", data=b"x"), "video_url": "https://a.example/b.mp4"},
            "Give the video either as an attachment or as video_url.",
        ),
        ({"video": Upload(filename="fox.png", data=b"x")}, "fox.png is not a video: attach an MP4."),
    ],
)
async def test_veo31_extend_takes_exactly_one_video(
    options: dict[str, Any], sentence: str, discord_api: DiscordSandbox
):
    """Both, none, or a picture are refused."""
    call = await (await discord_api.command("member", "general", "veo31 extend", PROMPT | options)).answered()
    assert call.ephemeral
    assert call.response is not None
    assert call.response.text() == sentence


async def test_the_seconds_of_sora_are_offered(discord_api: DiscordSandbox):
    """The operator's list, narrowed by what was typed."""
    offered = await discord_api.autocomplete("member", "general", "sora", PROMPT | {"seconds": "1"}, focused="seconds")
    assert [choice["value"] for choice in offered] == [10, 12, 15]


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
