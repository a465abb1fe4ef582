"""Requests of people filmed, holds with a review, filings, breaches, and how many were covered."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    counter = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("hold", sa.Column("request", sa.String(40)))
    op.add_column("hold", sa.Column("review_us", sa.BigInteger))
    op.add_column("hold", sa.Column("words", sa.Text))
    op.add_column("hold", sa.Column("salt", sa.LargeBinary(16)))
    op.create_table(
        "subject_request",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("cameras", sa.Text, nullable=False),
        sa.Column("since_us", sa.BigInteger, nullable=False),
        sa.Column("until_us", sa.BigInteger, nullable=False),
        sa.Column("received_us", sa.BigInteger, nullable=False),
        sa.Column("entered_us", sa.BigInteger, nullable=False),
        sa.Column("seen_us", sa.BigInteger, nullable=False),
        sa.Column("clocks", sa.Text, nullable=False),
        sa.Column("places", sa.Text, nullable=False, server_default="[]"),
        sa.Column("case", sa.String(40)),
        sa.Column("acknowledged_us", sa.BigInteger),
        sa.Column("extended_us", sa.BigInteger),
        sa.Column("overdue_us", sa.BigInteger),
        sa.Column("ended_us", sa.BigInteger),
        sa.Column("answer", sa.String(16)),
        sa.Column("others_masked", sa.Integer),
        sa.Column("keep_until_us", sa.BigInteger),
        sa.Column("erased_us", sa.BigInteger),
        sa.Column("scrubbed_us", sa.BigInteger),
    )
    op.create_index("subject_by_state", "subject_request", ["state"])
    op.create_table(
        "subject_person",
        sa.Column("request", sa.String(40), primary_key=True),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.Column("contact", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("identity_note", sa.Text, nullable=False, server_default=""),
        sa.Column("location_note", sa.Text, nullable=False, server_default=""),
        sa.Column("extension_reason", sa.Text, nullable=False, server_default=""),
        sa.Column("reply", sa.Text, nullable=False, server_default=""),
    )
    op.create_table(
        "subject_letter",
        sa.Column("id", counter, primary_key=True, autoincrement=True),
        sa.Column("request", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("pack", sa.String(40), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("made_us", sa.BigInteger, nullable=False),
    )
    op.create_index("letter_by_request", "subject_letter", ["request"])
    op.create_table(
        "refusal",
        sa.Column("request", sa.String(40), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("ground", sa.String(60), nullable=False),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.Column("partial", sa.Integer, nullable=False),
        sa.Column("refused_us", sa.BigInteger, nullable=False),
        sa.Column("keep_until_us", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "filing",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("change", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("pack", sa.String(40), nullable=False),
        sa.Column("rule", sa.String(60), nullable=False),
        sa.Column("camera", sa.String(40)),
        sa.Column("required_us", sa.BigInteger, nullable=False),
        sa.Column("due_us", sa.BigInteger, nullable=False),
        sa.Column("counted", sa.String(16), nullable=False),
        sa.Column("seen_us", sa.BigInteger, nullable=False),
        sa.Column("draft", sa.Text),
        sa.Column("document_sha256", sa.String(64)),
        sa.Column("reference", sa.Text),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.Column("drafted_us", sa.BigInteger),
        sa.Column("filed_us", sa.BigInteger),
        sa.Column("acknowledged_us", sa.BigInteger),
        sa.Column("overdue_us", sa.BigInteger),
    )
    op.create_table(
        "threshold",
        sa.Column("id", sa.String(60), primary_key=True),
        sa.Column("near_us", sa.BigInteger),
        sa.Column("reached_us", sa.BigInteger),
        sa.Column("highest", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "breach",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("known_us", sa.BigInteger, nullable=False),
        sa.Column("seen_us", sa.BigInteger, nullable=False),
        sa.Column("clocks", sa.Text, nullable=False),
        sa.Column("cameras", sa.Text, nullable=False),
        sa.Column("since_us", sa.BigInteger),
        sa.Column("until_us", sa.BigInteger),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.Column("happened", sa.Text, nullable=False),
        sa.Column("risk", sa.String(8)),
        sa.Column("people", sa.BigInteger),
        sa.Column("effects", sa.Text, nullable=False, server_default=""),
        sa.Column("measures", sa.Text, nullable=False, server_default=""),
        sa.Column("assessed_us", sa.BigInteger),
        sa.Column("overdue_us", sa.BigInteger),
        sa.Column("closed_us", sa.BigInteger),
        sa.Column("closed_why", sa.Text),
    )
    op.create_table(
        "breach_told",
        sa.Column("id", counter, primary_key=True, autoincrement=True),
        sa.Column("breach", sa.String(40), nullable=False),
        sa.Column("whom", sa.String(16), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("told_us", sa.BigInteger, nullable=False),
        sa.Column("delay_reasons", sa.Text, nullable=False),
        sa.Column("document_sha256", sa.String(64)),
        sa.Column("entry", sa.BigInteger, nullable=False),
    )
    op.create_index("told_by_breach", "breach_told", ["breach"])
    op.create_table(
        "face_count",
        sa.Column("camera", sa.String(40), nullable=False),
        sa.Column("hour_us", sa.BigInteger, nullable=False),
        sa.Column("tracks", sa.BigInteger, nullable=False),
        sa.Column("uncounted", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("camera", "hour_us"),
    )
