"""Cases, custodians, and who else may open what was sealed."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from scrim.store.schema._base import COUNTER, metadata

custodian_set = Table(
    "custodian_set",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("document", Text, nullable=False),  # canonical JSON: k, custodians
    Column("since_us", BigInteger, nullable=False),
    Column("demo", Integer, nullable=False),
    Column("camera_group", String(40), nullable=False, server_default="everybody"),
)

case_file = Table(
    "case_file",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(16), nullable=False),  # recorded | live
    Column("state", String(16), nullable=False),  # scrim.cases.case.State
    Column("salt", LargeBinary(16), nullable=False),  # opens the case's commitments
    Column("officer", String(40), nullable=False),
    Column("recipient", Text, nullable=False),
    Column("body", Text, nullable=False),  # canonical JSON: the request, or what was asked for
    Column("locks", Text, nullable=False),  # canonical JSON: who must agree to what
    Column("statement", LargeBinary),  # the signed request
    Column("request_sha256", String(64)),
    Column("drafted_us", BigInteger, nullable=False),
    Column("requested_us", BigInteger),
    Column("decided_us", BigInteger),
    Column("opened_us", BigInteger),
    Column("ended_us", BigInteger),
    Column("expires_us", BigInteger, nullable=False),
    Column("seen_us", BigInteger, nullable=False),  # the latest time that this case has seen
    Column("rule", String(40)),  # that refused it
    Column("reason", Text),  # of a refusal or a closing, in words
    Column("erased_us", BigInteger),  # when its sealed parts were deleted
    Column("scrubbed_us", BigInteger),  # when nothing was left of them in the database's files
    Column("texts_us", BigInteger),  # when what it says in words was erased
)
Index("case_by_state", case_file.c.state)

case_answer = Table(
    "case_answer",
    metadata,
    Column("case", String(40), nullable=False),
    Column("custodian", String(40), nullable=False),
    Column("verifier", String(100), nullable=False),
    Column("decision", String(16), nullable=False),  # approved | refused
    Column("reason", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("decided_us", BigInteger, nullable=False),  # by the custodian's clock
    Column("kept_us", BigInteger, nullable=False),
    Column("parts", Text, nullable=False),  # canonical JSON: document's and sealed part's SHA-256
    Column("statement", LargeBinary),  # as signed; null once its parts are erased
    PrimaryKeyConstraint("case", "custodian"),
)

case_entry = Table(  # which lines of the ledger are a case's
    "case_entry",
    metadata,
    Column("case", String(40), nullable=False),
    Column("entry", BigInteger, nullable=False),
    PrimaryKeyConstraint("case", "entry"),
)

viewing = Table(  # one logged look at originals; sealed objects are reachable only through one
    "viewing",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("case", String(40), nullable=False),
    Column("act", String(16), nullable=False),  # view | export | disclose
    Column("cameras", Text, nullable=False),  # canonical JSON
    Column("since_us", BigInteger, nullable=False),
    Column("until_us", BigInteger, nullable=False),
    Column("opened_us", BigInteger, nullable=False),
)

hold = Table(  # what must not be erased: scrim.store.holds
    "hold",
    metadata,
    Column("id", COUNTER, primary_key=True, autoincrement=True),
    Column("camera", String(40), nullable=False),
    Column("since_us", BigInteger, nullable=False),
    Column("until_us", BigInteger, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("placed_by", String(80), nullable=False),  # as in the ledger
    Column("case", String(40)),
    Column("placed_us", BigInteger, nullable=False),
    Column("lifted_us", BigInteger),
    Column("request", String(40)),  # of a person filmed
    Column("review_us", BigInteger),  # when somebody looks whether it is still needed
    Column("words", Text),  # why, where a person placed it
    Column("salt", LargeBinary(16)),  # opens the ledger's commitment to that
)
Index("hold_by_camera", hold.c.camera, hold.c.since_us)

case_export = Table(
    "case_export",
    metadata,
    Column("id", COUNTER, primary_key=True, autoincrement=True),
    Column("case", String(40), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("organisation", Text, nullable=False, server_default=""),
    Column("why", Text, nullable=False, server_default=""),
    Column("salt", LargeBinary(16), nullable=False),  # opens the commitment to all three
    Column("exported_us", BigInteger, nullable=False),
    Column("entry", BigInteger, nullable=False),
)
Index("export_by_case", case_export.c.case)

reshare = Table(  # whose custodians can open a period besides its own
    "reshare",
    metadata,
    Column("camera", String(40), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("period", BigInteger, nullable=False),
    Column("custodians_sha256", String(64), nullable=False),  # the new set
    Column("object_key", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("stored_us", BigInteger, nullable=False),
    Column("entry", BigInteger, nullable=False),
    PrimaryKeyConstraint("camera", "epoch", "period", "custodians_sha256"),
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
