"""Whatever is posted of a video, wherever: alt text, spoiler where asked for, what was done to it, the original's link."""

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.jobs.delivery import Delivery
from bot.jobs.job import Status
from bot.media import ffmpeg
from bot.sandbox.discord_api import DiscordSandbox, Message
from tests.integration.chat.conftest import OnlyJob, Shows, pictures
from tests.integration.chat.delivery.conftest import ORIGINAL, bring, ordered

OF_THE_VIDEO = "AI video: a red fox in the snow"
OF_THE_POSTER = "Still of an AI video: a red fox in the snow"
#: What the text says of each rung, best first.
RUNGS = {
    "as it is": "",
    "repacked": "repacked without a change to the picture",
    "re-encoded": "re-encoded so that it plays everywhere",
    "poster": "Discord refused the video",
}
REFUSED = {"times": 4, "status": 413, "body": {"code": 40005}}


@pytest.fixture(scope="session")
def films(video: Path, late: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A video for each rung."""
    strange = tmp_path_factory.mktemp("films") / "strange.mp4"
    how = ("-c:v", "libx264", "-pix_fmt", "yuv444p")
    subprocess.run([ffmpeg(), "-v", "error", "-y", "-i", str(video), *how, str(strange)], check=True)
    return {"as it is": video, "repacked": late, "re-encoded": strange, "poster": video}


def descriptions(message: Message) -> list[str | None]:
    """The alt texts that the files themselves carry."""
    return [attachment.description for attachment in message.attachments]


@pytest.mark.parametrize("spoiler", [True, False], ids=["spoiler", "plain"])
@pytest.mark.parametrize("route", ["channel", "card", "direct message"])
async def test_every_rung_says_what_it_is(
    route: str,
    spoiler: bool,
    discord_api: DiscordSandbox,
    delivery: Delivery,
    shows: Shows,
    only_job: OnlyJob,
    films: dict[str, Path],
    still: Path,
):
    """Alt text on the gallery and on the file; the card's poster has it as well. The link comes with all but the original."""
    options: dict[str, Any] = {"prompt": "a red fox in the snow", "spoiler": spoiler, "private": route != "channel"}
    first = await ordered(discord_api, shows, only_job, options)
    discord_api.advance(20 * 60 if route == "direct message" else 0)
    for number, (rung, said) in enumerate(RUNGS.items()):
        job = replace(first, id=f"{number}{first.id[1:]}")
        if rung == "poster":
            discord_api.faults.add("/webhooks/|/channels/.*/messages$", method="*", **REFUSED)
        posted = await bring(delivery, job, films[rung], original=ORIGINAL, poster=still)
        message = discord_api.world.messages[posted.message_id or 0]
        assert said in message.text()
        assert [part["url"] for part in message.walk() if part.get("style") == 5] == [ORIGINAL.url][: bool(said)]
        alt = OF_THE_POSTER if rung == "poster" else OF_THE_VIDEO
        assert (rung, pictures(message), descriptions(message)) == (rung, [(alt, spoiler)], [alt])
    if route == "channel":
        await delivery.show(first.evolve(status=Status.COMPLETED), still)
        card = discord_api.world.messages[first.destination.card_id or 0]
        assert (pictures(card), descriptions(card)) == ([(OF_THE_POSTER, spoiler)], [OF_THE_POSTER])
