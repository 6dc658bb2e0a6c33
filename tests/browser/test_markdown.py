"""Discord's markdown as elements, and as nothing but elements."""

import asyncio

from playwright.async_api import Page

from bot.sandbox.page.playground import Playground
from tests.browser.conftest import PATIENCE, OpenPage

DRAW = """async text => {
    const { markdown } = await import('/static/markdown.js');
    const box = document.createElement('div');
    box.append(...markdown(text));
    return box.innerHTML;
}"""
LINES = """text => {
    const range = document.createRange();
    const box = text.getBoundingClientRect();
    return [[0, 4], [5, 10]].map(([from, to]) => {
        range.setStart(text.firstChild, from);
        range.setEnd(text.firstChild, to);
        const line = range.getBoundingClientRect();
        return { left: Math.abs(line.left - box.left) < 2, right: Math.abs(line.right - box.right) < 2 };
    });
}"""
OUT = 'target="_blank" rel="noopener noreferrer"'
DRAWN = {
    "**b** *i* _i_ __u__ ~~s~~ `c`": '<div class="text"><strong>b</strong> <em>i</em> <em>i</em> <u>u</u> <s>s</s> <code>c</code></div>',
    "***both*** snake_case_name 2*3*4": '<div class="text"><strong><em>both</em></strong> snake_case_name 2<em>3</em>4</div>',
    "**a\\*\\*b** \\_plain\\_ \\> \\@x": '<div class="text"><strong>a**b</strong> _plain_ &gt; @x</div>',
    "``a ` b`` ```js\nlet a = '**';\n```": "<div class=\"text\"><code>a ` b</code> <pre><code>let a = '**';</code></pre></div>",
    "# One\n### Three\n#no\n-# small": '<h3 class="header-1">One</h3><h3 class="header-3">Three</h3><div class="text">#no</div><p class="small">small</p>',
    "> a\n> **b**\nc": '<blockquote><div class="text">a\n<strong>b</strong></div></blockquote><div class="text">c</div>',
    ">>> a\nb": '<blockquote><div class="text">a\nb</div></blockquote>',
    "- a\n  - b\n- c\n3. d": '<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul><ol start="3"><li>d</li></ol>',
    "```\n# no\n> no\n```": '<div class="text"><pre><code># no\n&gt; no</code></pre></div>',
    "[a **b**](https://example.org/x)": f'<div class="text"><a href="https://example.org/x" {OUT}>a <strong>b</strong></a></div>',
    "```\na\n```\nb": '<div class="text"><pre><code>a</code></pre>b</div>',
    "[https://a.org](https://b.org)": f'<div class="text">[<a href="https://a.org](https://b.org" {OUT}>https://a.org](https://b.org</a>)</div>',
    "[a](http://example.org) [b](javascript:x)": f'<div class="text">[a](<a href="http://example.org" {OUT}>http://example.org</a>) [b](javascript:x)</div>',
    "see https://example.org/a_b_c. <https://a.org>": f'<div class="text">see <a href="https://example.org/a_b_c" {OUT}>https://example.org/a_b_c</a>. <a href="https://a.org" {OUT}>https://a.org</a></div>',
    "<img src=x onerror=alert(1)> <script>": '<div class="text">&lt;img src=x onerror=alert(1)&gt; &lt;script&gt;</div>',
    "@everyone <#1> <:film:12> </veo31 image:7>": '<div class="text"><span class="mention mine">@everyone</span> <span class="mention">#unknown</span> :film: <span class="mention">/veo31 image</span></div>',
    "||x||": '<div class="text"><span class="spoiler covered"><span inert="">x</span><button type="button" aria-label="Spoiler: show"></button></span></div>',
    "<t:0:D> <t:1:q> <t:9999999999999:R>": '<div class="text"><time datetime="1970-01-01T00:00:00.000Z" title="Thursday, January 1, 1970 at 12:00 AM">January 1, 1970</time> &lt;t:1:q&gt; &lt;t:9999999999999:R&gt;</div>',
}  # fmt: skip


async def drawn(page: Page, text: str) -> str:
    """What a text is drawn as, as HTML."""
    return (await page.evaluate(DRAW, text)).replace("\u202f", " ")


async def test_texts_are_drawn_as_discord_draws_them(open_page: OpenPage):
    """Each text, and what becomes of it; what would be a script is text."""
    page = await open_page(timezone_id="UTC")

    assert {text: await drawn(page, text) for text in DRAWN} == DRAWN


async def test_mentions_are_names_and_stamps_count(starting: Playground, open_page: OpenPage):
    """People, roles and places are called by name; a stamp that counts says how long ago, now and a second later."""
    world = starting.discord.world
    role = next(each for each in world.guild("studio").roles.values() if each.name == "Moderators")
    page = await open_page()
    await page.clock.install(time=1000)
    await page.reload()
    await page.clock.pause_at(2000)
    text = f"{world.user('member').mention} {world.user('owner').mention} <@&{role.id}> <#{world.channel('trailer').id}> <t:1990:R>"
    await starting.discord.say("moderator", "general", text)

    said = page.get_by_role("article").locator(".text")
    await page.clock.run_for(1000)
    assert await said.text_content() == "@Member @Owner @Moderators #trailer 11 seconds ago"
    assert await said.locator(".mine").all_text_contents() == ["@Member"]
    await page.clock.run_for(60_000)
    assert await said.locator("time").text_content() == "1 minute ago"
    await said.get_by_role("button", name="#trailer").click()
    assert await page.locator("#room-name").text_content() == "»trailer"


async def test_a_line_runs_the_way_its_language_does(starting: Playground, open_page: OpenPage):
    """Hebrew and Arabic from the right, beside other lines from the left."""
    page = await open_page()
    await starting.discord.say("owner", "general", "שלום\nHello")

    said = page.get_by_role("article").locator(".text")
    assert await said.evaluate(LINES) == [{"left": False, "right": True}, {"left": True, "right": False}]


async def test_a_tower_of_marks_costs_no_time(open_page: OpenPage):
    """Four thousand characters of marks that never close are drawn as they are."""
    page = await open_page()

    for sign in ("**_~~||", "*", "[", "`", "<", "> - # "):
        async with asyncio.timeout(PATIENCE):
            assert await drawn(page, (sign * 4000)[:4000])
