"""The commands as Discord keeps them: names, options and choices are a contract."""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

import pytest

from bot.chat.client import Reelcord
from bot.requests import sora, unified, veo, veo31, vidu
from bot.sandbox.discord_api import DiscordSandbox

STRING, INTEGER, BOOLEAN, ATTACHMENT = 3, 4, 5, 11
BOTH = {"private": BOOLEAN, "spoiler": BOOLEAN}
PICTURES = {"image": ATTACHMENT, "image2": ATTACHMENT, "image3": ATTACHMENT}
COMMON = {"audio": BOOLEAN, "negative_prompt": STRING, "seed": INTEGER}
TIER = ["standard", "fast"]
RESOLUTION = ["720p", "1080p", "4k"]
RATIO = ["16:9", "9:16"]

#: Option to its type or its choices; a name that ends in * is required.
TABLE: dict[str, dict[str, Any]] = {
    "veo": {
        "prompt*": STRING,
        "model": ["veo_3_1", "veo_3_1-fast"],
        "size": ["720x1280", "1280x720"],
        "seconds": [4, 6, 8],
        "resolution": ["720P", "1080P"],
        "audio": BOOLEAN,
        **PICTURES,
        **BOTH,
    },
    "sora": {
        "prompt*": STRING,
        "size": ["720x1280", "1280x720"],
        "seconds": INTEGER,
        "audio": BOOLEAN,
        "image": ATTACHMENT,
        **BOTH,
    },
    "vidu": {
        "prompt*": STRING,
        "model": ["viduq3-pro", "viduq2-pro", "viduq2-turbo"],
        "aspect_ratio": ["16:9", "9:16", "3:4", "4:3", "1:1"],
        "duration": INTEGER,
        "resolution": ["540p", "720p", "1080p"],
        "image": ATTACHMENT,
        "audio": BOOLEAN,
        "voice_id": STRING,
        "is_rec": BOOLEAN,
        "bgm": BOOLEAN,
        "seed": INTEGER,
        "off_peak": BOOLEAN,
        "watermark": BOOLEAN,
        "wm_position": [1, 2, 3, 4],
        "wm_url": STRING,
        **BOTH,
    },
    "kling": {
        "prompt*": STRING,
        "model": STRING,
        "duration": INTEGER,
        "size": list(get_args(unified.KlingSize)),
        **PICTURES,
        "negative_prompt": STRING,
        "style": STRING,
        "camera_control": STRING,
        "quality": STRING,
        **BOTH,
    },
    "video": {
        "prompt*": STRING,
        "model*": STRING,
        "duration": INTEGER,
        "size": STRING,
        **PICTURES,
        "metadata": STRING,
        **BOTH,
    },
    "veo31 text": {
        "prompt*": STRING,
        "tier": TIER,
        "resolution": RESOLUTION,
        "aspect_ratio": RATIO,
        "duration": [4, 6, 8],
        **COMMON,
        **BOTH,
    },
    "veo31 image": {
        "prompt*": STRING,
        "image*": ATTACHMENT,
        "tier": TIER,
        "resolution": RESOLUTION,
        "duration": [4, 6, 8],
        **COMMON,
        **BOTH,
    },
    "veo31 frames": {
        "prompt*": STRING,
        "image*": ATTACHMENT,
        "last_image*": ATTACHMENT,
        "tier": TIER,
        "resolution": RESOLUTION,
        "duration": [4, 6, 8],
        **COMMON,
        **BOTH,
    },
    "veo31 references": {
        "prompt*": STRING,
        "image*": ATTACHMENT,
        "image2*": ATTACHMENT,
        "image3": ATTACHMENT,
        "resolution": RESOLUTION,
        "aspect_ratio": RATIO,
        "duration": [4, 6, 8],
        **COMMON,
        **BOTH,
    },
    "veo31 extend": {
        "prompt*": STRING,
        "video": ATTACHMENT,
        "video_url": STRING,
        "tier": TIER,
        "resolution": RESOLUTION,
        **COMMON,
        **BOTH,
    },
    "jobs list": {},
    "jobs show": {"job*": STRING},
    "jobs cancel": {"job*": STRING},
    "jobs again": {"job*": STRING},
}

