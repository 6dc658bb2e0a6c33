"""Every reply shape, byte for byte as the gateways write it."""

import re

import pytest

from tests.integration.sandbox_video.conftest import START, Client, Clock, filled, finished

VEO = {"model": "veo_3_1-fast", "prompt": "x", "seconds": "8", "size": "720x1280"}
SORA = {"model": "sora-2", "prompt": "x", "seconds": "8", "size": "720x1280"}
VIDU = {"model": "viduq3-pro", "prompt": "x"}
KLING = {"model": "kling-v1", "prompt": "x"}
GOOGLE = {"model": "veo-3.1-generate-preview", "prompt": "x"}
VEO31 = {"model": "veo3.1-video-720p", "prompt": "x"}
DOUBAO = {"model": "doubao-seedance-1-0-pro", "prompt": "x"}

STOCK_SUBMIT = (
    '{"id":"ID","task_id":"ID","object":"video","model":"MODEL","status":"queued","progress":0,"created_at":1768489641}'
)
PASSED_ON = (
    '{"id":"ID","object":"video","model":"MODEL","status":"queued","progress":0,"created_at":1768489641,'
    '"seconds":"8","size":"720x1280"}'
)
DATED = '{"created_at":"2026-01-15T15:07:21+00:00","status":"processing","task_id":"ID"}'


@pytest.mark.parametrize(
    ("body", "template", "id_form"),
    [
        (VIDU, STOCK_SUBMIT, r"task_\w{32}"),
        (KLING, STOCK_SUBMIT, r"task_\w{32}"),
        (GOOGLE, STOCK_SUBMIT, r"task_\w{32}"),
        (VEO, PASSED_ON, r"video_\w{24}"),
        (SORA, PASSED_ON, r"sora-2:task_\w{26}"),
        (VEO31, '{"task_id":"ID"}', r"task_\w{32}"),
        (DOUBAO, '{"task_id":"ID"}', r"cgt-\d{14}-\w{5}"),
    ],
)
async def test_a_submit_is_answered_in_the_familys_shape(
    still_client: Client, body: dict[str, str], template: str, id_form: str
):
    """E1, E2 and E3, with ids of every form."""
    status, text = await still_client.post("/v1/videos", **body)
    task = next(iter(still_client.api.tasks.values()))
    assert (status, text) == (200, filled(template, task))
    assert re.fullmatch(id_form, task.id)


@pytest.mark.parametrize(
    ("shape", "template"), [("E1", STOCK_SUBMIT), ("E2", PASSED_ON), ("E3", '{"task_id":"ID"}'), ("E4", DATED)]
)
async def test_a_submit_can_be_asked_for_in_another_shape(still_client: Client, shape: str, template: str):
    """Any family can answer as any other."""
    still_client.api.next(shape=shape)
    _, text = await still_client.post("/v1/videos", **VEO)
    assert text == filled(template, next(iter(still_client.api.tasks.values())))


STOCK = '{"id":"ID","object":"video","model":""'
OCTOPUSX = '{"id":"ID","object":"video","model":"MODEL"'
OCTOPUSX_TAIL = '"expires_at":1768576041,"seconds":"8","size":"720x1280","remixed_from_video_id":"","error":{"message":"","code":""},'


@pytest.mark.parametrize(
    ("body", "after", "template"),
    [
        # E5: a brand-new task on a vendor channel is "unknown", and already has a completed_at
        (VIDU, 0, STOCK + ',"status":"unknown","progress":0,"created_at":1768489641,"completed_at":1768489641}'),
        (VIDU, 15, STOCK + ',"status":"queued","progress":20,"created_at":1768489641,"completed_at":1768489656}'),
        (VIDU, 25, STOCK + ',"status":"in_progress","progress":30,"created_at":1768489641,"completed_at":1768489666}'),
        (KLING, 25, STOCK + ',"status":"in_progress","progress":30,"created_at":1768489641000}'),
        (
            GOOGLE,
            90,
            '{"id":"ID","object":"video","model":"MODEL","status":"in_progress","progress":50,"created_at":1768489641}',
        ),
        # E6
        (VEO, 0, OCTOPUSX + ',"status":"queued","progress":0,"created_at":1768489641,"completed_at":0,' + OCTOPUSX_TAIL + '"video_url":""}'),
        (SORA, 47, OCTOPUSX + ',"status":"processing","progress":50,"created_at":1768489641,"completed_at":0,' + OCTOPUSX_TAIL + '"video_url":""}'),
        (
            VEO31,
            47,
            '{"task_id":"ID","status":"in_progress","url":"","format":"mp4","metadata":null,"error":{"code":0,"message":""}}',
        ),
    ],
)  # fmt: skip
async def test_a_running_task_is_shown_in_the_familys_shape(
    still_client: Client, clock: Clock, body: dict[str, str], after: float, template: str
):
    """E5 and E6 and their kin, at a given second of a hundred."""
    task = await still_client.made(**body)
    clock.now = START + after
    assert await still_client.get(f"/v1/videos/{task.id}") == (200, filled(template, task))


