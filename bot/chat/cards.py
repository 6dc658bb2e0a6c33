"""What a job looks like in Discord: pure functions from a job to a Components V2 view.

A message may hold 40 components and 4,000 characters; whatever a prompt says, a card stays under 2,000.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import discord
from discord import ui

from bot.chat.words import STATUS_WORDS, ago, bar, code, escape, moment, shorten
from bot.jobs.delivery import Original
from bot.jobs.job import Job, Status

ALT_TEXT_LIMIT = 1024
LINK_LIMIT = 512
"""Characters of a button's link, by Discord; those of storage services, with their signatures, can be longer."""
PROMPT_LIMIT = 800
SENTENCE_LIMIT = 400
SAID_LIMIT = 100
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
    Status.UNCONFIRMED: "The answer of the video service was lost, so it may be making this video and may charge for it.",
    Status.CANCELLED: "Nothing more will be done.",
    Status.EXPIRED: "The video service took too long.",
    Status.HELD: "The video could not be posted here.",
}

KEPT = "The video is kept: use `/jobs show` where it may be posted, and press **Post it here**."
"""What a held job's card says after the reason; the rest are said by `/jobs show`, in its place."""
BEING_READIED = "The video is being made ready …"
AFTER_ANOTHER = (
    "Another answer of yours is being given its video: ask again when it is there, or press **Post it here**."
)
GIVEN = "Here it is, for you alone; **Post it here** posts it where you are."
GIVEN_PRIVATELY = "Here it is; **Post it here** shows it where you are, to you alone."
NOT_SHOWN = "The video is kept but could not be shown in this answer: press **Post it here**."
ELSEWHERE = "The video is not at hand just now: press **Post it here** to have it fetched, as long as it is to be had."

_TOO_LARGE = "your video is ready, but too large for this place"
_POSTED = "The video is posted."
_SHOWN_ALONE = "The video came in the command's own answer, which only you could see."
_UNQUOTED = "> *The prompt is not shown: this server's AutoMod blocks it.*"


class Card(ui.LayoutView):
    """A view that discord.py does not keep: its buttons carry all they need, so none has to be remembered."""

    def __init__(self, *items: ui.Item) -> None:
        super().__init__(timeout=None)
        for item in items:
            self.add_item(item)

    def is_finished(self) -> bool:
        """Always true: a kept view would stay in memory as long as the bot runs."""
        return True


def title(command: str, word: str) -> str:
    """How every card begins."""
    return f"### /{command} · {word}"


def moved(job: Job, url: str | None) -> Card:
    """What a held job's card says once its video was asked for at another place; `url` leads there."""
    texts = [
        title(job.command, "Moved"),
        _quote(job),
        "This video goes to another place now.",
        f"-# {recipe_line(job)}",
    ]
    return _container(job, [ui.TextDisplay(text) for text in texts], [_link("Go to it", url)])


def held_notice(job: Job) -> Card:
    """A direct message to the person whose video is held: what it is, why it is not in its place, what to do."""
    where = f" in <#{job.destination.channel_id}>" if job.destination.guild_id else ""
    told = f"Your video is made but could not be posted{where}. {escape(job.reason or '', SENTENCE_LIMIT)}".strip()
    offer = "It is kept: **Post it here** brings it into this conversation, `/jobs show` to any other place."
    texts = [title(job.command, STATUS_WORDS[job.status]), _quote(job), f"{told} {offer}"]
    return _container(job, [*map(ui.TextDisplay, texts), *_small_print(job, 0.0)], _buttons(job, 0.0))


def status(
    job: Job, poster_name: str | None = None, *, held: str = KEPT, now: float = 0.0, quoted: bool = True
) -> Card:
    """The status card of a job.

    `poster_name` is the poster's file in the same message; `held` says what becomes of a held video; a link to the
    original that has ended by `now` is left out, and so is the prompt unless `quoted`.
    """
    quote = _quote(job) if quoted else _UNQUOTED
    texts = [
        ui.TextDisplay(text) for text in (title(job.command, STATUS_WORDS[job.status]), quote, _state(job, held, now))
    ]
    head: list[ui.Item] = [ui.Section(*texts, accessory=_thumbnail(job, poster_name))] if poster_name else [*texts]
    return _container(job, [*head, *_small_print(job, now)], _buttons(job, now))


def given(job: Job, filename: str, *, said: str = "") -> Card:
    """The card of a held job together with its video, for the person alone."""
    here = GIVEN_PRIVATELY if job.destination.private else GIVEN
    texts = (title(job.command, STATUS_WORDS[job.status]), _quote(job), _state(job, here, 0.0))
    head = [ui.TextDisplay(text) for text in texts]
    done = [ui.TextDisplay(f"-# {escape(said, SAID_LIMIT)}")] if said else []
    return _container(job, [*head, _gallery(job, filename), *done, *_small_print(job, 0.0)], _buttons(job, 0.0))


def result(job: Job, filename: str, *, said: str = "", original: Original | None = None) -> Card:
    """The message with the video: whose it is, the video itself, how it was made and what was done to the file.

    Where `filename` is a poster (.jpg), no video fits this place, and the text leads to the button.
    """
    button = _link("Full quality", original.url) if original else None
    under = [f"-# {recipe_line(job)}"]
    if said:
        under.append(f"-# {escape(said, SAID_LIMIT)}")
    if button and original and original.until:
        under.append(_until(original.until))
    items: list[ui.Item] = [ui.TextDisplay(_greeting(job, filename, button)), _gallery(job, filename)]
    return Card(*items, ui.TextDisplay("\n".join(under)), *([ui.ActionRow(button)] if button else []))


def alt_text(job: Job) -> str:
    """What a screen reader says of the video."""
    return shorten(f"AI video: {job.prompt}", ALT_TEXT_LIMIT)


