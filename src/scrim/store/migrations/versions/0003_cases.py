"""Cases: people, case files, answers, viewings, holds, exports; custodians by group of cameras."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite finds a row by an INTEGER key without a second index
    counter = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    for table, column in (("camera", "custodian_group"), ("custodian_set", "camera_group")):
        op.add_column(
            table, sa.Column(column, sa.String(40), nullable=False, server_default="everybody")
        )
    op.add_column("period", sa.Column("opened_entry", sa.BigInteger))
    op.add_column("period", sa.Column("closed_entry", sa.BigInteger))
    op.create_table(
        "register",
        sa.Column("verifier", sa.String(100), primary_key=True),
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("office", sa.String(40), nullable=False),
        sa.Column("recipient", sa.Text),
        sa.Column("registered_us", sa.BigInteger, nullable=False),
        sa.Column("retired_us", sa.BigInteger),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
    )
    op.create_table(
        "case_file",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.Column("officer", sa.String(40), nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("locks", sa.Text, nullable=False),
        sa.Column("statement", sa.LargeBinary),
        sa.Column("request_sha256", sa.String(64)),
        sa.Column("drafted_us", sa.BigInteger, nullable=False),
        sa.Column("requested_us", sa.BigInteger),
        sa.Column("decided_us", sa.BigInteger),
        sa.Column("opened_us", sa.BigInteger),
        sa.Column("ended_us", sa.BigInteger),
        sa.Column("expires_us", sa.BigInteger, nullable=False),
        sa.Column("seen_us", sa.BigInteger, nullable=False),
        sa.Column("rule", sa.String(40)),
        sa.Column("reason", sa.Text),
        sa.Column("erased_us", sa.BigInteger),
        sa.Column("scrubbed_us", sa.BigInteger),
    )
    op.create_table(
        "case_answer",
        sa.Column("case", sa.String(40), nullable=False),
        sa.Column("custodian", sa.String(40), nullable=False),
        sa.Column("verifier", sa.String(100), nullable=False),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("decided_us", sa.BigInteger, nullable=False),
        sa.Column("kept_us", sa.BigInteger, nullable=False),
        sa.Column("parts", sa.Text, nullable=False),
        sa.Column("statement", sa.LargeBinary),
        sa.PrimaryKeyConstraint("case", "custodian"),
    )
    op.create_table(
        "case_entry",
        sa.Column("case", sa.String(40), nullable=False),
        sa.Column("entry", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("case", "entry"),
    )
    op.create_table(
        "viewing",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("case", sa.String(40), nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("cameras", sa.Text, nullable=False),
        sa.Column("since_us", sa.BigInteger, nullable=False),
        sa.Column("until_us", sa.BigInteger, nullable=False),
        sa.Column("opened_us", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "hold",
        sa.Column("id", counter, primary_key=True, autoincrement=True),
        sa.Column("camera", sa.String(40), nullable=False),
        sa.Column("since_us", sa.BigInteger, nullable=False),
        sa.Column("until_us", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("placed_by", sa.String(80), nullable=False),
        sa.Column("case", sa.String(40)),
        sa.Column("placed_us", sa.BigInteger, nullable=False),
        sa.Column("lifted_us", sa.BigInteger),
    )
    op.create_table(
        "case_export",
        sa.Column("id", counter, primary_key=True, autoincrement=True),
        sa.Column("case", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.Column("exported_us", sa.BigInteger, nullable=False),
        sa.Column("entry", sa.BigInteger, nullable=False),
    )
    op.create_index("register_by_id", "register", ["id"])
    op.create_index("case_by_state", "case_file", ["state"])
    op.create_index("hold_by_camera", "hold", ["camera", "since_us"])
    op.create_index("export_by_case", "case_export", ["case"])
