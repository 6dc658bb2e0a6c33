"""What the demo types: every vendor command once, one failure and one bad input."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any, Literal

from PIL import Image, ImageDraw, ImageFont

from bot.sandbox.discord_api import Upload

Outcome = Literal["video", "failed", "refused"]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One command as a person types it, and how it must end."""

    who: str
    command: str
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    outcome: Outcome = "video"
    #: The command whose posted video is attached as `video`; this line waits for it.
    continues: str | None = None

    @property
    def prompt(self) -> str:
        """The prompt, by which the request on the wire is found again."""
        return str(self.options["prompt"])

    @property
    def slug(self) -> str:
        """A file name for the result."""
        return self.command.replace(" ", "-")

    def typed(self) -> str:
        """The command as it stands in the composer."""
        parts = [
            f"{name}: {value.filename if isinstance(value, Upload) else value}" for name, value in self.options.items()
        ]
        return f"/{self.command}  " + "  ".join(parts)


def picture(caption: str, width: int, height: int, hue: int) -> Upload:
    """A small PNG that can be recognised again inside the video made from it."""
    image = Image.new("HSV", (width, height), (hue, 140, 210)).convert("RGB")
    draw = ImageDraw.Draw(image)
    radius = min(width, height) // 3
    centre = (width // 2, height // 2)
    draw.ellipse((centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius), fill=(250, 250, 240))
    font = ImageFont.load_default(size=max(16, width // 16))
    draw.text((centre[0], centre[1]), caption, fill=(40, 40, 40), font=font, anchor="mm")
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return Upload(filename=f"{caption.replace(' ', '-')}.png", data=buffer.getvalue())


def script() -> list[Line]:
    """The demo's lines, in the order they are typed."""
    wide, tall = (640, 360), (360, 640)
    return [
        Line(who="owner", command="veo", options={
            "prompt": "A paper boat crosses a rain puddle at dusk", "model": "veo_3_1-fast", "seconds": 4, "image": picture("paper boat", *wide, 150)}),
        Line(who="member", command="sora", options={
            "prompt": "Cat nodding its head to music, heavy rain", "size": "720x1280", "seconds": 4, "image": picture("cat", *tall, 20)}),
        Line(who="moderator", command="vidu", options={
            "prompt": "Have the person walk forward and smile", "model": "viduq3-pro", "duration": 5, "seed": 7, "image": picture("portrait", *tall, 90)}),
        Line(who="newcomer", command="kling", options={
            "prompt": "A golden retriever running on the beach", "duration": 5, "size": "1280x720", "style": "cinematic", "image": picture("dog", *wide, 30)}),
        Line(who="owner", command="video", options={
            "prompt": "Lanterns rise over a mountain lake", "model": "kling-v1", "duration": 5, "image": picture("lake", *wide, 170)}),
        Line(who="member", command="veo31 text", options={
            "prompt": "A lighthouse keeper waves at a passing ship", "resolution": "720p", "aspect_ratio": "16:9", "duration": 4, "audio": True, "seed": 11}),
        Line(who="moderator", command="veo31 image", options={
            "prompt": "The tulip opens", "tier": "fast", "duration": 4, "image": picture("tulip", *wide, 230)}),
        Line(who="newcomer", command="veo31 frames", options={
            "prompt": "From seed to tree", "duration": 4, "image": picture("seed", *wide, 60), "last_image": picture("tree", *wide, 80)}),
        Line(who="owner", command="veo31 references", options={
            "prompt": "Both friends share an umbrella", "image": picture("friend one", *wide, 10), "image2": picture("friend two", *wide, 200)}),
        Line(who="member", command="veo31 extend", continues="veo31 text", options={
            "prompt": "The ship answers with its horn"}),
        Line(who="newcomer", command="sora", outcome="failed", options={
            "prompt": "Something the provider blocks [fail]", "size": "1280x720", "seconds": 4}),
        Line(who="member", command="vidu", outcome="refused", options={
            "prompt": "A notebook that is no picture", "image": Upload(filename="holiday.png", data=b"this is a text file with the name of a picture")}),
    ]  # fmt: skip
