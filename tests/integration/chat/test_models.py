"""The models offered while a person types: those of the service, never late."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from bot.api.client import VideoApi
from bot.chat.models import FRESH_SECONDS, ModelList
from bot.sandbox.discord_api import DiscordSandbox
from bot.sandbox.video_api import VideoApiSandbox
from tests.integration.chat.conftest import StartBot

MODELS = ["Kling-2.6", "kling-v1", "sora-2", "veo_3_1", "x" * 101]


@pytest.fixture
async def video_api() -> AsyncIterator[VideoApiSandbox]:
    """A service with five models, one of which has a name too long for Discord."""
    async with VideoApiSandbox(models=MODELS) as sandbox:
        yield sandbox


@pytest.fixture
async def api(video_api: VideoApiSandbox) -> AsyncIterator[VideoApi]:
    """Its client."""
    client = VideoApi("octopusx", video_api.url, SecretStr(video_api.key))
    yield client
    await client.aclose()


async def test_kling_and_video_offer_the_services_models(
    start_bot: StartBot, discord_api: DiscordSandbox, api: VideoApi
):
    """/kling only its own, /video all; what was typed narrows the list."""
    async with start_bot(apis={"octopusx": api}):

        async def offered(command: str, typed: str) -> list[str]:
            options = {"prompt": "a fox", "model": typed}
            choices = await discord_api.autocomplete("member", "general", command, options, focused="model")
            return [choice["value"] for choice in choices]

        assert await offered("kling", "") == ["Kling-2.6", "kling-v1"]
        assert await offered("video", "") == ["Kling-2.6", "kling-v1", "sora-2", "veo_3_1"]
        assert await offered("video", "VEO") == ["veo_3_1"]


async def test_the_list_is_asked_for_once_in_five_minutes(video_api: VideoApiSandbox, api: VideoApi):
    """Every keystroke is an autocomplete; the service is not asked at each."""
    now = 0.0
    models = ModelList(api, clock=lambda: now)
    await asyncio.gather(models.names(), models.names())
    video_api.models = ["new-model"]
    assert "sora-2" in await models.names()
    now = FRESH_SECONDS + 1
    assert await models.names() == ["new-model"]


async def test_a_slow_service_costs_no_more_than_the_budget(video_api: VideoApiSandbox, api: VideoApi):
    """What is known is offered in time, and the answer that comes later serves the next keystroke."""
    gate = asyncio.Event()
    video_api.faults.add("/v1/models", hold=gate)
    models = ModelList(api, budget=0.02)
    assert await models.names() == []
    gate.set()
    patient = ModelList(api, budget=5.0)
    assert await patient.names() == sorted(MODELS)


async def test_a_service_that_fails_leaves_what_was_known(video_api: VideoApiSandbox, api: VideoApi):
    """A 401 or a broken answer empties no list."""
    now = 0.0
    models = ModelList(api, clock=lambda: now)
    await models.names()
    now = FRESH_SECONDS + 1
    video_api.faults.add("/v1/models", times=-1, status=401, body={"error": {"message": "Invalid token"}})
    assert await models.names() == sorted(MODELS)
