"""`check` against good and bad states: one line a thing, what to do where it fails, and no secret."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import discord as discord_py
import pytest
from pydantic import SecretStr

from bot import check, media
from bot.chat.check import missing_intents
from bot.jobs.store import Store
from bot.media import tool
from bot.sandbox.discord_api import DiscordSandbox
from bot.sandbox.video_api import VideoApiSandbox
from bot.settings import Settings

REFUSED_HERE = "http://127.0.0.1:9"  # nothing listens on the discard port


@pytest.fixture
async def discord() -> AsyncIterator[DiscordSandbox]:
    """Discord on loopback."""
    async with DiscordSandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def api() -> AsyncIterator[VideoApiSandbox]:
    """A video service on loopback."""
    async with VideoApiSandbox() as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Discord's address and ffmpeg's place are kept for the whole process: each test finds and leaves none."""
    monkeypatch.setattr("discord.http.Route.BASE", REFUSED_HERE)
    media.ffmpeg.cache_clear()
    yield
    media.ffmpeg.cache_clear()


@pytest.fixture
def good(discord: DiscordSandbox, api: VideoApiSandbox, tmp_path: Path) -> Settings:
    """Settings with which all is well."""
    return Settings(
        _env_file=None,  # pyright: ignore[reportCallIssue]
        discord_token=SecretStr(discord.token),
        discord_api_url=discord.api_url,
        octopusx_api_key=SecretStr(api.key),
        octopusx_base_url=api.url,
        database_url=SecretStr(f"sqlite+aiosqlite:///{tmp_path}/jobs.db"),
        data_dir=tmp_path / "data",
    )


