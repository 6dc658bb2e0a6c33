"""Everybody who may try a way in, everything that can be tried on a job, and what must not move meanwhile."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from discord import app_commands

from bot.chat.buttons import JobButton
from bot.chat.client import Reelcord
from bot.jobs.job import Destination, Job, Status
from bot.jobs.store import Store
from bot.requests.base import InputFile, Submission
from bot.sandbox.discord_api import Call, Channel, DiscordSandbox, Message, calls
from bot.sandbox.discord_api.calls import COMPONENT
from bot.sandbox.discord_api.permissions import Permission
from bot.sandbox.discord_api.world import COMPONENTS_V2, LOADING

SECRET = "a prompt that is nobody else's business"
NOT_YOURS = "You have no such job: only whoever ordered a video may do this. `/jobs list` shows yours."
STATUSES = (Status.QUEUED, Status.IN_PROGRESS, Status.FAILED, Status.COMPLETED, Status.HELD)


@dataclass(frozen=True)
class Person:
    """Who tries, and from where."""

    user: str
    place: str
    #: A channel in which Manage Messages was given to them.
    moderates: str | None = None
    #: They were made administrator of the studio.
    rules: bool = False

    def prepare(self, discord_api: DiscordSandbox) -> Channel:
        """Give them their rights; returns where they are."""
        world = discord_api.world
        user = world.user(self.user)
        if self.moderates:
            world.channel(self.moderates).overwrites[user.id] = (int(Permission.MANAGE_MESSAGES), 0)
        if self.rules:
            (moderators,) = world.guild("studio").members[user.id].roles
            moderators.permissions |= int(Permission.ADMINISTRATOR)
        return world.dm(user) if self.place == "direct" else world.channel(self.place)


#: People who have no business with the member's jobs, which were all ordered in #general of the studio.
STRANGERS = {
    "a stranger in the same channel": Person("newcomer", "general"),
    "a moderator of another channel, there": Person("moderator", "after-dark", moderates="after-dark"),
    "a moderator of another channel, here": Person("moderator", "general", moderates="after-dark"),
    "an administrator of this server, in another channel": Person("moderator", "after-dark", rules=True),
    "a moderator of the channel, in one of its threads": Person("moderator", "trailer", moderates="general"),
    "the owner of another server": Person("owner", "screening"),
    "the owner of a server without the bot": Person("owner", "lounge"),
    "somebody in a direct message": Person("newcomer", "direct"),
    "somebody in a group conversation": Person("newcomer", "friends"),
}
#: Those who keep order in #general.
KEEPERS = {
    "a moderator of the channel": Person("moderator", "general", moderates="general"),
    "an administrator": Person("moderator", "general", rules=True),
    "the owner of the server": Person("owner", "general"),
}


def job_of(discord_api: DiscordSandbox, number: int, **changes: Any) -> Job:
    """A job of the member's in #general, with a picture and an id that looks like any other."""
    world, general = discord_api.world, discord_api.world.channel("general")
    assert general.guild
    picture = InputFile(field="input_reference[]", name="fox.png", content_type="image/png", data=b"fox")
    where = Destination(user_id=world.user("member").id, channel_id=general.id, guild_id=general.guild.id)
    job = Job(
        id=f"jbcdefghjk{number:02d}",
        command="sora",
        prompt=SECRET,
        recipe={"model": "sora-2"},
        destination=replace(where, private=changes.pop("private", False)),
        submission=Submission(
            upstream="octopusx", submit_path="/v1/videos", fields={"prompt": SECRET}, files=(picture,)
        ),
        due_at=world.clock(),
        created_at=world.clock(),
    )
    return job.evolve(**changes)


