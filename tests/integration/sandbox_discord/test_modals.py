"""Modals: every kind of field, what a person can put into it, and what Discord lets a bot ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import discord as dpy
import pytest
from discord import ui
from discord.ext import commands

from bot.sandbox.discord_api import CommandRejected, DiscordSandbox
from bot.sandbox.discord_api.calls import Call

Start = Callable[[], Awaitable[None]]
Json = dict[str, Any]
Answer = Callable[[Json], Awaitable[tuple[int, Json]]]


class Everything(ui.Modal, title="Remix"):
    """A text to read and one field of every kind that is no file upload."""

    words = ui.TextDisplay("Say how.")
    title_field: ui.TextInput[Any] = ui.TextInput(label="Title", custom_id="title", required=False, default="untitled")
    look = ui.Label(
        text="Look",
        component=ui.Select(custom_id="look", options=[dpy.SelectOption(label=each) for each in ("noir", "anime")]),
    )
    size = ui.Label(
        text="Size",
        component=ui.RadioGroup(
            custom_id="size", options=[dpy.RadioGroupOption(label=each, value=each) for each in ("wide", "tall")]
        ),
    )
    extras = ui.Label(
        text="Extras",
        component=ui.CheckboxGroup(
            custom_id="extras",
            required=False,
            options=[dpy.CheckboxGroupOption(label=each, value=each) for each in ("sound", "subtitles", "credits")],
        ),
    )

    def __init__(self, seen: list[object]) -> None:
        super().__init__(custom_id="remix")
        self._seen = seen

    async def on_submit(self, interaction: dpy.Interaction, /) -> None:
        """Note what came."""
        look, size, extras = self.look.component, self.size.component, self.extras.component
        assert isinstance(look, ui.Select)
        assert isinstance(size, ui.RadioGroup)
        assert isinstance(extras, ui.CheckboxGroup)
        self._seen += [self.title_field.value, look.values, size.value, extras.values]
        await interaction.response.send_message("thanks", ephemeral=True)


@pytest.fixture
async def opened(discord: DiscordSandbox, bot: commands.Bot, start: Start) -> tuple[Call, list[object]]:
    """The call of a member to whom the modal was shown, and what will have come of it."""
    seen: list[object] = []

    @bot.tree.command(description="Ask.")
    async def ask(interaction: dpy.Interaction) -> None:
        await interaction.response.send_modal(Everything(seen))

    await start()
    call = await (await discord.command("member", "general", "ask")).answered()
    return call, seen


async def test_every_kind_of_field_reaches_the_bot(discord: DiscordSandbox, opened: tuple[Call, list[object]]):
    """discord.py reads each as it was filled in, and the answer says which modal it came from."""
    call, seen = opened
    values = {"title": "The fox", "look": ["noir"], "size": "tall", "extras": ["sound", "credits"]}
    answer = await (await discord.submit_modal("member", call, values)).answered()
    assert seen == ["The fox", ["noir"], "tall", ["sound", "credits"]]
    sent = answer.data["components"]
    assert [each["type"] for each in sent] == [10, 1, 18, 18, 18]
    assert sent[1]["components"] == [{"type": 4, "custom_id": "title", "id": 0, "value": "The fox"}]
    assert sent[3]["component"] == {"type": 21, "custom_id": "size", "id": 0, "value": "tall"}
    assert sent[4]["component"] == {"type": 22, "custom_id": "extras", "id": 0, "values": ["sound", "credits"]}
    assert answer.response is not None
    metadata = answer.metadata_json(answer.response)["interaction_metadata"]
    triggered = metadata["triggering_interaction_metadata"]
    assert (metadata["type"], triggered["id"], triggered["name"]) == (5, str(call.id), "ask")


async def test_fields_may_be_left_as_they_are(discord: DiscordSandbox, opened: tuple[Call, list[object]]):
    """A text keeps what it held, and a group that is not required may stay empty."""
    call, seen = opened
    await (await discord.submit_modal("member", call, {"look": ["anime"], "size": "wide"})).answered()
    assert seen == ["untitled", ["anime"], "wide", []]


@pytest.mark.parametrize(
    ("who", "values", "reason"),
    [
        ("owner", {}, "the modal is open for member, not for owner"),
        ("member", {"colour": "red"}, r"the modal has no field \{'colour'\}"),
        ("member", {"look": ["noir", "anime"], "size": "wide"}, "look: 2 values, not 1 to 1"),
        ("member", {"look": ["noir"]}, "size: 0 values, not 1 to 1"),
        ("member", {"look": ["noir"], "size": "square"}, r"size: \['square'\] is none of \['wide', 'tall'\]"),
        ("member", {"look": ["noir"], "size": "wide", "extras": list("abcd")}, "extras: 4 values, not 0 to 3"),
    ],
)
async def test_what_a_person_cannot_submit_is_rejected(
    discord: DiscordSandbox, opened: tuple[Call, list[object]], who: str, values: Json, reason: str
):
    """Not another's modal, no field that it lacks, and in each only what it takes."""
    call, seen = opened
    with pytest.raises(CommandRejected, match=reason):
        await discord.submit_modal(who, call, values)
    assert seen == []


@pytest.fixture
async def asked(discord: DiscordSandbox, bot: commands.Bot, start: Start) -> Call:
    """The call of a command that the bot leaves to the test to answer."""

    @bot.tree.command(description="Ask.")
    async def ask(_: dpy.Interaction) -> None:
        """Let the test answer."""

    await start()
    return await discord.command("member", "general", "ask")


