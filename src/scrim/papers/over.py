"""The packs over cameras, for rooms that know no papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from scrim.cases.purposes import PacksOver
from scrim.norms.pack import Pack
from scrim.papers.applied import Applied
from scrim.papers.standing import standings


def packs_over(applied: Applied) -> PacksOver:
    """Tells the packs that each of some cameras is under, those taken away too.

    What it gives raises :class:`~scrim.errors.PackInvalid` where a pack in force is not there.
    """

    def over(connection: Connection, cameras: Sequence[str]) -> Mapping[str, tuple[Pack, ...]]:
        wanted = [one for one in standings(connection, with_removed=True) if one.camera in cameras]
        return {
            camera: tuple(norm.pack for norm in norms)
            for camera, norms in applied.of_cameras(connection, wanted).items()
        }

    return over
