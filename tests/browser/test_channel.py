"""The open place: videos play, what is private stays so, and a line that was cut is taken up again."""

from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, Locator, Page, expect

from bot.sandbox.discord_api import Call
from bot.sandbox.page.playground import Playground
from bot.sandbox.page.serve import listening
from bot.sandbox.page.serve import page as serve_page
from tests.browser.conftest import OpenPage, as_bot

PLAYS = "video => video.readyState >= 3 && video.currentTime > 0"
KNOWN = "async () => JSON.stringify([...(await import('/static/store.js')).state.messages.values()])"
WITHIN = "() => document.documentElement.scrollWidth <= innerWidth"


async def order(playground: Playground, prompt: str, place: str = "general", **options: Any) -> Call:
    """Have the member order a short video; its call, once it is answered."""
    call = await playground.discord.command("member", place, "veo", {"prompt": prompt, "seconds": 4} | options)
    return await call.answered()


async def plays(video: Locator) -> None:
    """Wait until a video has the data to play and its time advances."""
    await expect(video).to_be_visible()
    handle = await video.element_handle()
    assert handle is not None
    await video.page.wait_for_function(PLAYS, arg=handle)


def message(page: Page, text: str) -> Locator:
    """The latest message on the screen with this text."""
    return page.get_by_role("article").filter(has_text=text).last


async def test_a_command_ends_in_a_video_that_plays(playground: Playground, open_page: OpenPage):
    """The card runs to its end, the video plays in the result below it, and the card's button leads there."""
    page = await open_page()
    await order(playground, "A quiet harbour")

    result = message(page, "your video is ready")
    await plays(result.locator("video"))
    card = page.get_by_role("article").filter(has=page.get_by_role("heading", name="/veo · Done"))
    await card.get_by_role("link", name="Watch").click()

    await expect(result).to_be_focused()
    await expect(result.get_by_text("@Member")).to_have_class("mention mine")
    await expect(result.locator(".above")).to_contain_text("reelcord /veo · Done")


async def test_a_film_plays_on_while_its_message_is_drawn_anew(playground: Playground, open_page: OpenPage):
    """An edit of the message keeps the element that plays, its time, and the focus on it."""
    page = await open_page()
    call = await order(playground, "A quiet harbour")
    video = message(page, "your video is ready").locator("video")
    await plays(video)
    await video.evaluate("video => { video.loop = true; video.dataset.same = 'yes'; return video.play(); }")
    await video.focus()
    result = next(each for each in playground.discord.messages(call.channel) if each.videos())

    shown = {"type": 12, "items": [{"media": {"url": f"attachment://{result.videos()[0].filename}"}}]}
    components = [{"type": 10, "content": "Said anew"}, shown]
    body = {"components": components, "attachments": [{"id": str(result.videos()[0].id)}]}
    await as_bot(playground, "PATCH", f"/channels/{call.channel.id}/messages/{result.id}", body)

    again = message(page, "Said anew").locator("video")
    await expect(again).to_have_attribute("data-same", "yes")
    await expect(again).to_be_focused()
    assert await again.evaluate("video => !video.paused && video.currentTime > 0")


async def test_what_is_private_reaches_nobody_else(playground: Playground, open_page: OpenPage):
    """A private result plays for its person alone; no other page is so much as told of it, nor of a hidden place."""
    mine, others = await open_page(), await open_page("newcomer")
    await order(playground, "The private one", private=True)
    await order(playground, "Behind a door", place="casting")
    private = mine.get_by_role("article").filter(has_text="Only you can see this")
    await plays(private.locator("video"))
    await playground.discord.say("owner", "general", "Now for all")

    await expect(message(others, "Now for all")).to_be_visible()
    known = await others.evaluate(KNOWN)
    assert "Now for all" in known
    assert "The private one" not in known
    assert "Behind a door" not in known
    assert await others.get_by_role("button", name="casting").count() == 0
    await mine.get_by_role("radio", name="Newcomer").check()
    await expect(private).to_have_count(0)
    assert "The private one" not in await mine.evaluate(KNOWN)


async def test_a_button_answers_its_own_person(playground: Playground, open_page: OpenPage):
    """Somebody else's press is refused to them alone; the person's own cancels, and the focus stays in the message."""
    playground.tempo.speed = 0
    mine, others = await open_page(), await open_page("newcomer")
    await order(playground, "A long river")

    await message(others, "A long river").get_by_role("button", name="Cancel").click()
    await expect(message(others, "Only you can see this")).to_be_visible()
    await expect(others.locator("#announcer p").last).to_contain_text("reelcord, to you alone: ")
    assert await mine.get_by_text("Only you can see this").count() == 0
    await message(mine, "A long river").get_by_role("button", name="Cancel").press("Enter")

    card = message(mine, "/veo · Cancelled")
    await expect(card).to_be_visible()
    assert await card.evaluate("card => card.contains(document.activeElement)")


