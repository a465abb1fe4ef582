"""The tables, for SQLite and PostgreSQL alike.

All times are UTC microseconds (see :mod:`scrim.clock`).  The database holds no
picture, no key that opens anything, and nothing that recognises anybody; the
ledger's own tables (``entry``, ``node``) hold no personal data at all.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

metadata = MetaData()

# SQLite finds a row by an INTEGER key without a second index
_COUNTER = BigInteger().with_variant(Integer(), "sqlite")

camera = Table(
    "camera",
    metadata,
    Column("id", String(40), primary_key=True),  # [a-z0-9-], chosen by the operator
    Column("name", String(200), nullable=False),
    Column("kind", String(16), nullable=False),  # file | rtsp | usb
    Column("source", Text, nullable=False),  # path or address; may hold a password
    Column("options", Text, nullable=False),  # canonical JSON
    Column("epoch", BigInteger, nullable=False),  # grows at every recorder start
    Column("next_segment", BigInteger, nullable=False),
    Column("alive_us", BigInteger),  # when its recorder last said that it runs
    Column("added_us", BigInteger, nullable=False),
    Column("removed_us", BigInteger),
    Column("policy", Text, nullable=False, server_default="{}"),  # canonical JSON: scrim.policy
)

period = Table(
    "period",
    metadata,
    Column("camera", String(40), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("period", BigInteger, nullable=False),
    Column("opened_us", BigInteger, nullable=False),
    Column("closed_us", BigInteger),
    Column("recipient", String(100), nullable=False),
    Column("document_key", Text, nullable=False),  # object: the period document
    Column("document_sha256", String(64), nullable=False),
    Column("chain_length", BigInteger, nullable=False),
    Column("chain_head", String(64), nullable=False),
    Column("manifest_key", Text),  # object: the period manifest, once closed
    Column("manifest_sha256", String(64)),
    PrimaryKeyConstraint("camera", "epoch", "period"),
)

segment = Table(
    "segment",
    metadata,
    Column("camera", String(40), nullable=False),
    Column("segment", BigInteger, nullable=False),  # never used twice for a camera
    Column("side", String(8), nullable=False),  # sealed | masked
    Column("epoch", BigInteger, nullable=False),
    Column("period", BigInteger, nullable=False),
    Column("start_us", BigInteger, nullable=False),
    Column("end_us", BigInteger, nullable=False),
    Column("object_key", Text, nullable=False),
    Column("record", Text, nullable=False),  # canonical JSON, what the chain hashes
    Column("chain_index", BigInteger, nullable=False),  # 0-based within the period
    Column("chain_head", String(64), nullable=False),  # after this record
    Column("state", String(8), nullable=False),  # writing | stored | lost
    PrimaryKeyConstraint("camera", "segment", "side"),
    ForeignKeyConstraint(
        ["camera", "epoch", "period"], ["period.camera", "period.epoch", "period.period"]
    ),
)
Index("segment_by_time", segment.c.camera, segment.c.side, segment.c.start_us)
Index("segment_by_period", segment.c.camera, segment.c.epoch, segment.c.period)

gap = Table(
    "gap",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("camera", String(40), nullable=False),
    Column("side", String(8), nullable=False),  # both | sealed | masked
    Column("since_us", BigInteger, nullable=False),
    Column("until_us", BigInteger),  # null while it lasts
    Column("cause", String(32), nullable=False),  # scrim.camera.packet.GapCause
    Column("detail", Text, nullable=False),
)
Index("gap_by_time", gap.c.camera, gap.c.since_us)

entry = Table(
    "entry",
    metadata,
    Column("index", _COUNTER, primary_key=True, autoincrement=False),
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
    Column("size", _COUNTER, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),  # C2SP signed note
    Column("signed_us", BigInteger, nullable=False),
)

custodian_set = Table(
    "custodian_set",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("document", Text, nullable=False),  # canonical JSON: k, custodians
    Column("since_us", BigInteger, nullable=False),
    Column("demo", Integer, nullable=False),
)

session = Table(
    "session",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("created_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
    Column("ended_us", BigInteger),
    Column("salt", LargeBinary(16), nullable=False),  # opens its ledger commitments
)

sign_in_link = Table(
    "sign_in_link",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("created_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
    Column("used_us", BigInteger),
)

view = Table(  # one logged act of watching; media is reachable only through one
    "view",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("session", String(64), nullable=False),
    Column("camera", String(40), nullable=False),
    Column("mode", String(8), nullable=False),  # live | recorded
    Column("since_us", BigInteger),
    Column("until_us", BigInteger),
    Column("opened_us", BigInteger, nullable=False),
    Column("entry", BigInteger, nullable=False),
)

live_opening = Table(  # whom a recorder seals to besides its periods' keys
    "live_opening",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("camera", String(40), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("request_sha256", String(64), nullable=False),
    Column("case_commitment", String(80), nullable=False),  # commitment, as in the ledger
    Column("opened_us", BigInteger, nullable=False),
    Column("until_us", BigInteger, nullable=False),
    Column("seen_us", BigInteger, nullable=False),  # when it was last known to be in force
    Column("ended_us", BigInteger),  # null while it lasts
    Column("ended_by", String(16)),  # window | withdrawn | restart
)
Index("live_opening_by_camera", live_opening.c.camera, live_opening.c.request_sha256)
