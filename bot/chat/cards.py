"""What a job looks like in Discord: pure functions from a job to a Components V2 view.

A message may hold 40 components and 4,000 characters; whatever a prompt says, a card stays under 2,000.
"""

from __future__ import annotations

import discord
from discord import ui

from bot.chat.words import STATUS_WORDS, ago, bar, code, escape, shorten
from bot.jobs.delivery import Original
from bot.jobs.job import Job, Status

ALT_TEXT_LIMIT = 1024
PROMPT_LIMIT = 800
SENTENCE_LIMIT = 400
BUTTON_ID = "reelcord:{action}:{job_id}"

CANCELLABLE = frozenset({Status.QUEUED, Status.IN_PROGRESS})
REPEATABLE = frozenset({Status.UNCONFIRMED, Status.FAILED, Status.EXPIRED, Status.CANCELLED})

_COLOURS = {
    Status.COMPLETED: discord.Colour.green(),
    Status.FAILED: discord.Colour.red(),
    Status.EXPIRED: discord.Colour.red(),
    Status.UNCONFIRMED: discord.Colour.orange(),
    Status.HELD: discord.Colour.orange(),
    Status.CANCELLED: discord.Colour.light_grey(),
}
_NEXT = {
    Status.QUEUED: "Waiting to be sent to the video service.",
    Status.SUBMITTING: "It is being handed to the video service.",
    Status.DELIVERING: "The video is ready and on its way.",
    Status.COMPLETED: "The video is here.",
    Status.UNCONFIRMED: "The answer of the video service was lost, so it may be making this video and may charge for it.",
    Status.CANCELLED: "Nothing more will be done.",
    Status.EXPIRED: "The video service took too long.",
    Status.HELD: "The video could not be posted here.",
}

_KEPT = "The video is kept: use `/jobs show` where it may be posted, and press Bring it here."


class Card(ui.LayoutView):
    """A view that discord.py does not keep: its buttons carry all they need, so none has to be remembered."""

    def __init__(self, *items: ui.Item) -> None:
        super().__init__(timeout=None)
        for item in items:
            self.add_item(item)

    def is_finished(self) -> bool:
        """Always true: a kept view would stay in memory as long as the bot runs."""
        return True


def checking(command: str) -> Card:
    """The first answer: the request is looked at, and nothing has been ordered.

    Should the bot die before the job is saved, nobody is left to change this card: it says itself what to do then.
    """
    sentence = "If this does not change, look at `/jobs list` before you try again."
    return _notice(command, "Checking", f"Your request is being checked. Nothing has been ordered yet. {sentence}")


def not_ordered(command: str, sentence: str) -> Card:
    """The end of a request that became no job."""
    return _notice(command, "Not ordered", escape(sentence, SENTENCE_LIMIT), discord.Colour.red())


def bringing(job: Job) -> Card:
    """The first answer to a wish to have a held video here: until the row is saved, nothing has changed."""
    sentence = "The video is being fetched from where it is held. If this does not change, look at `/jobs show`."
    return _notice(job.command, "Checking", sentence)


def uncertain(command: str) -> Card:
    """The database broke just as the job was saved: only the list of jobs can tell."""
    sentence = "It is not certain that this was ordered: look at `/jobs list` before you try again."
    return _notice(command, "Unconfirmed", sentence, discord.Colour.orange())


def status(job: Job) -> Card:
    """The status card of a job."""
    blocks = [_title(job.command, STATUS_WORDS[job.status]), f"> {escape(job.prompt, PROMPT_LIMIT)}", _state(job)]
    if job.notes:
        blocks.append(f"-# {escape(' '.join(job.notes), SENTENCE_LIMIT)}")
    blocks.append(f"-# {recipe_line(job)}")
    row = _buttons(job)
    items: list[ui.Item] = [ui.TextDisplay(block) for block in blocks]
    return Card(ui.Container(*items, *([row] if row else []), accent_colour=_COLOURS.get(job.status)))


def result(job: Job, filename: str, *, said: str = "", original: Original | None = None) -> Card:
    """The message with the video: whose it is, the video itself, how it was made and what was done to the file."""
    item = discord.MediaGalleryItem(
        f"attachment://{filename}", description=alt_text(job), spoiler=job.destination.spoiler
    )
    who = f"<@{job.destination.user_id}>, your video is ready."
    under = [f"-# {recipe_line(job)}"]
    if said:
        under.append(f"-# {escape(said, SENTENCE_LIMIT)}")
    items: list[ui.Item] = [ui.TextDisplay(who), ui.MediaGallery(item), ui.TextDisplay("\n".join(under))]
    if original:
        items.append(ui.ActionRow(ui.Button(style=discord.ButtonStyle.link, label="Full quality", url=original.url)))
    return Card(*items)


def alt_text(job: Job) -> str:
    """What a screen reader says of the video."""
    return shorten(f"AI video: {job.prompt}", ALT_TEXT_LIMIT)


def recipe_line(job: Job) -> str:
    """How the video was made, and the job's id."""
    parts = [f"{name} {code(value, 60)}" for name, value in list(job.recipe.items())[:6]]
    return " · ".join([*parts, f"job {code(job.id)}"])


def line(job: Job) -> str:
    """A job in one line of a list."""
    link = f" · [video]({job.message_url})" if job.message_url else ""
    when = ago(job.created_at)
    return f"{code(job.id)} **{STATUS_WORDS[job.status]}** {when} · /{job.command} · {escape(job.prompt, 60)}{link}"


def listing(jobs: list[Job]) -> Card:
    """A person's latest jobs."""
    if not jobs:
        return Card(ui.TextDisplay("You have no jobs yet: try `/veo` with a prompt."))
    return Card(ui.Container(ui.TextDisplay("### Your jobs"), ui.TextDisplay("\n".join(map(line, jobs)))))


def _title(command: str, word: str) -> str:
    return f"### /{command} · {word}"


def _notice(command: str, word: str, sentence: str, colour: discord.Colour | None = None) -> Card:
    return Card(ui.Container(ui.TextDisplay(_title(command, word)), ui.TextDisplay(sentence), accent_colour=colour))


def _state(job: Job) -> str:
    """How the job is getting on, or why it ended, in words."""
    if job.status is Status.IN_PROGRESS:
        said = f"{bar(job.progress)} · started {ago(job.submitted_at or job.created_at)}"
        return f"{said}\n{escape(job.reason, SENTENCE_LIMIT)}" if job.reason else said
    said = escape(job.reason, SENTENCE_LIMIT) if job.reason else _NEXT.get(job.status, "")
    if job.status is Status.HELD:
        said = f"{said} {_KEPT}"
    if job.finished_at:
        return f"{said} {ago(job.finished_at)}".strip()
    return f"{said} Ordered {ago(job.created_at)}.".strip()


def _buttons(job: Job) -> ui.ActionRow | None:
    buttons: list[ui.Item] = []
    if job.status in CANCELLABLE:
        buttons.append(_button("Cancel", "cancel", job.id))
    if job.status in REPEATABLE:
        buttons.append(_button("Again", "again", job.id))
    if job.status is Status.HELD:
        buttons.append(_button("Bring it here", "bring", job.id))
    if job.message_url:
        buttons.append(ui.Button(style=discord.ButtonStyle.link, label="Watch", url=job.message_url))
    return ui.ActionRow(*buttons) if buttons else None


def _button(label: str, action: str, job_id: str) -> ui.Button:
    """A button whose custom_id says everything: bot/chat/buttons.py answers it, also after a restart."""
    return ui.Button(label=label, custom_id=BUTTON_ID.format(action=action, job_id=job_id))
