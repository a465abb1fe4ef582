"""Roles and scopes of people, passkeys, tokens of machines, changes that take two people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("session", sa.Column("seen_us", sa.BigInteger))
    op.add_column("session", sa.Column("way", sa.String(16), nullable=False, server_default="link"))
    op.add_column("sign_in_link", sa.Column("person", sa.String(40)))
    op.create_table(
        "person_role",
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("since_us", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("person", "role"),
    )
    op.create_table(
        "person_scope",
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("person", "kind", "name"),
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("added_us", sa.BigInteger, nullable=False),
        sa.Column("used_us", sa.BigInteger),
    )
    op.create_index("passkey_by_person", "passkey", ["person"])
    op.create_table(
        "machine_token",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("actions", sa.Text, nullable=False),
        sa.Column("cameras", sa.Text, nullable=False),
        sa.Column("sites", sa.Text, nullable=False),
        sa.Column("created_us", sa.BigInteger, nullable=False),
        sa.Column("expires_us", sa.BigInteger, nullable=False),
        sa.Column("ended_us", sa.BigInteger),
    )
    op.create_index("token_by_hash", "machine_token", ["token_sha256"], unique=True)
    op.create_table(
        "access_policy",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            primary_key=True,
            autoincrement=True,
        ),
        sa.Column("files", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("since_us", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("change", sa.Text, nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("proposed_by", sa.String(80), nullable=False),
        sa.Column("proposer", sa.String(80), nullable=False),
        sa.Column("proposed_us", sa.BigInteger, nullable=False),
        sa.Column("expires_us", sa.BigInteger, nullable=False),
        sa.Column("decided_us", sa.BigInteger),
        sa.Column("decision", sa.String(16)),
        sa.Column("decided_by", sa.String(80)),
    )