async def test_a_failure_says_why(playground: Playground, open_page: OpenPage):
    """The card of a job that failed gives the service's reason and the button to order it again."""
    page = await open_page()
    await order(playground, "Something else [fail]")

    card = message(page, "/veo · Failed")
    await expect(card).to_contain_text("blocked by our moderation system")
    await expect(card.get_by_role("button", name="Again")).to_be_enabled()


async def test_a_reply_tells_in_plain_words_what_it_replies_to(playground: Playground, open_page: OpenPage):
    """In one button with nothing to press within it, and no spoiler told."""
    page = await open_page()
    here, there = (playground.discord.world.channel(name) for name in ("general", "trailer"))
    said = await playground.discord.say("owner", here, f"# See <#{there.id}>, ||it burns|| and **more**")
    body = {"content": "I did", "message_reference": {"message_id": str(said.id)}}
    await as_bot(playground, "POST", f"/channels/{here.id}/messages", body)

    reply = message(page, "I did").locator("button.reply")
    await expect(reply).to_have_text("In reply to Owner See #trailer, ▮▮▮ and more")
    assert await reply.locator("button, a").count() == 0


async def test_the_bot_types_until_it_posts(playground: Playground, open_page: OpenPage):
    """In its place alone, and until its message is there."""
    page = await open_page()
    typing = page.get_by_text("reelcord is typing…")
    here = playground.discord.world.channel("general")
    await as_bot(playground, "POST", f"/channels/{here.id}/typing", {})
    await expect(typing).to_be_visible()
    await page.get_by_role("button", name="after-dark").click()
    await expect(typing).to_have_count(0)
    await page.get_by_role("button", name="general").click()
    await expect(typing).to_be_visible()

    await as_bot(playground, "POST", f"/channels/{here.id}/messages", {"content": "Here it is"})
    await expect(message(page, "Here it is")).to_be_visible()
    await expect(typing).to_have_count(0)


async def test_a_line_that_was_cut_is_taken_up_again(starting: Playground, browser: Browser):
    """The page says that it is cut off, comes back by itself, and shows what was said meanwhile, each message once."""
    context = await browser.new_context()
    try:
        async with serve_page(starting) as address:
            page = await context.new_page()
            await page.goto(address)
            await starting.discord.say("owner", "general", "Before")
            await expect(message(page, "Before")).to_be_visible()
        await expect(page.locator("#room-note")).to_contain_text("The line to the playground is cut")
        await starting.discord.say("owner", "general", "Meanwhile")

        async with serve_page(starting, listening(urlsplit(address).port or 0)):
            await expect(message(page, "Meanwhile")).to_be_visible()
            await expect(page.locator("#room-note")).not_to_contain_text("cut")
            assert await page.get_by_role("article").locator(".text").all_text_contents() == ["Before", "Meanwhile"]
    finally:
        await context.close()


async def test_the_places_tell_of_news_and_open(starting: Playground, open_page: OpenPage):
    """A mention elsewhere is marked until its place is opened; a phone has no scrolling sideways in any place."""
    page = await open_page(viewport={"width": 360, "height": 740}, has_touch=True)
    who = starting.discord.world.user("member")
    await starting.discord.say("owner", "trailer", f"{who.mention} look " + "here" * 60)

    await page.get_by_role("button", name="Places").click()
    trailer = page.get_by_role("button", name="trailer")
    await expect(trailer).to_contain_text("You were mentioned")
    await trailer.press("Enter")
    await expect(page.locator("#room-name")).to_have_text("»trailer")
    await expect(message(page, "look")).to_be_in_viewport()
    await page.get_by_role("button", name="Places").click()
    await expect(trailer).to_have_text("»trailer")
    for name in ("after-dark", "first-cut", "friends"):
        await page.get_by_role("button", name=name).click()
        await expect(page.locator("#room-name")).to_contain_text(name)
        assert await page.evaluate(WITHIN)
        await page.get_by_role("button", name="Places").click()


async def test_a_reader_stays_where_they_read(starting: Playground, open_page: OpenPage):
    """At the end the newest message is always seen; further up nothing moves until the reader does."""
    page = await open_page(viewport={"width": 800, "height": 400})
    for number in range(12):
        await starting.discord.say("owner", "general", f"Line {number}")
    await expect(message(page, "Line 11")).to_be_in_viewport()

    await message(page, "Line 0").scroll_into_view_if_needed()
    await starting.discord.say("owner", "general", "The latest")
    await expect(message(page, "The latest")).to_be_attached()
    await expect(message(page, "The latest")).not_to_be_in_viewport()
    await expect(message(page, "Line 0")).to_be_in_viewport()
