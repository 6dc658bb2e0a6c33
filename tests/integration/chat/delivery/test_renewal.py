"""Links that die are renewed before a service is sent to them."""

import pytest

from bot.chat.client import Reelcord
from bot.chat.delivery import DiscordDelivery
from bot.jobs.delivery import Delivery, DeliveryDelayed, LinkExpired
from bot.links import Links
from bot.sandbox.discord_api import DiscordSandbox

LINKS = Links(base_url="https://bot.example/reel", key=b"k" * 32)
HOUR = 3600.0


def asked(discord_api: DiscordSandbox) -> int:
    """How often Discord was asked for fresh links."""
    return len([entry for entry in discord_api.log if entry.path == "/attachments/refresh-urls"])


def attachment(discord_api: DiscordSandbox) -> str:
    """A fresh link to an attachment."""
    return discord_api.world.cdn.store("attachments/1/2", "fox.png", b"x", "image/png").url


async def test_a_dying_link_is_renewed_by_discord(delivery: Delivery, discord_api: DiscordSandbox):
    """A day later it is dead; the fresh one is another."""
    old = attachment(discord_api)
    discord_api.advance(23 * HOUR)
    fresh = await delivery.renew([old])
    assert fresh.keys() == {old}
    assert fresh[old] != old
    assert fresh[old].startswith(old.partition("?")[0])


async def test_a_link_that_lives_is_left_alone(delivery: Delivery, discord_api: DiscordSandbox):
    """Most jobs are submitted at once: no question is asked for them."""
    link = attachment(discord_api)
    other = "https://elsewhere.example/video.mp4"
    assert await delivery.renew([link, other]) == {link: link, other: other}
    assert asked(discord_api) == 0


async def test_our_own_links_are_signed_anew(bot: Reelcord, discord_api: DiscordSandbox):
    """The path stays, the end moves."""
    old = LINKS.sign("/inputs/abc/0", 1_000)
    fresh = await DiscordDelivery(bot, LINKS, clock=lambda: 5_000.0).renew([old])
    assert fresh == {old: LINKS.sign("/inputs/abc/0", 5_000 + 24 * 3600)}
    assert asked(discord_api) == 0


def refuse(discord_api: DiscordSandbox, how: str, url: str) -> None:
    """Let Discord not refresh this link, in either of the ways it has."""
    if how == "400":
        fault = {"status": 400, "body": {"code": 50035, "message": "Invalid Form Body"}}
    else:
        fault = {"status": 200, "body": {"refreshed_urls": [{"original": url, "refreshed": None}]}}
    discord_api.faults.add("/attachments/refresh-urls", **fault)


@pytest.mark.parametrize("how", ["400", "null"])
async def test_a_refusal_leaves_links_that_live_as_they_are(how: str, delivery: Delivery, discord_api: DiscordSandbox):
    """Whether the service can still fetch them is for the service to say."""
    old = attachment(discord_api)
    discord_api.advance(23 * HOUR)
    refuse(discord_api, how, old)
    assert await delivery.renew([old]) == {old: old}
    assert asked(discord_api) == 1


@pytest.mark.parametrize("how", ["400", "null"])
async def test_a_refusal_of_a_dead_link_is_the_end(how: str, delivery: Delivery, discord_api: DiscordSandbox):
    """Nobody can fetch it any more, so nothing may be paid for that needs it."""
    old = attachment(discord_api)
    discord_api.advance(25 * HOUR)
    refuse(discord_api, how, old)
    with pytest.raises(LinkExpired) as caught:
        await delivery.renew([old])
    assert (
        str(caught.value)
        == "The link of a picture or video has expired: give the command again with the file attached."
    )


async def test_a_refused_link_without_an_end_is_left_as_it_is(delivery: Delivery, discord_api: DiscordSandbox):
    """It does not say that it is dead."""
    plain = attachment(discord_api).partition("?")[0]
    refuse(discord_api, "null", plain)
    assert await delivery.renew([plain]) == {plain: plain}


@pytest.mark.parametrize("fault", [{"status": 503}, {"status": 401}, {"drop": True}], ids=["503", "401", "dropped"])
async def test_a_discord_that_is_away_is_waited_for(
    fault: dict[str, int], delivery: Delivery, discord_api: DiscordSandbox
):
    """The submit is put off: nothing was paid yet."""
    old = attachment(discord_api)
    discord_api.advance(30 * HOUR)
    discord_api.faults.add("/attachments/refresh-urls", **fault)
    with pytest.raises(DeliveryDelayed):
        await delivery.renew([old])
