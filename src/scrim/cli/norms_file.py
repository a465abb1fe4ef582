"""``scrim norms check`` and ``explain`` of facts that somebody wrote down."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scrim.errors import FactsInvalid, NormsError, PackInvalid

if TYPE_CHECKING:
    from scrim.norms.check import Outcome
    from scrim.norms.facts import Facts


def from_file(
    path: Path,
    ids: Sequence[str] | None,
    at: str | None,
    folder: Path | None,
    *,
    rule: str | None = None,
) -> list[Outcome]:
    """Outcomes of the facts in a file.

    Args:
        path: of the file, YAML or JSON.
        ids: of the packs; all there are by default.
        at: the time, ISO 8601; now by default.
        folder: of packs besides those that come with Scrim.
        rule: only packs that have this rule.

    Raises:
        NormsError: the file, a pack, a fact or the time is not right.
    """
    from scrim.clock import SystemClock, from_text
    from scrim.norms.check import by_hand
    from scrim.norms.load import load_all

    packs = load_all(folder, ids)
    if rule is not None:
        packs = {id_: pack for id_, pack in packs.items() if rule in pack.by_id}
        if not packs:
            raise PackInvalid(f"There is no rule {rule!r}.", "scrim norms show PACK lists them.")
    try:
        now_us = SystemClock().now_us() if at is None else from_text(at)
    except (ValueError, OverflowError):
        raise NormsError(
            f"--at {at!r} is no time.", "Write it as in 2026-11-22T07:13:00Z."
        ) from None
    return list(by_hand(packs, _facts(path), now_us))


def _facts(path: Path) -> Facts:
    from scrim.norms.facts import Facts
    from scrim.norms.yaml_file import parsed, read

    remedy = "Write groups, names and values; scrim norms facts lists them."
    try:
        value = parsed(read(path))
    except OSError as error:
        raise FactsInvalid(
            f"{path.name} cannot be read: {error.strerror}.", "Check the path."
        ) from None
    except ValueError as error:
        raise FactsInvalid(f"{path.name}: {error}.", remedy) from None
    if not isinstance(value, dict):
        raise FactsInvalid(f"{path.name} has no groups of facts.", remedy)
    return Facts(value)
