"""One line of the script on stage: what was typed, sent, shown and posted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bot import media
from bot.sandbox.demo.script import Line
from bot.sandbox.discord_api import DiscordSandbox, Upload
from bot.sandbox.video_api import VideoApiSandbox

if TYPE_CHECKING:
    from bot.sandbox.discord_api import Message
    from bot.sandbox.video_api import Call

#: The words a status card uses (the README's glossary), in the order a job goes through them.
WORDS = (
    "Queued",
    "Submitting",
    "Generating",
    "Posting",
    "Done",
    "Failed",
    "Unconfirmed",
    "Cancelled",
    "Expired",
    "Held",
)
END_WORD = {"video": "Done", "failed": "Failed"}


class Scene:
    """A command on its way from the composer to the posted video."""

    def __init__(self, line: Line, discord: DiscordSandbox, api: VideoApiSandbox) -> None:
        self.line = line
        self.discord = discord
        self.api = api
        self.card: Message | None = None
        self.video: media.Video | None = None
        self.problems: list[str] = []
        #: Every status word the card has shown, in order.
        self.words: list[str] = []

    async def play(self, ground: Scene | None, timeout: float) -> None:
        """Type the command and wait until its card says how it ended."""
        options = dict(self.line.options)
        try:
            if ground:
                posted = await ground.posted_video(timeout)
                options["video"] = Upload(filename="scene-one.mp4", data=posted)
            call = await self.discord.command(self.line.who, "general", self.line.command, options)
            await call.answered()
            self.card = call.response
            await self.discord.wait_for(self.ended, timeout=timeout)
        except Exception as error:  # noqa: BLE001 - the demo tells what went wrong and goes on with the other lines
            self.problems.append(f"/{self.line.command}: {type(error).__name__}: {error}")

    def word(self) -> str:
        """The status word the card shows now, "" before there is one."""
        return _word(self.card.text()) if self.card else ""

    def ended(self) -> bool:
        """Whether the card says how the command ended, and a video that was promised is there."""
        if self.card is None:
            return False
        if (word := self.word()) and self.words[-1:] != [word]:
            self.words.append(word)
        if self.line.outcome == "refused":
            return "Not ordered" in self.card.text()
        return word in WORDS[4:] and (word != "Done" or bool(self.posted()))

    def posted(self) -> list[Message]:
        """The messages that bring a video in reply to the card."""
        if self.card is None:
            return []
        messages = self.discord.messages(self.card.channel)
        return [each for each in messages if each.reply_to == self.card.id and each.videos()]

    async def posted_video(self, timeout: float) -> bytes:
        """The bytes of this line's video once it is posted."""
        posted = await self.discord.wait_for(lambda: self.posted() if self.ended() else [], timeout=timeout)
        return posted[0].videos()[0].data

    def calls(self) -> list[Call]:
        """The requests that created something for this line, found by their prompt."""
        return [call for call in self.api.posts if self.line.prompt in _texts(call)]

    async def settle(self, folder: Path) -> list[str]:
        """Save the posted video and say what is not as it must be."""
        if not self.problems:
            self.problems += self._wrong()
        if posted := self.posted():
            path = folder / "videos" / f"{self.line.slug}.mp4"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(posted[0].videos()[0].data)
            try:
                self.video = await media.probe(path)
            except media.MediaError as error:
                self.problems.append(f"/{self.line.command}: the posted video does not play: {error}")
        return self.problems

    def _wrong(self) -> list[str]:
        name = f"/{self.line.command}"
        posted, sent = self.posted(), len(self.calls())
        wanted_posts, wanted_videos = int(self.line.outcome != "refused"), int(self.line.outcome == "video")
        wrong = [f"{name}: {sent} POSTs instead of {wanted_posts}"] if sent != wanted_posts else []
        wrong += [f"{name}: {len(posted)} videos instead of {wanted_videos}"] if len(posted) != wanted_videos else []
        end = END_WORD.get(self.line.outcome)
        wrong += [f"{name}: the card says {self.word()} instead of {end}"] if end and self.word() != end else []
        return wrong


def _word(text: str) -> str:
    """The status word that comes first in a card's text."""
    found = {text.find(word): word for word in WORDS if word in text}
    return found[min(found)] if found else ""


def _texts(call: Call) -> list[str]:
    """The prompt of a request, wherever its encoding keeps it."""
    return [call.json["prompt"]] if call.json else [part.text for part in call.parts if part.name == "prompt"]
