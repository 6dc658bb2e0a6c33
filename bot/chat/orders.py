"""From a command to a row: the card first, then the pictures, then the database. Nothing here is paid."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any

import discord
import structlog
from pydantic import JsonValue

from bot.chat import answers, attachments, cards, notices, promises
from bot.chat.desk import Desk
from bot.chat.errors import sentence_of
from bot.errors import Refusal
from bot.jobs.job import Destination, Job, id_from
from bot.jobs.promise import BrokenPromise, Promise
from bot.jobs.store import Conflict, Store
from bot.links import LINK_SECONDS, Links
from bot.requests.base import Image, InputFile, Request, Submission

_log = structlog.stdlib.get_logger(__name__)

REPEATED = "This job is being repeated already: look at its new card."


@dataclass(frozen=True, kw_only=True)
class Order:
    """A command as it was given."""

    command: str
    kind: type[Request]
    #: Option name to value; None means not given.
    options: Mapping[str, Any]
    private: bool = False
    spoiler: bool = False

    @property
    def pictures(self) -> dict[str, discord.Attachment]:
        """The options that are attachments."""
        return {name: value for name, value in self.options.items() if isinstance(value, discord.Attachment)}


async def place(desk: Desk, interaction: discord.Interaction[Any], order: Order) -> None:
    """Check an order, answer with its card, and save it as a job.

    Raises:
        Refusal: what was asked cannot be had; nothing has been answered yet.
    """
    for name, attachment in order.pictures.items():
        attachments.check_size(name, attachment)
    guessed = {name: attachments.declared(attachment) for name, attachment in order.pictures.items()}
    order.kind.parse({**order.options, **guessed}, desk.limits)

    opened = await promises.open_card(
        desk, interaction, notices.checking(order.command), command=order.command, ephemeral=order.private
    )
    if opened is None:
        return
    card, promise = opened
    where = destination(interaction, card, spoiler=order.spoiler)
    await file(desk, interaction, promise, _prepare(desk, interaction, order, where))


async def file(desk: Desk, interaction: discord.Interaction[Any], promise: Promise, preparing: Awaitable[Job]) -> None:
    """Save a job whose card stands already, and say on the card whether it was ordered."""
    try:
        job = await preparing
        saved = await _save(desk.store, job.evolve(reason=desk.waits(job)), promise)
    except Exception as error:  # noqa: BLE001 - the card that stands must not be left saying "Checking"
        view = notices.not_ordered(promise.command, sentence_of(error, interaction))
        await promises.end(desk, interaction, promise, view)
        return
    if saved is None:  # the promise is left standing: the row has kept it, or the engine will say that it is broken
        await answers.show(interaction, notices.uncertain(promise.command))
        return
    _log.info("A job was ordered", action="job_ordered", **saved.log_context())
    try:
        await answers.show(interaction, cards.status(saved))
    finally:
        desk.wake()


def destination(interaction: discord.Interaction[Any], card: answers.Opened, *, spoiler: bool) -> Destination:
    """Where the result of this interaction goes."""
    assert interaction.channel_id is not None
    return Destination(
        user_id=interaction.user.id,
        channel_id=interaction.channel_id,
        guild_id=interaction.guild_id,
        card_id=card.message_id,
        upload_limit=interaction.filesize_limit,
        private=card.ephemeral,
        spoiler=spoiler,
        member=_is_member(interaction),
        locale=str(interaction.locale),
        application_id=interaction.application_id,
        token=interaction.token,
    )


def _is_member(interaction: discord.Interaction[Any]) -> bool:
    """Whether the bot itself may post where it was called: not so where only the person has installed it.

    An interaction that does not say who installed the bot, or in which context it came, is taken for the plain case.
    """
    if interaction.guild_id is None:
        return not interaction.context.private_channel
    here = interaction.client.get_guild(interaction.guild_id) is not None or interaction.is_guild_integration()
    return here or not interaction.is_user_integration()


def _id_of(where: Destination) -> str:
    """The id of the job that an interaction orders: one order is one row, whichever process is told of it."""
    assert where.token is not None
    return id_from(where.token)


async def _prepare(desk: Desk, interaction: discord.Interaction[Any], order: Order, where: Destination) -> Job:
    """The job as a row will hold it, its pictures read and checked."""
    job_id = _id_of(where)
    pictures = await _read(desk, order, where.user_id)
    kept: tuple[InputFile, ...] = ()
    if order.kind.by_link and desk.links:
        pictures = _linked(desk.links, job_id, pictures, desk.clock())
        kept = attachments.as_inputs(pictures)
    elif order.kind.by_link:
        pictures = await attachments.show_changed(interaction, pictures)
    request = order.kind.parse({**order.options, **pictures}, desk.limits)
    await desk.hosts.check(request.typed_links())
    submission = request.submission()
    now = desk.clock()
    return Job(
        id=job_id,
        command=order.command,
        prompt=request.prompt,
        recipe=request.recipe(),
        notes=request.notes(),
        destination=where,
        submission=submission.model_copy(update={"files": (*submission.files, *kept)}),
        due_at=now,
        created_at=now,
    )


async def _read(desk: Desk, order: Order, user_id: int) -> dict[str, Image]:
    """The pictures of an order, when it is its turn."""
    if not order.pictures:
        return {}
    async with desk.pictures.turn(user_id):
        return await attachments.read(order.pictures)


def _linked(links: Links, job_id: str, pictures: Mapping[str, Image], now: float) -> dict[str, Image]:
    """The pictures with links of our own, for the services that fetch what they need by themselves."""
    expires = int(now) + LINK_SECONDS
    return {
        name: image.model_copy(update={"url": links.sign(f"/inputs/{job_id}/{number}", expires)})
        for number, (name, image) in enumerate(pictures.items())
    }


async def _save(store: Store, job: Job, promise: Promise) -> Job | None:
    """The job as the database has it; None where it cannot be found out whether it has one.

    Raises:
        Refusal: the database has none, a repeat of the same job is at work, or the promise was broken meanwhile.
    """
    try:
        await store.add(job, promise)
    except Conflict:  # of two clicks that two processes were told of
        raise Refusal(REPEATED) from None
    except BrokenPromise:
        raise Refusal(notices.INTERRUPTED) from None
    except Exception as error:  # noqa: BLE001 - whatever the database does, the person is told the truth about it
        failure = error
    else:
        return job
    try:
        found = await store.after(promise, job.id)
    except Exception:  # noqa: BLE001 - as above
        _log.exception("A job could not be looked for", action="job_uncertain", **job.log_context())
        return None
    if found is None:
        _log.error("A job could not be saved", action="job_not_saved", exc_info=failure, **job.log_context())
        raise Refusal(promises.UNWRITTEN)
    return found


def repeat(job: Job, where: Destination, now: float, links: Links | None) -> Job:
    """A new job that asks for the same thing again; its pictures must have been loaded with it."""
    fresh = _id_of(where)
    return Job(
        id=fresh,
        command=job.command,
        prompt=job.prompt,
        recipe=job.recipe,
        notes=job.notes,
        destination=where,
        submission=_rehoused(links, job, fresh, int(now) + LINK_SECONDS) if links else job.submission,
        due_at=now,
        created_at=now,
        parent_id=job.id,
    )


def _rehoused(links: Links, job: Job, new: str, expires: int) -> Submission:
    """The submission with links to the job's own pictures leading to those of the new one, under signatures of its own."""
    old, given = f"/inputs/{job.id}/", job.submission

    def moved(value: JsonValue) -> JsonValue:
        if isinstance(value, list):
            return [moved(each) for each in value]
        path = links.path_of(value) if isinstance(value, str) else None
        return links.sign(path.replace(old, f"/inputs/{new}/"), expires) if path and path.startswith(old) else value

    fields = {name: moved(given.fields[name]) for name in given.links if name in given.fields}
    return given.model_copy(update={"fields": given.fields | fields})
