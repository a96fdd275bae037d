"""Agent runs and their journals."""

from alembic import op
from sqlalchemy import BigInteger, Column, Double, Integer, PrimaryKeyConstraint, String, Text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "agent_run",
        Column("process_instance_key", BigInteger, nullable=False, autoincrement=False),
        Column("key", BigInteger, nullable=False, autoincrement=False),
        Column("element_instance_key", BigInteger, nullable=False),
        Column("element_id", Text, nullable=False),
        Column("process_id", Text, nullable=False),
        Column("definition_key", BigInteger, nullable=False),
        Column("job_key", BigInteger, nullable=False),
        Column("attempt", Integer, nullable=False),
        Column("agent_id", Text, nullable=False),
        Column("agent_name", Text, nullable=False),
        Column("agent_version", Integer, nullable=False),
        Column("agent_sha256", String(64), nullable=False),
        Column("agent_key", BigInteger, nullable=False),
        Column("worker", Text, nullable=False),
        Column("mode", Text),
        Column("model", Text),
        Column("status", Text, nullable=False),
        Column("started_at", BigInteger, nullable=False),
        Column("updated_at", BigInteger, nullable=False),
        Column("ended_at", BigInteger),
        Column("model_calls", Integer, nullable=False),
        Column("input_tokens", BigInteger, nullable=False),
        Column("output_tokens", BigInteger, nullable=False),
        Column("money", Double, nullable=False),
        Column("seconds", Double, nullable=False),
        Column("failures", Integer, nullable=False),
        Column("confidence", Double),
        Column("confidence_source", Text),
        Column("risk", Text),
        Column("error", Text),
        Column("entry_count", Integer, nullable=False),
        PrimaryKeyConstraint("process_instance_key", "key"),
    )
    op.create_index("agent_run_by_job", "agent_run", ["process_instance_key", "job_key", "attempt"], unique=True)
    op.create_index("agent_run_by_key", "agent_run", ["key"])
    op.create_index("agent_run_by_agent", "agent_run", ["agent_id", "started_at"])
    op.create_index("agent_run_by_time", "agent_run", ["started_at"])
    op.create_table(
        "agent_journal_entry",
        Column("process_instance_key", BigInteger, nullable=False, autoincrement=False),
        Column("run_key", BigInteger, nullable=False, autoincrement=False),
        Column("seq", Integer, nullable=False, autoincrement=False),
        Column("kind", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
        Column("data", Text, nullable=False),
        PrimaryKeyConstraint("process_instance_key", "run_key", "seq"),
    )
