"""One structured line a request, without its query, its body or anything of its headers.

Where it went is given as the route's pattern (``/api/views/{view}``), so that no
view's id is in the log.  Media are asked for several times a second: only those
that fail are written.
"""

from __future__ import annotations

import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = structlog.get_logger("scrim.api.access")


class AccessLog:
    """ASGI middleware that writes the line when the answer has begun."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                pattern = getattr(scope.get("route"), "path", "(none)")
                if message["status"] >= 400 or not pattern.startswith("/media/"):
                    _log.info(
                        "request",
                        method=scope["method"],
                        route=pattern,
                        status=message["status"],
                        milliseconds=round((time.perf_counter() - began) * 1000, 1),
                    )
            await send(message)

        await self._app(scope, receive, answer)
