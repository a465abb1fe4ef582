"""The last packs that were right: a bad file changes nothing.

Rules:

1. What is in force of a deployment's own packs is what was last taken from its folder and
   is kept in the database, whatever has become of the files since.
2. The folder is taken whole or not at all: every file is a pack, no two contradict each
   other on a camera, no place of a camera is one that they forbid.
3. Taking it is in the ledger with each pack's hash; so is refusing it, once.  Why it was
   refused is said until it is put right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, insert, select

from scrim.access.signin import in_ledger
from scrim.clock import Clock
from scrim.errors import NormsError, PackInvalid
from scrim.ledger import Act, Entry, Ledger
from scrim.norms.load import load_all, pack_from
from scrim.norms.pack import Pack
from scrim.norms.yaml_file import read
from scrim.papers.standing import applications
from scrim.store.database import reading
from scrim.store.schema import pack_kept as kept_table
from scrim.store.schema import pack_trouble as trouble_table


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the folder of packs is not taken.

    Attributes:
        why: one sentence and a remedy, for people.
        since_us: UTC microseconds.
    """

    why: str
    since_us: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of looking at the folder.

    Attributes:
        changed: ids of packs that are others now.
        trouble: why the folder is not taken; ``None``: it is.
        news: it was not so the last time.
    """

    changed: tuple[str, ...] = ()
    trouble: Trouble | None = None
    news: bool = False


class Shelf:
    """A deployment's own packs.

    Args:
        engine: the database.
        folder: of the files, or ``None``.
    """

    def __init__(self, engine: Engine, folder: Path | None) -> None:
        self._engine = engine
        self._folder = folder

    def version(self) -> object:
        """What is otherwise as soon as a pack that is kept is."""
        if self._folder is None:
            return None
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(kept_table.c.pack, kept_table.c.sha256).order_by(kept_table.c.pack)
            )
            return tuple((row.pack, row.sha256) for row in rows)

    def load(self, ids: Iterable[str]) -> dict[str, Pack]:
        """Packs by id: those kept, then those of the folder, then those that are shipped.

        Raises:
            PackInvalid: one is not there, and never was.
        """
        wanted = list(ids)
        with reading(self._engine) as connection:
            bodies = _bodies(connection)
        found = {id_: pack_from(bodies[id_], f"{id_}.yaml") for id_ in wanted if id_ in bodies}
        rest = [id_ for id_ in wanted if id_ not in found]
        if rest:
            found |= self._from_files(rest, first=None if bodies else self._folder)
        return {id_: found[id_] for id_ in wanted}

    def _from_files(self, ids: list[str], first: Path | None) -> dict[str, Pack]:
        """Before anything was kept the folder comes first, and what is shipped stands in."""
        try:
            return load_all(first, ids)
        except NormsError as error:
            try:
                return load_all(None if first else self._folder, ids)
            except NormsError as other:
                raise (error if first else other) from None

    def take(
        self,
        ledger: Ledger,
        clock: Clock,
        agree: Callable[[Connection, Mapping[str, Pack]], None],
    ) -> Taken:
        """Look at the folder, and put in force what it holds if all of it is right.

        Args:
            ledger: where that is written down.
            clock: for the entries.
            agree: raises :class:`NormsError` where packs cannot be in force together.

        Raises:
            LedgerUnavailable: it could not be written down, so nothing changes.
        """
        if self._folder is None:
            return Taken()
        try:
            files = self._files(self._folder)
            with reading(self._engine) as connection:
                packs = load_all(self._folder)
                self._check_there(connection, packs)
                agree(connection, packs)
                before = _bodies(connection)
                was = self.trouble(connection)
        except NormsError as error:
            return self._refuse(ledger, clock, str(error))
        changed = tuple(sorted(id_ for id_, body in files.items() if before.get(id_) != body))
        gone = tuple(sorted(set(before) - set(files)))
        if not changed and not gone and was is None:
            return Taken()
        with in_ledger(self._engine) as connection:
            connection.execute(delete(trouble_table))
            for id_ in (*changed, *gone):
                connection.execute(delete(kept_table).where(kept_table.c.pack == id_))
                self._keep(connection, ledger, clock.now_us(), id_, files.get(id_))
        return Taken((*changed, *gone), news=True)

    def trouble(self, connection: Connection) -> Trouble | None:
        """Why the folder is not taken; ``None``: it is, or there is none."""
        row = connection.execute(select(trouble_table)).first()
        return None if row is None else Trouble(row.trouble, row.since_us)

    def _refuse(self, ledger: Ledger, clock: Clock, why: str) -> Taken:
        with reading(self._engine) as connection:
            was = self.trouble(connection)
        if was is not None and was.why == why:
            return Taken(trouble=was)
        now = clock.now_us()
        with in_ledger(self._engine) as connection:
            connection.execute(delete(trouble_table))
            connection.execute(insert(trouble_table).values(id=1, trouble=why, since_us=now))
            ledger.append_in(connection, _entry(now, "packs-refused", {}))
        return Taken(trouble=Trouble(why, now), news=True)

    def _keep(
        self, connection: Connection, ledger: Ledger, now: int, id_: str, body: bytes | None
    ) -> None:
        if body is None:
            ledger.append_in(connection, _entry(now, "pack-gone", {"pack": id_}))
            return
        sha256 = hashlib.sha256(body).hexdigest()
        connection.execute(
            insert(kept_table).values(pack=id_, body=body, sha256=sha256, since_us=now)
        )
        facts = {"pack": id_, "sha256": sha256}
        ledger.append_in(connection, _entry(now, "pack-taken", facts))

    def _files(self, folder: Path) -> dict[str, bytes]:
        try:
            bodies = {path.name: read(path) for path in sorted(folder.glob("*.yaml"))}
        except OSError as error:
            raise PackInvalid(
                f"The folder of packs cannot be read: {error.strerror}.",
                "Check the path and its permissions.",
            ) from None
        return {pack_from(body, name).id: body for name, body in bodies.items()}

    @staticmethod
    def _check_there(connection: Connection, packs: Mapping[str, Pack]) -> None:
        missing = sorted({one.pack for one in applications(connection)} - set(packs))
        if missing:
            raise PackInvalid(
                f"The pack {missing[0]} is in force, and its file is gone.",
                f"Put it back, or take it out of force first: `scrim norms remove {missing[0]}`.",
            )


def _bodies(connection: Connection) -> dict[str, bytes]:
    rows = connection.execute(select(kept_table.c.pack, kept_table.c.body))
    return {row.pack: bytes(row.body) for row in rows}


def _entry(now: int, change: str, facts: Mapping[str, str]) -> Entry:
    return Entry(
        act=Act.CONFIGURED,
        at_us=now,
        who="operator",
        authority="operator",
        reason=change,
        facts={"change": change, **facts},
    )