@pytest.fixture(autouse=True)
def patience_of_discord(monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer is late, however this machine stalls."""
    monkeypatch.setattr(calls, "FIRST_ANSWER", 60.0)


@pytest.fixture
async def jobs(discord_api: DiscordSandbox, store: Store) -> list[Job]:
    """The member's jobs: one of each kind of standing, and the same once more in private."""
    standings = [(status, private) for private in (False, True) for status in STATUSES]
    made = [
        job_of(discord_api, number, status=status, private=private)
        for number, (status, private) in enumerate(standings, 10)
    ]
    for job in made:
        await store.add(job)
    return made


@dataclass(frozen=True)
class Way:
    """A way to do something to a job: a command with a `job`, or a button of a card."""

    name: str
    button: bool = False

    async def tried(self, discord_api: DiscordSandbox, user: str, place: Channel, job_id: str) -> Call:
        """Go it."""
        if not self.button:
            return await discord_api.command(user, place, self.name, {"job": job_id})
        return press(discord_api, user, place, f"reelcord:{self.name}:{job_id}")


def commands_of(bot: Reelcord) -> Iterator[app_commands.Command[Any, ..., Any]]:
    """Every slash command and subcommand of the tree."""
    return (each for each in bot.tree.walk_commands() if isinstance(each, app_commands.Command))


def ways(bot: Reelcord) -> list[Way]:
    """Every way to a job that the bot has, read from its tree and from the template of its buttons."""
    with_job = [
        Way(each.qualified_name) for each in commands_of(bot) if any(option.name == "job" for option in each.parameters)
    ]
    template = JobButton.__discord_ui_compiled_template__.pattern
    actions = template.partition("(?P<action>")[2].partition(")")[0].split("|")
    return [*with_job, *(Way(action, button=True) for action in actions)]


def listed(bot: Reelcord) -> list[tuple[str, str]]:
    """Every option that offers values while somebody types: (command, option)."""
    return [
        (each.qualified_name, option.name)
        for each in commands_of(bot)
        for option in each.parameters
        if option.autocomplete
    ]


def press(
    discord_api: DiscordSandbox, user: str, place: Channel, custom_id: str, *, kind: int = 2, shown: bool = True
) -> Call:
    """Press what no card of ours offers: any custom_id, on a message of the bot's in this place.

    `kind` is the type of the component, 2 for a button; `shown` says whether the message has such a button at all.
    """
    world = discord_api.world
    button = {"type": 2, "id": 3, "style": 2, "label": "x", "custom_id": custom_id if shown else "reelcord:x"}
    row = {"type": 1, "id": 2, "components": [button]}
    text = {"type": 10, "id": 4, "content": "a card"}
    message = Message(id=world.new_id(), channel=place, author=world.bot, flags=COMPONENTS_V2, components=[text, row])
    world.messages[message.id] = message
    data = {"custom_id": custom_id, "component_type": kind, "id": 3} | ({} if kind == 2 else {"values": ["x"]})
    person = world.user(user)
    return discord_api._send(type=COMPONENT, user=person, channel=place, data=data, message=message)


def again(discord_api: DiscordSandbox, call: Call) -> None:
    """Send an interaction to the bot once more: the same id, the same token."""
    discord_api._core.gateway.dispatch("INTERACTION_CREATE", call.event_json())


async def said(discord_api: DiscordSandbox, call: Call) -> str:
    """What the person reads in answer, once it is more than a promise to look."""
    await call.answered(30)

    def read() -> str:
        answer = call.followups[-1] if call.followups else call.response
        if answer is None or answer.flags & LOADING or "· Checking" in answer.text():
            return ""
        return "" if answer is call.message and not answer.edits else answer.text()

    return await discord_api.wait_for(read, what=f"an answer to {call.name!r}")


def alone(call: Call) -> bool:
    """Whether the person alone sees the answer."""
    return all(each.ephemeral for each in (call.followups or [call.response]) if each)


def rows(folder: Path) -> list[tuple[Any, ...]]:
    """Everything in the database, byte for byte."""
    with closing(sqlite3.connect(folder / "jobs.db")) as database:
        return [row for table in ("jobs", "inputs") for row in database.execute(f"SELECT * FROM {table} ORDER BY 1")]


def in_channels(discord_api: DiscordSandbox) -> list[str]:
    """What the bot has asked of channels and their messages, where its answers to interactions are not."""
    return [f"{each.method} {each.path}" for each in discord_api.log if each.path.startswith("/channels/")]


def everything(call: Call) -> str:
    """Every word and file that a person got by a call."""
    messages = [each for each in (call.response, *call.followups) if each and each is not call.message]
    shown = [json.dumps(each.components) + each.content + repr(each.files()) for each in messages]
    return "\n".join([*shown, json.dumps(call.choices), json.dumps(call.modal)])
