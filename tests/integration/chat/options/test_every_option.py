"""Every option of every vendor's command arrives, each in its own place."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.sandbox.discord_api import DiscordSandbox, Upload
from tests.integration.chat.options.conftest import FIRST, SECOND, THIRD, Drawn, Json, Typed

SUBCOMMAND = 1
OTHER = Drawn("other.png", 303)
CLIP = Upload(filename="clip.mp4", data=b"\0\0\0\x18ftypmp42")


@dataclass(frozen=True)
class Row:
    """One option: a value that is not its default, and all that it changes; None where something is no longer sent."""

    value: Any
    changes: Json
    #: What else is typed, with and without the option.
    beside: Json = field(default_factory=Json)
    #: What is typed only without it.
    instead_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Command:
    """A vendor's command: what cannot be left out, and a row for every option, the needed ones too."""

    needed: Json
    rows: dict[str, Row]


def _as_is(place: str = "", **values: Any) -> dict[str, Row]:
    """The rows of options that are sent under their own names, in a place such as `metadata.`."""
    return {name: Row(value, {f"{place}{name}": value}) for name, value in values.items()}


def _as_text(**values: Any) -> dict[str, Row]:
    """The same for a multipart body, which writes true and digits."""
    return {name: Row(value, {name: str(value).lower()}) for name, value in values.items()}


def _three_pictures(place: str) -> dict[str, Row]:
    """The rows of three pictures; each beside the other two, so that its place in the order shows."""
    drawn = {"image": FIRST, "image2": SECOND, "image3": THIRD}
    all_three = [f"data:{each.name}" for each in drawn.values()]
    return {
        name: Row(value, {place: all_three}, beside={other: drawn[other] for other in drawn if other != name})
        for name, value in drawn.items()
    }


PROMPT = {"prompt": "a red fox"}
SHARED = _as_is(prompt="a cat", private=True, spoiler=True)
PORTRAIT = {"size": "720x1280", "metadata.output_config.aspect_ratio": "9:16"}
LANDSCAPE = {"size": "1280x720", "metadata.output_config.aspect_ratio": "16:9"}
SILENT = Row(False, {"metadata.output_config.audio_generation": "Disabled"})
WATERMARK, LOGO = {"watermark": True}, "https://example.com/logo.png"
VEO31 = {
    **SHARED,
    **_as_is("extra_body.", negative_prompt="blur", seed=7),
    "audio": Row(True, {"extra_body.generate_audio": True}),
    "resolution": Row("4k", {"model": "veo3.1-video-4k", "size": "4k"}),
}
TIER = {"tier": Row("fast", {"model": "veo3.1-fast-video-720p"})}
RATIO, SECONDS = _as_is(aspect_ratio="9:16"), _as_is(duration=6)

