"""With PUBLIC_URL the services that take links fetch the pictures from us."""

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.jobs.job import Status
from bot.jobs.store import Store
from bot.links import LINK_SECONDS, Links
from bot.sandbox.discord_api import DiscordSandbox
from tests.integration.chat.conftest import OnlyJob, Picture, Shows, StartBot

LINKS = Links(base_url="https://bot.example", key=b"k" * 32)


@pytest.fixture(autouse=True)
async def linking(start_bot: StartBot) -> AsyncIterator[None]:
    """A bot with links of its own."""
    async with start_bot(links=LINKS):
        yield


async def test_veo31_gets_signed_links_to_stored_pictures(
    discord_api: DiscordSandbox, only_job: OnlyJob, shows: Shows, picture: Picture
):
    """Each link is genuine and leads to the picture stored at its number; none of them is in the body as bytes."""
    options = {"prompt": "a fox", "image": picture(300), "last_image": picture(400)}
    await shows(await discord_api.command("member", "general", "veo31 frames", options), "Queued")
    job = await only_job()
    body = job.submission.json_body()
    for number, name in enumerate(("image", "last_image")):
        url = urlsplit(str(body[name]))
        query = parse_qs(url.query)
        assert url.path == f"/inputs/{job.id}/{number}"
        assert LINKS.check(url.path, query["expires"][0], query["signature"][0], job.created_at)
        assert job.submission.files[number].data == options[name].data
    assert set(body) == {"model", "prompt", "size", "image", "last_image", "duration"}


async def test_other_families_still_get_their_pictures_as_bytes(
    discord_api: DiscordSandbox, only_job: OnlyJob, shows: Shows, picture: Picture
):
    """A link where the service takes data would be one more thing to break."""
    options = {"prompt": "a fox", "image": picture()}
    await shows(await discord_api.command("member", "general", "sora", options), "Queued")
    body = (await only_job()).submission.json_body()
    assert str(body["input_reference"]).startswith("data:image/png;base64,")


async def test_a_repeat_links_to_its_own_pictures(
    discord_api: DiscordSandbox, only_job: OnlyJob, store: Store, shows: Shows, picture: Picture
):
    """The old job's pictures are forgotten one day; the new job brings its own, and links that open them."""
    options = {"prompt": "a fox", "image": picture()}
    await shows(await discord_api.command("member", "general", "veo31 image", options), "Queued")
    old = await only_job()
    await store.save(old.evolve(status=Status.FAILED))
    call = await discord_api.command("member", "general", "jobs again", {"job": old.id})
    await shows(call, "Queued")
    (found,) = await store.of_user(old.destination.user_id, statuses={Status.QUEUED})
    new = await store.get(found.id, with_files=True)
    assert new is not None
    path = f"/inputs/{new.id}/0"
    assert new.submission.fields["image"] == LINKS.sign(path, int(new.created_at) + LINK_SECONDS)
    assert new.submission.files == old.submission.files


async def test_a_repeat_signs_no_link_of_another(
    discord_api: DiscordSandbox, only_job: OnlyJob, store: Store, shows: Shows, picture: Picture
):
    """What a person typed stays as typed: neither a guess under PUBLIC_URL nor words in a prompt get a signature."""
    options = {"prompt": "a fox", "image": picture()}
    await shows(await discord_api.command("member", "general", "veo31 image", options), "Queued")
    old = await only_job()
    typed = f"https://bot.example/inputs/{old.id}/0?expires=9999999999&signature={'0' * 64}"
    fields = old.submission.fields | {"image": typed, "prompt": f"see /inputs/{old.id}/0"}
    submission = old.submission.model_copy(update={"fields": fields})
    await store.save(old.evolve(status=Status.FAILED, submission=submission))
    await shows(await discord_api.command("member", "general", "jobs again", {"job": old.id}), "Queued")
    (new,) = await store.of_user(old.destination.user_id, statuses={Status.QUEUED})
    assert new.submission.fields == fields
