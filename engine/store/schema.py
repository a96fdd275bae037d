"""Which tables are there? One schema for SQLite and PostgreSQL.

Tables that belong to a process instance lead their primary key with `process_instance_key`; 0 stands for "no instance" (start
timers and start subscriptions of a definition, decisions evaluated alone). Times are microseconds since 1970 (UTC). JSON is text.
"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text, text

metadata = MetaData()


def _key(name: str = "key", *, primary: bool = False, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, primary_key=primary, nullable=nullable, autoincrement=False)


def _of_instance(name: str, *columns: Column[Any] | Index) -> Table:
    """Clustered by instance on SQLite (WITHOUT ROWID): the rows of one instance lie together."""
    return Table(name, metadata, _key("process_instance_key", primary=True), *columns, sqlite_with_rowid=False)


# ---------------------------------------------------------------- what was deployed

deployment = Table(
    "deployment",
    metadata,
    _key(primary=True),
    Column("deployed_at", BigInteger, nullable=False),
    Column("deployed_by", Text),
)

content = Table(
    "content",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
)

resource = Table(
    "resource",
    metadata,
    _key(primary=True),
    Column("kind", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("version_tag", Text),
    Column("sha256", String(64), nullable=False),
    _key("deployment_key"),
    Column("is_latest", Boolean, nullable=False),
    Index("resource_by_id", "kind", "id", "version", unique=True),
)

deployment_resource = Table(
    "deployment_resource",
    metadata,
    _key("deployment_key", primary=True),
    _key("resource_key", primary=True),
    Column("kind", Text, nullable=False),
    Column("id", Text, nullable=False),
)

process_definition = Table(
    "process_definition",
    metadata,
    _key(primary=True),
    Column("process_id", Text, nullable=False),
    Column("name", Text),
    Column("version", Integer, nullable=False),
    Column("version_tag", Text),
    Column("resource_name", Text, nullable=False),
    _key("deployment_key"),
    Column("deployed_at", BigInteger, nullable=False),
    Column("has_start_form", Boolean, nullable=False),
    Column("is_latest", Boolean, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("element_names", Text, nullable=False),
    Index("process_definition_by_id", "process_id", "version", unique=True),
)

decision_requirements = Table(
    "decision_requirements",
    metadata,
    _key(primary=True),
    Column("requirements_id", Text, nullable=False),
    Column("name", Text),
    Column("version", Integer, nullable=False),
    Column("resource_name", Text, nullable=False),
    _key("deployment_key"),
    Column("sha256", String(64), nullable=False),
)

decision_definition = Table(
    "decision_definition",
    metadata,
    _key(primary=True),
    Column("decision_id", Text, nullable=False),
    Column("name", Text),
    Column("version", Integer, nullable=False),
    Column("version_tag", Text),
    _key("requirements_key"),
    Column("requirements_id", Text, nullable=False),
    Column("requirements_name", Text),
    Column("requirements_version", Integer, nullable=False),
    Column("resource_name", Text, nullable=False),
    _key("deployment_key"),
    Column("is_latest", Boolean, nullable=False),
    Index("decision_definition_by_id", "decision_id", "version", unique=True),
    Index("decision_definition_by_requirements", "requirements_key"),
)

form = Table(
    "form",
    metadata,
    _key(primary=True),
    Column("form_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("version_tag", Text),
    Column("resource_name", Text, nullable=False),
    _key("deployment_key"),
    Column("is_latest", Boolean, nullable=False),
    Column("sha256", String(64), nullable=False),
    Index("form_by_id", "form_id", "version", unique=True),
)

# ---------------------------------------------------------------- what runs

process_instance = Table(
    "process_instance",
    metadata,
    _key(primary=True),
    _key("definition_key"),
    Column("process_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("start_date", BigInteger, nullable=False),
    Column("end_date", BigInteger),
    _key("parent_process_instance_key", nullable=True),
    _key("parent_element_instance_key", nullable=True),
    _key("root_process_instance_key"),
    Column("depth", Integer, nullable=False),
    Column("incidents", Integer, nullable=False),
    Column("started_by", Text),
    Column("tags", Text),
    Column("suspended_at", BigInteger),
    Index("process_instance_by_definition", "definition_key", "key"),
    Index(
        "process_instance_suspended",
        "key",
        sqlite_where=text("suspended_at IS NOT NULL"),
        postgresql_where=text("suspended_at IS NOT NULL"),
    ),
    Index("process_instance_by_state", "state", "key"),
    Index(
        "process_instance_by_parent",
        "parent_process_instance_key",
        "parent_element_instance_key",
        sqlite_where=text("parent_process_instance_key IS NOT NULL"),
        postgresql_where=text("parent_process_instance_key IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
)

element_instance = _of_instance(
    "element_instance",
    _key(primary=True),
    Column("element_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("start_date", BigInteger, nullable=False),
    Column("end_date", BigInteger),
    _key("scope_key", nullable=True),
    Column("data", Text),
    Column("waits", Text),
    Index("element_instance_by_key", "key"),
)

variable = _of_instance(
    "variable",
    _key("scope_key", primary=True),
    Column("name", Text, primary_key=True),
    _key(),
    Column("value", Text),
    Column("sha256", String(64)),
)

value_blob = _of_instance(
    "value_blob",
    Column("sha256", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

item = _of_instance(
    "item",
    _key("owner_key", primary=True),
    Column("name", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("value", Text, nullable=False),
)

job = _of_instance(
    "job",
    _key(primary=True),
    _key("element_instance_key"),
    Column("element_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("listener_event", Text),
    Column("state", Text, nullable=False),
    Column("retries", Integer, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("worker", Text),
    Column("lease", BigInteger),
    Column("deadline", BigInteger),
    Column("due", BigInteger),
    Column("error_code", Text),
    Column("error_message", Text),
    Column("headers", Text),
    Column("creation_date", BigInteger, nullable=False),
    Column("end_date", BigInteger),
    Index("job_by_key", "key"),
    Index(
        "job_waiting",
        "type",
        text("priority DESC"),
        "key",
        sqlite_where=text("state = 'CREATED'"),
        postgresql_where=text("state = 'CREATED'"),
    ),
    Index("job_leased", "deadline", sqlite_where=text("state = 'ACTIVATED'"), postgresql_where=text("state = 'ACTIVATED'")),
    Index("job_backing_off", "due", sqlite_where=text("due IS NOT NULL"), postgresql_where=text("due IS NOT NULL")),
)

user_task = _of_instance(
    "user_task",
    _key(primary=True),
    _key("element_instance_key"),
    Column("element_id", Text, nullable=False),
    Column("name", Text),
    Column("state", Text, nullable=False),
    Column("assignee", Text),
    Column("candidate_users", Text),
    Column("candidate_groups", Text),
    Column("due_date", BigInteger),
    Column("follow_up_date", BigInteger),
    Column("priority", Integer, nullable=False),
    Column("creation_date", BigInteger, nullable=False),
    Column("completion_date", BigInteger),
    Column("completed_by", Text),
    Column("action", Text),
    _key("form_key", nullable=True),
    Column("embedded_form", Text),
    Column("external_form", Text),
    Column("headers", Text),
    Index("user_task_by_key", "key"),
    Index("user_task_by_assignee", "assignee", "state", "key"),
    Index("user_task_by_state", "state", "key"),
)

user_task_candidate = _of_instance(
    "user_task_candidate",
    _key("user_task_key", primary=True),
    Column("kind", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Index("user_task_candidate_by_name", "kind", "name", "user_task_key"),
)

timer = _of_instance(
    "timer",
    _key(primary=True),
    _key("element_instance_key", nullable=True),
    Column("element_id", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("repetitions", Integer, nullable=False),
    Column("cycle", Text),
    _key("definition_key"),
    Index("timer_by_due", "due", "key"),
    Index(
        "timer_by_definition",
        "definition_key",
        sqlite_where=text("process_instance_key = 0"),
        postgresql_where=text("process_instance_key = 0"),
    ),
)

subscription = _of_instance(
    "subscription",
    _key(primary=True),
    _key("element_instance_key", nullable=True),
    Column("element_id", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("correlation_key", Text),
    Column("interrupting", Boolean, nullable=False),
    _key("definition_key"),
    Column("process_id", Text, nullable=False),
    Column("creation_date", BigInteger, nullable=False),
    Index("subscription_by_name", "kind", "name", "correlation_key"),
    Index("subscription_by_key", "key"),
)

incident = _of_instance(
    "incident",
    _key(primary=True),
    _key("element_instance_key"),
    Column("element_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("state", Text, nullable=False),
    _key("job_key", nullable=True),
    Column("retry", Text),
    Column("creation_date", BigInteger, nullable=False),
    Column("resolved_at", BigInteger),
    Column("resolved_by", Text),
    Index("incident_by_key", "key"),
    Index("incident_active", "key", sqlite_where=text("state = 'ACTIVE'"), postgresql_where=text("state = 'ACTIVE'")),
)

decision_instance = _of_instance(
    "decision_instance",
    _key(primary=True),
    _key("element_instance_key", nullable=True),
    Column("element_id", Text),
    Column("decision_id", Text, nullable=False),
    Column("decision_name", Text),
    _key("decision_definition_key", nullable=True),
    Column("state", Text, nullable=False),
    Column("failure", Text),
    Column("result", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("evaluated_at", BigInteger, nullable=False),
    Index("decision_instance_by_key", "key"),
)

history_record = _of_instance(
    "history_record",
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text),
    Column("actor_kind", Text, nullable=False),
    Column("command", Text, nullable=False),
    Column("facts", Text, nullable=False),
)

# ---------------------------------------------------------------- messages that wait, and the engine itself

message = Table(
    "message",
    metadata,
    _key(primary=True),
    Column("name", Text, nullable=False),
    Column("correlation_key", Text, nullable=False),
    Column("message_id", Text),
    Column("expires_at", BigInteger, nullable=False),
    Column("variables", Text, nullable=False),
    Index("message_by_name", "name", "correlation_key", "key"),
    Index("message_by_expiry", "expires_at"),
    Index("message_once", "name", "correlation_key", "message_id", unique=True),
)

message_receipt = Table(
    "message_receipt",
    metadata,
    _key("message_key", primary=True),
    Column("process_id", Text, primary_key=True),
)

# ---------------------------------------------------------------- operations on many instances

batch_operation = Table(
    "batch_operation",
    metadata,
    _key(primary=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("options", Text, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("actor", Text),
    Column("actor_kind", Text, nullable=False),
    Column("total", Integer, nullable=False),
    Index(
        "batch_operation_open",
        "key",
        sqlite_where=text("state = 'ACTIVE'"),
        postgresql_where=text("state = 'ACTIVE'"),
    ),
)

batch_operation_item = Table(
    "batch_operation_item",
    metadata,
    _key("batch_operation_key", primary=True),
    _key("item_key", primary=True),
    _key("instance_key"),
    Column("state", Text, nullable=False),
    Column("processed_at", BigInteger),
    Column("error", Text),
    Index(
        "batch_operation_item_waiting",
        "batch_operation_key",
        "item_key",
        sqlite_where=text("state = 'ACTIVE'"),
        postgresql_where=text("state = 'ACTIVE'"),
    ),
)

key_block = Table(
    "key_block",
    metadata,
    Column("partition_id", Integer, primary_key=True, autoincrement=False),
    Column("next", BigInteger, nullable=False),
)

clock_pin = Table(
    "clock_pin",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("pinned_at", BigInteger, nullable=False),
)
