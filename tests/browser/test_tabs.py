"""Several tabs of one browser, each another person's; and a tab that is loaded again."""

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
