"""One vendor's channel is down for an hour: everybody who waits is told, once, and all the others' videos are made."""

import asyncio
from pathlib import Path

from bot.sandbox.discord_api import Call
from bot.sandbox.video_api import VideoApiSandbox
from tests.integration.chat.whole.conftest import PROMPT, Scene

WAITS = "Kling does not answer at the moment; this goes on by itself once it does."
WAITS_FROM_THE_START = "Kling does not answer at the moment, so this waits; Sora, Veo, Veo 3.1 and Vidu work."
BUSY = {"code": "fail_to_fetch_task", "message": "upstream error", "data": None}


async def _reads(scene: Scene, call: Call, *texts: str, step: float = 0.0) -> None:
    """Let time pass in such steps, once the order is taken, until its card says this."""
    said = ""
    async with asyncio.timeout(30):
        while not all(text in said for text in texts):
            said = call.response.text() if call.response else ""
            scene.advance(step if "· job" in said else 0.0)
            await asyncio.sleep(0.02)


def _created(service: VideoApiSandbox) -> list[bool]:
    return [post.created for post in service.posts]


async def test_kling_is_down_and_veo_works(scene: Scene, video: Path):
    """Who waited is told; who orders Kling now reads what works; Veo is made; an hour later all goes on by itself."""
    scene.service.seconds_to_done = 0.05
    for _ in range(3):
        scene.service.next(video=video)
    down = scene.service.faults.add("^/v1/video/generations$", method="POST", times=-1, status=503, body=BUSY)
    waiting = await scene.discord.command("member", "general", "kling", {"prompt": PROMPT})
    await _reads(scene, waiting, "· Queued", WAITS, step=6)
    late = await scene.discord.command("owner", "news", "kling", {"prompt": PROMPT})
    await _reads(scene, late, "· Queued", WAITS_FROM_THE_START)
    veo = await scene.discord.command("member", "general", "veo", {"prompt": PROMPT})
    await _reads(scene, veo, "· Done", step=1)

    def edits() -> int:
        return sum(entry.method == "PATCH" for entry in scene.discord.log)

    before, asked = edits(), down.hits
    for _ in range(180):
        scene.advance(20)
        await asyncio.sleep(0.01)
    assert edits() - before <= 3  # one of each card that was on its way; nobody's is edited again and again
    assert 1 <= down.hits - asked < 80
    scene.service.faults.clear()
    await _reads(scene, waiting, "· Done", step=30)
    await _reads(scene, late, "· Done", step=30)
    assert _created(scene.service).count(True) == 3
