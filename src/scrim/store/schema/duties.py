"""Filings, breaches, and what came of the rules in force."""

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
    Column("id", COUNTER, primary_key=True, autoincrement=True),
    Column("breach", String(40), nullable=False),
    Column("whom", String(16), nullable=False),  # authority | people | other
    Column("name", Text, nullable=False),
    Column("told_us", BigInteger, nullable=False),
    Column("delay_reasons", Text, nullable=False),
    Column("document_sha256", String(64)),
    Column("entry", BigInteger, nullable=False),
)
Index("told_by_breach", breach_told.c.breach)

norm_outcome = Table(  # what came of a rule, and since when: scrim.duties.outcomes
    "norm_outcome",
    metadata,
    Column("id", COUNTER, primary_key=True, autoincrement=True),
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
