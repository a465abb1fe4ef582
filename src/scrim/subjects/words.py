"""What people wrote about holds, papers, limits and changes is forgotten once these are over.

Rules:

1. ``subjects.words_days`` after a hold placed by hand was lifted, a paper was revoked or
   expired, a change was decided or ended, a camera was removed, the words go: why something
   was held, what a paper is called, who recorded it and why it was revoked, what was to
   change, why a camera was kept as long.
2. What is in force keeps its words.  A limit of a removed camera stays while anything that
   the camera recorded does.
3. With the words goes the salt.  Dates, cameras, kinds, decisions and the hashes of
   documents stay, and so do the commitments in the ledger.
4. What is erased, and its proof, are one transaction: how many pieces, and the SHA-256 of the
   canonical list of their commitments, sorted.
5. It is erased by a clock that may be believed, and from the database's files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Executable, Select, delete, func, insert, or_, select, update

from scrim.access.signin import in_ledger
from scrim.canonical import Json, digest
from scrim.ledger import Act, Entry, commit
from scrim.store.database import reading, scrub, writing
from scrim.store.schema import camera, hold, paper, proposal, segment, unscrubbed
from scrim.store.schema import retention_limit as limit
from scrim.subjects.asked import DAY_US
from scrim.subjects.room import CLOCK, Room

_BATCH: Final = 500  # rows in one transaction
_LIMIT: Final = limit.c.camera + "/" + limit.c.side
_NOTHING: Final = "{}"  # no kind of change is so


@dataclass(frozen=True, slots=True)
class _Kind:
    """Rows of one table whose words go.

    Attributes:
        name: as the entry has it.
        due: of those that were over by a time, the key first.
        pieces: the commitments to a row's words.
        erase: of these keys.
    """

    name: str
    due: Callable[[int], Select[Any]]
    pieces: Callable[[Any], list[str]]
    erase: Callable[[Sequence[Any]], Executable]


def forget_words(room: Room) -> int:
    """Erase words whose time is over; of how many rows.

    Raises:
        ClockDoubtful: the clock may be wrong, so nothing is erased.
        LedgerUnavailable: the rest is erased the next time.
    """
    done = 0
    kept_us = room.settings.words_days * DAY_US
    if _any_due(room, room.clock.now_us() - kept_us):
        now = room.erasing_clock.now_us()
        for kind in _KINDS:
            while erased := _erase(room, kind, now, now - kept_us):
                done += erased
    _finish(room)
    return done


def _any_due(room: Room, latest_us: int) -> bool:
    with reading(room.engine) as connection:
        return any(
            connection.execute(kind.due(latest_us).limit(1)).first() is not None for kind in _KINDS
        )


def _erase(room: Room, kind: _Kind, now_us: int, latest_us: int) -> int:
    with in_ledger(room.engine) as connection:
        rows = connection.execute(kind.due(latest_us).limit(_BATCH)).all()
        if not rows:
            return 0
        pieces = sorted(piece for row in rows for piece in kind.pieces(row))
        entry = Entry(
            act=Act.WORDS_FORGOTTEN,
            at_us=now_us,
            who=CLOCK,
            authority="subjects.words_days",
            reason="ceiling",
            facts={
                "of": kind.name,
                "rows": len(rows),
                "pieces": len(pieces),
                "sha256": digest(list[Json](pieces)),
            },
        )
        room.ledger.append_in(connection, entry)
        connection.execute(kind.erase([row[0] for row in rows]))
        connection.execute(delete(unscrubbed))
        connection.execute(insert(unscrubbed).values(id=1, since_us=now_us))
    return len(rows)


def _finish(room: Room) -> None:
    """Empty the database's files of what was erased, where that is still to be done."""
    with reading(room.engine) as connection:
        waiting = connection.execute(select(unscrubbed.c.id)).first()
    if waiting is not None and scrub(room.engine):
        with writing(room.engine) as connection:
            connection.execute(delete(unscrubbed))


def _removed(of: ColumnElement[str], latest_us: int) -> ColumnElement[bool]:
    return of.in_(select(camera.c.id).where(camera.c.removed_us <= latest_us))


def _holds(latest_us: int) -> Select[Any]:
    return select(hold.c.id, hold.c.words, hold.c.salt).where(
        hold.c.words.is_not(None), hold.c.lifted_us <= latest_us
    )


def _papers(latest_us: int) -> Select[Any]:
    return select(
        paper.c.id, paper.c.reference, paper.c.recorded_by, paper.c.revoked_why, paper.c.salt
    ).where(
        paper.c.reference != "",
        or_(
            paper.c.revoked_us <= latest_us,
            paper.c.expires_us <= latest_us,
            _removed(paper.c.camera, latest_us),
        ),
    )


def _changes(latest_us: int) -> Select[Any]:
    over_us = func.coalesce(proposal.c.decided_us, proposal.c.expires_us)
    return select(proposal.c.id, proposal.c.change).where(
        proposal.c.change != _NOTHING, over_us <= latest_us
    )


def _limits(latest_us: int) -> Select[Any]:
    there = segment.c.state.in_(("writing", "stored", "erasing"))
    left = select(segment.c.camera).where(segment.c.camera == limit.c.camera, there).exists()
    return select(_LIMIT, limit.c.reason, limit.c.salt).where(
        _removed(limit.c.camera, latest_us), ~left
    )


def _committed(salt: bytes | None, *texts: str | None) -> list[str]:
    return [commit(text, salt and bytes(salt))[0] for text in texts if text]


_KINDS: Final = (
    _Kind(
        "holds",
        _holds,
        lambda row: _committed(row.salt, row.words),
        lambda keys: update(hold).where(hold.c.id.in_(keys)).values(words=None, salt=None),
    ),
    _Kind(
        "papers",
        _papers,
        lambda row: _committed(row.salt, row.reference, row.recorded_by, row.revoked_why),
        lambda keys: (
            update(paper)
            .where(paper.c.id.in_(keys))
            .values(reference="", recorded_by="", revoked_why=None, salt=b"")
        ),
    ),
    _Kind(
        "changes",
        _changes,
        # the ledger has the hash of the whole, which is its commitment
        lambda row: [hashlib.sha256(row.change.encode()).hexdigest()],
        lambda keys: update(proposal).where(proposal.c.id.in_(keys)).values(change=_NOTHING),
    ),
    _Kind(
        "limits",
        _limits,
        lambda row: _committed(row.salt, row.reason),
        lambda keys: delete(limit).where(_LIMIT.in_(keys)),
    ),
)
