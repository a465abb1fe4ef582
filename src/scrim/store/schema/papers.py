"""Sites, papers, packs in force, and what the gate last said."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from scrim.store.schema._base import COUNTER, metadata

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
    Column("id", COUNTER, primary_key=True, autoincrement=True),
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
