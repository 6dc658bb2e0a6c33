"""Several tabs of one browser, each another person's; and a tab that is loaded again."""

import re

from playwright.async_api import Page, expect

from tests.browser.conftest import PATIENCE, OpenPage


async def beside(page: Page, person: str) -> Page:
    """Another tab of the same browser."""
    tab = await page.context.new_page()
    tab.set_default_timeout(PATIENCE * 1000)
    await tab.goto(page.url)
    await tab.get_by_role("radio", name=person).check()
    return tab


async def test_four_people_sit_at_four_tabs(open_page: OpenPage):
    """All behind the curtain too: a browser opens six HTTP connections to one place, and none may be used up by lines."""
    owner = await open_page("owner")
    tabs = [owner, *[await beside(owner, person) for person in ("Moderator", "Member", "Newcomer")]]
    for tab in tabs:
        await tab.get_by_role("button", name="Behind the curtain").click()
        await expect(tab.get_by_role("button", name="Drop socket")).to_be_visible()

    for tab in tabs:
        box = tab.locator("#composer-text")
        await box.fill(f"Said at tab {tabs.index(tab)}")
        await box.press("Enter")
    for tab in tabs:
        await expect(tab.get_by_role("article").filter(has_text="Said at tab")).to_have_count(len(tabs))


async def test_a_tab_that_is_loaded_again_is_where_it_was(open_page: OpenPage):
    """The same person looks into the same place; another tab begins anew."""
    page = await open_page("owner")
    await page.get_by_role("button", name="after-dark").click()
    await page.reload()

    await expect(page.get_by_role("radio", name="Owner")).to_be_checked()
    await expect(page.locator("#room-name")).to_have_text("#after-dark")
    await expect(page.locator("#composer-text")).to_have_attribute("placeholder", re.compile("Message #after-dark"))
    tab = await page.context.new_page()
    await tab.goto(page.url)
    await expect(tab.get_by_role("radio", name="Member")).to_be_checked()
    await expect(tab.locator("#room-name")).to_have_text("#general")


async def test_a_tab_opens_without_asking_in_vain(open_page: OpenPage):
    """Every request of a page that is opened is answered well."""
    page = await open_page()
    tab = await page.context.new_page()
    answers: list[int] = []
    tab.on("response", lambda answer: answers.append(answer.status))
    async with tab.expect_response("**/api/commands?**") as asked:
        await tab.goto(page.url)
    assert (await asked.value).status == 200
    assert set(answers) <= {200, 304}
