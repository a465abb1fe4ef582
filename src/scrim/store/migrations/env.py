"""Alembic reads this file; the connection is always given by :mod:`scrim.store.migrations`."""

from __future__ import annotations

from alembic import context

from scrim.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():  # inside the caller's: it commits, or nothing happened
    context.run_migrations()
