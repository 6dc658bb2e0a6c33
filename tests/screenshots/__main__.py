"""`make screenshots`: acts scenes out in the playground's page and writes pictures of them to docs/pictures/."""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
from pathlib import Path

from PIL import Image

from tests.browser.conftest import CHROMIUM
from tests.screenshots.film import shoot
from tests.screenshots.scenes import SCENES
from tests.screenshots.stage import LOOKS, Stage, chromium, stage, still

PICTURES = Path(__file__).parents[2] / "docs/pictures"
FILM = "film"


async def main(names: list[str]) -> None:
    """Make the pictures of the scenes that are named, or of all."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with chromium() as browser:
        for name in names or [*SCENES, FILM]:
            with tempfile.TemporaryDirectory() as folder:
                async with stage(browser, Path(folder)) as built:
                    await (film(built, PICTURES) if name == FILM else stills(built, name, PICTURES))


async def stills(built: Stage, name: str, into: Path) -> None:
    """One scene, acted out once, in every look."""
    async with built.seen(LOOKS["light"]) as page:
        show = await SCENES[name](built, page)
    for look, options in LOOKS.items():
        async with built.seen(options) as seen:
            await show(seen)
            await still(seen)
            path = into / f"{name}-{look}.webp"
            Image.open(io.BytesIO(await seen.screenshot())).save(path, quality=82, method=6)
            tell(path)


async def film(built: Stage, into: Path) -> None:
    """The animated picture of README's first screen."""
    path = into / f"{FILM}.webp"
    (await shoot(built)).save(path)
    tell(path)


def tell(path: Path) -> None:
    """Say what was written."""
    print(f"{path.parent.name}/{path.name}  {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    if CHROMIUM is None:
        sys.exit("The pictures are taken with Chromium, which is not here: install it (apt-get install chromium).")
    asyncio.run(main(sys.argv[1:]))