async def _lines(settings: Settings, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    code = await check.report(settings)
    lines = capsys.readouterr().out.splitlines()
    return code, [line for line in lines if line.startswith(("ok  ", "FIX "))] + lines[-1:]  # without the test's log


async def test_a_good_state_is_all_ok_before_the_first_start_too(good: Settings, capsys: pytest.CaptureFixture[str]):
    """A newcomer checks before the bot has ever run, and is not told to mend what `run` does by itself."""
    code, lines = await _lines(good, capsys)
    assert code == 0, lines
    assert [line.split(":")[0] for line in lines[:-1]] == [
        "ok  Discord",
        "ok  Discord intents",
        "ok  Discord commands",
        "ok  octopusx models",
        "ok  octopusx balance",
        "ok  Database",
        "ok  DATA_DIR",
        "ok  ffmpeg",
        "ok  Links",
    ]
    assert lines[-2] == "ok  Links: none offered, since PUBLIC_URL is not set"
    assert lines[-1] == "All is well."


async def test_a_key_without_a_limit_is_told_as_one(
    good: Settings, api: VideoApiSandbox, capsys: pytest.CaptureFixture[str]
):
    """What such a key has "left" means nothing, and is no reason to top up."""
    data = {"total_granted": 0, "total_used": 0, "total_available": 0, "unlimited_quota": True}
    api.faults.add("/api/usage/token", status=200, body={"code": True, "message": "ok", "data": data})
    code, lines = await _lines(good, capsys)
    assert (code, lines[4]) == (0, "ok  octopusx balance: the key has no limit of its own")


async def test_stale_commands_are_found(good: Settings, discord: DiscordSandbox, capsys: pytest.CaptureFixture[str]):
    """Discord still has the commands of an older version: the line names what `run` would register."""
    url = f"{discord.api_url}/applications/{discord.world.application_id}/commands"
    stale = [{"name": "oldcommand", "description": "Of another time", "type": 1}]
    headers = {"Authorization": f"Bot {discord.token}"}
    async with aiohttp.ClientSession() as session, session.put(url, json=stale, headers=headers) as answer:
        assert answer.status == 200
    code, lines = await _lines(good, capsys)
    assert code == 1
    assert [line for line in lines if line.startswith("FIX")] == [
        "FIX Discord commands: 1 registered (oldcommand) -> start `run` once, which registers jobs, kling, sora, veo, video, vidu",
    ]


def test_an_intent_that_is_not_granted_is_named():
    """None is asked for today; one that were would be held against what the application has been granted."""
    granted = discord_py.ApplicationFlags(gateway_message_content_limited=True)
    wanted = discord_py.Intents(members=True, message_content=True)
    assert missing_intents(wanted, granted) == ["members"]


async def test_no_setting_at_all_names_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Nothing is set: the two things that have to be are named."""
    code, lines = await _lines(
        Settings(_env_file=None, database_url=SecretStr(f"sqlite:///{tmp_path}/a.db"), data_dir=tmp_path),  # pyright: ignore[reportCallIssue]
        capsys,
    )
    assert code == 1
    assert [line for line in lines if line.startswith("FIX")] == [
        "FIX Discord: no token set -> set DISCORD_TOKEN to your bot's token (Discord's developer portal, Bot, Reset Token)",
        "FIX Video services: no key set -> set OCTOPUSX_API_KEY, or both UNIALL_API_KEY and UNIALL_BASE_URL",
    ]
    assert lines[-1] == "2 to mend."


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            {"discord_token": SecretStr("wrong.secret.token")},
            "FIX Discord: not ready -> DISCORD_TOKEN: Discord refuses this token; reset it in the developer portal and set it anew",
        ),
        (
            {"discord_api_url": f"{REFUSED_HERE}/api/v10"},
            "FIX Discord: not ready -> Discord cannot be reached (ClientConnectorError): check the network and DISCORD_API_URL, and start again",
        ),
        (
            {"discord_guild_id": 4242},
            "FIX Discord: not ready -> DISCORD_GUILD_ID: the bot is not in this server; invite it there, or leave the setting out",
        ),
        (
            {"octopusx_api_key": SecretStr("sk-wrong-secret")},
            "FIX octopusx key: refused (HTTP 401) -> check OCTOPUSX_API_KEY, and that its account has funds",
        ),
        (
            {"octopusx_base_url": REFUSED_HERE},
            f"FIX octopusx at {REFUSED_HERE}: cannot be reached -> check the network and OCTOPUSX_BASE_URL",
        ),
        (
            {"data_dir": Path("/proc/none")},
            "FIX DATA_DIR: cannot write to /proc/none (No such file or directory) -> set DATA_DIR to a folder the bot may write to",
        ),
        (
            {"public_url": "https://bot.example", "http_port": 0},
            "FIX Links: none offered, since HTTP_PORT 0 leaves nobody to answer them -> set HTTP_PORT, or leave PUBLIC_URL out",
        ),
        (
            {"public_url": "http://localhost:8080"},
            "FIX Links: http://localhost:8080, answered on 127.0.0.1:8080 -> set PUBLIC_URL to where others reach this machine",
        ),
        (
            {"public_url": "http://bot.example:8080"},
            "FIX Links: http://bot.example:8080, answered on 127.0.0.1:8080 -> set HTTP_HOST to 0.0.0.0, or PUBLIC_URL to the address of a reverse proxy: nobody else reaches this port",
        ),
    ],
    ids=["token", "Discord away", "server", "key", "service away", "folder", "no server", "own address", "own port"],
)  # fmt: skip
async def test_a_bad_setting_is_one_line_with_what_to_do(
    good: Settings, change: dict, line: str, capsys: pytest.CaptureFixture[str]
):
    """Exactly one line is to mend, it names the setting, and no secret is in it."""
    code, lines = await _lines(good.model_copy(update=change), capsys)
    assert code == 1
    assert [each for each in lines if each.startswith("FIX")] == [line]
    assert "secret" not in "\n".join(lines)
    assert lines[-1] == "1 to mend."


@pytest.mark.parametrize(
    "change",
    [
        {"public_url": "https://bot.example"},
        {"public_url": "http://bot.example"},
        {"public_url": "http://bot.example:8080", "http_host": "0.0.0.0"},
        {"public_url": "http://192.0.2.7:8080", "http_host": "::"},
    ],
    ids=["proxy", "proxy without TLS", "every address", "IPv6 too"],
)
async def test_links_that_somebody_answers_are_fine(good: Settings, change: dict, capsys: pytest.CaptureFixture[str]):
    """Behind a reverse proxy, or open to the network itself."""
    settings = good.model_copy(update=change | {"originals_mb": 1})
    code, lines = await _lines(settings, capsys)
    assert (code, lines[-2]) == (
        0,
        f"ok  Links: {settings.public_url}, answered on {settings.http_host}:{settings.http_port}",
    )


@pytest.mark.parametrize(
    ("change", "fix"),
    [
        ({"max_video_mb": 10**12}, "lower MAX_VIDEO_MB: videos may come to take 1,048,576,000 GB here"),
        (
            {"max_video_mb": 1, "originals_mb": 10**12, "public_url": "https://bot.example"},
            "lower ORIGINALS_MB: videos may come to take 1,048,576,000 GB here",
        ),
    ],
    ids=["a single video", "kept originals"],
)
async def test_a_disk_that_videos_would_fill_is_said(
    good: Settings, change: dict, fix: str, capsys: pytest.CaptureFixture[str]
):
    """A full disk stops the database, too; originals count only where links lead to them."""
    code, lines = await _lines(good.model_copy(update=change), capsys)
    assert (code, lines[6].partition(" -> ")[2]) == (1, f"free some space, or {fix}")
    code, _ = await _lines(good.model_copy(update={"max_video_mb": 1, "originals_mb": 10**12}), capsys)
    assert code == 0


async def test_videos_that_are_here_already_are_no_lack_of_space(good: Settings, capsys: pytest.CaptureFixture[str]):
    """Originals fill their share sooner or later, and that is no fault."""
    (good.data_dir / "originals").mkdir(parents=True)
    with (good.data_dir / "originals" / "abc234.mp4").open("wb") as file:
        file.truncate(2 * 1024**4)  # as long as two terabytes, and empty
    settings = good.model_copy(update={"originals_mb": 2 * 1024**2, "public_url": "https://bot.example"})
    code, lines = await _lines(settings, capsys)
    assert code == 0, lines


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (
            "/users/@me$",
            "FIX Discord: not ready -> Discord cannot be reached (ServerDisconnectedError): check the network and DISCORD_API_URL, and start again",
        ),
        (
            "/commands",
            "FIX Discord: not ready -> Discord could not answer (ServerDisconnectedError): try again soon",
        ),
    ],
    ids=["at the login", "after it"],
)  # fmt: skip
async def test_a_connection_that_drops_is_one_line(
    good: Settings, discord: DiscordSandbox, path: str, line: str, capsys: pytest.CaptureFixture[str]
):
    """Whatever stands before Discord hangs up without an answer, which aiohttp calls no OSError."""
    discord.faults.add(path, times=-1, drop=True)  # aiohttp asks a second time
    code, lines = await _lines(good, capsys)
    assert code == 1
    assert [each for each in lines if each.startswith("FIX")] == [line]


async def test_missing_models_are_named(good: Settings, api: VideoApiSandbox, capsys: pytest.CaptureFixture[str]):
    """The key's group has one model only: the commands that will fail can be read off."""
    api.models = ["sora-2"]
    _, lines = await _lines(good, capsys)
    assert lines[3] == (
        "FIX octopusx models: the key may use 1 -> commands fail that use kling-v1, veo_3_1, veo_3_1-fast, viduq2-pro,"
        " viduq2-turbo, viduq3-pro: give the key a group that has them"
    )


async def test_a_low_balance_is_said(good: Settings, api: VideoApiSandbox, capsys: pytest.CaptureFixture[str]):
    """Half a dollar pays for no video: better read here than on the first card."""
    api.balance = 250_000
    _, lines = await _lines(good, capsys)
    assert lines[4] == (
        "FIX octopusx balance: 250,000 units, about $0.50 -> raise the key's limit or top up: this may not pay for a video"
    )


async def test_a_service_that_does_not_tell_its_balance_is_fine(
    good: Settings, api: VideoApiSandbox, capsys: pytest.CaptureFixture[str]
):
    """Not every deployment has the route, and no video depends on it."""
    api.faults.add("^/api/usage/token", status=404, body={"error": {"message": "Invalid URL", "code": ""}})
    code, lines = await _lines(good, capsys)
    assert (code, lines[4]) == (0, "ok  octopusx balance: this service does not say")


async def test_a_newer_database_is_left_alone(good: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """A database of a newer release is named and not touched."""
    await (await Store.open(good.database_url.get_secret_value())).close()
    with sqlite3.connect(tmp_path / "jobs.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    code, lines = await _lines(good, capsys)
    assert code == 1
    assert lines[5].startswith("FIX Database: cannot be used -> DATABASE_URL: ")
    assert "newer release" in lines[5]


async def test_an_ffmpeg_without_its_encoders_is_found_out(
    good: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """Some systems ship an ffmpeg that cannot write H.264: no video could be made to fit."""
    poor = tmp_path / "ffmpeg"
    poor.write_text("#!/bin/sh\necho ' A....D aac   AAC (Advanced Audio Coding)'\n")
    poor.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    _, lines = await _lines(good, capsys)
    assert lines[7] == (
        f"FIX ffmpeg: {poor} lacks libx264 -> install an ffmpeg with libx264 and aac, such as your system's package `ffmpeg`"
    )


async def test_no_ffmpeg_at_all_is_said(
    good: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """Neither PATH nor the package has one."""

    def none() -> str:
        raise RuntimeError("No ffmpeg exe could be found.")

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(tool.imageio_ffmpeg, "get_ffmpeg_exe", none)
    code, lines = await _lines(good, capsys)
    assert code == 1
    assert lines[7].startswith("FIX ffmpeg: no ffmpeg was found: install it")
