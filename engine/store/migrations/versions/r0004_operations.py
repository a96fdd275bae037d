"""Suspended instances, and operations on many instances."""

from alembic import op
from sqlalchemy import BigInteger, Column, inspect

from engine.store.schema import batch_operation, batch_operation_item, process_instance

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """A new database has all of this from the first revision, which creates the newest schema."""
    connection = op.get_bind()
    if "suspended_at" not in {column["name"] for column in inspect(connection).get_columns("process_instance")}:
        op.add_column("process_instance", Column("suspended_at", BigInteger))
        next(index for index in process_instance.indexes if index.name == "process_instance_suspended").create(connection)
    for table in (batch_operation, batch_operation_item):
        table.create(connection, checkfirst=True)
