"""Which tables hold agent runs and their journals? In the engine's database, made by its revision 0002."""

from sqlalchemy import BigInteger, Column, Double, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()


def _key(name: str, *, primary: bool = False) -> Column[int]:
    return Column(name, BigInteger, primary_key=primary, nullable=False, autoincrement=False)


agent_run = Table(
    "agent_run",
    metadata,
    _key("process_instance_key", primary=True),
    _key("key", primary=True),
    _key("element_instance_key"),
    Column("element_id", Text, nullable=False),
    Column("process_id", Text, nullable=False),
    _key("definition_key"),
    _key("job_key"),
    Column("attempt", Integer, nullable=False),
    Column("agent_id", Text, nullable=False),
    Column("agent_name", Text, nullable=False),
    Column("agent_version", Integer, nullable=False),
    Column("agent_sha256", String(64), nullable=False),
    _key("agent_key"),
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
    Index("agent_run_by_job", "process_instance_key", "job_key", "attempt", unique=True),
    Index("agent_run_by_key", "key"),
    Index("agent_run_by_agent", "agent_id", "started_at"),
    Index("agent_run_by_time", "started_at"),
)

agent_journal_entry = Table(
    "agent_journal_entry",
    metadata,
    _key("process_instance_key", primary=True),
    _key("run_key", primary=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("data", Text, nullable=False),
)
