"""Routes that answer interactions: the callback, and the webhook that lives 15 minutes."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.sandbox.discord_api.bodies import BODY, Body
from bot.sandbox.discord_api.calls import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, MOST_FOLLOWUPS, Call
from bot.sandbox.discord_api.checks import Problems, refusal
from bot.sandbox.discord_api.components import check_modal
from bot.sandbox.discord_api.core import Core, core_of, number
from bot.sandbox.discord_api.errors import already_acknowledged, too_many_followups, unknown_message
from bot.sandbox.discord_api.messages import create_message, edit_message
from bot.sandbox.discord_api.payloads import Json, message_json
from bot.sandbox.discord_api.threads import require_open, wake
from bot.sandbox.discord_api.world import EPHEMERAL, LOADING, Message

MESSAGE, DEFER, DEFER_UPDATE, UPDATE, CHOICES, OPEN_MODAL = 4, 5, 6, 7, 8, 9
WEBHOOK = r"/webhooks/{application:\d+}/{token}"
routes = web.RouteTableDef()


@routes.post(r"/interactions/{interaction:\d+}/{token}/callback")
async def callback(request: web.Request) -> web.Response:
    """The first answer, within three seconds; `?with_response=true` asks for what came of it."""
    core, body = core_of(request), request[BODY]
    call = core.calls.to_answer(number(request, "interaction"), request.match_info["token"])
    if call.acknowledged:
        raise already_acknowledged()
    kind = _checked_kind(call, body.object.get("type"))
    answer = Body(json=Body(json=body.object.get("data")).object, files=body.files)
    message = _carry_out(core, call, kind, answer)
    call.acknowledge(kind)
    if request.query.get("with_response", "").lower() not in ("true", "1"):
        return web.Response(status=204)
    return web.json_response(_callback_json(core, call, kind, message))


@routes.post(WEBHOOK)
async def follow_up(request: web.Request) -> web.Response:
    """One more answer; the first one after a defer takes the place of the waiting message."""
    core, body = core_of(request), request[BODY]
    call = _call(request)
    if call.response and call.response.flags & LOADING:
        edit_message(core, call.response, body, call.upload_limit)
        return web.json_response(message_json(core.world, call.response))
    if not call.bot_is_here and len(call.followups) >= MOST_FOLLOWUPS:
        raise too_many_followups()
    message = _create(core, call, body)
    if call.response and not call.response.deleted:
        message.type, message.reply_to = 19, call.response.id
    call.followups.append(message)
    core.gateway.message_event("MESSAGE_CREATE", message)
    return web.json_response(message_json(core.world, message))


@routes.get(WEBHOOK + r"/messages/{message:@original|\d+}")
async def get_answer(request: web.Request) -> web.Response:
    """An answer given before."""
    return web.json_response(message_json(core_of(request).world, _answer(request, _call(request))))


@routes.patch(WEBHOOK + r"/messages/{message:@original|\d+}")
async def patch_answer(request: web.Request) -> web.Response:
    """Edit an answer; the first edit of a deferred one shows it."""
    core, call = core_of(request), _call(request)
    message = _answer(request, call)
    edit_message(core, message, request[BODY], call.upload_limit)
    return web.json_response(message_json(core.world, message))


def _call(request: web.Request) -> Call:
    return core_of(request).calls.by_token(number(request, "application"), request.match_info["token"])


def _answer(request: web.Request, call: Call) -> Message:
    name = request.match_info["message"]
    message = call.response if name == "@original" else core_of(request).world.messages.get(int(name))
    if message is None or message.deleted:
        raise unknown_message()
    if message is not call.response and message is not call.message and message not in call.followups:
        raise unknown_message()
    return message


def _checked_kind(call: Call, kind: Any) -> int:
    allowed = {
        AUTOCOMPLETE: (CHOICES,),
        COMPONENT: (MESSAGE, DEFER, DEFER_UPDATE, UPDATE, OPEN_MODAL),
        MODAL: (MESSAGE, DEFER, DEFER_UPDATE, UPDATE) if call.message else (MESSAGE, DEFER),
    }.get(call.type, (MESSAGE, DEFER, OPEN_MODAL))
    if kind not in allowed:
        text = f"Value must be one of {{{', '.join(map(str, allowed))}}}."
        raise refusal(("type",), "BASE_TYPE_CHOICES", text)
    return kind


def _carry_out(core: Core, call: Call, kind: int, answer: Body) -> Message | None:
    """Do what the callback says; gives the message it made or edited."""
    if kind == MESSAGE:
        return _set_response(core, call, _create(core, call, answer))
    if kind == DEFER:
        return _defer(core, call, answer)
    if kind == DEFER_UPDATE:
        call.response = call.message
    elif kind == UPDATE:
        assert call.message is not None
        edit_message(core, call.message, answer, call.upload_limit)
        call.response = call.message
        return call.message
    elif kind == CHOICES:
        call.choices = _choices(answer.json)
    else:
        problems = Problems()
        check_modal(problems, answer.json)
        problems.raise_any()
        call.modal = answer.json
    return None


def _create(core: Core, call: Call, body: Body) -> Message:
    bot, limit = core.world.bot, call.upload_limit
    require_open(call.channel, bot, answer=call)
    message = create_message(core.world, body, channel=call.channel, author=bot, limit=limit, call=call)
    wake(core, call.channel)
    return message


def _defer(core: Core, call: Call, answer: Body) -> Message:
    world = core.world
    require_open(call.channel, world.bot, answer=call)
    wake(core, call.channel)
    flags = EPHEMERAL if call.must_be_ephemeral(int(answer.json.get("flags") or 0)) else 0
    message = Message(id=world.new_id(), channel=call.channel, author=world.bot, created_at=world.clock())
    message.flags, message.interaction, message.interaction_user = flags | LOADING, call, call.user
    world.messages[message.id] = message
    return _set_response(core, call, message)


def _set_response(core: Core, call: Call, message: Message) -> Message:
    call.response = message
    if call.type == COMMAND:
        message.type = 20 if call.data["type"] == 1 else 23
    elif call.message:
        message.type, message.reply_to = 19, call.message.id
    core.gateway.message_event("MESSAGE_CREATE", message)
    return message


def _choices(data: Json) -> list[Json]:
    problems = Problems()
    choices = problems.items(("data", "choices"), data.get("choices"), 0, 25)
    for index, choice in enumerate(choices):
        problems.text(("data", "choices", index, "name"), choice.get("name"), 1, 100)
        if isinstance(choice.get("value"), str):
            problems.text(("data", "choices", index, "value"), choice["value"], 1, 100)
    problems.raise_any()
    return choices


def _callback_json(core: Core, call: Call, kind: int, message: Message | None) -> Json:
    interaction: Json = {"id": str(call.id), "type": call.type}
    resource: Json = {"type": kind}
    if call.response:
        interaction["response_message_id"] = str(call.response.id)
        interaction["response_message_loading"] = bool(call.response.flags & LOADING)
        interaction["response_message_ephemeral"] = call.response.ephemeral
    if message:
        resource["message"] = message_json(core.world, message)
    return {"interaction": interaction, "resource": resource}
