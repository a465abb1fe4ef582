"""``scrim norms check`` and ``explain`` of a deployment as it is now."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scrim.cli.opened import opened
from scrim.cli.terminal import note
from scrim.errors import CameraUnknown, PackInvalid

if TYPE_CHECKING:
    from scrim.norms.check import Outcome
    from scrim.papers.gate import InForce


def look(
    data: Path, *, packs: Sequence[str] = (), camera: str | None = None, rule: str | None = None
) -> list[Outcome]:
    """What would come of a check now.

    Args:
        data: the deployment's folder.
        packs: only of these; those in force by default.
        camera: only of this one.
        rule: only of this one, of any pack in force.

    Raises:
        CameraUnknown: nothing of that camera is there.
        PackInvalid: no such pack, or none in force has that rule.
    """
    with opened(data) as deployment:
        applied = deployment.applied()
        trouble = applied.trouble()
        if trouble is not None:
            note(f"The packs in force stay as they were: {trouble.why}")
        checks = deployment.checks(applied)
        if not packs and not applied.list():
            if rule is not None:
                raise PackInvalid(
                    "No pack is in force, so no rule is.",
                    "Put one in force with scrim norms apply PACK, or read it with norms show.",
                )
            note("No pack is in force. Put one in force with `scrim norms apply PACK`.")
            return []
        if rule is not None:
            _check_rule(applied.packs(one.pack for one in applied.list()), rule)
        found = checks.look(packs=packs, camera=camera, rule=rule)
        if camera is not None and not any(id_ == camera for _, id_ in checks.facts(camera)):
            raise CameraUnknown(
                f"No camera {camera!r} is enrolled, and nothing of it is left.",
                "See `scrim camera list` for those that are.",
            )
    return found


def _check_rule(packs: dict[str, InForce], rule: str) -> None:
    if not any(rule in norm.pack.by_id for norm in packs.values()):
        raise PackInvalid(
            f"No pack in force has a rule {rule!r}.",
            f"In force are {', '.join(packs)}; scrim norms show PACK lists their rules.",
        )
