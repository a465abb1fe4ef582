"""What is recorded: cameras, key periods, segments, gaps, and how many were covered."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from scrim.store.schema._base import metadata

# SQLite takes a partial index only where a query has its condition word for word
SEGMENT_ERASED = text("segment.state IN ('erasing', 'erased')")
PARTS_LEFT = text("period.parts_state != 'erased'")
REST_LEFT = text("period.rest_state != 'erased'")

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
    # whose custodians hold its keys: scrim.store.custodians
    Column("custodian_group", String(40), nullable=False, server_default="everybody"),
    Column("site", String(40), nullable=False, server_default="default"),
    Column("purpose", String(60)),  # a word of a pack; null: none is said
    Column("place", String(60)),  # scrim.papers.places; null: that of its site
    Column("owner", Text),  # who answers for it; may be a person's name
    Column("labels", Text, nullable=False, server_default="[]"),  # canonical JSON: words
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
    Column("opened_entry", BigInteger),  # index in the ledger; null in rows from before cases
    Column("closed_entry", BigInteger),
    # the key's sealed parts, and the manifest: kept | erasing | erased
    Column("parts_state", String(8), nullable=False, server_default="kept"),
    Column("parts_entry", BigInteger),  # that says that the parts are destroyed
    Column("rest_state", String(8), nullable=False, server_default="kept"),
    PrimaryKeyConstraint("camera", "epoch", "period"),
)
for _name in ("parts_state", "rest_state"):
    _left = period.c[_name] != "erased"
    Index(
        f"period_by_{_name}",
        period.c.camera,
        period.c[_name],
        period.c.closed_us,
        sqlite_where=_left,
        postgresql_where=_left,
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
    Column("state", String(8), nullable=False),  # writing | stored | lost | erasing | erased
    PrimaryKeyConstraint("camera", "segment", "side"),
    ForeignKeyConstraint(
        ["camera", "epoch", "period"], ["period.camera", "period.epoch", "period.period"]
    ),
)
Index("segment_by_time", segment.c.camera, segment.c.side, segment.c.start_us)
Index("segment_by_period", segment.c.camera, segment.c.epoch, segment.c.period)
_ERASED = segment.c.state.in_(("erasing", "erased"))
Index(
    "segment_erased",
    segment.c.camera,
    segment.c.state,
    sqlite_where=_ERASED,
    postgresql_where=_ERASED,
)

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

face_count = Table(  # how many were covered, never who: scrim.store.people_counted
    "face_count",
    metadata,
    Column("camera", String(40), nullable=False),
    Column("hour_us", BigInteger, nullable=False),
    Column("tracks", BigInteger, nullable=False),  # an upper bound of the people
    Column("uncounted", BigInteger, nullable=False),  # segments in which nobody could be counted
    PrimaryKeyConstraint("camera", "hour_us"),
)
