"""The document that the console's client is made from."""

from __future__ import annotations

from pathlib import Path

from scrim.api import openapi

COMMITTED = Path(__file__).resolve().parents[3] / "web" / "openapi.json"


def test_the_committed_document_is_the_one_of_this_code() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == openapi.text(), (
        "run: python -m scrim.api.openapi > web/openapi.json"
    )
