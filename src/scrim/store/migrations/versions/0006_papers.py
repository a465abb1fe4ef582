"""Sites, papers, packs applied, and what the gate said of each camera."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite finds a row by an INTEGER key without a second index
    counter = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column(
        "camera", sa.Column("site", sa.String(40), nullable=False, server_default="default")
    )
    op.add_column("camera", sa.Column("purpose", sa.String(60)))
    op.add_column("camera", sa.Column("place", sa.String(60)))
    op.add_column("camera", sa.Column("owner", sa.Text))
    op.add_column("camera", sa.Column("labels", sa.Text, nullable=False, server_default="[]"))
    op.create_table(
        "site",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("place", sa.String(60), nullable=False),
        sa.Column("controller", sa.Text, nullable=False),
        sa.Column("contact", sa.Text, nullable=False),
        sa.Column("zone", sa.String(60), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("public_access", sa.Integer, nullable=False),
        sa.Column("labels", sa.Text, nullable=False),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.Column("added_us", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "paper",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("site", sa.String(40)),
        sa.Column("camera", sa.String(40)),
        sa.Column("purpose", sa.String(60)),
        sa.Column("filing", sa.String(60)),
        sa.Column("says", sa.Text, nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("document_sha256", sa.String(64)),
        sa.Column("issued_us", sa.BigInteger, nullable=False),
        sa.Column("expires_us", sa.BigInteger),
        sa.Column("recorded_us", sa.BigInteger, nullable=False),
        sa.Column("recorded_by", sa.Text, nullable=False),
        sa.Column("revoked_us", sa.BigInteger),
        sa.Column("revoked_why", sa.Text),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
    )
    op.create_index("paper_by_camera", "paper", ["camera"])
    op.create_index("paper_by_site", "paper", ["site"])
    op.create_table(
        "pack_applied",
        sa.Column("id", counter, primary_key=True, autoincrement=True),
        sa.Column("pack", sa.String(40), nullable=False),
        sa.Column("site", sa.String(40)),
        sa.Column("camera", sa.String(40)),
        sa.Column("since_us", sa.BigInteger, nullable=False),
        sa.Column("until_us", sa.BigInteger),
    )
    op.create_table(
        "gate",
        sa.Column("camera", sa.String(40), primary_key=True),
        sa.Column("may_record", sa.Integer, nullable=False),
        sa.Column("since_us", sa.BigInteger, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("gap", sa.Integer),
    )
