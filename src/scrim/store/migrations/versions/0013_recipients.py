"""Exports: for which organisation and why, beside to whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("case_export") as table:
        for name in ("organisation", "why"):
            table.add_column(sa.Column(name, sa.Text, nullable=False, server_default=""))
