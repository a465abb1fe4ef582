"""Outcomes of checks with their history, and the last packs that were right."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite finds a row by an INTEGER key without a second index
    counter = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "norm_outcome",
        sa.Column("id", counter, primary_key=True, autoincrement=True),
        sa.Column("pack", sa.String(40), nullable=False),
        sa.Column("rule", sa.String(60), nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("due_us", sa.BigInteger),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("since_us", sa.BigInteger, nullable=False),
        sa.Column("until_us", sa.BigInteger),
        sa.Column("entry", sa.BigInteger, nullable=False),
    )
    now = sa.text("until_us IS NULL")
    op.create_index(
        "norm_outcome_now",
        "norm_outcome",
        ["rule", "status", "subject"],
        sqlite_where=now,
        postgresql_where=now,
    )
    op.create_index("norm_outcome_by_subject", "norm_outcome", ["scope", "subject", "rule"])
    op.create_table(
        "norm_mark",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.Column("at_us", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "camera_change",
        sa.Column("camera", sa.String(40), nullable=False),
        sa.Column("entry", sa.BigInteger, nullable=False),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("camera", "entry"),
    )
    op.create_table(
        "pack_kept",
        sa.Column("pack", sa.String(40), primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("since_us", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "pack_trouble",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("trouble", sa.Text, nullable=False),
        sa.Column("since_us", sa.BigInteger, nullable=False),
    )