VEO31 = {
    "tier": veo31.Veo31Tier,
    "resolution": veo31.Veo31Resolution,
    "aspect_ratio": veo31.Veo31AspectRatio,
    "duration": veo31.Veo31Seconds,
}
#: Where a command's choices come from: one source of truth.
SOURCES: dict[str, dict[str, Any]] = {
    "veo": {
        "model": veo.VeoModel,
        "size": veo.VeoSize,
        "seconds": veo.VeoSeconds,
        "resolution": veo.VeoResolution,
    },
    "sora": {"size": sora.SoraSize},
    "vidu": {
        "model": vidu.ViduModel,
        "aspect_ratio": vidu.ViduAspectRatio,
        "resolution": vidu.ViduResolution,
        "wm_position": vidu.ViduWatermarkPosition,
    },
    "kling": {"size": unified.KlingSize},
    **{f"veo31 {mode}": VEO31 for mode in ("text", "image", "frames", "references", "extend")},
}


def leaves(commands: list[dict[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every command that can be called, subcommands by their full name."""
    for command in commands:
        inner = [option for option in command.get("options", []) if option["type"] == 1]
        if inner:
            yield from ((f"{command['name']} {option['name']}", option) for option in inner)
        else:
            yield command["name"], command


def form(option: Mapping[str, Any]) -> tuple[str, Any]:
    """An option as the table has it."""
    name = f"{option['name']}*" if option.get("required") else option["name"]
    choices = [choice["value"] for choice in option.get("choices") or []]
    return name, choices or option["type"]


@pytest.mark.usefixtures("bot")
def test_commands_are_those_of_the_contract(discord_api: DiscordSandbox):
    """Every name, required mark, type and choice; nothing more and nothing less."""
    registered = {
        name: dict(form(option) for option in command.get("options", []))
        for name, command in leaves(discord_api.commands)
    }
    assert registered == TABLE


@pytest.mark.usefixtures("bot")
def test_choices_come_from_the_requests(discord_api: DiscordSandbox):
    """A choice that the request would refuse, or one that is missing, cannot be."""
    for name, command in leaves(discord_api.commands):
        for option in command.get("options", []):
            choices = tuple(choice["value"] for choice in option.get("choices") or [])
            assert choices == get_args(SOURCES.get(name, {}).get(option["name"])), (name, option["name"])


@pytest.mark.usefixtures("bot")
def test_lists_that_open_while_typing(discord_api: DiscordSandbox):
    """These options offer what only the bot knows."""
    offering = {
        (name, option["name"])
        for name, command in leaves(discord_api.commands)
        for option in command.get("options", [])
        if option.get("autocomplete")
    }
    jobs = {("jobs show", "job"), ("jobs cancel", "job"), ("jobs again", "job")}
    assert offering == {("sora", "seconds"), ("kling", "model"), ("video", "model")} | jobs


@pytest.mark.usefixtures("bot")
def test_commands_work_everywhere_and_explain_themselves(discord_api: DiscordSandbox):
    """Installed to a server or to a person, in channels and direct messages, each option with words of its own."""
    for command in discord_api.commands:
        assert (command["contexts"], command["integration_types"]) == ([0, 1, 2], [0, 1])
    for name, command in leaves(discord_api.commands):
        assert 0 < len(command["description"]) <= 100, name
        assert [option["name"] for option in command.get("options", []) if option["description"] in ("", "…")] == []


def test_no_command_is_without_options_in_its_request(bot: Reelcord):
    """The default intents suffice: nothing privileged is asked for."""
    assert bot.intents.value == 1
