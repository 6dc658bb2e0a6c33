"""OpenAI's own client, which was not written for us, works against the stand-in."""

from collections.abc import AsyncIterator

import openai
import pytest

from bot.sandbox.video_api import Part, VideoApiSandbox
from tests.integration.sandbox_video.conftest import picture

pytestmark = pytest.mark.filterwarnings("ignore:The Sora API is scheduled to permanently shut down:DeprecationWarning")


@pytest.fixture
async def sdk(api: VideoApiSandbox) -> AsyncIterator[openai.AsyncOpenAI]:
    """The SDK, told never to repeat a POST."""
    async with openai.AsyncOpenAI(base_url=f"{api.url}/v1", api_key=api.key, max_retries=0) as sdk:
        yield sdk


async def test_the_openai_sdk_creates_retrieves_and_downloads(api: VideoApiSandbox, sdk: openai.AsyncOpenAI):
    """Create, retrieve and download_content work end to end, and the file is the one in the ledger."""
    created = await sdk.videos.create(model="sora-2", prompt="a cat", seconds="8", size="1280x720")
    task = api.tasks[created.id]
    await api.wait_for(lambda: task.status == "SUCCESS")
    video = await sdk.videos.retrieve(created.id)
    downloaded = await sdk.videos.download_content(created.id)

    assert (created.status, created.progress, created.seconds, created.size) == ("queued", 0, "8", "1280x720")
    assert (video.id, video.status, video.progress) == (created.id, "completed", 100)
    assert task.video is not None
    assert downloaded.content == task.video.read_bytes()
    assert [(call.method, call.created, call.task_id) for call in api.posts] == [("POST", True, created.id)]


async def test_the_openai_sdk_uploads_a_reference_picture(api: VideoApiSandbox, sdk: openai.AsyncOpenAI):
    """The SDK's multipart form arrives part by part as sent, and the picture reaches the video."""
    data = picture(1280, 720)
    created = await sdk.videos.create(
        model="sora-2", prompt="a cat", size="1280x720", input_reference=("ref.png", data, "image/png")
    )
    parts = {part.name: part for part in api.posts[0].parts}

    assert parts["input_reference"] == Part(
        name="input_reference", filename="ref.png", content_type="image/png", data=data
    )
    assert {name: part.text for name, part in parts.items() if part.filename is None} == {
        "model": "sora-2",
        "prompt": "a cat",
        "size": "1280x720",
    }
    assert api.tasks[created.id].plan.pictures == (data,)


async def test_the_openai_sdk_understands_the_refusals(api: VideoApiSandbox, sdk: openai.AsyncOpenAI):
    """A wrong key is an authentication error to the SDK and a wrong size a bad request."""
    with pytest.raises(openai.BadRequestError) as refused:
        await sdk.videos.create(model="sora-2", prompt="a cat", size="1024x1792")
    assert refused.value.body == {"code": "invalid_size", "message": "sora-2 size is invalid", "data": None}

    with pytest.raises(openai.AuthenticationError):
        await sdk.with_options(api_key="sk-wrong").videos.create(model="sora-2", prompt="a cat")
    assert api.tasks == {}
