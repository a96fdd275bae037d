"""Which entities can be searched? For each: where its rows come from, its fields, and how a row is made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from engine.store import rows as r
from engine.store.json_text import loads
from engine.store.loading import names
from engine.store.times import moment


@dataclass(frozen=True, slots=True)
class Field:
    """`sql` gives its value; `kind`: int | text | time | bool | names | json | bytes | instance (an int; 0 stands for none)."""

    sql: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Entity:
    """`fields` are selected in order and handed to `make`. `extra` can only be filtered by. `key`: the field that decides ties."""

    source: str
    fields: Mapping[str, Field]
    make: Callable[[Any], Any]
    extra: Mapping[str, Field]
    key: str = "key"


def _fields(alias: str, **kinds: str) -> dict[str, Field]:
    return {name: Field(f"{alias}.{name}", kind) for name, kind in kinds.items()}


_OF_INSTANCE = {
    "process_id": Field("p.process_id"),
    "definition_key": Field("p.definition_key", "int"),
    "root_process_instance_key": Field("p.root_process_instance_key", "int"),
}
_JOIN = " LEFT JOIN process_instance p ON p.key = {0}.process_instance_key"
_JOIN_DEFINITION = _JOIN + " LEFT JOIN process_definition d ON d.key = p.definition_key"


def _decoded(value: Any) -> str:
    return bytes(value).decode()


_FROM_STORED: Mapping[str, Callable[[Any], Any]] = {
    "time": moment,
    "bool": bool,
    "names": names,
    "json": lambda value: loads(value) if value else {},
    "bytes": _decoded,
    "instance": lambda value: value or None,
}


def _rows_of(made: type, fields: Mapping[str, Field]) -> Callable[[Any], Any]:
    """Makes rows of a dataclass whose fields are these, in this order."""
    conversions = [(i, _FROM_STORED[field.kind]) for i, field in enumerate(fields.values()) if field.kind in _FROM_STORED]

    def make(stored: Any) -> Any:
        values = list(stored)
        for position, convert in conversions:
            values[position] = convert(values[position])
        return made(*values)

    return make


def _entity(made: type, source: str, fields: Mapping[str, Field], extra: Mapping[str, Field] | None = None, key: str = "key") -> Entity:
    return Entity(source, fields, _rows_of(made, fields), extra or {}, key)


@lru_cache(256)
def _element_names(stored: str) -> dict[str, str]:
    """Read once per definition, not once per row; nobody changes it."""
    found: dict[str, str] = loads(stored)
    return found


def _element_rows(fields: Mapping[str, Field]) -> Callable[[Any], Any]:
    """The name stands in the definition's list of names."""
    make = _rows_of(r.ElementInstanceRow, fields)

    def make_named(stored: Any) -> Any:
        values = list(stored)
        values[2] = _element_names(values[2]).get(values[1]) if values[2] else None
        return make(values)

    return make_named


def _items_in(state: str) -> Field:
    sql = f"(SELECT count(*) FROM batch_operation_item i WHERE i.batch_operation_key = t.key AND i.state = '{state}')"  # noqa: S608
    return Field(sql, "int")


