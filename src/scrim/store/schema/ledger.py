"""The ledger: entries, the tree over them, signed checkpoints.  No personal data at all."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text

from scrim.store.schema._base import COUNTER, metadata

entry = Table(
    "entry",
    metadata,
    Column("index", COUNTER, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),  # canonical JSON of the entry
)

node = Table(  # complete subtrees of the RFC 6962 tree
    "node",
    metadata,
    Column("level", Integer, nullable=False),  # 0: leaf hashes
    Column("index", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    PrimaryKeyConstraint("level", "index"),
    sqlite_with_rowid=False,
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("size", COUNTER, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),  # C2SP signed note
    Column("signed_us", BigInteger, nullable=False),
)