@pytest.mark.parametrize(
    ("body", "shape", "template"),
    [
        # E7
        (
            VEO,
            (),
            OCTOPUSX
            + ',"status":"completed","progress":100,"created_at":1768489641,"completed_at":1768489790,'
            + OCTOPUSX_TAIL
            + '"video_url":"URL"}',
        ),
        # E8
        (
            VIDU,
            (),
            STOCK
            + ',"status":"completed","progress":100,"created_at":1768489641,"completed_at":1768489790,"metadata":{"url":"URL"}}',
        ),
        (
            KLING,
            (),
            STOCK
            + ',"status":"completed","progress":100,"created_at":1768489641000,"completed_at":1768489790000,'
            + '"seconds":"5.1","metadata":{"url":"URL"}}',
        ),
        # E9: no link at all
        (
            GOOGLE,
            (),
            OCTOPUSX + ',"status":"completed","progress":100,"created_at":1768489641,"completed_at":1768489790}',
        ),
        # E11
        (VEO, "E11", '{"error":{"message":"internal error","type":"server_error","param":null,"code":null},"id":"ID"}'),
        # E14
        (
            VEO31,
            (),
            (
                '{"task_id":"ID","status":"completed","url":"URL","format":"mp4",'
                '"metadata":{"duration":8,"fps":24,"width":1280,"height":720,"seed":20231234},"error":{"code":0,"message":""}}'
            ),
        ),
        # E15
        (
            SORA,
            "E15",
            OCTOPUSX
            + ',"status":"completed","progress":"100","created_at":1768489641,"size":"large",'
            + '"status_update_time":1768489790000,"detail":{"input":{"prompt":"x"}},"video_url":"URL"}',
        ),
        (
            VEO,
            "jimeng",
            STOCK
            + ',"status":"completed","progress":100,"created_at":1768489641,"completed_at":1768489790,"metadata":{"url":"URL"}}',
        ),
        (
            VEO,
            "hailuo",
            STOCK
            + ',"status":"completed","progress":100,"created_at":1768489641,"completed_at":1768489790,"metadata":{"url":"URL"}}',
        ),
    ],
)
async def test_a_finished_task_is_shown_in_the_familys_shape(
    still_client: Client, clock: Clock, body: dict[str, str], shape: str, template: str
):
    """E7 to E9, E11, E14 and E15: the link sits in a different place in each, or nowhere."""
    still_client.api.next(shape=shape)
    task, url = await finished(still_client, clock, **body)
    assert await still_client.get(f"/v1/videos/{task.id}") == (200, filled(template, task, url))


@pytest.mark.parametrize(
    ("body", "shape", "template"),
    [
        (
            SORA,
            (),
            OCTOPUSX
            + ',"status":"failed","progress":0,"created_at":1768489641,"error":{"message":"Why","code":"moderation_blocked"}}',
        ),
        (
            VIDU,
            (),
            STOCK
            + ',"status":"failed","progress":100,"created_at":1768489641,"completed_at":1768489790,'
            + '"error":{"message":"Why","code":"Why"}}',
        ),
        (
            KLING,
            (),
            STOCK
            + ',"status":"failed","progress":100,"created_at":1768489641000,"completed_at":1768489790000,'
            + '"error":{"message":"Why","code":""}}',
        ),
        (
            GOOGLE,
            (),
            OCTOPUSX + ',"status":"failed","progress":100,"created_at":1768489641,"completed_at":1768489790}',
        ),
        (
            VEO31,
            (),
            '{"task_id":"ID","status":"failed","url":"","format":"mp4","metadata":null,"error":{"code":1,"message":"Why"}}',
        ),
        (
            VEO,
            "hailuo",
            STOCK
            + ',"status":"failed","progress":100,"created_at":1768489641,"completed_at":1768489790,"metadata":{"url":"Why"}}',
        ),
        (
            VEO,
            "jimeng",
            STOCK
            + ',"status":"failed","progress":100,"created_at":1768489641,"completed_at":1768489790,'
            + '"error":{"message":"Why","code":"50411"},"metadata":{"url":""}}',
        ),
    ],
)
async def test_a_failed_task_is_shown_in_the_familys_shape(
    still_client: Client, clock: Clock, body: dict[str, str], shape: str, template: str
):
    """E10 in its variants: a reason under `error`, where a link should be, or nowhere."""
    still_client.api.next(fail="Why", shape=shape)
    task = await still_client.made(**body)
    clock.now = START + 149
    assert await still_client.get(f"/v1/videos/{task.id}") == (200, filled(template, task))
