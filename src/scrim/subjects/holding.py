"""Holds that a person places: for a reason, until a day on which somebody looks again.

Rules:

1. A hold names 50 cameras at most, an interval of 31 days at most, a reason, and the day of its
   review, a year off at most.  A hold on everything for ever cannot be placed.
2. A review sets the next day, with a reason anew; a hold whose day has passed still holds, and
   stands in the list of what is due: nothing is erased because somebody forgot.
3. A hold of a case or of a request ends with it and is not lifted by hand.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine, select

from scrim.access.signin import in_ledger
from scrim.canonical import Json
from scrim.clock import Clock, to_text
from scrim.errors import CameraUnknown, DutyRefused, DutyState, DutyUnknown
from scrim.ledger import Act, Entry, Ledger, commit
from scrim.ledger.commitment import SALT_SIZE
from scrim.store import holds
from scrim.store.database import reading
from scrim.store.holds import Hold
from scrim.store.schema import camera as cameras_table
from scrim.subjects.asked import DAY_US, MOST_CAMERAS, check_interval, check_text
from scrim.subjects.room import PRIVACY_OFFICER

LONGEST_REVIEW_US: Final = 366 * DAY_US
_BY_HAND: Final = "by-hand"
_EVERYTHING: Final = frozenset({"*", "all", "everything"})


@dataclass(frozen=True, slots=True)
class Listed:
    """A hold, and whether somebody has to look at it now."""

    hold: Hold
    is_due: bool

    def document(self) -> dict[str, Json]:
        """For JSON; the words of the reason are for those who keep holds."""
        hold = self.hold
        return {
            "hold": hold.id,
            "camera": hold.camera,
            "since_us": hold.since_us,
            "until_us": hold.until_us,
            "reason": hold.reason,
            "words": hold.words,
            "case": hold.case,
            "request": hold.request,
            "placed_us": hold.placed_us,
            "review_us": hold.review_us,
            "review_due": self.is_due,
        }


class Holding:
    """Holds of one deployment.

    Args:
        engine: the database.
        ledger: that of the same database.
        clock: by which reviews are due.
    """

    def __init__(self, engine: Engine, ledger: Ledger, clock: Clock) -> None:
        self._engine = engine
        self._ledger = ledger
        self._clock = clock

    def add(
        self,
        cameras: Sequence[str],
        since_us: int,
        until_us: int,
        *,
        reason: str,
        review_us: int,
        who: str = PRIVACY_OFFICER,
    ) -> tuple[Hold, ...]:
        """Hold an interval of each of these cameras.

        Raises:
            DutyRefused: no reason, no review, or too much.
            CameraUnknown: a camera that never was.
            LedgerUnavailable: it is not placed.
        """
        now = self._clock.now_us()
        cameras = tuple(dict.fromkeys(cameras))
        if not cameras or not _EVERYTHING.isdisjoint(cameras):
            raise DutyRefused(
                "A hold names its cameras.", "Give --camera once for each; there is none on all."
            )
        if len(cameras) > MOST_CAMERAS:
            raise DutyRefused(
                f"A hold names {MOST_CAMERAS} cameras at most.",
                "Place several, each for its reason.",
            )
        check_interval(since_us, until_us)
        check_text("reason", reason)
        _check_review(review_us, now)
        with in_ledger(self._engine) as connection:
            _check_cameras(connection, cameras)
            facts: dict[str, Json] = {"cameras": len(cameras), "review": review_us}
            salt = secrets.token_bytes(SALT_SIZE)
            self._enter(connection, Act.HELD, now, reason, salt, facts, who)
            before = {one.id for one in holds.in_force(connection)}
            holds.place(
                connection,
                cameras,
                since_us,
                until_us,
                reason=_BY_HAND,
                placed_by=who,
                now_us=now,
                review_us=review_us,
                words=reason,
                salt=salt,
            )
            return tuple(one for one in holds.in_force(connection) if one.id not in before)

    def review(
        self, number: int, *, reason: str, review_us: int, who: str = PRIVACY_OFFICER
    ) -> Hold:
        """Somebody looked: it is needed until the next review.

        Raises:
            DutyUnknown: there is no such hold.
            DutyState: it is lifted, or ends with its case or request.
            DutyRefused: no reason, or a day that is past or too far off.
        """
        now = self._clock.now_us()
        check_text("reason", reason)
        _check_review(review_us, now)
        with in_ledger(self._engine) as connection:
            found = _own(connection, number)
            facts: dict[str, Json] = {"hold": number, "review": review_us}
            self._enter(connection, Act.HELD, now, reason, _salt(found), facts, who)
            holds.review(connection, number, review_us, reason)
            return _own(connection, number)

    def lift(self, number: int, *, reason: str, who: str = PRIVACY_OFFICER) -> Hold:
        """Lift a hold that a person placed.

        Raises:
            DutyUnknown: there is no such hold.
            DutyState: it is lifted, or ends with its case or request.
            DutyRefused: no reason.
        """
        now = self._clock.now_us()
        check_text("reason", reason)
        with in_ledger(self._engine) as connection:
            found = _own(connection, number)
            facts: dict[str, Json] = {"hold": number}
            self._enter(connection, Act.RELEASED, now, reason, _salt(found), facts, who)
            holds.lift_one(connection, number, now)
            return found

    def list(self) -> tuple[Listed, ...]:
        """Holds in force; those that somebody has to look at first."""
        now = self._clock.now_us()
        with reading(self._engine) as connection:
            found = [Listed(one, _is_due(one, now)) for one in holds.in_force(connection)]
        return tuple(sorted(found, key=lambda one: (not one.is_due, one.hold.camera, one.hold.id)))

    def _enter(
        self,
        connection: Connection,
        act: Act,
        now: int,
        reason: str,
        salt: bytes,
        facts: dict[str, Json],
        who: str,
    ) -> None:
        self._ledger.append_in(
            connection,
            Entry(
                act=act,
                at_us=now,
                who=who,
                authority=PRIVACY_OFFICER,
                reason=f"hold-{_BY_HAND}",
                facts={**facts, "because": commit(reason, salt)[0]},
            ),
        )


def _salt(hold: Hold) -> bytes:
    return hold.salt if hold.salt is not None else secrets.token_bytes(SALT_SIZE)


def _is_due(hold: Hold, now_us: int) -> bool:
    return hold.review_us is not None and now_us >= hold.review_us


def _check_review(review_us: int, now_us: int) -> None:
    if review_us <= now_us:
        raise DutyRefused("The review lies in the past.", "Say with --review when to look again.")
    if review_us > now_us + LONGEST_REVIEW_US:
        raise DutyRefused(
            f"The review is over a year off ({to_text(review_us)[:10]}); nothing is held for ever.",
            "Give a day within a year; the hold can be prolonged then.",
        )


def _check_cameras(connection: Connection, cameras: Sequence[str]) -> None:
    known = set(connection.execute(select(cameras_table.c.id)).scalars())
    for camera in cameras:
        if camera not in known:
            raise CameraUnknown(
                f"No camera {camera!r} was ever enrolled.", "See `scrim camera list`."
            )


def _own(connection: Connection, number: int) -> Hold:
    found = holds.by_id(connection, number)
    if found is None:
        raise DutyUnknown(f"There is no hold {number}.", "See `scrim hold list`.")
    if found.lifted_us is not None:
        raise DutyState(f"The hold {number} is lifted already.", "See `scrim hold list`.")
    if found.case is not None or found.request is not None:
        owner = found.case or found.request
        raise DutyState(f"The hold {number} ends with {owner}.", f"Close or answer {owner}.")
    return found
