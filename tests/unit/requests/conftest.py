"""Pictures to ask with."""

import io
import random
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image as Pillow

from bot.requests.base import Image

MakeImage = Callable[..., Image]


def encoded(picture: Pillow.Image, kind: str, **options: Any) -> bytes:
    """A picture as the bytes of a file."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def noise(width: int, height: int, mode: str = "RGB") -> Pillow.Image:
    """A picture that no encoder can shrink."""
    size = width * height * len(mode)
    return Pillow.frombytes(mode, (width, height), random.Random(1).randbytes(size))


@pytest.fixture
def make_image() -> MakeImage:
    """A maker of pictures with known bytes, so that a whole request can be compared."""

    def make(data: bytes = b"picture", width: int = 1280, height: int = 720, url: str | None = None) -> Image:
        return Image(name="cat.png", content_type="image/png", width=width, height=height, data=data, url=url)

    return make
