"""``python -m scrim.api.openapi > web/openapi.json``: what the console's client is made from."""

from __future__ import annotations

import json
import sys

from scrim.api.app import openapi_document


def text() -> str:
    """The document as text, keys sorted, so that a change is a readable difference."""
    return json.dumps(openapi_document(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
