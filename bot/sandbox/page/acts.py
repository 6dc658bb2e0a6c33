"""Routes for what a person does: pick a file, type a command, press, choose, fill in, say.

Each takes `{person, …}` and answers once the bot has answered: 200 `{modal}`, where `modal` is null or
`{call, title, components}`; 409 `{error}` for what Discord's client would not have sent; 504 `{error}` after three
seconds of silence. Files go in options and fields as `{"upload": name}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import BodyPartReader, web

from bot.sandbox.discord_api import Call, CommandRejected, Message, NotAnswered, Upload, User
from bot.sandbox.discord_api.blobs import CHUNK, Blob
from bot.sandbox.discord_api.commands import CHANNEL, MENTIONABLE, ROLE, USER
from bot.sandbox.discord_api.errors import ApiError
from bot.sandbox.page.bodies import read_object
from bot.sandbox.page.playground import PLAYGROUND, Playground
from bot.sandbox.page.view import is_visible, people, places

routes = web.RouteTableDef()
Json = dict[str, Any]


@routes.post("/api/uploads")
async def upload(request: web.Request) -> web.Response:
    """Pick a file: multipart with one part `file`; gives `{upload, filename, size, content_type}`."""
    try:
        file = await _read_file(request)
    except ValueError:
        file = None
    if file is None:
        raise web.HTTPBadRequest(reason="A multipart body with a part named file is wanted.")
    name = request.app[PLAYGROUND].keep(file)
    return web.json_response({"upload": name, "filename": file.filename, "size": file.size, "content_type": file.kind})


async def _read_file(request: web.Request) -> Upload | None:
    """The file that a form carries, if it is a form with one.

    Raises:
        ValueError: the form is broken off or of another shape.
    """
    if request.content_type != "multipart/form-data":
        return None
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader) and part.name == "file" and part.filename:
            blob = Blob()
            while chunk := await part.read_chunk(CHUNK):
                blob.write(chunk)
            return Upload(part.filename, blob, part.headers.get("Content-Type", ""))
    return None


@routes.get("/api/commands")
async def commands(request: web.Request) -> web.Response:
    """The commands, as registered, that `person` is offered in `place`."""
    play = request.app[PLAYGROUND]
    act = _Act(play, dict(request.query))
    return web.json_response(play.discord.commands_for(act.person, act.place))


@routes.post("/api/command")
async def command(request: web.Request) -> web.Response:
    """`{person, place, name, options: {name: value}}`; people, roles and places are given by id."""
    act = await _Act.read(request)
    options = act.options(act.of("name", str), act.of("options", dict))
    return await act.answered(act.discord.command(act.person, act.place, act.of("name", str), options))


@routes.post("/api/autocomplete")
async def autocomplete(request: web.Request) -> web.Response:
    """`{person, place, name, options, focused}`; gives `{choices: [{name, value}]}`."""
    act = await _Act.read(request)
    options = act.options(act.of("name", str), act.of("options", dict))
    try:
        choices = await act.discord.autocomplete(
            act.person, act.place, act.of("name", str), options, focused=act.of("focused", str)
        )
    except (CommandRejected, NotAnswered) as error:
        return _refused(error)
    return web.json_response({"choices": choices})


@routes.post("/api/press")
async def press(request: web.Request) -> web.Response:
    """`{person, message, custom_id, values?}`."""
    act = await _Act.read(request)
    values = act.given.get("values")
    return await act.answered(act.discord.press(act.person, act.message, act.of("custom_id", str), values))


@routes.post("/api/modal")
async def modal(request: web.Request) -> web.Response:
    """`{person, call, values: {custom_id: text, [choices] or [uploads]}}`."""
    act = await _Act.read(request)
    values = {name: act.value(value) for name, value in act.of("values", dict).items()}
    return await act.answered(act.discord.submit_modal(act.person, act.call, values))


@routes.post("/api/context")
async def context(request: web.Request) -> web.Response:
    """`{person, place, name}` and `message` or `user`."""
    act = await _Act.read(request)
    target = act.message if "message" in act.given else act.user(act.of("user", str))
    return await act.answered(act.discord.context_menu(act.person, act.place, act.of("name", str), target))


@routes.post("/api/say")
async def say(request: web.Request) -> web.Response:
    """`{person, place, content, uploads?: [name]}`; 409 `{error}` where Discord refuses it, as in slow mode."""
    act = await _Act.read(request)
    names = act.of("uploads", list) if "uploads" in act.given else []
    files = act.value([{"upload": name} for name in names])
    if not act.of("content", str) and not files:
        return web.json_response({"error": "There is nothing to post."}, status=409)
    try:
        await act.discord.say(act.person, act.place, act.of("content", str), files)
    except ApiError as error:
        return web.json_response({"error": error.body["message"]}, status=409)
    return web.json_response({})


class _Act:
    """What a request asks for, its names resolved; whatever does not exist is a 400 or 404."""

    def __init__(self, play: Playground, given: Mapping[str, Any]) -> None:
        self.play = play
        self.discord = play.discord
        self.given = given
        self.person = _found(people(play.discord), self.of("person", str))

    @classmethod
    async def read(cls, request: web.Request) -> _Act:
        return cls(request.app[PLAYGROUND], await read_object(request))

    def of(self, name: str, kind: type[Any]) -> Any:
        value = self.given.get(name)
        if not isinstance(value, kind):
            raise web.HTTPBadRequest(reason=f"{name} is missing or of another kind.")
        return value

    @property
    def place(self) -> Any:
        here = {str(each.id): each for each in places(self.discord, self.person)}
        return _found(here, self.of("place", str))

    @property
    def message(self) -> Message:
        found = _found({str(number): each for number, each in self._messages.items()}, self.of("message", str))
        if found.channel not in places(self.discord, self.person) or not is_visible(found, self.person):
            raise web.HTTPNotFound(reason="There is no such thing.")
        return found

    @property
    def call(self) -> Call:
        number = self.of("call", str)
        call = self.discord.call(int(number)) if number.isdecimal() else None
        if call is None:
            raise web.HTTPNotFound(reason="There is no such thing.")
        return call

    @property
    def _messages(self) -> dict[int, Message]:
        return self.discord.world.messages

    def user(self, number: str) -> User:
        return _found({str(each.id): each for each in self.discord.world.users.values()}, number)

    def value(self, value: Any) -> Any:
        """A value with each `{"upload": name}` replaced by the file."""
        if isinstance(value, list):
            return [self.value(each) for each in value]
        if isinstance(value, dict):
            try:
                return self.play.upload(str(value.get("upload")))
            except KeyError:
                raise web.HTTPNotFound(reason="The file is not here any more: pick it again.") from None
        return value

    def options(self, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Options with uploads, people, roles and places in place of their names."""
        world = self.discord.world
        roles = {str(role.id): role for guild in world.guilds.values() for role in guild.roles.values()}
        users = {str(each.id): each for each in world.users.values()}
        rooms = {str(each.id): each for each in world.channels.values()}
        things: dict[int, Mapping[str, Any]] = {USER: users, CHANNEL: rooms, ROLE: roles, MENTIONABLE: users | roles}
        kinds = self._kinds(name)
        return {
            key: _found(things[kinds[key]], str(value)) if kinds.get(key) in things else self.value(value)
            for key, value in given.items()
        }

    def _kinds(self, name: str) -> dict[str, int]:
        """The type of each option of a command with its subcommand."""
        level: list[Json] = self.discord.commands_for(self.person, self.place)
        for word in name.split():
            step = next((each for each in level if each["name"] == word), None)
            level = (step.get("options") or []) if step else []
        return {each["name"]: each["type"] for each in level}

    async def answered(self, doing: Any) -> web.Response:
        """Do it, and wait for the bot's first answer."""
        try:
            call: Call = await doing
            await call.answered()
        except (CommandRejected, NotAnswered) as error:
            return _refused(error)
        opened = call.modal and {**call.modal, "call": str(call.id)}
        return web.json_response({"modal": opened})


def _found(things: Mapping[str, Any], name: str) -> Any:
    if name not in things:
        raise web.HTTPNotFound(reason="There is no such thing.")
    return things[name]


def _refused(error: Exception) -> web.Response:
    if isinstance(error, NotAnswered):
        return web.json_response({"error": "The application did not respond"}, status=504)
    return web.json_response({"error": str(error)}, status=409)
