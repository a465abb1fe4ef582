"""What is erased when its time is over, and what is left to show it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("parts_state", sa.String(8), nullable=False, server_default="kept"),
        sa.Column("parts_entry", sa.BigInteger),
        sa.Column("rest_state", sa.String(8), nullable=False, server_default="kept"),
    ):
        op.add_column("period", column)
    for name in ("parts_state", "rest_state"):
        left = sa.text(f"{name} != 'erased'")
        op.create_index(
            f"period_by_{name}",
            "period",
            ["camera", name, "closed_us"],
            sqlite_where=left,
            postgresql_where=left,
        )
    erased = sa.text("state IN ('erasing', 'erased')")
    op.create_index(
        "segment_erased",
        "segment",
        ["camera", "state"],
        sqlite_where=erased,
        postgresql_where=erased,
    )
    op.create_table(
        "erased",
        sa.Column("camera", sa.String(40), nullable=False),
        sa.Column("side", sa.String(8), nullable=False),
        sa.Column("since_us", sa.BigInteger, nullable=False),
        sa.Column("until_us", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("camera", "side", "since_us"),
    )
    op.create_table(
        "retention_limit",
        sa.Column("camera", sa.String(40), nullable=False),
        sa.Column("side", sa.String(8), nullable=False),
        sa.Column("ceiling_s", sa.BigInteger, nullable=False),
        sa.Column("floor_s", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.Column("set_us", sa.BigInteger, nullable=False),
        sa.Column("entry", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("camera", "side"),
    )
    op.create_table(
        "retention_state",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("trusted_us", sa.BigInteger, nullable=False),
        sa.Column("entries", sa.BigInteger, nullable=False),
        sa.Column("swept_us", sa.BigInteger),
        sa.Column("interval_us", sa.BigInteger),
        sa.Column("late_us", sa.BigInteger),
        sa.Column("objects", sa.BigInteger),
        sa.Column("trouble", sa.Text),
    )
