"""How does a database get the newest schema? Alembic revisions in `versions/`, applied when the engine opens it.

A room with tables of its own adds a revision file to `versions/`: `revision` a new name, `down_revision` the newest revision so far,
`upgrade()` with `op.create_table(…)` or `op.batch_alter_table(…)` in terms that SQLite and PostgreSQL share.
Released revisions never change.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

_LOCK = 0x6761746577697365  # "gatewise": one process migrates at a time


def migrate(engine: Engine, revision: str = "head") -> None:
    """Brings the schema to `revision`."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()