TABLE: dict[str, Command] = {
    "veo": Command(
        PROMPT,
        {
            **SHARED,
            **_as_is(model="veo_3_1-fast"),
            "size": Row("720x1280", PORTRAIT),
            "seconds": Row(6, {"seconds": "6", "duration": 6}),
            "resolution": Row("1080P", {"size": "1920x1080", "metadata.output_config.resolution": "1080P"}),
            "audio": SILENT,
            **_three_pictures("input_reference"),
        },
    ),
    "sora": Command(
        PROMPT,
        {
            **SHARED,
            "size": Row("1280x720", LANDSCAPE),
            "seconds": Row(8, {"seconds": "8", "duration": 8}),
            "audio": SILENT,
            "image": Row(FIRST, {"input_reference": "data:first.png", **LANDSCAPE}),
        },
    ),
    "vidu": Command(
        PROMPT,
        {
            **SHARED,
            **_as_is(model="viduq2-pro", aspect_ratio="3:4", resolution="1080p"),
            **_as_text(duration=7, audio=True, is_rec=True, bgm=True, seed=7, watermark=True),
            "image": Row(FIRST, {"images": "data:first.png", "aspect_ratio": None}),
            "voice_id": Row("alto", {"voice_id": "alto"}, beside={"model": "viduq2-pro"}),
            "off_peak": Row(True, {"off_peak": "true", "patient": True}),
            "wm_position": Row(3, {"wm_position": "3"}, beside=WATERMARK),
            "wm_url": Row(LOGO, {"wm_url": LOGO}, beside=WATERMARK),
        },
    ),
    "kling": Command(
        PROMPT,
        {
            **SHARED,
            **_as_is(model="kling-v2", size="512x512"),
            **_as_is("metadata.", negative_prompt="blur", style="noir", camera_control="slow pan", quality="high"),
            "duration": Row(10, {"duration": 10, "seconds": "10"}),
            **_three_pictures("images"),
        },
    ),
    "video": Command(
        PROMPT | {"model": "some-model"},
        {
            **SHARED,
            **_as_is(model="another-model", size="16:9"),
            "duration": Row(7, {"duration": 7, "seconds": "7"}),
            "metadata": Row('{"style": "noir"}', {"metadata.style": "noir"}),
            **_three_pictures("images"),
        },
    ),
    "veo31 text": Command(PROMPT, {**VEO31, **TIER, **RATIO, **SECONDS}),
    "veo31 image": Command(
        PROMPT | {"image": FIRST}, {**VEO31, **TIER, **SECONDS, "image": Row(OTHER, {"image": "link:other.png"})}
    ),
    "veo31 frames": Command(
        PROMPT | {"image": FIRST, "last_image": SECOND},
        {
            **VEO31,
            **TIER,
            **SECONDS,
            "image": Row(OTHER, {"image": "link:other.png"}),
            "last_image": Row(OTHER, {"last_image": "link:other.png"}),
        },
    ),
    "veo31 references": Command(
        PROMPT | {"image": FIRST, "image2": SECOND},
        {
            **VEO31,
            **RATIO,
            **SECONDS,
            "image": Row(OTHER, {"images": ["link:other.png", "link:second.png"]}),
            "image2": Row(OTHER, {"images": ["link:first.png", "link:other.png"]}),
            "image3": Row(THIRD, {"images": ["link:first.png", "link:second.png", "link:third.png"]}),
        },
    ),
    "veo31 extend": Command(
        PROMPT | {"video_url": "https://example.com/source.mp4"},
        {
            **VEO31,
            **TIER,
            "video": Row(CLIP, {"video": "link:clip.mp4"}, instead_of=("video_url",)),
            "video_url": Row("https://example.com/other.mp4", {"video": "https://example.com/other.mp4"}),
        },
    ),
}


@pytest.mark.usefixtures("free_bot")
@pytest.mark.parametrize("command", TABLE)
async def test_every_option_changes_what_is_saved(command: str, typed: Typed):
    """Each option changes its own place, and nothing else, against the same command without it."""
    needed, rows = TABLE[command].needed, TABLE[command].rows
    changed: dict[str, Json] = {}
    bare = (await typed(command, needed)).values()
    for name, row in rows.items():
        base = needed | row.beside
        kept = {option: value for option, value in base.items() if option not in row.instead_of}
        before = (await typed(command, base)).values() if row.beside else bare
        after = (await typed(command, kept | {name: row.value})).values()
        places = before.keys() | after.keys()
        changed[name] = {place: after.get(place) for place in places if before.get(place) != after.get(place)}
    assert changed == {name: row.changes for name, row in rows.items()}


@pytest.mark.usefixtures("free_bot")
def test_every_registered_option_has_its_row(discord_api: DiscordSandbox):
    """An option that nobody has written a row for would be an option that nobody looks at."""
    registered: dict[str, set[str]] = {}
    for command in discord_api.commands:
        modes = {f"{command['name']} {mode['name']}": mode for mode in command["options"] if mode["type"] == SUBCOMMAND}
        for name, leaf in (modes or {command["name"]: command}).items():
            registered[name] = {option["name"] for option in leaf.get("options", [])}
    vendors = {name: options for name, options in registered.items() if not name.startswith("jobs ")}
    assert vendors == {name: set(command.rows) for name, command in TABLE.items()}
