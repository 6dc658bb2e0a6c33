"""Bodies of the page's requests."""

from __future__ import annotations

from typing import Any

from aiohttp import web


async def read_object(request: web.Request) -> dict[str, Any]:
    """The JSON object that a request carries.

    Raises:
        HTTPUnsupportedMediaType: it is not called JSON, which another site could send without asking.
        HTTPBadRequest: it is something else.
    """
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(reason="A JSON object is wanted.")
    try:
        given = await request.json()
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise web.HTTPBadRequest(reason="A JSON object is wanted.")
    return given


def number(given: dict[str, Any], name: str, least: float, most: float) -> float:
    """A number of the object.

    Raises:
        HTTPBadRequest: it is none, or out of bounds.
    """
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise web.HTTPBadRequest(reason=f"{name} is a number from {least:g} to {most:g}.")
    return float(value)
