"""What some of the fault tests leave out."""

from __future__ import annotations

import pytest

from scrim.redact import Rung


@pytest.fixture
def never_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine counts as quick: for tests whose subject is another cause than load."""
    monkeypatch.setattr("scrim.redact.ladder._loaded", lambda _facts: Rung.NORMAL)
