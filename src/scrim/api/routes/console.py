"""The console's own files, built from ``web/``."""

from __future__ import annotations

import mimetypes
from typing import Final

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from scrim.access import Role
from scrim.api.doors import opens_to, router
from scrim.api.refusals import NotFound
from scrim.api.services import Have

doors = router("console")

PLACEHOLDER: Final = "__CSP_NONCE__"

_NOT_BUILT: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Scrim</title>
<h1>The console is not built</h1>
<p>Scrim is running, but its page is missing. <code>make run</code> builds it and starts
Scrim; <code>npm ci &amp;&amp; npm run build</code> in the folder <code>web</code> builds it
alone. The API is at <code>/api</code>.</p>
</html>
"""


@doors.get(
    "/", response_class=HTMLResponse, include_in_schema=False, openapi_extra=opens_to(Role.PUBLIC)
)
def get_page(request: Request, have: Have) -> HTMLResponse:
    """The page, with this answer's nonce in it."""
    try:
        text = (have.console / "index.html").read_text(encoding="utf-8")
    except FileNotFoundError:
        return HTMLResponse(_NOT_BUILT)
    return HTMLResponse(text.replace(PLACEHOLDER, request.scope["csp_nonce"]))


@doors.get("/assets/{name:path}", include_in_schema=False, openapi_extra=opens_to(Role.PUBLIC))
def get_asset(name: str, have: Have) -> Response:
    """A file of the console; its name has its hash, so it may be kept for good."""
    folder = (have.console / "assets").resolve()
    missing = NotFound("There is no such file.", "Reload the page.")
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder) or not path.is_file():
            raise missing
    except (OSError, ValueError):  # longer than a name may be, or with a NUL in it
        raise missing from None
    kind, _ = mimetypes.guess_type(path.name)
    if path.suffix == ".js":
        kind = "text/javascript"  # some machines' tables say otherwise
    return Response(
        path.read_bytes(),
        media_type=kind or "application/octet-stream",
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )
