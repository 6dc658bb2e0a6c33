"""What goes wrong on the wire, and what the ledger then holds."""

import asyncio
import base64
import json

import aiohttp
import pytest

from bot.sandbox.video_api import VideoApiSandbox
from tests.integration.sandbox_video.conftest import Client

VEO = {"model": "veo_3_1", "prompt": "x", "seconds": "8"}


async def ready(client: Client) -> str:
    """The id of a finished video."""
    task = await client.made(**VEO)
    await client.api.wait_for(lambda: task.status == "SUCCESS")
    return task.id


async def link_of(client: Client, video_id: str) -> str:
    """The link its status shows."""
    return json.loads((await client.get(f"/v1/videos/{video_id}"))[1])["video_url"]


async def test_a_lost_answer_leaves_a_paid_task(client: Client):
    """The POST was carried out, its answer never came: one task, one charge, and a call without a status."""
    before = client.api.balance
    client.api.faults.add("/v1/videos$", method="POST", after=True, drop=True)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.post("/v1/videos", **VEO)

    (task,) = client.api.tasks.values()
    (call,) = client.api.posts
    assert (call.created, call.task_id, call.status, call.json) == (True, task.id, None, VEO)
    assert client.api.balance == before - task.charged


async def test_a_fault_before_the_handler_creates_nothing(client: Client):
    """An empty 429 without Retry-After: the call is in the log, and the next one goes through."""
    client.api.faults.add("/v1/videos$", method="POST", status=429)
    async with client.session.post(f"{client.api.url}/v1/videos", json=VEO) as answer:
        assert (answer.status, await answer.read(), "Retry-After" in answer.headers) == (429, b"", False)
    await client.made(**VEO)
    assert [(call.status, call.created) for call in client.api.posts] == [(429, False), (200, True)]


async def test_an_id_whose_row_was_never_inserted(client: Client):
    """It was answered and charged, and every route denies it for ever."""
    client.api.next(insert_failed=True)
    task = await client.made(**VEO)
    unknown = (400, '{"code":"task_not_exist","message":"task_not_exist","data":null}')
    assert [await client.get(f"/v1/videos/{task.id}"), await client.get(f"/v1/video/generations/{task.id}")] == [
        unknown
    ] * 2
    assert (await client.get(f"/v1/videos/{task.id}/content"))[0] == 404
    assert (await client.post(f"/v1/videos/{task.id}/remix", prompt="x"))[0] == 400
    assert client.api.used == task.charged > 0


async def test_content_streams_the_whole_file_and_ignores_range(client: Client):
    """No 206 ever: the full length, the forced cache header, the file of the ledger."""
    video_id = await ready(client)
    url = f"{client.api.url}/v1/videos/{video_id}/content"
    async with client.session.get(url, headers={"Range": "bytes=10-20"}) as answer:
        data = await answer.read()
        assert (answer.status, answer.content_type) == (200, "video/mp4")
        assert answer.headers["Cache-Control"] == "public, max-age=86400"
        assert answer.headers["Content-Length"] == str(len(data))
    file = client.api.tasks[video_id].video
    assert file is not None
    assert data == file.read_bytes()


async def test_content_may_refuse_a_completed_task_for_a_while(client: Client):
    """The status says completed, /content says not yet, as often as told."""
    client.api.next(content_refuses=1)
    video_id = await ready(client)
    assert [(await client.get(f"/v1/videos/{video_id}"))[0], (await client.get(f"/v1/videos/{video_id}/content"))] == [
        200,
        (
            400,
            '{"error":{"message":"Task is not completed yet, current status: IN_PROGRESS","type":"invalid_request_error"}}',
        ),
    ]
    async with client.session.get(f"{client.api.url}/v1/videos/{video_id}/content") as answer:
        assert answer.status == 200


@pytest.mark.parametrize("by_link", [True, False])
async def test_a_download_is_cut_short_of_the_length_it_promised(client: Client, by_link: bool):
    """The first download ends early with an error on the wire; the second is whole."""
    client.api.next(truncate=100)
    video_id = await ready(client)
    url = await link_of(client, video_id) if by_link else f"{client.api.url}/v1/videos/{video_id}/content"
    file = client.api.tasks[video_id].video
    assert file is not None
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {client.api.key}"}) as session:
        async with session.get(url) as answer:
            assert answer.headers["Content-Length"] == str(file.stat().st_size)
            with pytest.raises(aiohttp.ClientPayloadError):
                await answer.read()
        async with session.get(url) as answer:
            assert await answer.read() == file.read_bytes()


