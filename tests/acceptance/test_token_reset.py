"""The bot's token is reset while paid videos are on their way: one line for the operator, and nothing is lost."""

import pytest

from tests.acceptance.stage import Stage

pytestmark = pytest.mark.unmeasured


@pytest.mark.parametrize("command", ["run", "worker"])
async def test_a_token_that_rest_refuses_ends_the_program_with_one_line_and_keeps_what_is_paid(
    command: str, stage: Stage
):
    """Discord's gateway has not noticed yet, or there is none: the program stops asking; with a good token it goes on."""
    stage.api.seconds_to_done = 3600
    bot = await stage.start_bot(LOG_LEVEL="ERROR")
    card = await stage.type("veo", {"prompt": "A lost key"})
    await stage.until(lambda: "Generating" in card.text())
    if command == "worker":
        assert await stage.stop(bot) == 0
        before = len(stage.discord.log)
        bot = await stage.start_bot(ready=False, command="worker", LOG_LEVEL="ERROR")
        await stage.until(lambda: len(stage.discord.log) > before + 1)  # it has signed in
    stage.discord.reset_token()
    stage.ahead = 3600
    assert await bot.wait() == 2
    assert (stage.folder / "bot.log").read_text() == (
        "reelcord: DISCORD_TOKEN: Discord refuses this token; reset it in the developer portal and set it anew\n"
    )
    assert len([entry for entry in stage.discord.log if entry.status == 401]) < 10

    stage.discord.faults.clear()
    stage.discord._gateway.change_token(stage.discord.token)
    await stage.start_bot()
    await stage.until(lambda: "Done" in card.text())
    assert (len(stage.results(card)), len(stage.api.tasks)) == (1, 1)
