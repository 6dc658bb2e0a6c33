"""The film: one command from an empty message box to a video that plays, as an animated WebP.

GitHub shows an animated picture of the repository in place; of a video file it shows a link.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Locator, Page, expect

from tests.screenshots.props import paper_boat
from tests.screenshots.scenes import PLAYS
from tests.screenshots.stage import SAME, SECONDS, Stage, attach, become, say, still

FRAME: dict[str, Any] = {
    "viewport": {"width": 900, "height": 640},
    "device_scale_factor": 1.25,
    "color_scheme": "light",
}
PROMPT = "A paper boat crosses a rain puddle at dusk"
KEY, LOOK, READ = 80, 500, 1200  #: milliseconds that a key, a change and a sentence are shown
PLAYED, STEP = 4.5, 0.125  #: seconds of the video, and between two of its frames


@dataclass
class Film:
    """Frames of the page, each with the milliseconds for which it is shown."""

    page: Page
    frames: list[Image.Image] = field(default_factory=list[Image.Image])
    times: list[int] = field(default_factory=list[int])

    async def take(self, milliseconds: int) -> None:
        """Add what the page shows now."""
        await self.page.evaluate(SAME)
        self.frames.append(Image.open(io.BytesIO(await self.page.screenshot())).convert("RGB"))
        self.times.append(milliseconds)

    async def type(self, into: Locator, text: str) -> None:
        """Write a text, two letters to the frame."""
        for at in range(0, len(text), 2):
            await into.press_sequentially(text[at : at + 2])
            await self.take(KEY)

    def save(self, path: Path) -> None:
        """Write the film, which begins anew when it has ended."""
        first, *others = self.frames
        first.save(path, save_all=True, append_images=others, duration=self.times, loop=0, quality=68, method=4)


async def shoot(stage: Stage) -> Film:
    """Act it out: every frame is taken when the page has what it shows, so that no machine is too slow for it."""
    async with stage.seen(FRAME, "owner") as page:
        await say(page, "We still need an opening shot for the harbour film. Something quiet.")
        await become(page, "member")
        await expect(page.get_by_text("harbour film")).to_be_visible()
        film = Film(page)
        await film.take(LOOK)
        await _order(film)
        await _wait(stage, film)
        await _watch(film)
        return film


async def _order(film: Film) -> None:
    """Choose the command, write the prompt, attach the picture, send."""
    page = film.page
    for key in "/veo":
        await page.locator("#composer-text").press_sequentially(key)
        await expect(page.get_by_role("listbox").get_by_text("/veo", exact=True)).to_be_visible()
        await film.take(LOOK if key == "/" else 2 * KEY)
    await page.get_by_role("listbox").get_by_text("/veo", exact=True).click()
    await film.take(LOOK)
    await film.type(page.get_by_role("textbox", name="prompt"), PROMPT)
    await page.get_by_role("button", name="+ image", exact=True).click()
    await film.take(LOOK)
    await attach(page, paper_boat())
    await expect(page.locator("[data-option=image] canvas")).to_be_visible()
    await film.take(READ)
    await page.get_by_role("button", name="Send").click()


async def _wait(stage: Stage, film: Film) -> None:
    """The card on its way."""
    card = film.page.get_by_role("article").filter(has_text=PROMPT)
    await expect(card).to_contain_text("Generating")
    await film.take(LOOK)
    for part, shown in ((0.3, "3"), (0.25, "5"), (0.25, "8")):
        stage.clock.advance(SECONDS * part)
        await expect(card).to_contain_text(re.compile(rf"{shown}\d %"))
        await film.take(LOOK)
    stage.clock.advance(SECONDS)


async def _watch(film: Film) -> None:
    """The video, frame by frame."""
    await film.page.wait_for_function(PLAYS)
    for step in range(int(PLAYED / STEP)):
        await still(film.page, step * STEP)
        await film.take(int(STEP * 1000))
    await film.take(READ)
