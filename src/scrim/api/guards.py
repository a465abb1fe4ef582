"""What stands before every route: host, origin, size, and the headers of every answer.

Rules:

- ``Host`` must be a name this server is meant to have.  A page of another site can
  point its own name at this address (DNS rebinding), but not one of these.  Where
  the port is open to others, any IP address is let through too: rebinding needs a name.
- A request that changes something must come from a page of this very host, by its
  ``Origin``; with ``SameSite=Strict`` on the cookie that is two locks against forgery.
- A request is at most 64 KiB, unless its route says that it takes more.
- Answers are not stored by anybody, except the console's own hashed files.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scrim.api.problems import problem

LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
LONGEST_BODY: Final = 65_536
LONGEST_PATH: Final = 1024
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_CSP: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'nonce-{nonce}'",
        "img-src 'self' data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
    )
)
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), display-capture=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guards:
    """ASGI middleware; the outermost, so that nothing is answered without it.

    Args:
        names: host names this server answers to, lower case.
        any_address: also answer to any IP address.
        longest: the most bytes that the route of a request takes; ``None``: as usual.
    """

    def __init__(
        self,
        app: ASGIApp,
        names: Collection[str] = LOOPBACK_NAMES,
        any_address: bool = False,
        longest: Callable[[Scope], int | None] = lambda _scope: None,
    ) -> None:
        self._app = app
        self._longest = longest
        self._names = frozenset(names)
        self._any_address = any_address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return  # there are no web sockets here
        scope["csp_nonce"] = nonce = secrets.token_urlsafe(16)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = _CSP.format(nonce=nonce)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        longest = self._longest(scope) or LONGEST_BODY
        refusal = self._refusal(scope, longest)
        if refusal is not None:
            status, why, remedy = refusal
            await problem(status, why, remedy, "Refused")(scope, receive, answer)
            return
        await self._app(scope, _limited(receive, longest), answer)

    def _refusal(self, scope: Scope, longest: int) -> tuple[int, str, str] | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._answers_to(host):
            return 421, "This server does not answer to that name.", "Use the address it printed."
        if scope["method"] not in _SAFE and not _same_host(headers.get("origin", ""), host):
            return 403, "The request does not come from this server's own page.", "Use the page."
        if len(scope["path"]) > LONGEST_PATH:  # a number in it may be too long to be read
            return 414, "The address is too long.", "Use the addresses in the page."
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > longest:
            return 413, "The request is too large.", "Send less."
        return None

    def _answers_to(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name in self._names or (self._any_address and is_address(name))


def is_address(name: str) -> bool:
    """Whether it is an IP address rather than a name."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _limited(receive: Receive, left: int) -> Receive:
    async def limited() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413, "The request is too large")  # a problem, once inside
        return message

    return limited


def _same_host(origin: str, host: str) -> bool:
    scheme, _, place = origin.partition("://")
    return scheme in {"http", "https"} and place.lower() == host.lower()
