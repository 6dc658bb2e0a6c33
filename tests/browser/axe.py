"""What stands in somebody's way on a page as it is: axe-core's findings, and what a narrow screen cuts off."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
MOVING = "() => Promise.all(document.getAnimations().filter((each) => each.effect.getTiming().iterations === 1).map((each) => each.finished))"
CUT_OFF = """() => {
  const page = document.scrollingElement;
  const scrolls = (each) => each && (/auto|scroll/.test(getComputedStyle(each).overflowX) || scrolls(each.parentElement));
  const beyond = [...document.querySelectorAll("body *:not(.sr, .sr *)")].filter(
    (each) => each.getClientRects().length && each.getBoundingClientRect().right > innerWidth + 1 && !scrolls(each));
  const wide = page.scrollWidth > page.clientWidth ? [page] : [];
  return [...wide, ...beyond].map((each) => `beyond the edge: ${each.tagName} #${each.id} .${each.className}`);
}"""
_AXE = Axe()


async def findings(page: Page) -> list[str]:
    """Each element that breaks a rule of axe-core, of whatever weight, once what moves has come to rest."""
    await page.evaluate(MOVING)  # a colour in between has a contrast of its own
    found: dict[str, Any] = (await _AXE.run(page, options=OPTIONS)).response
    return [
        f"{rule['impact']} {rule['id']}: {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
        if not _is_walked_from_its_box(rule, node)
    ]


def _is_walked_from_its_box(rule: dict[str, Any], node: dict[str, Any]) -> bool:
    """Whether a list scrolls as the arrows go through it; axe-core knows that of comboboxes alone, which have one line."""
    return rule["id"] == "scrollable-region-focusable" and 'role="listbox"' in node["html"]


async def cut_off(page: Page) -> list[str]:
    """What is wider than the screen and can be reached by scrolling sideways only, or not at all."""
    await page.evaluate(MOVING)
    return await page.evaluate(CUT_OFF)
