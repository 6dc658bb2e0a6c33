"""Every setting, read once from the environment and `.env`, frozen, and passed down by the command line."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import SettingsError

#: What to do where no token, and where no key, is set.
DISCORD_FIX = "set DISCORD_TOKEN to your bot's token (Discord's developer portal, Bot, Reset Token)"
UPSTREAM_FIX = "set OCTOPUSX_API_KEY, or both UNIALL_API_KEY and UNIALL_BASE_URL"
MB = 1024**2
"""Bytes: what the settings named so count in."""


def _address(*schemes: str) -> AfterValidator:
    def check(url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in schemes or not parts.hostname:
            raise ValueError(f"must be an address that starts with {' or '.join(f'{each}://' for each in schemes)}")
        if "@" in parts.netloc or parts.query:  # addresses are shown, in logs and by `check`
            raise ValueError("must hold no user, password or query")
        return url.rstrip("/")

    return AfterValidator(check)


def _is_one_word(secret: SecretStr) -> SecretStr:
    """What goes into an HTTP header; what does not fit there is a slip in copying, and is not quoted."""
    if not re.fullmatch("[!-~]+", secret.get_secret_value()):
        raise ValueError("must be one word of plain ASCII: copy it again")
    return secret


BaseUrl = Annotated[str, _address("https", "http")]
Key = Annotated[SecretStr, AfterValidator(_is_one_word)]


class Settings(BaseSettings):
    """The settings of the program; `.env.example` explains each one."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    discord_token: Key | None = None
    discord_api_url: BaseUrl | None = None
    discord_gateway_url: Annotated[str, _address("wss", "ws")] | None = None
    discord_guild_id: int | None = None

    octopusx_api_key: Key | None = None
    octopusx_base_url: BaseUrl = "https://octopusx.ai"
    uniall_api_key: Key | None = None
    uniall_base_url: BaseUrl | None = None

    #: Secret since it may hold a password.
    database_url: SecretStr = SecretStr("sqlite+aiosqlite:///data/reelcord.db")
    data_dir: Path = Path("data")
    max_video_mb: int = Field(default=1024, gt=0)
    originals_days: float = Field(default=7, gt=0, le=36_500)
    originals_mb: int = Field(default=20_480, gt=0)

    poll_interval: float = Field(default=15, gt=0)
    job_timeout: float = Field(default=7200, gt=0)
    off_peak_timeout: float = Field(default=172_800, gt=0)
    jobs_per_user: int = Field(default=10, ge=0)
    sora_seconds: Annotated[tuple[int, ...], NoDecode] = (4, 8, 10, 12, 15)
    vidu_q3_max_seconds: int = Field(default=16, ge=1)
    veo31_references_free: bool = False

    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8080, ge=0, le=65535)
    public_url: BaseUrl | None = None

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] = "console"

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, values: dict[str, object]) -> dict[str, object]:
        """A value of spaces is none, and the line end of a mounted secret is no part of it."""
        stripped = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
        return {name: value for name, value in stripped.items() if value != ""}

    @field_validator("sora_seconds", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _uniall_needs_both(self) -> Self:
        if (self.uniall_api_key is None) != (self.uniall_base_url is None):
            raise ValueError("set both UNIALL_API_KEY and UNIALL_BASE_URL, or neither")
        return self

    @classmethod
    def load(cls) -> Self:
        """Read the environment and `.env`.

        Raises:
            SettingsError: one line that names the first wrong setting and the fix.
        """
        try:
            return cls()
        except ValidationError as error:
            raise SettingsError(_line(error)) from None

    def make_data_dir(self) -> None:
        """Make DATA_DIR where it is missing, for its owner only, and write to it once.

        Private prompts and videos and the tokens of interactions lie in it; who made it before has chosen its rights.

        Raises:
            OSError: it cannot be written.
        """
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The right to write says nothing of a disk mounted read-only. Processes that start together each write their own.
        tempfile.TemporaryFile(dir=self.data_dir).close()

    def upstreams(self) -> dict[str, tuple[str, SecretStr]]:
        """The video services that have a key: name to (base URL, key)."""
        found: dict[str, tuple[str, SecretStr]] = {}
        if self.octopusx_api_key:
            found["octopusx"] = (self.octopusx_base_url, self.octopusx_api_key)
        if self.uniall_api_key and self.uniall_base_url:
            found["uniall"] = (self.uniall_base_url, self.uniall_api_key)
        return found


def _line(error: ValidationError) -> str:
    """The first wrong setting and what it must be, without the library's own words and without the value."""
    first = error.errors(include_url=False, include_input=False)[0]
    said = first["msg"].removeprefix("Value error, ").replace("Input should be", "must be").partition(", unable")[0]
    return f"{str(first['loc'][0]).upper()}: {said}" if first["loc"] else said