@pytest.fixture
def answer(asked: Call, rest: aiohttp.ClientSession) -> Answer:
    """Answer a command with a modal in words that no library has shaped: the status and the JSON."""

    async def send(modal: Json) -> tuple[int, Json]:
        path = f"interactions/{asked.id}/{asked.token}/callback?with_response=true"
        async with rest.post(path, json={"type": 9, "data": modal}) as response:
            return response.status, await response.json()

    return send


def label(field: object, **more: object) -> Json:
    """A labelled field."""
    return {"type": 18, "label": "Field", "component": field, **more}


def options(count: int) -> list[Json]:
    """So many options."""
    return [{"label": str(number), "value": str(number)} for number in range(count)]


TEXT = {"type": 4, "custom_id": "text", "style": 1}


@pytest.mark.parametrize(
    ("component", "path", "code"),
    [
        ({"type": 2}, "type", "BASE_TYPE_CHOICES"),
        ("text", "type", "BASE_TYPE_CHOICES"),
        ({"type": 10, "content": ""}, "content", "BASE_TYPE_REQUIRED"),
        (label(TEXT, label="x" * 46), "label", "BASE_TYPE_BAD_LENGTH"),
        (label(TEXT, description="x" * 101), "description", "BASE_TYPE_MAX_LENGTH"),
        (label(None), "component.type", "BASE_TYPE_CHOICES"),
        (label({"type": 2}), "component.type", "BASE_TYPE_CHOICES"),
        (label(TEXT | {"style": 3}), "component.style", "BASE_TYPE_CHOICES"),
        (label(TEXT | {"custom_id": ""}), "component.custom_id", "BASE_TYPE_REQUIRED"),
        ({"type": 1, "components": [TEXT, TEXT]}, "components", "BASE_TYPE_BAD_LENGTH"),
        ({"type": 1, "components": [{"type": 2}]}, "components.0.type", "BASE_TYPE_CHOICES"),
        (label({"type": 19, "custom_id": "f", "max_values": 11}), "component.max_values", "NUMBER_TYPE_MAX"),
        (label({"type": 19, "custom_id": "f", "min_values": -1}), "component.min_values", "NUMBER_TYPE_MIN"),
        (label({"type": 3, "custom_id": "s", "options": options(26)}), "component.options", "BASE_TYPE_BAD_LENGTH"),
        (label({"type": 21, "custom_id": "r", "options": options(1)}), "component.options", "BASE_TYPE_BAD_LENGTH"),
        (label({"type": 22, "custom_id": "c", "options": options(11)}), "component.options", "BASE_TYPE_BAD_LENGTH"),
        (
            label({"type": 22, "custom_id": "c", "options": [{"label": "x", "value": ""}]}),
            "component.options.0.value",
            "BASE_TYPE_REQUIRED",
        ),
    ],
)
async def test_a_modal_against_the_rules_is_refused(
    asked: Call, answer: Answer, component: object, path: str, code: str
):
    """Each breach is answered 50035 under the path of its field, and no modal opens."""
    status, body = await answer({"custom_id": "m", "title": "Ask", "components": [component]})
    assert (status, body["code"]) == (400, 50035)
    errors: Json = body["errors"]["data"]["components"]["0"]
    for step in path.split("."):
        assert list(errors) == [step]
        errors = errors[step]
    assert [each["code"] for each in errors["_errors"]] == [code]
    assert (asked.modal, asked.acknowledged) == (None, False)


async def test_a_modal_has_a_name_a_title_and_fields(asked: Call, answer: Answer):
    """All three are asked for, and no two fields share a custom_id."""
    status, body = await answer({})
    assert status == 400
    assert {key: tree["_errors"][0]["code"] for key, tree in body["errors"]["data"].items()} == {
        "custom_id": "BASE_TYPE_REQUIRED",
        "title": "BASE_TYPE_REQUIRED",
        "components": "LIST_TYPE_CONVERT",
    }
    status, body = await answer({"custom_id": "m", "title": "Ask", "components": [label(TEXT), label(TEXT)]})
    (error,) = body["errors"]["data"]["components"]["1"]["component"]["custom_id"]["_errors"]
    assert (status, error["code"]) == (400, "COMPONENT_CUSTOM_ID_DUPLICATED")
    assert asked.modal is None


async def test_a_checkbox_is_ticked_or_not(discord: DiscordSandbox, asked: Call, answer: Answer):
    """Left alone it keeps its default; a person or a channel to choose is allowed in a modal too."""
    fields: list[Json] = [
        {"type": 23, "custom_id": "loud", "default": True},
        {"type": 23, "custom_id": "slow", "id": 7},
        {"type": 5, "custom_id": "friend", "required": False},
    ]
    status, _ = await answer({"custom_id": "m", "title": "Ask", "components": [label(each) for each in fields]})
    assert (status, asked.modal is not None) == (200, True)
    sent = await discord.submit_modal("member", asked, {"slow": True})
    assert sent.data == {
        "custom_id": "m",
        "components": [
            {"type": 18, "id": 1, "component": {"type": 23, "custom_id": "loud", "id": 0, "value": True}},
            {"type": 18, "id": 2, "component": {"type": 23, "custom_id": "slow", "id": 7, "value": True}},
            {"type": 18, "id": 3, "component": {"type": 5, "custom_id": "friend", "id": 0, "values": []}},
        ],
    }


async def test_without_a_modal_there_is_nothing_to_submit(discord: DiscordSandbox, asked: Call):
    """The person has none before them."""
    with pytest.raises(CommandRejected, match="no modal is open"):
        await discord.submit_modal("member", asked, {})
