"""`reelcord check`: one line for each thing the bot stands on, and what to do where it fails."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import get_args

from pydantic import SecretStr
from rich.console import Console
from rich.text import Text

from bot import media
from bot.api.client import VideoApi
from bot.api.errors import ApiError
from bot.chat.check import check_discord
from bot.errors import SettingsError
from bot.jobs.store import Store
from bot.requests.sora import SORA_MODEL
from bot.requests.veo import VeoModel
from bot.requests.veo31 import VEO31_MODELS
from bot.requests.vidu import ViduModel
from bot.settings import Settings

QUOTA_UNITS_PER_DOLLAR = 500_000  # new-api's default


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One line of the report; `fix` says what to do when `good` is False."""

    good: bool
    what: str
    found: str
    fix: str = ""


async def report(settings: Settings) -> int:
    """Print a line for each check as it ends; returns the exit code: 0 when all is well, 1 otherwise."""
    console = Console(highlight=False, soft_wrap=True)
    bad = 0
    async for finding in _findings(settings):
        bad += not finding.good
        line = Text.assemble(
            ("ok  " if finding.good else "FIX ", "green" if finding.good else "bold red"),
            f"{finding.what}: {finding.found}",
        )
        console.print(line + Text(f" -> {finding.fix}") if finding.fix else line)
    console.print("All is well." if not bad else f"{bad} to mend.")
    return 1 if bad else 0


async def _findings(settings: Settings) -> AsyncIterator[Finding]:
    async for good, what, found, fix in check_discord(settings):
        yield Finding(good=good, what=what, found=found, fix=fix)
    upstreams = settings.upstreams()
    if not upstreams:
        yield Finding(
            good=False,
            what="Video services",
            found="no key set",
            fix="set OCTOPUSX_API_KEY, or UNIALL_API_KEY and UNIALL_BASE_URL",
        )
    for name, (url, key) in upstreams.items():
        async for finding in _check_upstream(name, url, key):
            yield finding
    yield await _check_database(settings)
    yield _check_data_dir(settings)
    yield _check_ffmpeg()


async def _check_upstream(name: str, url: str, key: SecretStr) -> AsyncIterator[Finding]:
    api = VideoApi(name, url, key)
    setting = f"{name.upper()}_API_KEY and {name.upper()}_BASE_URL"
    try:
        models = set(await api.models())
        missing = sorted(_wanted_models(name) - models)
        found = f"{len(models)} models" + (f", without {', '.join(missing)}" if missing else "")
        fix = "their commands will fail: give the key a group that has them" if missing else ""
        yield Finding(good=not missing, what=f"{name} models", found=found, fix=fix)
    except ApiError as error:
        yield Finding(good=False, what=f"{name} key", found=error.sentence, fix=f"check {setting}")
        return
    finally:
        await api.aclose()
    api = VideoApi(name, url, key)
    try:
        balance = await api.balance()
        left = (
            "unlimited"
            if balance.unlimited
            else f"{balance.available:,} units (about ${balance.available / QUOTA_UNITS_PER_DOLLAR:,.2f})"
        )
        yield Finding(
            good=balance.unlimited or balance.available > 0,
            what=f"{name} balance",
            found=left,
            fix="" if balance.available > 0 else "top up the account",
        )
    except ApiError:
        yield Finding(good=True, what=f"{name} balance", found="this service does not say")
    finally:
        await api.aclose()


def _wanted_models(upstream: str) -> set[str]:
    if upstream == "uniall":
        return set(VEO31_MODELS)
    return {*get_args(VeoModel), SORA_MODEL, *get_args(ViduModel), "kling-v1"}


async def _check_database(settings: Settings) -> Finding:
    try:
        store = await Store.open(settings.database_url)
        counts = await store.counts()
        await store.close()
    except SettingsError as error:
        return Finding(good=False, what="Database", found=str(error))
    return Finding(good=True, what="Database", found=f"opens, {sum(counts.values())} jobs")


def _check_data_dir(settings: Settings) -> Finding:
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return Finding(
            good=False, what="DATA_DIR", found=f"{folder}: {error.strerror}", fix="choose a folder the bot may write to"
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        return Finding(
            good=False, what="DATA_DIR", found=f"{folder} is not writable", fix="choose a folder the bot may write to"
        )
    free = shutil.disk_usage(folder).free / 1e9
    return Finding(
        good=free > 1,
        what="DATA_DIR",
        found=f"{folder} is writable, {free:.0f} GB free",
        fix="" if free > 1 else "free some space",
    )


def _check_ffmpeg() -> Finding:
    try:
        return Finding(good=True, what="ffmpeg", found=media.ffmpeg())
    except media.MediaError as error:
        return Finding(good=False, what="ffmpeg", found=str(error), fix="install ffmpeg")
