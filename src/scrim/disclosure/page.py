"""The page on which a second person steps through a film, on their own machine only.

Rules:

1. It listens on loopback, and every address begins with a token drawn for this one review.
2. The guards and headers of the server's API stand before it.
3. It ends with the review.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from scrim.api.guards import Guards
from scrim.disclosure.folder import DisclosureFolder
from scrim.disclosure.session import ReviewSession
from scrim.errors import DisclosureRefused, ScrimError
from scrim.listening import listen

_PAGES: Final = {
    "": ("review.html", "text/html; charset=utf-8"),
    "review.css": ("review.css", "text/css; charset=utf-8"),
    "review.js": ("review.js", "text/javascript; charset=utf-8"),
}


def review_app(
    session: ReviewSession, folder: DisclosureFolder, token: str, ended: Callable[[], None]
) -> Guards:
    """The ASGI application of one review.

    Args:
        session: the review.
        folder: where its film is.
        token: what every address begins with.
        ended: called when the review was given.
    """

    def guarded(
        answer: Callable[[Request], Awaitable[Response]],
    ) -> Callable[[Request], Awaitable[Response]]:
        async def guard(request: Request) -> Response:
            if not secrets.compare_digest(
                str(request.path_params["token"]).encode(), token.encode()
            ):
                return JSONResponse({"detail": "There is nothing here."}, 404)
            try:
                return await answer(request)
            except ScrimError as error:
                return JSONResponse({"detail": str(error)}, 409)

        return guard

    async def page(request: Request) -> Response:
        name, kind = _PAGES[request.url.path.rpartition("/")[2]]
        data = files("scrim.disclosure").joinpath("page_files", name).read_bytes()
        return Response(data, media_type=kind)

    async def frames(_request: Request) -> Response:
        return JSONResponse(_listed(session))

    async def picture(request: Request) -> Response:
        return Response(session.picture(request.path_params["index"]), media_type="image/png")

    async def film(_request: Request) -> Response:
        return FileResponse(folder.film, media_type="video/mp4")

    async def looked(request: Request) -> Response:
        session.look(request.path_params["index"])
        return JSONResponse({"left": len(session.left)})

    async def verdict(request: Request) -> Response:
        passed, reason = _verdict(await _json(request))
        session.conclude(passed=passed, reason=reason)
        ended()
        return JSONResponse({"passed": passed})

    routes = [
        *(Route(f"/{{token}}/{name}", guarded(page)) for name in _PAGES),
        Route("/{token}/list", guarded(frames)),
        Route("/{token}/film.mp4", guarded(film)),
        Route("/{token}/frame/{index:int}", guarded(picture)),
        Route("/{token}/looked/{index:int}", guarded(looked), methods=["POST"]),
        Route("/{token}/verdict", guarded(verdict), methods=["POST"]),
    ]
    app = Starlette(routes=routes)
    app.router.redirect_slashes = False  # there is nothing to be told about other addresses
    return Guards(app)


class ReviewPage:
    """Serves one review until it is given, or the process is stopped.

    Args:
        session: the review.
        folder: where its film is.
        port: 0 picks a free one.

    Raises:
        PortTaken: something else listens there.
    """

    def __init__(self, session: ReviewSession, folder: DisclosureFolder, port: int = 0) -> None:
        self._listener = listen("127.0.0.1", port, allow_remote=False)
        token = secrets.token_urlsafe(24)
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}/{token}/"
        self._server = uvicorn.Server(
            uvicorn.Config(
                review_app(session, folder, token, self.stop),
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,
                ws="none",
                lifespan="off",
                timeout_graceful_shutdown=2,
            )
        )

    def stop(self) -> None:
        """End after the answers that are under way."""
        self._server.should_exit = True

    def serve(self) -> None:
        """Serve until the review is given; Ctrl-C ends it without one."""
        with self._listener:
            self._server.run(sockets=[self._listener])


def _listed(session: ReviewSession) -> dict[str, Any]:
    masks = session.masks
    return {
        "case": masks.case,
        "width": masks.size[0],
        "height": masks.size[1],
        "first": masks.frames[0].index,
        "last": masks.frames[-1].index,
        "frames": [
            {
                "index": weak.index,
                "why": list(weak.why),
                "looked": session.has_looked(weak.index),
                "at": round(
                    (session.frame(weak.index).at_us - masks.frames[0].at_us) / 1_000_000, 2
                ),
                "shown": list(session.frame(weak.index).shown or ()),
                "masks": [
                    {"box": list(mask.box), "oval": mask.oval, "reason": mask.reason.value}
                    for mask in session.frame(weak.index).masks
                ],
            }
            for weak in session.weak
        ],
    }


async def _json(request: Request) -> object:
    try:
        return await request.json()
    except ValueError:
        return None


def _verdict(value: object) -> tuple[bool, str]:
    if isinstance(value, dict):
        passed, reason = value.get("passed"), value.get("reason", "")
        if isinstance(passed, bool) and isinstance(reason, str):
            return passed, reason
    raise DisclosureRefused("That is no verdict.", "Use the page.")