ENTITIES: dict[str, Entity] = {
    "deployment": _entity(r.DeploymentRow, "deployment t", _fields("t", key="int", deployed_at="time", deployed_by="text")),
    "process_definition": _entity(
        r.ProcessDefinitionRow,
        "process_definition t",
        _fields(
            "t",
            key="int",
            process_id="text",
            name="text",
            version="int",
            version_tag="text",
            resource_name="text",
            deployment_key="int",
            deployed_at="time",
            has_start_form="bool",
            is_latest="bool",
            sha256="text",
        ),
    ),
    "decision_requirements": _entity(
        r.DecisionRequirementsRow,
        "decision_requirements t",
        _fields(
            "t",
            key="int",
            requirements_id="text",
            name="text",
            version="int",
            resource_name="text",
            deployment_key="int",
            sha256="text",
        ),
    ),
    "decision_definition": _entity(
        r.DecisionDefinitionRow,
        "decision_definition t",
        _fields(
            "t",
            key="int",
            decision_id="text",
            name="text",
            version="int",
            version_tag="text",
            requirements_key="int",
            requirements_id="text",
            requirements_name="text",
            requirements_version="int",
            resource_name="text",
            deployment_key="int",
            is_latest="bool",
        ),
    ),
    "form": _entity(
        r.FormRow,
        "form t JOIN content c ON c.sha256 = t.sha256",
        {
            **_fields("t", key="int", form_id="text", version="int", resource_name="text", deployment_key="int"),
            "schema": Field("c.bytes", "bytes"),
            **_fields("t", version_tag="text", is_latest="bool"),
        },
    ),
    "resource": _entity(
        r.ResourceRow,
        "resource t",
        _fields(
            "t",
            key="int",
            kind="text",
            id="text",
            name="text",
            version="int",
            version_tag="text",
            sha256="text",
            deployment_key="int",
            is_latest="bool",
        ),
    ),
    "process_instance": _entity(
        r.ProcessInstanceRow,
        "process_instance t LEFT JOIN process_definition d ON d.key = t.definition_key",
        {
            **_fields("t", key="int", process_id="text"),
            "process_name": Field("d.name"),
            **_fields("t", definition_key="int"),
            **_fields("d", version="int", version_tag="text"),
            **_fields("t", state="text", start_date="time", end_date="time"),
            "has_incident": Field("(t.incidents > 0)", "bool"),
            **_fields("t", parent_process_instance_key="int", parent_element_instance_key="int", root_process_instance_key="int"),
            "started_by": Field("t.started_by"),
            "tags": Field("t.tags", "names"),
            "suspended_at": Field("t.suspended_at", "time"),
        },
        {"shown_state": Field("CASE WHEN t.state = 'ACTIVE' AND t.suspended_at IS NOT NULL THEN 'SUSPENDED' ELSE t.state END")},
    ),
    "element_instance": _entity(
        r.ElementInstanceRow,
        "element_instance t" + _JOIN_DEFINITION.format("t"),
        {
            **_fields("t", key="int", element_id="text"),
            "element_name": Field("d.element_names"),
            **_fields("t", type="text", state="text", start_date="time", end_date="time", scope_key="int"),
            "has_incident": Field(
                "EXISTS (SELECT 1 FROM incident i WHERE i.process_instance_key = t.process_instance_key "
                "AND i.element_instance_key = t.key AND i.state = 'ACTIVE')",
                "bool",
            ),
            **_fields("t", process_instance_key="int"),
            "process_id": _OF_INSTANCE["process_id"],
            "definition_key": _OF_INSTANCE["definition_key"],
        },
        {"root_process_instance_key": _OF_INSTANCE["root_process_instance_key"]},
    ),
    "variable": _entity(
        r.VariableRow,
        "variable t LEFT JOIN value_blob b ON b.process_instance_key = t.process_instance_key AND b.sha256 = t.sha256" + _JOIN.format("t"),
        {
            **_fields("t", key="int", name="text"),
            "value": Field("coalesce(t.value, b.value)"),
            **_fields("t", scope_key="int", process_instance_key="int"),
        },
        _OF_INSTANCE,
    ),
    "job": _entity(
        r.JobRow,
        "job t" + _JOIN.format("t"),
        {
            **_fields(
                "t",
                key="int",
                type="text",
                kind="text",
                listener_event="text",
                state="text",
                retries="int",
                priority="int",
                worker="text",
                deadline="time",
                due="time",
                error_code="text",
                error_message="text",
                headers="json",
                element_id="text",
                element_instance_key="int",
                process_instance_key="int",
            ),
            "process_id": _OF_INSTANCE["process_id"],
            "definition_key": _OF_INSTANCE["definition_key"],
            **_fields("t", creation_date="time", end_date="time"),
        },
        {"root_process_instance_key": _OF_INSTANCE["root_process_instance_key"], "lease": Field("t.lease", "int")},
    ),
    "user_task": _entity(
        r.UserTaskRow,
        "user_task t" + _JOIN_DEFINITION.format("t"),
        {
            **_fields(
                "t",
                key="int",
                name="text",
                state="text",
                assignee="text",
                candidate_users="names",
                candidate_groups="names",
                due_date="time",
                follow_up_date="time",
                priority="int",
                creation_date="time",
                completion_date="time",
                completed_by="text",
                action="text",
                form_key="int",
                embedded_form="text",
                external_form="text",
                headers="json",
                element_id="text",
                element_instance_key="int",
                process_instance_key="int",
            ),
            "root_process_instance_key": _OF_INSTANCE["root_process_instance_key"],
            "process_id": _OF_INSTANCE["process_id"],
            "process_name": Field("d.name"),
            "definition_key": _OF_INSTANCE["definition_key"],
            "version": Field("d.version", "int"),
        },
    ),
    "incident": _entity(
        r.IncidentRow,
        "incident t" + _JOIN.format("t"),
        {
            **_fields(
                "t",
                key="int",
                kind="text",
                message="text",
                state="text",
                element_id="text",
                element_instance_key="int",
                process_instance_key="int",
            ),
            "root_process_instance_key": _OF_INSTANCE["root_process_instance_key"],
            "process_id": _OF_INSTANCE["process_id"],
            "definition_key": _OF_INSTANCE["definition_key"],
            **_fields("t", job_key="int", creation_date="time", resolved_at="time", resolved_by="text"),
        },
    ),
    "decision_instance": _entity(
        r.DecisionInstanceRow,
        "decision_instance t" + _JOIN.format("t"),
        {
            **_fields(
                "t",
                key="int",
                decision_id="text",
                decision_name="text",
                decision_definition_key="int",
                state="text",
                failure="text",
                result="text",
                details="json",
                evaluated_at="time",
                element_id="text",
                element_instance_key="int",
            ),
            "process_instance_key": Field("t.process_instance_key", "instance"),
            "process_id": _OF_INSTANCE["process_id"],
            "definition_key": _OF_INSTANCE["definition_key"],
        },
    ),
    "message_subscription": _entity(
        r.SubscriptionRow,
        "subscription t",
        _fields(
            "t",
            key="int",
            kind="text",
            name="text",
            correlation_key="text",
            element_id="text",
            element_instance_key="int",
            process_instance_key="instance",
            process_id="text",
            definition_key="int",
            creation_date="time",
        ),
        {"event": Field("t.event")},
    ),
    "timer": _entity(
        r.TimerRow,
        "timer t" + _JOIN.format("t"),
        {
            **_fields(
                "t",
                key="int",
                due="time",
                repetitions="int",
                cycle="text",
                element_id="text",
                element_instance_key="int",
                process_instance_key="instance",
            ),
            "process_id": Field("(SELECT d.process_id FROM process_definition d WHERE d.key = t.definition_key)"),
            "definition_key": Field("t.definition_key", "int"),
        },
        {"event": Field("t.event")},
    ),
    "batch_operation": _entity(
        r.BatchOperationRow,
        "batch_operation t",
        {
            **_fields("t", key="int", kind="text", state="text", options="json", started_at="time", ended_at="time"),
            **_fields("t", actor="text", actor_kind="text", total="int"),
            "completed": _items_in("COMPLETED"),
            "failed": _items_in("FAILED"),
        },
    ),
    "batch_operation_item": _entity(
        r.BatchItemRow,
        "batch_operation_item t JOIN batch_operation b ON b.key = t.batch_operation_key "
        "LEFT JOIN process_instance p ON p.key = t.instance_key",
        {
            "batch_operation_key": Field("t.batch_operation_key", "int"),
            **_fields("t", item_key="int"),
            "kind": Field("b.kind"),
            **_fields("t", instance_key="int", state="text", processed_at="time", error="text"),
            "root_process_instance_key": Field("p.root_process_instance_key", "int"),
        },
        key="item_key",
    ),
    "history": _entity(
        r.HistoryRecord,
        "history_record t" + _JOIN.format("t"),
        _fields("t", process_instance_key="int", seq="int", at="time", actor="text", actor_kind="text", command="text", facts="json"),
        _OF_INSTANCE,
        "seq",
    ),
}
ENTITIES["element_instance"] = replace(ENTITIES["element_instance"], make=_element_rows(ENTITIES["element_instance"].fields))
