"""The rows of which pack is applied to what, and their entries, within a transaction."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, insert, select, update

from scrim.canonical import Json
from scrim.errors import CameraUnknown, PaperRefused, PaperUnknown
from scrim.ledger import Act, Entry, Ledger
from scrim.papers.standing import Application, applications
from scrim.store.schema import camera as cameras
from scrim.store.schema import pack_applied as table
from scrim.store.schema import site


def begin(
    connection: Connection, pack: str, on_site: str | None, camera: str | None, now: int
) -> bool:
    """The row of a pack that is applied from now on; whether it was not before.

    Raises:
        PaperRefused: both a site and a camera.
        PaperUnknown, CameraUnknown: no such site or camera.
    """
    _check_scope(connection, on_site, camera)
    if any((a.pack, a.site, a.camera) == (pack, on_site, camera) for a in applications(connection)):
        return False
    connection.execute(insert(table).values(pack=pack, site=on_site, camera=camera, since_us=now))
    return True


def end(
    connection: Connection, pack: str, on_site: str | None, camera: str | None, now: int
) -> None:
    """The row of a pack that is applied no longer.

    Raises:
        PaperUnknown: it is not applied there.
    """
    done = connection.execute(
        update(table)
        .where(
            table.c.pack == pack,
            table.c.site.is_(None) if on_site is None else table.c.site == on_site,
            table.c.camera.is_(None) if camera is None else table.c.camera == camera,
            table.c.until_us.is_(None),
        )
        .values(until_us=now)
    )
    if not done.rowcount:
        where = Application(pack, on_site, camera, now).text()
        raise PaperUnknown(
            f"The pack {pack!r} is not applied to {where}.", "See `scrim norms applied`."
        )


def enter(
    connection: Connection,
    ledger: Ledger,
    change: str,
    now: int,
    on_site: str | None,
    camera: str | None,
    facts: Mapping[str, Json],
) -> None:
    """The entry of such a change; ``LedgerUnavailable``: it is not made."""
    ledger.append_in(
        connection,
        Entry(
            act=Act.CONFIGURED,
            at_us=now,
            who="operator",
            authority="operator",
            reason=change,
            camera=camera,
            facts={"change": change, "site": on_site, **facts},
        ),
    )


def _check_scope(connection: Connection, on_site: str | None, camera: str | None) -> None:
    if on_site is not None and camera is not None:
        raise PaperRefused("Say a site or a camera, not both.", "Leave one of them out.")
    known = select(site.c.id).where(site.c.id == on_site)
    if on_site not in (None, "default") and connection.execute(known).first() is None:
        raise PaperUnknown(f"There is no site {on_site!r}.", "See `scrim site list`.")
    if camera is not None:
        row = connection.execute(select(cameras.c.removed_us).where(cameras.c.id == camera)).first()
        if row is None or row.removed_us is not None:
            raise CameraUnknown(
                f"No camera {camera!r} is enrolled.", "See `scrim camera list` for those that are."
            )
