"""What all tables are made of."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, MetaData

metadata = MetaData()

# SQLite finds a row by an INTEGER key without a second index
COUNTER = BigInteger().with_variant(Integer(), "sqlite")
