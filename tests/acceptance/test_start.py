"""How the program starts, and how it says what is missing."""

import asyncio
from pathlib import Path

import pytest

from bot.sandbox.program import ROOT
from tests.acceptance.stage import Stage


async def _end(stage: Stage, **settings: str) -> tuple[int, str]:
    bot = await stage.start_bot(ready=False, **settings)
    code = await bot.wait()
    return code, (stage.folder / "bot.log").read_text()


async def test_run_without_a_token_exits_2_with_one_line(stage: Stage):
    """The operator reads which setting is missing."""
    code, text = await _end(stage, DISCORD_TOKEN="")
    assert code == 2
    assert len(text.splitlines()) == 1
    assert "DISCORD_TOKEN" in text


async def test_run_without_any_upstream_exits_2_with_one_line(stage: Stage):
    """A bot that could make no video does not start."""
    code, text = await _end(stage, OCTOPUSX_API_KEY="", UNIALL_API_KEY="", UNIALL_BASE_URL="")
    assert code == 2
    assert len(text.splitlines()) == 1
    assert "OCTOPUSX_API_KEY" in text


async def test_run_with_a_refused_token_exits_2_with_one_line(stage: Stage):
    """A wrong token is named, with no stack trace and without the token."""
    code, text = await _end(stage, DISCORD_TOKEN="wrong.token.here", LOG_LEVEL="ERROR")
    assert code == 2
    assert "DISCORD_TOKEN" in text
    assert "Traceback" not in text
    assert "wrong.token.here" not in text


@pytest.mark.parametrize(("method", "path"), [("GET", "/users/@me$"), ("PUT", "/commands$")], ids=["login", "sync"])
async def test_a_stop_while_starting_is_polite_too(stage: Stage, method: str, path: str):
    """Discord does not answer yet when the operator thinks better of it: exit 0, as at any other moment."""
    fault = stage.discord.faults.add(path, method=method, hold=asyncio.Event())
    bot = await stage.start_bot(ready=False)
    await asyncio.wait_for(fault.reached.wait(), 30)
    assert await stage.stop(bot) == 0


async def test_a_token_reset_while_the_bot_runs_ends_it_with_one_line(stage: Stage):
    """Discord closes the WebSocket with 4004: the bot drains and names the setting, with no stack trace."""
    bot = await stage.start_bot(LOG_LEVEL="ERROR")
    await stage.discord.drop_socket(4004)
    assert await bot.wait() == 2
    assert (stage.folder / "bot.log").read_text() == (
        "reelcord: Discord ended the connection for good: DISCORD_TOKEN: Discord refuses this token;"
        " reset it in the developer portal and set it anew\n"
    )


async def test_run_without_any_ffmpeg_exits_2_with_one_line(stage: Stage):
    """Videos could not be made ready, so none is ordered either."""
    blind = "import imageio_ffmpeg as i, shutil\ni.get_ffmpeg_exe = lambda: (_ for _ in ()).throw(RuntimeError())\n"
    (stage.folder / "sitecustomize.py").write_text(blind + "shutil.which = lambda *_: None\n")
    code, text = await _end(stage, LOG_LEVEL="ERROR", PYTHONPATH=f"{stage.folder}:{ROOT}")
    assert code == 2
    assert text == "reelcord: no ffmpeg was found: install it, such as your system's package `ffmpeg`\n"


async def test_run_with_a_folder_it_cannot_write_exits_2_with_one_line(stage: Stage):
    """DATA_DIR is where nothing can be made."""
    code, text = await _end(stage, DATA_DIR="/proc/none", LOG_LEVEL="ERROR")
    assert code == 2
    assert text == (
        "reelcord: DATA_DIR: cannot write to /proc/none (No such file or directory);"
        " choose another folder or fix its permissions\n"
    )


async def test_run_with_discord_out_of_reach_exits_2_with_one_line(stage: Stage):
    """The network is not up yet, or the address is wrong: one line, no stack trace; a supervisor starts it again."""
    code, text = await _end(stage, DISCORD_API_URL="http://127.0.0.1:9/api/v10", LOG_LEVEL="ERROR")
    assert code == 2
    assert text == (
        "reelcord: Discord cannot be reached (ClientConnectorError): check the network and DISCORD_API_URL,"
        " and start again\n"
    )


async def test_run_with_a_server_the_bot_is_not_in_exits_2_with_one_line(stage: Stage):
    """DISCORD_GUILD_ID names a server that nobody invited the bot to."""
    code, text = await _end(stage, DISCORD_GUILD_ID="4242", LOG_LEVEL="ERROR")
    assert code == 2
    assert text == (
        "reelcord: DISCORD_GUILD_ID: the bot is not in this server; invite it there, or leave the setting out\n"
    )


async def test_a_quiet_start_logs_no_warning(stage: Stage):
    """discord.py's warnings of missing voice libraries, and of intents nobody needs, are no operator's matter."""
    bot = await stage.start_bot()
    await stage.stop(bot)
    worker = await stage.start_bot(ready=False, command="worker")
    await stage.discord.wait_for(lambda: "signed_in" in (stage.folder / "bot.log").read_text(), timeout=20)
    await stage.stop(worker)
    text = (stage.folder / "bot.log").read_text()
    assert "[info" in text
    assert "[warning" not in text
    assert "Traceback" not in text


async def test_a_vendor_without_a_key_is_not_registered(stage: Stage):
    """Without a UniAll key there is no /veo31 to choose."""
    await stage.start_bot(UNIALL_API_KEY="", UNIALL_BASE_URL="")
    names = {command["name"] for command in stage.discord.commands}
    assert "veo31" not in names
    assert {"veo", "sora", "vidu", "kling", "video", "jobs"} <= names


async def test_check_says_what_is_well_and_what_to_mend(stage: Stage, tmp_path: Path):
    """`check` prints a line a thing and exits 0 when all is well, 1 with a fix when the key is refused."""
    bot = await stage.start_bot()
    await stage.stop(bot)
    (tmp_path / "bot.log").write_text("")
    good = await stage.start_bot(ready=False, command="check")
    assert await good.wait() == 0, (tmp_path / "bot.log").read_text()
    bad = await stage.start_bot(ready=False, command="check", OCTOPUSX_API_KEY="sk-wrong")
    assert await bad.wait() == 1
    assert "OCTOPUSX_API_KEY" in (tmp_path / "bot.log").read_text()
    assert "sk-wrong" not in (tmp_path / "bot.log").read_text()
