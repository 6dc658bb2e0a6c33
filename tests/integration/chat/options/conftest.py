"""What a person types, and the row it becomes."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.jobs.job import Job, id_from
from bot.jobs.store import Store
from bot.sandbox.discord_api import Call, DiscordSandbox, Upload
from tests.integration.chat.conftest import Picture, SettingsOf, Shows, StartBot

Json = dict[str, Any]
Typed = Callable[[str, Mapping[str, Any]], Awaitable["Saved"]]


@dataclass(frozen=True)
class Drawn:
    """A picture to attach, of a width of its own: no two have the same bytes."""

    name: str
    width: int


FIRST, SECOND, THIRD = Drawn("first.png", 300), Drawn("second.png", 301), Drawn("third.png", 302)


@dataclass(frozen=True, kw_only=True)
class Saved:
    """A row, with `data:<name>` for an attachment's bytes and `link:<name>` for its link."""

    #: Upstream, path and encoding.
    to: tuple[str, str, str]
    #: The whole JSON body, or every part of a multipart one.
    body: Json
    #: Field, name and content type of each file.
    files: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    patient: bool = False
    private: bool = False
    spoiler: bool = False

    def values(self) -> Json:
        """What an option may change, on one level: `metadata.style` is a name."""
        more = {"patient": self.patient, "private": self.private, "spoiler": self.spoiler}
        return {**dict(_leaves(self.body)), **more}


def _leaves(body: Json, before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in body.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def _named(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _named(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [_named(inner, names) for inner in value]
    return names.get(value, value) if isinstance(value, str) else value


def _saved(job: Job, call: Call, uploads: Mapping[str, bytes]) -> Saved:
    """The row of a call. A file is named only where its bytes are those that were attached."""
    submission, where = job.submission, job.destination
    attached = call.data.get("resolved", {}).get("attachments", {}).values()
    names = {each["url"]: f"link:{each['filename']}" for each in attached}
    for file in submission.files:
        assert file.data == uploads[file.name]
        names[file.data_uri()] = f"data:{file.name}"
    parts = submission.text_parts() | {file.field: file.data_uri() for file in submission.files}
    return Saved(
        to=(submission.upstream, submission.submit_path, submission.encoding),
        body=_named(submission.json_body() if submission.encoding == "json" else parts, names),
        files=[(file.field, file.name, file.content_type) for file in submission.files],
        patient=submission.patient,
        private=where.private,
        spoiler=where.spoiler,
    )


@pytest.fixture
def typed(discord_api: DiscordSandbox, store: Store, shows: Shows, picture: Picture) -> Typed:
    """Type a command, and see its row; the bot must be connected."""

    async def type_it(command: str, options: Mapping[str, Any]) -> Saved:
        given = {
            name: picture(value.width, name=value.name) if isinstance(value, Drawn) else value
            for name, value in options.items()
        }
        call = await discord_api.command("member", "general", command, given)
        await shows(call, "Queued")
        job = await store.get(id_from(call.token), with_files=True)
        assert job is not None
        return _saved(job, call, {each.filename: each.data for each in given.values() if isinstance(each, Upload)})

    return type_it


@pytest.fixture
async def free_bot(start_bot: StartBot, settings_of: SettingsOf) -> AsyncIterator[None]:
    """A bot whose operator lets reference videos have any shape and length, so that these options have an effect."""
    async with start_bot(settings=settings_of(veo31_references_free=True, jobs_per_user=0)):
        yield


@pytest.fixture
async def bot(start_bot: StartBot, settings_of: SettingsOf) -> AsyncIterator[None]:
    """A bot from which one person may order as much as there are options."""
    async with start_bot(settings=settings_of(jobs_per_user=0)):
        yield
