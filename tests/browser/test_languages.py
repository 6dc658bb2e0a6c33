"""The commands in a person's own language, which for the newcomer is German; what they send is the same to the bot."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.async_api import Locator, Page, expect

from bot.sandbox.page.playground import Playground
from tests.browser.conftest import OpenPage

PLAYS = "() => [...document.querySelectorAll('video')].some((each) => each.readyState >= 3 && each.currentTime > 0)"


@dataclass(frozen=True)
class Seen:
    """What a person sees of /veo31 text."""

    person: str
    rows: list[str]
    help: str
    tier: str
    choices: list[str]
    tier_help: str


ENGLISH = Seen(
    person="member",
    rows=[
        "/veo31 extendGo on from where a video of yours ends.",
        "/veo31 framesMake a video that starts from one picture and ends at another.",
        "/veo31 imageMake a video that starts from your picture.",
        "/veo31 referencesMake a video that shows what is in your two or three pictures.",
        "/veo31 textMake a video from words alone.",
    ],
    help="prompt What the video should show",
    tier="tier",
    choices=["standard", "fast"],
    tier_help="tier fast is quicker and cheaper",
)
GERMAN = Seen(
    person="newcomer",
    rows=[
        "/veo31 extendSetze eines deiner Videos dort fort, wo es endet.",
        "/veo31 framesErstelle ein Video, das mit einem Bild beginnt und mit einem anderen endet.",
        "/veo31 imageErstelle ein Video, das mit deinem Bild beginnt.",
        "/veo31 referencesErstelle ein Video, das zeigt, was auf deinen zwei oder drei Bildern ist.",
        "/veo31 textErstelle ein Video allein aus Text.",
    ],
    help="prompt Was das Video zeigen soll",
    tier="stufe",
    choices=["standard", "schnell"],
    tier_help="stufe schnell: früher fertig und günstiger",
)


def suggested(page: Page) -> Locator:
    """What can be picked."""
    return page.get_by_role("listbox").get_by_role("option")


@pytest.mark.parametrize("seen", [ENGLISH, GERMAN], ids=lambda seen: seen.person)
async def test_a_command_speaks_the_persons_language(playground: Playground, open_page: OpenPage, seen: Seen):
    """Descriptions, options and choices are in it, names of commands in none; the same order comes of it, and its video."""
    page = await open_page(seen.person)
    await page.keyboard.press("/")
    await page.keyboard.type("veo31")
    await expect(suggested(page)).to_have_text(seen.rows)
    await suggested(page).last.click()
    await expect(page.locator(".command .help")).to_have_text(seen.help)

    await page.get_by_role("textbox", name="prompt").fill("A quiet harbour")
    await page.get_by_role("button", name=f"+ {seen.tier}").click()
    await expect(suggested(page)).to_have_text(seen.choices)
    await expect(page.locator(".command .help")).to_have_text(seen.tier_help)
    await suggested(page).last.click()
    await page.get_by_role("button", name="Send").click()
    await page.wait_for_function(PLAYS)

    (task,) = playground.api.tasks.values()
    assert (task.request["prompt"], task.request["model"]) == ("A quiet harbour", "veo3.1-fast-video-720p")


async def test_spanish_of_america_is_shown_that_of_spain(playground: Playground, open_page: OpenPage):
    """Discord's only fallback beside that of English: where es-419 has no text of its own, es-ES has it."""
    for command in playground.discord.commands:
        del command["description_localizations"]["es-419"]
    playground.discord.world.user("newcomer").locale = "es-419"
    page = await open_page("newcomer")
    await page.keyboard.press("/")
    await page.keyboard.type("sora")

    await expect(suggested(page)).to_have_text(["/soraCrea un video con Sora 2."])
