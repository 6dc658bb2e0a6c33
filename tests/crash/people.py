"""What people do in a campaign: they type commands and press the buttons they see."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.sandbox.demo.script import picture
from bot.sandbox.discord_api.calls import Call
from bot.sandbox.discord_api.errors import CommandRejected, NotAnswered
from bot.sandbox.discord_api.places import Channel
from bot.sandbox.discord_api.world import Message
from tests.acceptance.stage import Stage
from tests.crash.plan import Order

_SECONDS = {"veo": {"seconds": 4}, "sora": {"seconds": 4}, "kling": {"duration": 5}, "veo31 text": {"duration": 4}}


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """An interaction by which somebody wanted a video."""

    call: Call
    order: Order
    #: "order", "again" (the same once more) or "bring" (a held video, here).
    kind: str
    #: The job whose button was pressed.
    job: str = ""


class Crowd:
    """The people of one lane, and all they have wished for."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._picture = picture("a gate", 64, 36, 90)
        self.wishes: list[Wish] = []
        #: Interactions by which somebody only looked: `/jobs show`.
        self.looks: list[Call] = []

    async def order(self, order: Order, *, wait: bool = True) -> Call:
        """Type a command; with `wait`, until it is answered or nobody will."""
        options: dict[str, Any] = {"prompt": order.prompt, **_SECONDS.get(order.command, {})}
        options |= {"model": "kling-v1"} if order.command == "video" else {}
        options |= {"private": True} if order.private else {}
        options |= {"image": self._picture} if order.picture else {}
        call = await self._stage.discord.command(order.who, self.place(order), order.command, options)
        self.wishes.append(Wish(call=call, order=order, kind="order"))
        if wait:
            await _answer(call)
            if order.cancel:
                await self._cancel(call, order)
        return call

    def place(self, order: Order) -> Channel:
        """Where an order is given."""
        world = self._stage.discord.world
        return world.dm(world.user(order.who)) if order.place == "dm" else world.channel(order.place)

    async def press_again(self) -> None:
        """Order once more what has ended without a video."""
        for wish in reversed([*self.wishes]):
            if wish.call.response and (found := _button(wish.call.response, "again")):
                call = await self._press(wish.order.who, wish.call.response, found)
                self.wishes.append(Wish(call=call, order=wish.order, kind="again", job=_job(found)))
                await _answer(call)
                return

    async def bring(self) -> None:
        """Look at a held job where videos may be posted, and have it brought there."""
        for wish in reversed([*self.wishes]):
            if wish.call.response and (held := _button(wish.call.response, "bring")):
                look = await self._stage.discord.command(wish.order.who, "general", "jobs show", {"job": _job(held)})
                self.looks.append(look)
                await _answer(look)
                if look.response and (found := _button(look.response, "bring")):
                    call = await self._press(wish.order.who, look.response, found)
                    self.wishes.append(Wish(call=call, order=wish.order, kind="bring", job=_job(found)))
                    await _answer(call)
                return

    async def _cancel(self, call: Call, order: Order) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                while not (call.response and _button(call.response, "cancel")):
                    await self._stage.discord.world.changed(within=0.02)
        if call.response and (found := _button(call.response, "cancel")):
            with contextlib.suppress(CommandRejected):  # the button was gone a moment later
                await _answer(await self._press(order.who, call.response, found))

    async def _press(self, who: str, message: Message, button: str) -> Call:
        return await self._stage.discord.press(who, message, button)


async def _answer(call: Call) -> None:
    """Wait for the answer; that there is none is for the ledger to judge."""
    with contextlib.suppress(NotAnswered):
        await call.answered()


def _button(message: Message, action: str) -> str | None:
    return next((found for found in _buttons(message) if found.startswith(f"reelcord:{action}:")), None)


def _buttons(message: Message) -> Iterator[str]:
    return (part["custom_id"] for part in message.walk() if "custom_id" in part) if not message.deleted else iter(())


def _job(button: str) -> str:
    return button.rpartition(":")[2]
