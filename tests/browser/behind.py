"""What somebody does who has the panel behind the curtain open, and what the stand-ins then know."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect

from bot.sandbox.discord_api import Message
from bot.sandbox.page.playground import Playground

PLAYS = "video => video.readyState >= 3 && video.currentTime > 0"
VIDEO, DISCORD = "Trouble: Video service", "Trouble: Discord"


@dataclass(frozen=True)
class Behind:
    """A page with its panel open."""

    page: Page
    play: Playground

    @classmethod
    async def open(cls, page: Page, play: Playground) -> Behind:
        """Open the panel."""
        await page.get_by_role("button", name="Behind the curtain").click()
        await expect(page.get_by_role("complementary", name="Behind the curtain")).to_be_visible()
        return cls(page, play)

    def lever(self, group: str, name: str) -> Locator:
        """A lever by its group and what it is called."""
        return self.page.get_by_role("group", name=group).get_by_role("button", name=name)

    async def pace(self, name: str) -> None:
        """Set the pace of the fake generation."""
        await self.lever("Pace", name).click()
        await expect(self.lever("Pace", name)).to_have_attribute("aria-pressed", "true")

    async def arm(self, group: str, name: str) -> None:
        """Switch a trouble on."""
        await self.lever(group, name).click()
        await expect(self.lever(group, name)).to_have_attribute("aria-pressed", "true")

    async def struck(self, group: str, name: str, times: int = 1) -> None:
        """Wait until a trouble shows that it has struck so often and is over."""
        lever = self.lever(group, name)
        await expect(lever).to_have_text(f"{name} · {times}")
        await expect(lever).to_have_attribute("aria-pressed", "false")

    async def type(self, prompt: str) -> Locator:
        """Order a video with the composer; its card, once it is there."""
        await self.page.keyboard.press("/")
        await self.page.keyboard.type("veo")
        await self.page.get_by_role("listbox").get_by_text("/veo", exact=True).click()
        await self.page.get_by_role("textbox", name="prompt").fill(prompt)
        await self.page.get_by_role("button", name="Send").click()
        return self.card(prompt)

    def card(self, prompt: str) -> Locator:
        """The card of the job with this prompt."""
        return self.page.get_by_role("article").filter(has_text=prompt)

    async def says(self, prompt: str, word: str) -> None:
        """Wait until the card of that job is at a status."""
        await expect(self.card(prompt).get_by_role("heading", name=f"/veo · {word}")).to_be_visible()

    async def ends(self, prompt: str) -> None:
        """Wait until a job is done and its video plays; it was ordered once and is there once."""
        await self.says(prompt, "Done")
        message = self.result(prompt)
        video = self.page.locator(f"#message-{message.id} video")
        await expect(video).to_be_visible()
        handle = await video.element_handle()
        assert handle is not None
        await self.page.wait_for_function(PLAYS, arg=handle)
        assert self.created(prompt) == 1

    def result(self, prompt: str) -> Message:
        """The one message with the video of a job, in reply to its card."""
        messages = self.play.discord.messages("general")
        (card,) = (each for each in messages if prompt in each.text())
        (found,) = (each for each in messages if each.reply_to == card.id and each.videos())
        return found

    def created(self, prompt: str) -> int:
        """How many POSTs with that prompt the service has taken, and had paid."""
        return sum(call.created and prompt in str(call.json) for call in self.play.api.posts)

    def asked(self, prompt: str) -> list[int | None]:
        """What each POST with that prompt was answered."""
        return [call.status for call in self.play.api.posts if prompt in str(call.json)]
