"""Pictures to ask with."""

from collections.abc import Callable

import pytest

from bot.requests.base import Image

MakeImage = Callable[..., Image]


@pytest.fixture
def make_image() -> MakeImage:
    """A maker of pictures with known bytes, so that a whole request can be compared."""

    def make(data: bytes = b"picture", width: int = 1280, height: int = 720, url: str | None = None) -> Image:
        return Image(name="cat.png", content_type="image/png", width=width, height=height, data=data, url=url)

    return make
