"""What was erased, and how long things are kept."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from scrim.store.schema._base import metadata

erased = Table(  # stretches that were recorded and whose time was over: scrim.store.erased
    "erased",
    metadata,
    Column("camera", String(40), nullable=False),
    Column("side", String(8), nullable=False),  # sealed | masked
    Column("since_us", BigInteger, nullable=False),
    Column("until_us", BigInteger, nullable=False),
    PrimaryKeyConstraint("camera", "side", "since_us"),
)

retention_limit = Table(  # what was said of one camera: scrim.retention.own
    "retention_limit",
    metadata,
    Column("camera", String(40), nullable=False),
    Column("side", String(8), nullable=False),  # sealed | masked
    Column("ceiling_s", BigInteger, nullable=False),
    Column("floor_s", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("salt", LargeBinary(16), nullable=False),  # opens the commitment to the reason
    Column("set_us", BigInteger, nullable=False),
    Column("entry", BigInteger, nullable=False),
    PrimaryKeyConstraint("camera", "side"),
)

unscrubbed = Table(  # one row while the files may hold words that were erased
    "unscrubbed",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("since_us", BigInteger, nullable=False),
)

retention_state = Table(  # one row: scrim.retention.clock and the last sweep
    "retention_state",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("trusted_us", BigInteger, nullable=False),  # it is known to be this late already
    Column("entries", BigInteger, nullable=False),  # of the ledger, looked at
    Column("swept_us", BigInteger),  # when the last whole sweep began
    Column("interval_us", BigInteger),  # since the one before
    Column("late_us", BigInteger),  # past its time, of what that sweep erased last of all
    Column("objects", BigInteger),  # erased by it
    Column("trouble", Text),  # why it could not be whole
)
