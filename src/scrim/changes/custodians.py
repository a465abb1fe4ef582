"""Changing who the custodians are, within a transaction: the row and its entry."""

from __future__ import annotations

from sqlalchemy import Connection

from scrim.canonical import digest
from scrim.ledger import Act, Entry, Ledger
from scrim.store.custodians import put_in_force, set_group
from scrim.vault import CustodianSet


def change_custodians(
    connection: Connection,
    ledger: Ledger,
    now: int,
    custodians: CustodianSet,
    group: str,
    reason: str,
) -> None:
    """Put a set in force for a group; raises as :func:`~scrim.store.custodians.put_in_force`."""
    put_in_force(connection, custodians, now, group)  # first: it says what is no group's name
    entry = Entry(
        act=Act.CUSTODIANS_SET,
        at_us=now,
        who="operator",
        authority="operator",
        reason=reason,
        facts={
            "set": digest(custodians.document()),
            "group": group,
            "k": custodians.k,
            "n": len(custodians.custodians),
            "recipients": [custodian.recipient for custodian in custodians.custodians],
            "demo": custodians.demo,
        },
    )
    ledger.append_in(connection, entry)


def change_group(connection: Connection, ledger: Ledger, now: int, camera: str, group: str) -> None:
    """Give a camera to a group; raises as :func:`~scrim.store.custodians.set_group`."""
    set_group(connection, camera, group)  # first: it says what is no camera or group
    entry = Entry(
        act=Act.CONFIGURED,
        at_us=now,
        who="operator",
        authority="operator",
        reason="camera-group-changed",
        camera=camera,
        facts={"change": "camera-group-changed", "group": group},
    )
    ledger.append_in(connection, entry)
