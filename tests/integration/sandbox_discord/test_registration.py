"""Discord's rules for registering commands, one breach at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from bot.sandbox.discord_api import DiscordSandbox

Json = dict[str, Any]
Put = Callable[..., Awaitable[tuple[int, Any]]]


def option(name: str = "prompt", kind: int = 3, **more: object) -> Json:
    """An option as it is registered."""
    return {"name": name, "description": "What to show.", "type": kind, **more}


def command(*options: Json, **more: object) -> Json:
    """A slash command as it is registered."""
    return {"name": "veo", "description": "Make a video.", "options": list(options), **more}


@pytest.fixture
def put(discord: DiscordSandbox, rest: aiohttp.ClientSession) -> Put:
    """PUT commands; the status and the answer."""

    async def run(commands: list[Json], path: str = "") -> tuple[int, Any]:
        async with rest.put(f"applications/{discord.world.bot.id}{path}/commands", json=commands) as response:
            return response.status, await response.json()

    return run


LONG = "x" * 100
NAMES = ["0", "name_localizations"]


@pytest.mark.parametrize(
    ("commands", "where", "code"),
    [
        ([command(name="Veo")], ["0", "name"], "APPLICATION_COMMAND_INVALID_NAME"),
        ([command(name="ve o")], ["0", "name"], "STRING_TYPE_REGEX"),
        ([command(name="x" * 33)], ["0", "name"], "BASE_TYPE_BAD_LENGTH"),
        ([command(description="x" * 101)], ["0", "description"], "BASE_TYPE_BAD_LENGTH"),
        ([command(), command()], ["1"], "APPLICATION_COMMANDS_DUPLICATE_NAME"),
        ([command(*[option(f"o{n}") for n in range(26)])], ["0", "options"], "BASE_TYPE_MAX_LENGTH"),
        ([command(option(), option())], ["0", "options", "1"], "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_USED"),
        (
            [command(option("a"), option("b", required=True))],
            ["0", "options", "1"],
            "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
        ),
        ([command(option(kind=12))], ["0", "options", "0", "type"], "BASE_TYPE_CHOICES"),
        (
            [command(option(choices=[{"name": "a", "value": "a"}] * 26))],
            ["0", "options", "0", "choices"],
            "BASE_TYPE_MAX_LENGTH",
        ),
        (
            [command(option(kind=4, choices=[{"name": "a", "value": "a"}]))],
            ["0", "options", "0", "choices", "0", "value"],
            "APPLICATION_COMMAND_OPTIONS_CHOICE_INVALID_TYPE",
        ),
        (
            [command(option(choices=[{"name": "a", "value": "a"}], autocomplete=True))],
            ["0", "options", "0", "autocomplete"],
            "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES",
        ),
        ([command(option(max_length=6001))], ["0", "options", "0", "max_length"], "NUMBER_TYPE_MAX"),
        (
            [command(option("sub", 1), option("b"))],
            ["0", "options"],
            "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
        ),
        (
            [command(*[option(f"o{n}", choices=[{"name": LONG, "value": LONG}] * 2) for n in range(20)])],
            ["0"],
            "APPLICATION_COMMAND_TOO_LARGE",
        ),
        ([command(name_localizations={"de": "Video"})], [*NAMES, "de"], "APPLICATION_COMMAND_INVALID_NAME"),
        ([command(name_localizations={"de": "ein video"})], [*NAMES, "de"], "STRING_TYPE_REGEX"),
        ([command(name_localizations={"de": "x" * 33})], [*NAMES, "de"], "BASE_TYPE_BAD_LENGTH"),
        ([command(name_localizations={"german": "video"})], [*NAMES, "german"], "ENUM_TYPE_COERCE"),
        ([command(name_localizations=["video"])], NAMES, "MODEL_TYPE_CONVERT"),
        (
            [command(description_localizations={"de": "x" * 101})],
            ["0", "description_localizations", "de"],
            "BASE_TYPE_BAD_LENGTH",
        ),
        (
            [command(option(description_localizations={"de": ""}))],
            ["0", "options", "0", "description_localizations", "de"],
            "BASE_TYPE_REQUIRED",
        ),
        (
            [command(option("a", name_localizations={"de": "b"}), option("b"))],
            ["0", "options", "1"],
            "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_USED",
        ),
        (
            [command(option(choices=[{"name": "a", "value": "a", "name_localizations": {"de": "x" * 101}}]))],
            ["0", "options", "0", "choices", "0", "name_localizations", "de"],
            "BASE_TYPE_BAD_LENGTH",
        ),
        ([{"name": "Who", "type": 2, "name_localizations": {"de": "x" * 33}}], [*NAMES, "de"], "BASE_TYPE_BAD_LENGTH"),
        ([command(name=f"c{n}") for n in range(101)], [], "BASE_TYPE_MAX_LENGTH"),
        (
            [{"name": "Who", "type": 2, "description": "x"}],
            ["0", "description"],
            "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_NOT_ALLOWED",
        ),
    ],
)
async def test_a_command_against_the_rules_is_refused(
    discord: DiscordSandbox, put: Put, commands: list[Json], where: list[str], code: str
):
    """Each breach is answered 50035 under its path, and nothing is registered."""
    status, body = await put(commands)
    assert (status, body["code"]) == (400, 50035)
    errors = body["errors"]
    for step in where:
        errors = errors[step]
    assert [each["code"] for each in errors["_errors"]] == [code]
    assert discord.commands == []


async def test_what_is_registered_is_filled_in(discord: DiscordSandbox, put: Put):
    """The answer holds the commands with their ids and every default."""
    status, body = await put([command(option(required=True), default_member_permissions=32)])
    assert status == 200
    (registered,) = body
    assert {key: registered[key] for key in registered if key not in ("id", "version", "application_id")} == {
        "name": "veo",
        "description": "Make a video.",
        "type": 1,
        "options": [option(required=True)],
        "default_member_permissions": "32",
        "dm_permission": True,
        "contexts": None,
        "integration_types": [0],
        "nsfw": False,
    }
    assert discord.commands == body


async def test_a_guilds_own_commands_hide_the_global_ones(discord: DiscordSandbox, put: Put):
    """Commands of a guild are registered beside the global ones, in a guild the bot is in."""
    studio, elsewhere = discord.world.guild("studio"), discord.world.guild("elsewhere")
    await put([command()])
    status, (own,) = await put([command(description="Here.")], f"/guilds/{studio.id}")
    assert (status, own["guild_id"]) == (200, str(studio.id))
    assert [each["description"] for each in discord.commands] == ["Make a video.", "Here."]
    status, body = await put([command()], f"/guilds/{elsewhere.id}")
    assert (status, body["code"]) == (403, 50001)
    call = await discord.command("member", "general", "veo")
    assert call.data["guild_id"] == str(studio.id)


@pytest.mark.parametrize(("german", "status"), [(22, 200), (23, 400)], ids=["8000 characters", "8001 characters"])
async def test_the_longest_translation_of_each_text_counts(put: Put, german: int, status: int):
    """A command may have 8,000 characters, of each text those of its longest language, the default included."""
    choice = {"name": LONG, "value": LONG}
    full = [option(f"o{n:02}", description=LONG, choices=[choice] * (1 if n else 3)) for n in range(25)]
    words = {"de": "x" * german, "fr": "x" * 21, "ja": "x" * 20}
    answered, body = await put([command(*full, description="x" * 19, description_localizations=words)])
    assert answered == status, body


async def test_names_may_be_of_every_script(discord: DiscordSandbox, put: Put):
    """Letters with their vowel signs, digits and the signs that are allowed."""
    names = {"de": "größe_2", "ja": "サイズ", "hi": "आकार", "th": "ขนาดที่", "zh-CN": "尺寸", "fr": "taille-d'image"}
    status, body = await put([command(option(name_localizations=names))])
    assert (status, discord.commands) == (200, body)
    assert body[0]["options"][0]["name_localizations"] == names


@pytest.mark.parametrize(
    ("query", "locale", "words"),
    [
        ("", "de", {"name_localized": "video", "description_localized": "Erstelle ein Video."}),
        ("", "es-419", {"description_localized": "Crea un video."}),
        ("", "fr", {}),
        (
            "?with_localizations=true",
            "de",
            {
                "name_localizations": {"de": "video"},
                "description_localizations": {"de": "Erstelle ein Video.", "es-ES": "Crea un video."},
            },
        ),
    ],
)
async def test_a_list_has_the_words_that_were_asked_for(
    discord: DiscordSandbox, put: Put, rest: aiohttp.ClientSession, query: str, locale: str, words: Json
):
    """Only those of the asker's language or what stands for it, unless all are wanted; options like their command."""
    texts = {
        "name_localizations": {"de": "video"},
        "description_localizations": {"de": "Erstelle ein Video.", "es-ES": "Crea un video."},
    }
    _, (registered,) = await put([command(option() | texts, **texts)])
    path = f"applications/{discord.world.bot.id}/commands{query}"
    async with rest.get(path, headers={"X-Discord-Locale": locale}) as response:
        (listed,) = await response.json()
    default = {key: value for key, value in registered.items() if not key.endswith("_localizations")}
    assert listed == default | words | {"options": [option() | words]}
