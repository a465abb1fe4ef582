"""The document that the console's client is made from."""

from __future__ import annotations

from pathlib import Path

from scrim.api import openapi
from scrim.api.app import openapi_document

COMMITTED = Path(__file__).resolve().parents[3] / "web" / "openapi.json"


def test_the_committed_document_is_the_one_of_this_code() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == openapi.text(), (
        "run: python -m scrim.api.openapi > web/openapi.json"
    )


def test_the_reference_page_lists_every_route_with_its_role() -> None:
    page = (COMMITTED.parents[1] / "docs" / "ref" / "api.md").read_text(encoding="utf-8")
    rows = {
        tuple(cell.strip(" `") for cell in line.split("|")[1:3])
        for line in page.splitlines()
        if line.startswith("| `")
    }
    routes = {
        (f"{method.upper()} {path}", ", ".join(operation["x-scrim-roles"]))
        for path, item in openapi_document()["paths"].items()
        for method, operation in item.items()
    }
    assert rows == routes
