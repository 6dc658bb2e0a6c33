"""`reelcord check`: one line for each thing the bot stands on, and what to do where it fails."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import get_args
from urllib.parse import urlsplit

from rich.console import Console
from rich.text import Text

from bot import media
from bot.api.client import VideoApi
from bot.api.errors import ApiError, Unauthorized, Unreachable
from bot.chat.check import look, own_commands
from bot.errors import SettingsError
from bot.jobs.store import Store
from bot.requests.sora import SORA_MODEL
from bot.requests.unified import KLING_MODEL
from bot.requests.veo import VeoModel
from bot.requests.veo31 import VEO31_MODELS
from bot.requests.vidu import ViduModel
from bot.settings import DISCORD_FIX, MB, UPSTREAM_FIX, Settings

UNITS_PER_DOLLAR = 500_000  # new-api's default
LITTLE = UNITS_PER_DOLLAR  # a dollar: few videos cost less than that


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One line of the report; `fix` says what to do, and is empty where all is well."""

    what: str
    found: str
    fix: str = ""


async def report(settings: Settings) -> int:
    """Print a line for each check as it ends; returns the exit code: 0 when all is well, 1 otherwise."""
    console = Console(highlight=False, soft_wrap=True)
    bad = 0
    async for finding in _findings(settings):
        bad += bool(finding.fix)
        mark = ("FIX ", "bold red") if finding.fix else ("ok  ", "green")
        advice = f" -> {finding.fix}" if finding.fix else ""
        console.print(Text.assemble(mark, f"{finding.what}: {finding.found}{advice}"))
    console.print(f"{bad} to mend." if bad else "All is well.")
    return 1 if bad else 0


async def _findings(settings: Settings) -> AsyncIterator[Finding]:
    async with AsyncExitStack() as stack:
        apis = {name: VideoApi(name, url, key) for name, (url, key) in settings.upstreams().items()}
        for api in apis.values():
            stack.push_async_callback(api.aclose)
        store, database = await _check_database(settings)
        if store:
            stack.push_async_callback(store.close)
        for finding in await _check_discord(settings, store, apis):
            yield finding
        if not apis:
            yield Finding(what="Video services", found="no key set", fix=UPSTREAM_FIX)
        for api in apis.values():
            for finding in await _check_upstream(api):
                yield finding
    yield database
    yield _check_data_dir(settings)
    yield await _check_ffmpeg()
    yield _check_links(settings)


async def _check_discord(settings: Settings, store: Store | None, apis: Mapping[str, VideoApi]) -> list[Finding]:
    """Token, intents and commands; which ones `run` would register is not known without a database."""
    if settings.discord_token is None:
        return [Finding(what="Discord", found="no token set", fix=DISCORD_FIX)]
    try:
        application = await look(settings)
    except SettingsError as error:
        return [Finding(what="Discord", found="not ready", fix=str(error))]
    own = await own_commands(settings, store, apis) if store else None
    lacking = ", ".join(application.missing_intents)
    return [
        Finding(what="Discord", found=f"logged in as {application.name}"),
        Finding(
            what="Discord intents",
            found=f"not granted: {lacking}" if lacking else "all that the bot needs",
            fix="switch them on in Discord's developer portal, Bot, Privileged Gateway Intents" if lacking else "",
        ),
        _compared(application.commands, own),
    ]


def _compared(registered: list[str], own: list[str] | None) -> Finding:
    """Whether Discord has the commands that this program would register now; before the first `run` it has none."""
    what = "Discord commands"
    if not registered:
        return Finding(what=what, found="none yet: `run` registers them")
    found = f"{len(registered)} registered ({', '.join(registered)})"
    if own is None or registered == own:
        return Finding(what=what, found=found)
    return Finding(what=what, found=found, fix=f"start `run` once, which registers {', '.join(own)}")


async def _check_upstream(api: VideoApi) -> list[Finding]:
    try:
        models = set(await api.models())
    except ApiError as error:
        return [_no_answer(api, error)]
    missing = ", ".join(sorted(_wanted_models(api.name) - models))
    fix = f"commands fail that use {missing}: give the key a group that has them" if missing else ""
    return [
        Finding(what=f"{api.name} models", found=f"the key may use {len(models)}", fix=fix),
        await _check_balance(api),
    ]


async def _check_balance(api: VideoApi) -> Finding:
    what = f"{api.name} balance"
    try:
        balance = await api.balance()
    except ApiError:
        return Finding(what=what, found="this service does not say")
    if balance.unlimited:
        return Finding(what=what, found="the key has no limit of its own")
    low = balance.available < LITTLE
    return Finding(
        what=what,
        found=f"{balance.available:,} units, about ${balance.available / UNITS_PER_DOLLAR:,.2f}",
        fix="raise the key's limit or top up: this may not pay for a video" if low else "",
    )


def _no_answer(api: VideoApi, error: ApiError) -> Finding:
    status = f" (HTTP {error.status})" if error.status else ""
    if isinstance(error, Unauthorized):
        fix = f"check {api.name.upper()}_API_KEY, and that its account has funds"
        return Finding(what=f"{api.name} key", found=f"refused{status}", fix=fix)
    found = "cannot be reached" if isinstance(error, Unreachable) else f"does not answer as it should{status}"
    fix = f"check the network and {api.name.upper()}_BASE_URL"
    return Finding(what=f"{api.name} at {api.base_url}", found=found, fix=fix)


def _wanted_models(upstream: str) -> set[str]:
    if upstream == "uniall":
        return set(VEO31_MODELS)
    return {*get_args(VeoModel), SORA_MODEL, *get_args(ViduModel), KLING_MODEL}


async def _check_database(settings: Settings) -> tuple[Store | None, Finding]:
    """The database, open, where it can be opened."""
    try:
        store = await Store.open(settings.database_url.get_secret_value())
    except SettingsError as error:
        return None, Finding(what="Database", found="cannot be used", fix=str(error))
    jobs = sum((await store.counts()).values())
    return store, Finding(what="Database", found=f"opens and can be written, {jobs} jobs")


def _check_data_dir(settings: Settings) -> Finding:
    folder = settings.data_dir
    try:
        settings.make_data_dir()
    except OSError as error:
        fix = "set DATA_DIR to a folder the bot may write to"
        return Finding(what="DATA_DIR", found=f"cannot write to {folder} ({error.strerror})", fix=fix)
    free = shutil.disk_usage(folder).free
    most = (settings.max_video_mb + (settings.originals_mb if settings.public_url else 0)) * MB
    fix = ""
    if free + _taken(folder) < most:
        lower = "ORIGINALS_MB" if settings.public_url else "MAX_VIDEO_MB"
        fix = f"free some space, or lower {lower}: videos may come to take {most / 1e9:,.0f} GB here"
    return Finding(what="DATA_DIR", found=f"{folder} can be written, {free / 1e9:,.0f} GB free", fix=fix)


def _taken(folder: Path) -> int:
    """Bytes of the videos that are in a folder already."""
    size = 0
    for video in folder.rglob("*.mp4"):
        with contextlib.suppress(FileNotFoundError):  # a bot at work takes some away
            size += video.stat().st_size
    return size


def _check_links(settings: Settings) -> Finding:
    """Whether somebody would answer a link; what a reverse proxy passes on cannot be told from here."""
    url, host, port = settings.public_url, settings.http_host, settings.http_port
    if url is None:
        return Finding(what="Links", found="none offered, since PUBLIC_URL is not set")
    if port == 0:
        fix = "set HTTP_PORT, or leave PUBLIC_URL out"
        return Finding(what="Links", found="none offered, since HTTP_PORT 0 leaves nobody to answer them", fix=fix)
    address = urlsplit(url)
    fix = ""
    if _is_own(address.hostname or ""):
        fix = "set PUBLIC_URL to where others reach this machine"
    elif _is_own(host) and address.scheme == "http" and (address.port or 80) == port:
        fix = "set HTTP_HOST to 0.0.0.0, or PUBLIC_URL to the address of a reverse proxy: nobody else reaches this port"
    return Finding(what="Links", found=f"{url}, answered on {host}:{port}", fix=fix)


def _is_own(host: str) -> bool:
    """Whether a host can be reached from its own machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _check_ffmpeg() -> Finding:
    """Whether ffmpeg is there and has the encoders that every client can play."""
    fix = "install an ffmpeg with libx264 and aac, such as your system's package `ffmpeg`"
    try:
        program = media.ffmpeg()
        lacking = await asyncio.to_thread(media.lacks_encoders, "libx264", "aac")
    except (SettingsError, OSError) as error:
        return Finding(what="ffmpeg", found=str(error), fix=fix)
    found = f"{program} lacks {' and '.join(lacking)}" if lacking else program
    return Finding(what="ffmpeg", found=found, fix=fix if lacking else "")
