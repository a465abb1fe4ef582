"""Sessions of registered people, and a custodian's look at what a case asks for."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "session", sa.Column("role", sa.String(16), nullable=False, server_default="operator")
    )
    op.add_column("session", sa.Column("person", sa.String(40)))
    op.add_column("session", sa.Column("verifier", sa.String(100)))
    op.add_column("session", sa.Column("nonce_sha256", sa.String(64)))
    op.create_index("session_by_nonce", "session", ["nonce_sha256"], unique=True)
    op.add_column("view", sa.Column("case", sa.String(40)))
