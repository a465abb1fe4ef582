"""Breaches of personal data: known, assessed, told, closed.

Rules:

1. The clock starts when somebody came to know of it, not when it is entered, and runs until the
   authority is told; not assessed, a risk is taken to be there.
2. Telling it late needs the reasons for the delay with it.
3. Where the risk is high the people concerned are told before it is closed; where there is
   none, nobody need be told, and the assessment says why.
4. What is late is written down once, whatever is done afterwards.  Told in time, and entered
   only then, it is late no more; the ledger keeps both.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, Engine, insert, select

from scrim.access.signin import in_ledger
from scrim.canonical import Json, canonical
from scrim.clock import Clock
from scrim.duties.breach import (
    RISKS,
    Breach,
    all_breaches,
    change,
    enter,
    find,
    mark_late,
    see,
)
from scrim.duties.notification import Said, notification
from scrim.errors import CameraUnknown, DutyRefused, DutyState
from scrim.ledger import Act, Ledger
from scrim.norms.pack import Pack
from scrim.store.database import reading
from scrim.store.schema import breach as table
from scrim.store.schema import breach_told
from scrim.store.schema import camera as cameras_table
from scrim.subjects.asked import check_text
from scrim.subjects.room import PRIVACY_OFFICER
from scrim.subjects.terms import Packs, terms

WHOM: Final = ("authority", "people", "other")
_LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class Breaches:
    """The breaches of one deployment.

    Args:
        engine: the database.
        ledger: that of the same database.
        clock: what decides about deadlines.
        packs: which packs a camera is under.
    """

    def __init__(self, engine: Engine, ledger: Ledger, clock: Clock, packs: Packs) -> None:
        self._engine = engine
        self._ledger = ledger
        self._clock = clock
        self._packs = packs

    def open(
        self,
        happened: str,
        *,
        known_us: int | None = None,
        cameras: Sequence[str] = (),
        since_us: int | None = None,
        until_us: int | None = None,
        who: str = PRIVACY_OFFICER,
    ) -> Breach:
        """Enter a breach; without cameras it is about all of them.

        Raises:
            DutyRefused: nothing is said, or times cannot be so.
            CameraUnknown: a camera that never was.
            LedgerUnavailable: it is not entered (in all that write).
        """
        now = self._clock.now_us()
        known = now if known_us is None else known_us
        if not happened.strip():
            raise DutyRefused("It is not said what happened.", "Say it with --happened.")
        check_text("account of what happened", happened, needed=False)
        if not 0 <= known <= now:
            raise DutyRefused("Nobody can have known of it in the future.", "Check the time.")
        if since_us is not None and until_us is not None and until_us <= since_us:
            raise DutyRefused("The interval is empty.", "Give a beginning, and an end after it.")
        with in_ledger(self._engine) as connection:
            enrolled = connection.execute(select(cameras_table.c.id)).scalars().all()
            for camera in cameras:
                if camera not in enrolled:
                    raise CameraUnknown(
                        f"No camera {camera!r} was ever enrolled.", "See `scrim camera list`."
                    )
            packs: dict[str, Pack] = {}
            for camera in cameras or enrolled:
                packs |= {p.id: p for p in self._packs.under(connection, camera)[0]}
            clocks = terms(
                [packs[id_] for id_ in sorted(packs)],
                "breach-authority",
                known,
                {"breach": {"risk": "risk"}},
            )
            id_ = "breach-" + "".join(secrets.choice(_LETTERS) for _ in range(8))
            connection.execute(
                insert(table).values(
                    id=id_,
                    state="open",
                    known_us=known,
                    seen_us=now,
                    clocks=canonical([term.document() for term in clocks]).decode(),
                    cameras=canonical(list[Json](dict.fromkeys(cameras))).decode(),
                    since_us=since_us,
                    until_us=until_us,
                    salt=secrets.token_bytes(16),
                    happened=happened,
                )
            )
            found = find(connection, id_)
            facts: dict[str, Json] = {
                "known": known,
                "due": found.due_us,
                "cameras": len(found.cameras),
                "happened": found.committed(happened),
            }
            enter(self._ledger, connection, Act.BREACH_OPENED, found, now, who, facts)
            return found

    def assess(
        self,
        breach: str,
        *,
        risk: str,
        people: int,
        effects: str,
        measures: str,
        who: str = PRIVACY_OFFICER,
    ) -> Breach:
        """How bad it is, and what is done about it; may be said anew while it is open.

        Raises:
            DutyUnknown: there is no such breach (in all that follow).
            DutyRefused: something is missing or cannot be so.
            DutyState: it is closed.
        """
        if risk not in RISKS:
            raise DutyRefused(f"There is no risk {risk!r}.", f"Use one of {', '.join(RISKS)}.")
        if not 0 <= people < 2**53:
            raise DutyRefused("That is no number of people.", "Give 0 or more.")
        check_text("effects", effects)
        check_text("measures", measures)
        with in_ledger(self._engine) as connection:
            found = find(connection, breach)
            _check_open(found)
            now = self._now(connection, found)
            facts: dict[str, Json] = {
                "risk": risk,
                "people": people,
                "effects": found.committed(effects),
                "measures": found.committed(measures),
            }
            enter(self._ledger, connection, Act.BREACH_ASSESSED, found, now, who, facts)
            change(
                connection,
                breach,
                state="assessed",
                risk=risk,
                people=people,
                effects=effects,
                measures=measures,
                assessed_us=now,
            )
            return find(connection, breach)

    def draft(
        self, breach: str, said: Said, *, language: str = "en", who: str = PRIVACY_OFFICER
    ) -> str:
        """A notification for the authority, with what the system itself knows.

        Raises:
            DutyRefused: no pack has the words, or nothing to fill them with.
            NormsError: something that it needs was not said.
        """
        with in_ledger(self._engine) as connection:
            found = find(connection, breach)
            now = see(self._clock, connection, found)
            packs: dict[str, Pack] = {}
            ids = found.cameras or connection.execute(select(cameras_table.c.id)).scalars().all()
            for camera in ids:
                packs |= {p.id: p for p in self._packs.under(connection, camera)[0]}
            text = notification(connection, found, list(packs.values()), said, language, now)
            sha256 = hashlib.sha256(text.encode()).hexdigest()
            facts: dict[str, Json] = {"document": found.committed(sha256)}
            enter(self._ledger, connection, Act.BREACH_DRAFTED, found, now, who, facts)
            return text

    def notify(
        self,
        breach: str,
        whom: str,
        name: str,
        *,
        told_us: int | None = None,
        delay_reasons: str = "",
        document_sha256: str | None = None,
        who: str = PRIVACY_OFFICER,
    ) -> Breach:
        """Somebody was told: ``authority``, ``people`` or ``other``.

        Raises:
            DutyRefused: who or when cannot be so, or it is late and no reasons are given.
            DutyState: it is closed.
        """
        if whom not in WHOM:
            raise DutyRefused(f"There is nobody {whom!r}.", f"Use one of {', '.join(WHOM)}.")
        check_text("name", name)
        check_text("delay reasons", delay_reasons, needed=False)
        if document_sha256 is not None and _SHA256.fullmatch(document_sha256) is None:
            raise DutyRefused("That is no SHA-256.", "Give the document's file with --document.")
        with in_ledger(self._engine) as connection:
            found = find(connection, breach)
            _check_open(found)
            now = see(self._clock, connection, found)
            told = now if told_us is None else told_us
            if not found.known_us <= told <= now:
                raise DutyRefused(
                    "They were told after it was known, and not in the future.", "Check the time."
                )
            late = whom == "authority" and told >= found.due_us and not found.told_in_time
            if late and not delay_reasons.strip():
                raise DutyRefused(
                    "It is told late, so it says why.", "Give the reasons with --delay-reasons."
                )
            if late and found.overdue_us is None:
                mark_late(self._ledger, connection, found, now)
            facts: dict[str, Json] = {
                "whom": whom,
                "name": found.committed(name),
                "told": told,
                "late": late,
                "because": found.committed(delay_reasons) if delay_reasons else "",
                "document": document_sha256 or "",
            }
            index = enter(self._ledger, connection, Act.BREACH_NOTIFIED, found, now, who, facts)
            connection.execute(
                insert(breach_told).values(
                    breach=breach,
                    whom=whom,
                    name=name,
                    told_us=told,
                    delay_reasons=delay_reasons,
                    document_sha256=document_sha256,
                    entry=index,
                )
            )
            if whom == "authority" and not late and found.overdue_us is not None:
                change(connection, breach, overdue_us=None)
            return find(connection, breach)

    def close(self, breach: str, why: str, *, who: str = PRIVACY_OFFICER) -> Breach:
        """It is dealt with.

        Raises:
            DutyState: not assessed, or somebody who has to be told was not.
        """
        check_text("reason", why)
        with in_ledger(self._engine) as connection:
            found = find(connection, breach)
            _check_open(found)
            if found.risk is None:
                raise DutyState("It is not assessed yet.", "Assess it: `scrim breach assess`.")
            if found.waits:
                raise DutyState("The authority was not told.", "Tell it: `scrim breach notify`.")
            if found.risk == "high" and found.told_to("people") is None:
                raise DutyState(
                    "The people concerned were not told, and the risk is high.",
                    "Tell them, publicly if need be: `scrim breach notify --whom people`.",
                )
            now = self._now(connection, found)
            facts: dict[str, Json] = {"because": found.committed(why)}
            enter(self._ledger, connection, Act.BREACH_CLOSED, found, now, who, facts)
            change(connection, breach, state="closed", closed_us=now, closed_why=why)
            return find(connection, breach)

    def get(self, breach: str) -> Breach:
        """A breach.

        Raises:
            DutyUnknown: there is none.
        """
        with reading(self._engine) as connection:
            return find(connection, breach)

    def list(self) -> tuple[Breach, ...]:
        """All of them, the first that was known first."""
        with reading(self._engine) as connection:
            return all_breaches(connection)

    def tend(self) -> tuple[str, ...]:
        """Write down what was not told in time; which breaches."""
        now = self._clock.now_us()
        late = []
        for one in self.list():
            if one.waits and one.overdue_us is None and max(now, one.seen_us) >= one.due_us:
                with in_ledger(self._engine) as connection:
                    found = find(connection, one.id)
                    if found.waits and found.overdue_us is None:
                        at = see(self._clock, connection, found)
                        mark_late(self._ledger, connection, found, at)
                        late.append(one.id)
        return tuple(late)

    def _now(self, connection: Connection, found: Breach) -> int:
        """The time for an act, which is written down as late first where it is."""
        now = see(self._clock, connection, found)
        if found.waits and found.overdue_us is None and now >= found.due_us:
            mark_late(self._ledger, connection, found, now)
        return now


def _check_open(found: Breach) -> None:
    if found.state == "closed":
        raise DutyState(f"The breach {found.id} is closed.", "Open a new one if it goes on.")
