"""Every way to a job, walked by everybody who has no business with it: the bot's own tree says which ways there are."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from discord import ui
from discord.ext import commands

import bot as program
import cogs
from bot.chat.buttons import JobButton
from bot.chat.cards import Card
from bot.chat.client import Reelcord
from bot.chat.cog import VendorCog
from bot.jobs.job import Job, Status
from bot.sandbox.discord_api import Channel, DiscordSandbox
from tests.integration.chat.conftest import StartBot
from tests.integration.chat.guard.conftest import (
    KEEPERS,
    NOT_YOURS,
    SECRET,
    STRANGERS,
    Person,
    alone,
    commands_of,
    everything,
    in_channels,
    listed,
    rows,
    said,
    ways,
)

#: Commands that take no job and order nothing; they show a person's own.
_ONE_S_OWN = {"jobs list"}
_OF_THE_SOCKET = {"on_ready", "on_resumed", "on_disconnect"}
_LEAK = """
from discord import app_commands
from bot.chat.cards import status


async def setup(bot):
    @bot.tree.command()
    async def leak(interaction, job: str):
        "A command whose author forgot whose job it is."
        await interaction.response.send_message(view=status(await bot.desk.store.get(job)))

    @leak.autocomplete("job")
    async def offer(interaction, current: str):
        rows = await bot.desk.store.of_user(int(current) if current.isdigit() else 0)
        return [app_commands.Choice(name=row.id, value=row.id) for row in rows]
"""


@pytest.mark.parametrize("person", STRANGERS.values(), ids=STRANGERS.keys())
async def test_nobody_else_gets_at_a_job(
    person: Person, bot: Reelcord, discord_api: DiscordSandbox, jobs: list[Job], tmp_path: Path
):
    """Each way, tried on a job of each standing: one sentence to the person alone, and nothing anywhere has moved."""
    assert await breaches(person, bot, discord_api, jobs, tmp_path) == []


async def breaches(
    person: Person, bot: Reelcord, discord_api: DiscordSandbox, jobs: list[Job], folder: Path
) -> list[str]:
    """The ways by which a stranger learned or changed something."""
    place, before, found = person.prepare(discord_api), rows(folder), list[str]()
    for way in ways(bot):
        for job in jobs:
            call = await way.tried(discord_api, person.user, place, job.id)
            told = await said(discord_api, call)
            if told != NOT_YOURS or not alone(call) or job.id in everything(call):
                found.append(f"{way.name} of a {job.status.value} job: {told}")
    offers = await offered(bot, discord_api, person, place)
    found += [f"{way} offers {value}" for way, value in offers if SECRET in value or any(j.id in value for j in jobs)]
    if rows(folder) != before or in_channels(discord_api):
        found.append("something has changed")
    return found


async def offered(bot: Reelcord, discord_api: DiscordSandbox, person: Person, place: Channel) -> list[tuple[str, str]]:
    """All that is offered to somebody while they type what another might have typed: (option, what it offers)."""
    member = discord_api.world.user("member")
    offers = list[tuple[str, str]]()
    for command, option in listed(bot):
        options = {each["name"]: each for each in options_of(discord_api, command)}
        for typed in ("", SECRET[:8], "jbc", "%", str(member.id)):
            others = {name: "x" for name, each in options.items() if each.get("required") and name != option}
            given = {**others, option: typed}
            choices = await discord_api.autocomplete(person.user, place, command, given, focused=option)
            offers += [(f"{command} {option}", str(choice)) for choice in choices]
    return offers


def options_of(discord_api: DiscordSandbox, command: str) -> list[dict[str, Any]]:
    """The options of a command as it is registered."""
    name, *path = command.split()
    found = next(each for each in discord_api.commands if each["name"] == name)
    for word in path:
        found = next(each for each in found["options"] if each["name"] == word)
    return found["options"]


async def test_a_way_that_was_left_open_is_found(
    start_bot: StartBot, discord_api: DiscordSandbox, jobs: list[Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A command and a list that forget to ask whose job it is are named by the very walk above."""
    (tmp_path / "planted").mkdir()
    (tmp_path / "planted" / "leak.py").write_text(_LEAK)
    monkeypatch.syspath_prepend(tmp_path)
    async with start_bot(packages=("cogs", "planted")) as bot:
        found = await breaches(STRANGERS["a stranger in the same channel"], bot, discord_api, jobs, tmp_path)
    assert sum(each.startswith("leak of a ") for each in found) == len(jobs)
    assert sum(each.startswith("leak job offers ") for each in found) == len(jobs)
    assert len(found) == 2 * len(jobs)


