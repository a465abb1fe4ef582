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
    text,
)

metadata = MetaData()

# SQLite takes a partial index only where a query has its condition word for word
SEGMENT_ERASED = text("segment.state IN ('erasing', 'erased')")
PARTS_LEFT = text("period.parts_state != 'erased'")
REST_LEFT = text("period.rest_state != 'erased'")

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
    Column("id", _COUNTER, primary_key=True, autoincrement=True),
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
    Column("id", _COUNTER, primary_key=True, autoincrement=True),
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

subject_request = Table(  # what a person who was filmed asks for: scrim.subjects.file
    "subject_request",
    metadata,
    Column("id", String(40), primary_key=True),  # req- and eight letters
    Column("kind", String(16), nullable=False),  # access | erasure | objection
    Column("state", String(16), nullable=False),  # scrim.subjects.states.State
    Column("language", String(12), nullable=False),  # of its letters
    Column("cameras", Text, nullable=False),  # canonical JSON
    Column("since_us", BigInteger, nullable=False),
    Column("until_us", BigInteger, nullable=False),
    Column("received_us", BigInteger, nullable=False),  # when it came, which starts its clock
    Column("entered_us", BigInteger, nullable=False),  # when it was entered here
    Column("seen_us", BigInteger, nullable=False),  # the latest time that it has seen
    Column("clocks", Text, nullable=False),  # canonical JSON: scrim.subjects.clocks
    Column("places", Text, nullable=False, server_default="[]"),  # canonical JSON: where they are
    Column("case", String(40)),  # through which it is disclosed
    Column("acknowledged_us", BigInteger),
    Column("extended_us", BigInteger),
    Column("overdue_us", BigInteger),  # when it was written down that it is
    Column("ended_us", BigInteger),
    Column("answer", String(16)),  # given | partly | refused | nothing-held | already-erased
    Column("others_masked", Integer),
    Column("keep_until_us", BigInteger),  # then everything that names somebody is erased
    Column("erased_us", BigInteger),
    Column("scrubbed_us", BigInteger),
)
Index("subject_by_state", subject_request.c.state)

