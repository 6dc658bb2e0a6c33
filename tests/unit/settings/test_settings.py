"""A wrong setting is one line that names it and says what it must be, in words an operator knows."""

from pathlib import Path

import pytest

from bot.api.part import MAX_BYTES
from bot.errors import SettingsError
from bot.jobs.videos import DAY, Retention
from bot.settings import MB, Settings


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No `.env` of the folder the tests run in."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("HTTP_PORT", "web", "HTTP_PORT: must be a valid integer"),
        ("HTTP_PORT", "99999", "HTTP_PORT: must be less than or equal to 65535"),
        ("POLL_INTERVAL", "0", "POLL_INTERVAL: must be greater than 0"),
        ("MAX_VIDEO_MB", "0", "MAX_VIDEO_MB: must be greater than 0"),
        ("MAX_VIDEO_MB", "0.5", "MAX_VIDEO_MB: must be a valid integer"),
        ("ORIGINALS_MB", "20 GB", "ORIGINALS_MB: must be a valid integer"),
        ("ORIGINALS_DAYS", "0", "ORIGINALS_DAYS: must be greater than 0"),
        ("ORIGINALS_DAYS", "inf", "ORIGINALS_DAYS: must be less than or equal to 36500"),
        ("ORIGINALS_DAYS", "nan", "ORIGINALS_DAYS: must be less than or equal to 36500"),
        ("LOG_FORMAT", "xml", "LOG_FORMAT: must be 'console' or 'json'"),
        ("VEO31_REFERENCES_FREE", "maybe", "VEO31_REFERENCES_FREE: must be a valid boolean"),
        ("SORA_SECONDS", "4,soon", "SORA_SECONDS: must be a valid integer"),
        ("OCTOPUSX_BASE_URL", "octopusx.ai", "OCTOPUSX_BASE_URL: must be an address that starts with https:// or http://"),
        ("PUBLIC_URL", "https://", "PUBLIC_URL: must be an address that starts with https:// or http://"),
        ("DISCORD_GATEWAY_URL", "https://x", "DISCORD_GATEWAY_URL: must be an address that starts with wss:// or ws://"),
        ("OCTOPUSX_BASE_URL", "https://bot:sk-secret@octopusx.ai", "OCTOPUSX_BASE_URL: must hold no user, password or query"),
        ("PUBLIC_URL", "https://sk-secret@bot.example", "PUBLIC_URL: must hold no user, password or query"),
        ("DISCORD_API_URL", "https://discord.example?token=sk-secret", "DISCORD_API_URL: must hold no user, password or query"),
        ("DISCORD_TOKEN", "sk-secret\nX-More: 1", "DISCORD_TOKEN: must be one word of plain ASCII: copy it again"),
        ("OCTOPUSX_API_KEY", "sk-sécret", "OCTOPUSX_API_KEY: must be one word of plain ASCII: copy it again"),
        ("OCTOPUSX_API_KEY", "sk- secret", "OCTOPUSX_API_KEY: must be one word of plain ASCII: copy it again"),
        ("UNIALL_API_KEY", "sk-secret", "set both UNIALL_API_KEY and UNIALL_BASE_URL, or neither"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_one_plain_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str, line: str):
    """The line holds the setting's name and what it must be, nothing of a library's and never the value."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        Settings.load()
    assert str(caught.value) == line


SECRETS = {
    "DISCORD_TOKEN": "MTIz.hidden-token",
    "OCTOPUSX_API_KEY": "sk-hidden-octopusx",
    "UNIALL_API_KEY": "sk-hidden-uniall",
    "DATABASE_URL": "postgresql+asyncpg://bot:hidden-password@db/reelcord",
}


def test_no_way_to_print_the_settings_shows_a_secret(monkeypatch: pytest.MonkeyPatch):
    """Neither repr, str, JSON, a dictionary nor an f-string; each is there for whoever asks for the value."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("UNIALL_BASE_URL", "https://uniall.example")
    settings = Settings.load()
    shown = f"{settings} {settings!r} {settings.model_dump()} {settings.model_dump_json()} {settings.upstreams()}"
    assert "hidden" not in shown
    for name, value in SECRETS.items():
        assert getattr(settings, name.lower()).get_secret_value() == value


def test_an_address_loses_its_last_slash(monkeypatch: pytest.MonkeyPatch):
    """Paths are put behind it, and two slashes would be another path."""
    monkeypatch.setenv("OCTOPUSX_BASE_URL", "https://gateway.example/")
    assert Settings.load().octopusx_base_url == "https://gateway.example"


def test_days_may_have_decimals(monkeypatch: pytest.MonkeyPatch):
    """Half a day is twelve hours."""
    monkeypatch.setenv("ORIGINALS_DAYS", "0.5")
    assert Settings.load().originals_days == 0.5


def test_the_defaults_are_those_of_the_engine():
    """What .env.example and README say is what the engine and the client do without being told."""
    settings = Settings.load()
    assert settings.max_video_mb * MB == MAX_BYTES
    assert settings.originals_days * DAY == Retention().originals_for
    assert settings.originals_mb * MB == Retention().originals_most


def test_data_dir_is_made_for_its_owner_only(tmp_path: Path):
    """Private videos and prompts lie in it; a folder that is there keeps the rights it was given."""
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    theirs.mkdir()
    theirs.chmod(0o755)

    for folder in (ours, theirs):
        Settings(data_dir=folder).make_data_dir()

    assert [folder.stat().st_mode & 0o777 for folder in (ours, theirs)] == [0o700, 0o755]
