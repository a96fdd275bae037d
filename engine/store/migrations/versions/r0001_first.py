"""The first schema."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, String, Text, text

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "deployment",
        Column("key", BigInteger, primary_key=True, autoincrement=False),
        Column("deployed_at", BigInteger, nullable=False),
        Column("deployed_by", Text),
    )
    op.create_table(
        "content",
        Column("sha256", String(64), primary_key=True),
        Column("bytes", LargeBinary, nullable=False),
    )
    op.create_table(
        "resource",
        Column("key", BigInteger, primary_key=True, autoincrement=False),
        Column("kind", Text, nullable=False),
        Column("id", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("version_tag", Text),
        Column("sha256", String(64), nullable=False),
        Column("deployment_key", BigInteger, nullable=False),
        Column("is_latest", Boolean, nullable=False),
    )
    op.create_index("resource_by_id", "resource", ["kind", "id", "version"], unique=True)
    op.create_table(
        "deployment_resource",
        Column("deployment_key", BigInteger, primary_key=True, autoincrement=False),
        Column("resource_key", BigInteger, primary_key=True, autoincrement=False),
        Column("kind", Text, nullable=False),
        Column("id", Text, nullable=False),
    )
    op.create_table(
        "process_definition",
        Column("key", BigInteger, primary_key=True, autoincrement=False),
        Column("process_id", Text, nullable=False),
        Column("name", Text),
        Column("version", Integer, nullable=False),
        Column("version_tag", Text),
        Column("resource_name", Text, nullable=False),
        Column("deployment_key", BigInteger, nullable=False),
        Column("deployed_at", BigInteger, nullable=False),
        Column("has_start_form", Boolean, nullable=False),
        Column("is_latest", Boolean, nullable=False),
        Column("sha256", String(64), nullable=False),
        Column("element_names", Text, nullable=False),
    )
    op.create_index("process_definition_by_id", "process_definition", ["process_id", "version"], unique=True)
    op.create_table(
        "decision_requirements",
        Column("key", BigInteger, primary_key=True, autoincrement=False),
        Column("requirements_id", Text, nullable=False),
        Column("name", Text),
        Column("version", Integer, nullable=False),
        Column("resource_name", Text, nullable=False),
        Column("deployment_key", BigInteger, nullable=False),
        Column("sha256", String(64), nullable=False),
    )
    op.create_table(
        "decision_definition",
        Column("key", BigInteger, primary_key=True, autoincrement=False),
        Column("decision_id", Text, nullable=False),
        Column("name", Text),
        Column("version", Integer, nullable=False),
        Column("version_tag", Text),
        Column("requirements_key", BigInteger, nullable=False),
        Column("requirements_id", Text, nullable=False),
        Column("requirements_name", Text),
        Column("requirements_version", Integer, nullable=False),
        Column("resource_name", Text, nullable=False),
        Column("deployment_key", BigInteger, nullable=False),
        Column("is_latest", Boolean, nullable=False),
    )
    op.create_index("decision_definition_by_id", "decision_definition", ["decision_id", "version"], unique=True)
    op.create_index("decision_definition_by_requirements", "decision_definition", ["requirements_key"])
    op.create_table(
        "form",
        Column("key", BigInteger, primary_key=True, autoincrement=False),
        Column("form_id", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("version_tag", Text),
        Column("resource_name", Text, nullable=False),
        Column("deployment_key", BigInteger, nullable=False),
        Column("is_latest", Boolean, nullable=False),
        Column("sha256", String(64), nullable=False),
    )
    op.create_index("form_by_id", "form", ["form_id", "version"], unique=True)
    op.create_table(
        "process_instance",
        Column("key", BigInteger, primary_key=True, autoincrement=False),
        Column("definition_key", BigInteger, nullable=False),
        Column("process_id", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("start_date", BigInteger, nullable=False),
        Column("end_date", BigInteger),
        Column("parent_process_instance_key", BigInteger),
        Column("parent_element_instance_key", BigInteger),
        Column("root_process_instance_key", BigInteger, nullable=False),
        Column("depth", Integer, nullable=False),
        Column("incidents", Integer, nullable=False),
        Column("started_by", Text),
        Column("tags", Text),
        sqlite_with_rowid=False,
    )
    op.create_index("process_instance_by_definition", "process_instance", ["definition_key", "key"])
    op.create_index(
        "process_instance_by_parent",
        "process_instance",
        ["parent_process_instance_key", "parent_element_instance_key"],
        sqlite_where=text("parent_process_instance_key IS NOT NULL"),
        postgresql_where=text("parent_process_instance_key IS NOT NULL"),
    )
    op.create_index("process_instance_by_state", "process_instance", ["state", "key"])
    op.create_table(
        "element_instance",
        Column("process_instance_key", BigInteger, primary_key=True, autoincrement=False),
        Column("key", BigInteger, primary_key=True, autoincrement=False),
        Column("element_id", Text, nullable=False),
        Column("type", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("start_date", BigInteger, nullable=False),
        Column("end_date", BigInteger),
        Column("scope_key", BigInteger),
        Column("data", Text),
        Column("waits", Text),
        sqlite_with_rowid=False,
    )
    op.create_index("element_instance_by_key", "element_instance", ["key"])
    op.create_table(
        "variable",
        Column("process_instance_key", BigInteger, primary_key=True, autoincrement=False),
        Column("scope_key", BigInteger, primary_key=True, autoincrement=False),
        Column("name", Text, primary_key=True),
        Column("key", BigInteger, nullable=False),
        Column("value", Text),
        Column("sha256", String(64)),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "value_blob",
        Column("process_instance_key", BigInteger, primary_key=True, autoincrement=False),
        Column("sha256", String(64), primary_key=True),
        Column("value", Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "item",
        Column("process_instance_key", BigInteger, primary_key=True, autoincrement=False),
        Column("owner_key", BigInteger, primary_key=True, autoincrement=False),
        Column("name", Text, primary_key=True),
        Column("position", Integer, primary_key=True, autoincrement=False),
        Column("value", Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "job",
        Column("process_instance_key", BigInteger, primary_key=True, autoincrement=False),
        Column("key", BigInteger, primary_key=True, autoincrement=False),
        Column("element_instance_key", BigInteger, nullable=False),
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
        sqlite_with_rowid=False,
    )
    op.create_index("job_backing_off", "job", ["due"], sqlite_where=text("due IS NOT NULL"), postgresql_where=text("due IS NOT NULL"))
    op.create_index("job_by_key", "job", ["key"])
    op.create_index(
        "job_leased", "job", ["deadline"], sqlite_where=text("state = 'ACTIVATED'"), postgresql_where=text("state = 'ACTIVATED'")
    )
    op.create_index(
        "job_waiting",
        "job",
        ["type", text("priority DESC"), "key"],
        sqlite_where=text("state = 'CREATED'"),
        postgresql_where=text("state = 'CREATED'"),
    )
    op.create_table(
        "user_task",
        Column("process_instance_key", BigInteger, primary_key=True, autoincrement=False),
        Column("key", BigInteger, primary_key=True, autoincrement=False),
        Column("element_instance_key", BigInteger, nullable=False),
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
        Column("form_key", BigInteger),
        Column("embedded_form", Text),
        Column("external_form", Text),
        Column("headers", Text),
        sqlite_with_rowid=False,
    )
    op.create_index("user_task_by_assignee", "user_task", ["assignee", "state", "key"])
    op.create_index("user_task_by_key", "user_task", ["key"])
    op.create_index("user_task_by_state", "user_task", ["state", "key"])
    op.create_table(
        "user_task_candidate",
        Column("process_instance_key", BigInteger, primary_key=True, autoincrement=False),
        Column("user_task_key", BigInteger, primary_key=True, autoincrement=False),
        Column("kind", Text, primary_key=True),
        Column("name", Text, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("user_task_candidate_by_name", "user_task_candidate", ["kind", "name", "user_task_key"])
    op.create_table(
        "timer",
        Column("process_instance_key", BigInteger, primary_key=True, autoincrement=False),
        Column("key", BigInteger, primary_key=True, autoincrement=False),
        Column("element_instance_key", BigInteger),
        Column("element_id", Text, nullable=False),
        Column("event", Text, nullable=False),
        Column("due", BigInteger, nullable=False),
        Column("repetitions", Integer, nullable=False),
        Column("cycle", Text),
        Column("definition_key", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "timer_by_definition",
        "timer",
        ["definition_key"],
        sqlite_where=text("process_instance_key = 0"),
        postgresql_where=text("process_instance_key = 0"),
    )
    op.create_index("timer_by_due", "timer", ["due", "key"])
    op.create_table(
        "subscription",
        Column("process_instance_key", BigInteger, primary_key=True, autoincrement=False),
        Column("key", BigInteger, primary_key=True, autoincrement=False),
        Column("element_instance_key", BigInteger),
        Column("element_id", Text, nullable=False),
        Column("event", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("correlation_key", Text),
        Column("interrupting", Boolean, nullable=False),
        Column("definition_key", BigInteger, nullable=False),
        Column("process_id", Text, nullable=False),
        Column("creation_date", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("subscription_by_key", "subscription", ["key"])
    op.create_index("subscription_by_name", "subscription", ["kind", "name", "correlation_key"])
    op.create_table(
        "incident",
        Column("process_instance_key", BigInteger, primary_key=True, autoincrement=False),
        Column("key", BigInteger, primary_key=True, autoincrement=False),
        Column("element_instance_key", BigInteger, nullable=False),
        Column("element_id", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("message", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("job_key", BigInteger),
        Column("retry", Text),
        Column("creation_date", BigInteger, nullable=False),
        Column("resolved_at", BigInteger),
        Column("resolved_by", Text),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "incident_active", "incident", ["key"], sqlite_where=text("state = 'ACTIVE'"), postgresql_where=text("state = 'ACTIVE'")
    )
    op.create_index("incident_by_key", "incident", ["key"])
    op.create_table(
        "decision_instance",
        Column("process_instance_key", BigInteger, primary_key=True, autoincrement=False),
        Column("key", BigInteger, primary_key=True, autoincrement=False),
        Column("element_instance_key", BigInteger),
        Column("element_id", Text),
        Column("decision_id", Text, nullable=False),
        Column("decision_name", Text),
        Column("decision_definition_key", BigInteger),
        Column("state", Text, nullable=False),
        Column("failure", Text),
        Column("result", Text, nullable=False),
        Column("details", Text, nullable=False),
        Column("evaluated_at", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("decision_instance_by_key", "decision_instance", ["key"])
    op.create_table(
        "history_record",
        Column("process_instance_key", BigInteger, primary_key=True, autoincrement=False),
        Column("seq", BigInteger, primary_key=True, autoincrement=False),
        Column("at", BigInteger, nullable=False),
        Column("actor", Text),
        Column("actor_kind", Text, nullable=False),
        Column("command", Text, nullable=False),
        Column("facts", Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "message",
        Column("key", BigInteger, primary_key=True, autoincrement=False),
        Column("name", Text, nullable=False),
        Column("correlation_key", Text, nullable=False),
        Column("message_id", Text),
        Column("expires_at", BigInteger, nullable=False),
        Column("variables", Text, nullable=False),
    )
    op.create_index("message_by_expiry", "message", ["expires_at"])
    op.create_index("message_by_name", "message", ["name", "correlation_key", "key"])
    op.create_index("message_once", "message", ["name", "correlation_key", "message_id"], unique=True)
    op.create_table(
        "message_receipt",
        Column("message_key", BigInteger, primary_key=True, autoincrement=False),
        Column("process_id", Text, primary_key=True),
    )
    op.create_table(
        "key_block",
        Column("partition_id", Integer, primary_key=True, autoincrement=False),
        Column("next", BigInteger, nullable=False),
    )
    op.create_table(
        "clock_pin",
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("pinned_at", BigInteger, nullable=False),
    )
