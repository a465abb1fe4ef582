"""A deployment's own access policies, in its database.

Rules:

1. What is in force is the newest row; without any, what Scrim ships.  A file on the disk
   changes nothing by itself: putting policies in force is a change like any other, logged,
   and made by two people where four eyes are on (:mod:`scrim.changes`).
2. They were checked before they came in, and are checked again when they are read.
3. Policies that leave no way back are refused: somebody has to be able to sign in, and
   somebody to agree to other policies.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, Engine, insert, select

from scrim.access.authoriser import NOBODY, Authoriser, Circumstances, Principal
from scrim.access.policy_files import PolicyFiles
from scrim.access.proposals import OWN
from scrim.access.roles import SIGNED_IN
from scrim.canonical import canonical
from scrim.errors import AccessPolicyInvalid
from scrim.ledger import Act, Entry, Ledger
from scrim.store.database import reading
from scrim.store.schema import access_policy as table

_AGREE: Final = "agree-proposal"
_A_YEAR_S: Final = 366 * 86_400
_SIGN_IN: Final = ("sign-in-with-key", "sign-in-with-passkey", "end-oidc")


class OwnPolicies:
    """The policies in force in one deployment, as an authoriser's source."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: PolicyFiles | None = None
        self._row: int | None = None

    def __call__(self) -> PolicyFiles:
        """The policies in force now; parsed once, as long as they stay the same.

        Raises:
            AccessPolicyInvalid: they do not fit this Scrim.
            StoreError: the database cannot be read.
        """
        newest = select(table.c.id).order_by(table.c.id.desc()).limit(1)
        with reading(self._engine) as connection:
            row = connection.execute(newest).scalar_one_or_none()
            if self._known is not None and row == self._row:
                return self._known
            text = connection.execute(
                select(table.c.files).where(table.c.id == row)
            ).scalar_one_or_none()
        self._known = PolicyFiles.load() if text is None else PolicyFiles.of(_texts(text))
        self._row = row
        return self._known


def _texts(text: str) -> Mapping[str, str]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise AccessPolicyInvalid(
            "The access policies in the database are damaged.",
            "Put others in force with `scrim access set`; what was in force stays until then.",
        )
    return found


def change_access(
    connection: Connection, ledger: Ledger, now: int, files: Mapping[str, str]
) -> None:
    """Put policies in force, within a transaction: row and entry.

    Raises:
        AccessPolicyInvalid: they are not usable.
    """
    checked = PolicyFiles.of(files)
    check_way_back(checked)
    change = "access-policies-changed"
    entry = Entry(
        act=Act.CONFIGURED,
        at_us=now,
        who="operator",
        authority="operator",
        reason=change,
        facts={"change": change, "sha256": checked.sha256, "policies": list(checked.ids)},
    )
    ledger.append_in(connection, entry)
    connection.execute(
        insert(table).values(
            files=canonical(dict(files)).decode(), sha256=checked.sha256, since_us=now
        )
    )


def check_way_back(files: PolicyFiles) -> None:
    """See that somebody could sign in and agree to others, a year after they were given a role.

    Whether other machines reach the server is a setting: both are looked at.

    Raises:
        AccessPolicyInvalid: nobody could.
    """
    authoriser = Authoriser(lambda: files)
    people = [
        Principal(frozenset({role}), way=way, since_grant=_A_YEAR_S)
        for role in SIGNED_IN
        for way in sorted(OWN)
    ]
    for here in (Circumstances(exposed=False), Circumstances(exposed=True)):
        signs_in = any(authoriser.decide(NOBODY, one, None, here).allowed for one in _SIGN_IN)
        agrees = any(authoriser.decide(one, _AGREE, None, here).allowed for one in people)
        if not (signs_in and agrees):
            when = ", once other machines reach the server" if here.exposed else ""
            raise AccessPolicyInvalid(
                f"With these access policies nobody could sign in, or agree to others{when}.",
                f'Permit sign-in to Role::"public" and {_AGREE} to some role.',
            )
