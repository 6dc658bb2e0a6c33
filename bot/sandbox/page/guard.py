"""Keeps the page to the person at this machine: no other host name, no other site, nothing loaded from elsewhere.

A page on loopback is within reach of every site that the same browser shows. Another site's request is told by its
`Origin` or `Sec-Fetch-Site`; a name of somebody else's that resolves to 127.0.0.1 (DNS rebinding) by its `Host`.
"""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

CHANGING = {"POST", "PUT", "PATCH", "DELETE"}


def guard(port: int, media_origin: str) -> Middleware:
    """The middleware for a page on this port which shows media of that one other origin."""
    hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
    headers = _headers(media_origin)

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if reason := _refusal(request, hosts):
            return web.json_response({"error": reason}, status=403, headers=headers)
        try:
            response = await handler(request)
        except web.HTTPException as refused:
            response = web.json_response({"error": refused.reason}, status=refused.status)
        if not response.prepared:
            response.headers.update(headers)
        return response

    return check


def _refusal(request: web.Request, hosts: set[str]) -> str | None:
    """Why a request is not answered."""
    if request.headers.get("Host") not in hosts:
        return "This page answers on 127.0.0.1 and localhost alone."
    origin = request.headers.get("Origin")
    if origin is not None and origin.removeprefix("http://") not in hosts:
        return "Another site may not use this page."
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none") and not _is_a_visit(request):
        return "Another site may not use this page."
    if request.method in CHANGING and origin is None:
        return "A request that changes something says where it comes from (Origin)."
    return None


def _is_a_visit(request: web.Request) -> bool:
    """Whether somebody followed a link to the page itself, which shows but does nothing."""
    return request.method == "GET" and request.path == "/" and request.headers.get("Sec-Fetch-Dest") == "document"


def _headers(media_origin: str) -> dict[str, str]:
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": f"'self' {media_origin}",
        "media-src": f"'self' {media_origin}",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
