"""`make screenshots` still finds its way through the page."""

import io
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser

from tests.screenshots.__main__ import stills
from tests.screenshots.stage import stage


async def test_a_scene_is_acted_out_and_its_pictures_taken(browser: Browser, tmp_path: Path):
    """The one that README's film is of: a picture is attached, its video plays, and somebody else speaks."""
    folder = tmp_path / "playground"
    folder.mkdir()
    async with stage(browser, folder, quality="tiny") as built:
        await stills(built, "result", tmp_path)

    pictures = {path.name: path.read_bytes() for path in tmp_path.glob("*.webp")}
    assert {name: Image.open(io.BytesIO(data)).size for name, data in pictures.items()} == {
        "result-light.webp": (2360, 1880),
        "result-dark.webp": (2360, 1880),
        "result-phone.webp": (780, 1688),
    }
    assert [name for name, data in pictures.items() if len(data) > 200_000] == []
