"""Live openings: whom a recorder seals to besides its periods' keys, and until when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "live_opening",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("camera", sa.String(40), nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("request_sha256", sa.String(64), nullable=False),
        sa.Column("case_commitment", sa.String(80), nullable=False),
        sa.Column("opened_us", sa.BigInteger, nullable=False),
        sa.Column("until_us", sa.BigInteger, nullable=False),
        sa.Column("seen_us", sa.BigInteger, nullable=False),
        sa.Column("ended_us", sa.BigInteger),
        sa.Column("ended_by", sa.String(16)),
    )
    op.create_index("live_opening_by_camera", "live_opening", ["camera", "request_sha256"])
