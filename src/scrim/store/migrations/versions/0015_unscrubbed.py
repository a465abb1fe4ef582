"""Words were erased, and the database's files may still hold them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unscrubbed",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("since_us", sa.BigInteger, nullable=False),
    )
