"""Requests of the people who were filmed."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from scrim.store.schema._base import COUNTER, metadata

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
    Column("id", COUNTER, primary_key=True, autoincrement=True),
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
