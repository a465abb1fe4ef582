"""How a deployment is set up."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table

from scrim.store.schema._base import metadata

setting_said = Table(  # settings as they were last said: scrim.fleet.settings_said
    "setting_said",
    metadata,
    Column("section", String(40), primary_key=True),  # of scrim.toml
    Column("sha256", String(64), nullable=False),
    Column("entry", BigInteger, nullable=False),
)