async def test_a_direct_link_is_on_another_host_and_needs_no_key(client: Client):
    """A bearer that arrives there is on record, so that a test can say none does."""
    link = await link_of(client, await ready(client))
    assert link.startswith(f"{client.api.files_url}/files/")
    assert client.api.files_url.removeprefix("http://localhost") == client.api.url.removeprefix("http://127.0.0.1")
    async with aiohttp.ClientSession() as stranger, stranger.get(link) as answer:
        assert (answer.status, answer.content_type) == (200, "video/mp4")
    assert client.api.leaked_bearers == []
    async with client.session.get(link) as answer:
        assert answer.status == 200
    assert [call.headers["Authorization"] for call in client.api.leaked_bearers] == ["Bearer sk-sandbox"]


async def test_the_other_ways_to_get_a_file(client: Client):
    """No link, a data URI, a link under the address the gateway believes in, and one that redirects to another host."""
    links: dict[str, str] = {}
    for kind in ("content", "data", "proxy", "redirect"):
        client.api.next(url=kind)
        video_id = await ready(client)
        links[kind] = await link_of(client, video_id)
        task = client.api.tasks[video_id]
        assert task.video is not None
        if kind == "data":
            head, _, encoded = links[kind].partition(",")
            assert (head, base64.b64decode(encoded)) == ("data:video/mp4;base64", task.video.read_bytes())
        if kind == "proxy":
            assert links[kind] == f"http://localhost:3000/v1/videos/{video_id}/content"
        if kind == "redirect":
            assert links[kind] == f"{client.api.url}/moved/{task.key}.mp4"
            async with client.session.get(links[kind], allow_redirects=False) as answer:
                assert (answer.status, answer.headers["Location"]) == (
                    302,
                    f"{client.api.files_url}/files/{task.key}.mp4",
                )
    assert links["content"] == ""
    assert client.api.leaked_bearers == []  # the redirect starts on the API's own host, where the key belongs


async def test_an_expired_file_is_gone_for_ever(client: Client):
    """404 at the link and 502 at /content, though the task is completed."""
    client.api.next(gone=True)
    video_id = await ready(client)
    async with client.session.get(await link_of(client, video_id)) as answer:
        assert answer.status == 404
    assert await client.get(f"/v1/videos/{video_id}/content") == (
        502,
        '{"error":{"message":"Upstream service returned status 404","type":"server_error"}}',
    )


async def test_a_held_answer_waits_for_the_test(client: Client):
    """While it is held the task is already in the ledger."""
    gate = asyncio.Event()
    fault = client.api.faults.add("/v1/videos$", method="POST", after=True, hold=gate)
    waiting = asyncio.create_task(client.post("/v1/videos", **VEO))
    await fault.reached.wait()
    assert (len(client.api.tasks), waiting.done()) == (1, False)
    gate.set()
    assert (await waiting)[0] == 200


async def test_waiting_in_vain_is_an_error(api: VideoApiSandbox):
    """A wait has an end."""
    with pytest.raises(TimeoutError):
        await api.wait_for(lambda: False, timeout=0.02)


async def test_a_service_that_is_unplugged_refuses_connections_and_comes_back_where_it_was(client: Client):
    """What is under way is cut, nothing reaches it meanwhile, and its ledger is as it was."""
    task = await client.made(**VEO)
    held = client.api.faults.add("/v1/models", hold=asyncio.Event())
    asking = asyncio.create_task(client.get("/v1/models"))
    await held.reached.wait()
    await client.api.unplug()
    await client.api.unplug()
    with pytest.raises(aiohttp.ClientConnectionError):
        await asking
    with pytest.raises(aiohttp.ClientConnectorError):
        await client.get(f"/v1/videos/{task.id}")

    await client.api.plug()
    await client.api.plug()
    assert (await client.get(f"/v1/videos/{task.id}"))[0] == 200
