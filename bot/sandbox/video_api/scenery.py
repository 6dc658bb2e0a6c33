"""Paints a landscape at dusk, for videos of which nothing but words is known: the same seed, the same picture."""

from __future__ import annotations

import math
import random

from PIL import Image, ImageDraw, ImageFilter

_SKIES = (
    ("#241b43", "#6a3b6f", "#d9735b", "#ffc477"),
    ("#10263f", "#2d5f7d", "#8fb5a5", "#ffe2a8"),
    ("#1a2038", "#44406e", "#a56a8c", "#f7b39a"),
    ("#0f2b2e", "#2c6260", "#9aa86c", "#ffd98a"),
)
_HORIZON = 0.56  #: of the height


def landscape(width: int, height: int, seed: int) -> Image.Image:
    """A sky with its sun, three rows of hills, and water that mirrors the light."""
    dice = random.Random(seed)
    sky = _SKIES[dice.randrange(len(_SKIES))]
    horizon, sun = int(height * _HORIZON), width * dice.uniform(0.55, 0.8)
    canvas = Image.new("RGB", (width, height))
    canvas.paste(_gradient(sky, width, horizon), (0, 0))
    water = (_mixed(sky[3], sky[1], 0.25), sky[1], sky[0], _mixed(sky[0], "#000000", 0.3))
    canvas.paste(_gradient(water, width, height - horizon), (0, horizon))
    _shine(canvas, sun, horizon - 0.086 * height, 0.08 * height)
    for depth in range(3):
        _hills(canvas, _mixed(sky[2], sky[0], 0.55 + 0.17 * depth), horizon, depth, dice.uniform(0, 6))
    _glitter(canvas, sun, horizon, dice)
    return canvas


def _mixed(one: str, other: str, share: float) -> str:
    """A colour on the way from one to the other, #rrggbb."""
    pairs = zip(bytes.fromhex(one[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + bytes(round(a + (b - a) * share) for a, b in pairs).hex()


def _gradient(colours: tuple[str, ...], width: int, height: int) -> Image.Image:
    strip = Image.new("RGB", (1, len(colours)))
    for y, colour in enumerate(colours):
        ImageDraw.Draw(strip).point((0, y), colour)
    return strip.resize((width, height), Image.Resampling.BICUBIC)


def _shine(canvas: Image.Image, x: float, y: float, radius: float) -> None:
    for grown, strength in ((4.2, 40), (2.4, 70), (1.0, 255)):
        light = Image.new("L", canvas.size)
        reach = radius * grown
        ImageDraw.Draw(light).ellipse((x - reach, y - reach, x + reach, y + reach), fill=strength)
        canvas.paste("#fff0c9", (0, 0), light.filter(ImageFilter.GaussianBlur(radius * (grown - 1) / 3 + 1)))


def _hills(canvas: Image.Image, colour: str, horizon: int, depth: int, phase: float) -> None:
    height = canvas.height * (0.13 - 0.034 * depth)
    ridge = [
        (x, horizon - height * (0.55 + 0.3 * math.sin(far * 7 + phase) + 0.15 * math.sin(far * 21 + 2 * phase)))
        for x in range(0, canvas.width + 8, 8)
        for far in (x / canvas.width,)
    ]
    smooth(canvas, [(0, horizon), *ridge, (canvas.width, horizon)], colour)


def _glitter(canvas: Image.Image, sun: float, horizon: int, dice: random.Random) -> None:
    """The sun's path on the water, and ripples beside it."""
    width, height = canvas.size
    light = Image.new("L", canvas.size)
    pen = ImageDraw.Draw(light)
    for _ in range(420):
        near = dice.random()
        y = horizon + 0.006 * height + (height - horizon) * near**1.6
        x = dice.gauss(sun, width * (0.03 + 0.09 * near)) if dice.random() < 0.75 else dice.uniform(0, width)
        half, thick = width * (0.006 + 0.036 * near * dice.random()), height * (0.0014 + 0.0028 * near)
        pen.ellipse((x - half, y - thick, x + half, y + thick), fill=int(150 - 90 * near))
    canvas.paste("#ffd9a0", (0, 0), light.filter(ImageFilter.GaussianBlur(height / 600)))


def smooth(canvas: Image.Image, points: list[tuple[float, float]], colour: str) -> None:
    """Paint a polygon with soft edges: it is drawn at twice the size and brought down."""
    mask = Image.new("L", (canvas.width * 2, canvas.height * 2))
    ImageDraw.Draw(mask).polygon([(x * 2, y * 2) for x, y in points], fill=255)
    canvas.paste(colour, (0, 0), mask.resize(canvas.size, Image.Resampling.BILINEAR))
