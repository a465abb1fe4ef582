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
    Column("camera_group", String(40), nullable=False, server_default="everybody"),
)

session = Table(
    "session",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("created_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
    Column("ended_us", BigInteger),
    Column("salt", LargeBinary(16), nullable=False),  # opens its ledger commitments
    Column("role", String(16), nullable=False, server_default="operator"),  # scrim.access.Role
    Column("person", String(40)),  # whom it belongs to; null for an operator's
    Column("verifier", String(100)),  # the key they signed in with
    Column("nonce_sha256", String(64)),  # what signs in once: a nonce, a challenge, a state
    Column("seen_us", BigInteger),  # when it was last used, to within a minute
    Column("way", String(16), nullable=False, server_default="link"),  # link | key | passkey | oidc
)
Index("session_by_nonce", session.c.nonce_sha256, unique=True)

sign_in_link = Table(
    "sign_in_link",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("created_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
    Column("used_us", BigInteger),
    Column("person", String(40)),  # whom it signs in; null for whoever has the machine
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
    Column("case", String(40)),  # of a custodian's look at what a case asks for
)

register = Table(  # of people; an id is a desk, never a name
    "register",
    metadata,
    # checks what they sign; of somebody without a key a handle (scrim.cases.people)
    Column("verifier", String(100), primary_key=True),
    Column("id", String(40), nullable=False),
    Column("role", String(16), nullable=False),  # of the key, or of somebody without one the first
    Column("office", String(40), nullable=False),
    Column("recipient", Text),  # of a custodian
    Column("registered_us", BigInteger, nullable=False),
    Column("retired_us", BigInteger),
    Column("salt", LargeBinary(16), nullable=False),  # opens the ledger's commitments to the id
)
Index("register_by_id", register.c.id)

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
    Column("id", _COUNTER, primary_key=True, autoincrement=True),
    Column("camera", String(40), nullable=False),
    Column("since_us", BigInteger, nullable=False),
    Column("until_us", BigInteger, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("placed_by", String(80), nullable=False),  # as in the ledger
    Column("case", String(40)),
    Column("placed_us", BigInteger, nullable=False),
    Column("lifted_us", BigInteger),
)
Index("hold_by_camera", hold.c.camera, hold.c.since_us)

case_export = Table(
    "case_export",
    metadata,
    Column("id", _COUNTER, primary_key=True, autoincrement=True),
    Column("case", String(40), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("salt", LargeBinary(16), nullable=False),  # opens the commitment to the recipient
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

site = Table(  # where cameras stand, and who answers for them there
    "site",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("place", String(60), nullable=False),  # scrim.papers.places
    Column("controller", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("zone", String(60), nullable=False),  # IANA
    Column("language", String(12), nullable=False),  # en | zh-Hant | zh-Hans
    Column("country", String(2), nullable=False),  # ISO 3166-1, or empty
    Column("public_access", Integer, nullable=False),
    Column("labels", Text, nullable=False),  # canonical JSON: words
    Column("salt", LargeBinary(16), nullable=False),  # opens the ledger's commitments to it
    Column("added_us", BigInteger, nullable=False),
)

paper = Table(  # of a camera, of a site, or where both are null of the deployment
    "paper",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(16), nullable=False),  # scrim.norms.pack.Paper
    Column("site", String(40)),
    Column("camera", String(40)),
    Column("purpose", String(60)),  # of a paper of that kind
    Column("filing", String(60)),  # which filing
    Column("says", Text, nullable=False),  # canonical JSON: words
    Column("reference", Text, nullable=False),
    Column("document_sha256", String(64)),
    Column("issued_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger),
    Column("recorded_us", BigInteger, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("revoked_us", BigInteger),
    Column("revoked_why", Text),
    Column("salt", LargeBinary(16), nullable=False),  # opens the ledger's commitments to it
)
Index("paper_by_camera", paper.c.camera)
Index("paper_by_site", paper.c.site)

pack_applied = Table(  # to a camera, to a site, or where both are null to the deployment
    "pack_applied",
    metadata,
    Column("id", _COUNTER, primary_key=True, autoincrement=True),
    Column("pack", String(40), nullable=False),
    Column("site", String(40)),
    Column("camera", String(40)),
    Column("since_us", BigInteger, nullable=False),
    Column("until_us", BigInteger),  # null while it is
)

gate = Table(  # what the supervisor last said of each camera: scrim.papers.gatekeeper
    "gate",
    metadata,
    Column("camera", String(40), primary_key=True),
    Column("may_record", Integer, nullable=False),
    Column("since_us", BigInteger, nullable=False),
    Column("said", Text, nullable=False),  # canonical JSON: waits, warnings
    Column("gap", Integer),  # the row of the gap that lasts while it may not
)

person_role = Table(  # roles given by name, besides that of a key: scrim.access.standing
    "person_role",
    metadata,
    Column("person", String(40), nullable=False),
    Column("role", String(16), nullable=False),
    Column("since_us", BigInteger, nullable=False),
    PrimaryKeyConstraint("person", "role"),
)

person_scope = Table(  # where somebody's roles hold; without a row everywhere
    "person_scope",
    metadata,
    Column("person", String(40), nullable=False),
    Column("kind", String(8), nullable=False),  # camera | site
    Column("name", String(40), nullable=False),
    PrimaryKeyConstraint("person", "kind", "name"),
)

passkey = Table(  # WebAuthn credentials: public keys
    "passkey",
    metadata,
    Column("id", String(200), primary_key=True),  # SHA-256 of the credential's id, hexadecimal
    Column("person", String(40), nullable=False),
    Column("public_key", LargeBinary, nullable=False),  # COSE
    Column("sign_count", BigInteger, nullable=False),
    Column("added_us", BigInteger, nullable=False),
    Column("used_us", BigInteger),
)
Index("passkey_by_person", passkey.c.person)

machine_token = Table(  # bearer tokens of programs
    "machine_token",
    metadata,
    Column("name", String(40), primary_key=True),  # never used twice
    Column("token_sha256", String(64), nullable=False),
    Column("salt", LargeBinary(16), nullable=False),  # opens the ledger's commitments to the name
    Column("role", String(16), nullable=False),
    Column("actions", Text, nullable=False),  # canonical JSON; empty: all of the role's
    Column("cameras", Text, nullable=False),  # canonical JSON; empty with no sites: everywhere
    Column("sites", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
    Column("ended_us", BigInteger),
)
Index("token_by_hash", machine_token.c.token_sha256, unique=True)

access_policy = Table(  # a deployment's own access policies; the newest row is in force
    "access_policy",
    metadata,
    Column("id", _COUNTER, primary_key=True, autoincrement=True),
    Column("files", Text, nullable=False),  # canonical JSON: names and texts
    Column("sha256", String(64), nullable=False),
    Column("since_us", BigInteger, nullable=False),
)

proposal = Table(  # a change that waits for a second person: scrim.access.proposals
    "proposal",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("change", Text, nullable=False),  # canonical JSON
    Column("reason", String(40), nullable=False),  # a code
    Column("proposed_by", String(80), nullable=False),  # as in the ledger
    Column("proposer", String(80), nullable=False),  # person's id, or what else acts alone
    Column("proposed_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
    Column("decided_us", BigInteger),
    Column("decision", String(16)),  # agreed | refused
    Column("decided_by", String(80)),  # as in the ledger
)