subject_person = Table(  # who asks: apart, so that it can go and nothing else names anybody
    "subject_person",
    metadata,
    Column("request", String(40), primary_key=True),
    Column("salt", LargeBinary(16), nullable=False),  # opens the ledger's commitments
    Column("contact", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("identity_note", Text, nullable=False, server_default=""),
    Column("location_note", Text, nullable=False, server_default=""),
    Column("extension_reason", Text, nullable=False, server_default=""),
    Column("reply", Text, nullable=False, server_default=""),  # what was given, in words
)

subject_letter = Table(
    "subject_letter",
    metadata,
    Column("id", _COUNTER, primary_key=True, autoincrement=True),
    Column("request", String(40), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("language", String(12), nullable=False),
    Column("pack", String(40), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("made_us", BigInteger, nullable=False),
)
Index("letter_by_request", subject_letter.c.request)

refusal = Table(  # the register of refusals: scrim.subjects.refusals
    "refusal",
    metadata,
    Column("request", String(40), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("ground", String(60), nullable=False),  # a word
    Column("reasons", Text, nullable=False),
    Column("partial", Integer, nullable=False),
    Column("refused_us", BigInteger, nullable=False),
    Column("keep_until_us", BigInteger, nullable=False),
)

filing = Table(  # scrim.duties.filings
    "filing",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(60), nullable=False),
    Column("change", Integer, nullable=False),
    Column("state", String(16), nullable=False),  # open | drafted | filed | acknowledged
    Column("pack", String(40), nullable=False),
    Column("rule", String(60), nullable=False),
    Column("camera", String(40)),
    Column("required_us", BigInteger, nullable=False),
    Column("due_us", BigInteger, nullable=False),
    Column("counted", String(16), nullable=False),  # as-said | calendar-days
    Column("seen_us", BigInteger, nullable=False),
    Column("draft", Text),
    Column("document_sha256", String(64)),
    Column("reference", Text),
    Column("salt", LargeBinary(16), nullable=False),
    Column("drafted_us", BigInteger),
    Column("filed_us", BigInteger),
    Column("acknowledged_us", BigInteger),
    Column("overdue_us", BigInteger),
)

threshold = Table(  # a number of people that the law counts to
    "threshold",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("near_us", BigInteger),  # first at 80 %
    Column("reached_us", BigInteger),
    Column("highest", BigInteger, nullable=False),
)

breach = Table(  # of personal data: scrim.duties.breaches
    "breach",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("state", String(16), nullable=False),  # open | assessed | closed
    Column("known_us", BigInteger, nullable=False),
    Column("seen_us", BigInteger, nullable=False),
    Column("clocks", Text, nullable=False),  # canonical JSON, as of a request
    Column("cameras", Text, nullable=False),  # canonical JSON
    Column("since_us", BigInteger),
    Column("until_us", BigInteger),
    Column("salt", LargeBinary(16), nullable=False),
    Column("happened", Text, nullable=False),
    Column("risk", String(8)),  # none | risk | high
    Column("people", BigInteger),
    Column("effects", Text, nullable=False, server_default=""),
    Column("measures", Text, nullable=False, server_default=""),
    Column("assessed_us", BigInteger),
    Column("overdue_us", BigInteger),
    Column("closed_us", BigInteger),
    Column("closed_why", Text),
)

breach_told = Table(  # who was told of it
    "breach_told",
    metadata,
    Column("id", _COUNTER, primary_key=True, autoincrement=True),
    Column("breach", String(40), nullable=False),
    Column("whom", String(16), nullable=False),  # authority | people | other
    Column("name", Text, nullable=False),
    Column("told_us", BigInteger, nullable=False),
    Column("delay_reasons", Text, nullable=False),
    Column("document_sha256", String(64)),
    Column("entry", BigInteger, nullable=False),
)
Index("told_by_breach", breach_told.c.breach)

face_count = Table(  # how many were covered, never who: scrim.store.people_counted
    "face_count",
    metadata,
    Column("camera", String(40), nullable=False),
    Column("hour_us", BigInteger, nullable=False),
    Column("tracks", BigInteger, nullable=False),  # an upper bound of the people
    Column("uncounted", BigInteger, nullable=False),  # segments in which nobody could be counted
    PrimaryKeyConstraint("camera", "hour_us"),
)

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

norm_outcome = Table(  # what came of a rule, and since when: scrim.duties.outcomes
    "norm_outcome",
    metadata,
    Column("id", _COUNTER, primary_key=True, autoincrement=True),
    Column("pack", String(40), nullable=False),
    Column("rule", String(60), nullable=False),
    Column("scope", String(16), nullable=False),  # scrim.norms.facts.Group
    Column("subject", String(80), nullable=False),
    Column("status", String(16), nullable=False),  # scrim.norms.pack.Status
    Column("due_us", BigInteger),
    Column("why", Text, nullable=False),  # it could not be decided; empty where it could
    Column("facts", Text, nullable=False),  # canonical JSON: those read when it became so
    Column("since_us", BigInteger, nullable=False),
    Column("until_us", BigInteger),  # null while it is so
    Column("entry", BigInteger, nullable=False),
)
_NOW = norm_outcome.c.until_us.is_(None)
Index(
    "norm_outcome_now",
    norm_outcome.c.rule,
    norm_outcome.c.status,
    norm_outcome.c.subject,
    sqlite_where=_NOW,
    postgresql_where=_NOW,
)
Index("norm_outcome_by_subject", norm_outcome.c.scope, norm_outcome.c.subject, norm_outcome.c.rule)

norm_mark = Table(  # what a check leaves for the next: scrim.duties.marks
    "norm_mark",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", BigInteger, nullable=False),
    Column("at_us", BigInteger, nullable=False),
)

camera_change = Table(  # changes of a camera that a filing may have to say
    "camera_change",
    metadata,
    Column("camera", String(40), nullable=False),
    Column("entry", BigInteger, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    PrimaryKeyConstraint("camera", "entry"),
)

pack_kept = Table(  # the last file of a pack that was right: scrim.papers.shelf
    "pack_kept",
    metadata,
    Column("pack", String(40), primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("since_us", BigInteger, nullable=False),
)

pack_trouble = Table(  # one row while the folder of packs is not taken: scrim.papers.shelf
    "pack_trouble",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("trouble", Text, nullable=False),
    Column("since_us", BigInteger, nullable=False),
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
