"""A picture to start a video from: a paper boat on still water at dusk, painted rather than fetched."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw, ImageFilter

from bot.sandbox.video_api.scenery import landscape, smooth

KEEL = (450, 520)
FOLDS = (  # a sail of two sides and a hull of two, seen from the keel
    ("#fff6e6", [(0, -202), (-84, -51), (0, -35)]),
    ("#e0c7bd", [(0, -202), (84, -51), (0, -35)]),
    ("#fffaf0", [(-202, -86), (-130, 11), (8, 11), (0, -35)]),
    ("#d3b4b3", [(202, -86), (130, 11), (8, 11), (0, -35)]),
)


def paper_boat() -> bytes:
    """The picture as PNG, the same each time."""
    canvas = landscape(1280, 720, seed=10)
    x, y = KEEL
    shadow = Image.new("L", canvas.size)
    ImageDraw.Draw(shadow).ellipse((x - 190, y - 14, x + 190, y + 26), fill=120)
    canvas.paste("#1a1636", (0, 0), shadow.filter(ImageFilter.GaussianBlur(14)))
    mirror = canvas.copy()
    for colour, fold in FOLDS:
        smooth(mirror, [(x + right, y + 12 - down * 0.6) for right, down in fold], colour)
    canvas = Image.blend(canvas, mirror.filter(ImageFilter.GaussianBlur(2)), 0.3)
    for colour, fold in FOLDS:
        smooth(canvas, [(x + right, y + down) for right, down in fold], colour)
    out = io.BytesIO()
    canvas.save(out, "PNG")
    return out.getvalue()