def poster_alt_text(job: Job) -> str:
    """What a screen reader says of the poster."""
    return shorten(f"Still of an AI video: {job.prompt}", ALT_TEXT_LIMIT)


def can_be_pressed(url: str) -> bool:
    """Whether Discord takes a link for a button."""
    return len(url) <= LINK_LIMIT and _opens(url)


def recipe_line(job: Job) -> str:
    """How the video was made, and the job's id."""
    parts = [f"{name} {code(value, 60)}" for name, value in list(job.recipe.items())[:6]]
    return " · ".join([*parts, f"job {code(job.id)}"])


def line(job: Job) -> str:
    """A job in one line of a list."""
    link = f" · [video]({job.message_url})" if job.message_url and _opens(job.message_url) else ""
    when = ago(job.created_at)
    return f"{code(job.id)} **{STATUS_WORDS[job.status]}** {when} · /{job.command} · {escape(job.prompt, 60)}{link}"


def listing(jobs: list[Job]) -> Card:
    """A person's latest jobs."""
    if not jobs:
        return Card(ui.TextDisplay("You have no jobs yet: try `/veo` with a prompt."))
    return Card(ui.Container(ui.TextDisplay("### Your jobs"), ui.TextDisplay("\n".join(map(line, jobs)))))


def _quote(job: Job) -> str:
    return f"> {escape(job.prompt, PROMPT_LIMIT)}"


def _container(job: Job, items: Sequence[ui.Item], buttons: Iterable[ui.Button | None]) -> Card:
    """A card about a job: its texts and pictures, then the buttons there are."""
    pressable = [button for button in buttons if button]
    row = [ui.ActionRow(*pressable)] if pressable else []
    return Card(ui.Container(*items, *row, accent_colour=_COLOURS.get(job.status)))


def _state(job: Job, held: str, now: float) -> str:
    """How the job is getting on, or why it ended, in words."""
    if job.status is Status.IN_PROGRESS:
        said = f"{bar(job.progress)} · started {ago(job.submitted_at or job.created_at)}"
        return f"{said}\n{escape(job.reason, SENTENCE_LIMIT)}" if job.reason else said
    said = escape(job.reason, SENTENCE_LIMIT) if job.reason else _next(job)
    if job.status is Status.HELD:
        said = f"{said} {held}"
    if job.status is Status.FAILED and _original(job, now):
        said = f"{said} The button **Full quality** leads to it."
    if job.finished_at:
        return f"{said} {ago(job.finished_at)}".strip()
    return f"{said} Ordered {ago(job.created_at)}.".strip()


def _next(job: Job) -> str:
    """What is to be said of a status that came without a reason."""
    if job.status is Status.COMPLETED:
        return _POSTED if job.message_url else _SHOWN_ALONE
    return _NEXT.get(job.status, "")


def _small_print(job: Job, now: float) -> list[ui.TextDisplay]:
    """What was changed on the person's behalf, how the video was made, and until when the original is to be had."""
    lines = [f"-# {escape(' '.join(job.notes), SENTENCE_LIMIT)}"] if job.notes else []
    lines.append(f"-# {recipe_line(job)}")
    if job.original_until and _original(job, now):
        lines.append(_until(job.original_until))
    return [ui.TextDisplay(text) for text in lines]


def _until(end: float) -> str:
    return f"-# Full quality until {moment(end)}"


def _greeting(job: Job, filename: str, button: ui.Button | None) -> str:
    """Whose video it is, and where to look for it."""
    if not filename.endswith(".jpg"):
        return f"<@{job.destination.user_id}>, your video is ready."
    where = ": it is behind the button **Full quality**." if button else "."
    return f"<@{job.destination.user_id}>, {_TOO_LARGE}{where}"


def _gallery(job: Job, filename: str) -> ui.MediaGallery:
    says = poster_alt_text(job) if filename.endswith(".jpg") else alt_text(job)
    item = discord.MediaGalleryItem(f"attachment://{filename}", description=says, spoiler=job.destination.spoiler)
    return ui.MediaGallery(item)


def _thumbnail(job: Job, poster_name: str) -> ui.Thumbnail:
    says = poster_alt_text(job)
    return ui.Thumbnail(f"attachment://{poster_name}", description=says, spoiler=job.destination.spoiler)


def _buttons(job: Job, now: float) -> list[ui.Button | None]:
    """What can be done with a job, and where its video is."""
    buttons: list[ui.Button | None] = []
    if job.status in CANCELLABLE:
        buttons.append(_button("Cancel", "cancel", job.id))
    if job.status in REPEATABLE:
        buttons.append(_button("Again", "again", job.id))
    if job.status is Status.HELD:
        buttons.append(_button("Post it here", "bring", job.id))
    return [*buttons, _link("Watch", job.message_url), _original(job, now)]


def _original(job: Job, now: float) -> ui.Button | None:
    """The way to the original, as long as there is one."""
    ended = job.original_until is not None and job.original_until <= now
    return None if ended else _link("Full quality", job.original_url)


def _button(label: str, action: str, job_id: str) -> ui.Button:
    """A button whose custom_id says everything: bot/chat/buttons.py answers it, also after a restart."""
    return ui.Button(label=label, custom_id=BUTTON_ID.format(action=action, job_id=job_id))


def _link(label: str, url: str | None) -> ui.Button | None:
    """A button that opens a link; None where Discord would refuse the whole message for it."""
    return ui.Button(style=discord.ButtonStyle.link, label=label, url=url) if url and can_be_pressed(url) else None


def _opens(url: str) -> bool:
    """Whether a browser opens it; what a worker has put into a folder has a link that only its machine knows."""
    return url.startswith(("https://", "http://"))