async def test_the_owner_goes_every_way(bot: Reelcord, discord_api: DiscordSandbox, jobs: list[Job]):
    """Each way leads somewhere from at least one standing, in another channel too: the walk above is not all locked doors."""
    place = discord_api.world.channel("after-dark")
    tried = ways(bot)
    assert {(way.name, way.button) for way in tried} == {
        ("jobs show", False),
        ("jobs cancel", False),
        ("jobs again", False),
        ("cancel", True),
        ("again", True),
        ("bring", True),
    }
    for way in tried:
        fresh = [job for job in jobs if job.destination.private is way.button]  # a button may do what a command did
        answers = [await said(discord_api, await way.tried(discord_api, "member", place, job.id)) for job in fresh]
        assert NOT_YOURS not in answers, way
        assert any(SECRET in answer for answer in answers), way


@pytest.mark.parametrize("person", KEEPERS.values(), ids=KEEPERS.keys())
async def test_who_keeps_order_in_the_channel_may_cancel_there_and_nothing_else(
    person: Person, bot: Reelcord, discord_api: DiscordSandbox, jobs: list[Job], tmp_path: Path
):
    """A public job that can be cancelled is; every other way, and every private job, is as shut as to a stranger."""
    place, before = person.prepare(discord_api), rows(tmp_path)
    let_in = set[tuple[str, str]]()
    for way in ways(bot):
        for job in jobs:
            call = await way.tried(discord_api, person.user, place, job.id)
            if await said(discord_api, call) != NOT_YOURS:
                let_in.add((way.name, job.id))
                assert not job.destination.private
    assert {name for name, _ in let_in} == {"jobs cancel", "cancel"}
    changed = {row[0] for row in rows(tmp_path) if row not in before}
    open_now = {Status.QUEUED, Status.IN_PROGRESS}
    assert changed == {job.id for job in jobs if job.status in open_now and not job.destination.private}


async def test_every_kind_of_way_in_is_walked(bot: Reelcord):
    """What the walk knows nothing of does not exist: context menus, other views, modals, listeners, prefix commands.

    Whoever adds one teaches it to the walk (`ways` and `listed` in conftest.py) and to this test.
    """
    groups = {"veo31", "jobs"}
    names = {each.qualified_name for each in commands_of(bot)}
    own = {each.qualified_name for each in commands_of(bot) if not isinstance(each.binding, VendorCog)}
    assert {each.qualified_name for each in bot.tree.walk_commands()} == names | groups  # else: context menus
    assert own - {way.name for way in ways(bot)} == _ONE_S_OWN
    assert set(bot._connection._view_store._dynamic_items.values()) == {JobButton}
    assert bot._connection._view_store._views == {}
    assert bot._connection._view_store._modals == {}
    assert bot.commands == set()
    assert bot.extra_events == {}
    assert [cog.get_listeners() for cog in bot.cogs.values()] == [[] for _ in bot.cogs]
    assert {name for name in vars(Reelcord) if name.startswith("on_")} == _OF_THE_SOCKET
    load_all()
    ours = {each for kind in (ui.View, ui.LayoutView, ui.Modal, ui.Item) for each in below(kind)}
    assert {each for each in ours if each.__module__.startswith(("bot.", "cogs."))} == {Card, JobButton}
    assert {each for each in below(commands.Cog) if each.__module__ == "bot.chat.cog"} == {VendorCog}


def load_all() -> None:
    """Import every module of the program, so that no class is overlooked."""
    for package in (program, cogs):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__") and ".migrations." not in module.name:
                importlib.import_module(module.name)


def below(kind: type) -> Iterator[type]:
    """All classes made of one."""
    for each in kind.__subclasses__():
        yield each
        yield from below(each)
