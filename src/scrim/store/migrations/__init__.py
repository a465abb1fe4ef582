"""The database's versions, oldest first, in ``versions/``; Alembic runs them.

``scrim.store.schema`` says how the tables are now.  A change there needs a new
file in ``versions/``; a test compares the two.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from scrim.errors import DataFolderNewer

_HERE: Final = Path(__file__).parent
_ONE_AT_A_TIME: Final = threading.Lock()  # Alembic keeps its context in a global


def config(connection: Connection | None = None) -> Config:
    """Alembic's settings for these migrations."""
    made = Config()
    made.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


def upgrade(connection: Connection) -> None:
    """Bring the database up to this version, inside the caller's transaction.

    Raises:
        DataFolderNewer: a newer Scrim wrote it.
    """
    refuse_newer(connection)
    with _ONE_AT_A_TIME:
        command.upgrade(config(connection), "head")


def refuse_newer(connection: Connection) -> None:
    """Refuse a database whose version this code does not know.

    Raises:
        DataFolderNewer: a newer Scrim wrote it.
    """
    known = {script.revision for script in ScriptDirectory(str(_HERE)).walk_revisions()}
    for head in MigrationContext.configure(connection).get_current_heads():
        if head not in known:
            raise DataFolderNewer(
                f"The database was written by a newer Scrim (version {head}).",
                "Install the Scrim that wrote it, or a newer one.",
            )
