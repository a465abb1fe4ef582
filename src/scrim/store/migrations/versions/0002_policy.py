"""What each camera's masks cover and how they look; {} is whatever the settings say."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("camera", sa.Column("policy", sa.Text, nullable=False, server_default="{}"))
