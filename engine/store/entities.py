"""Which entities can be searched? For each: where its rows come from, its fields, and how a row is made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.store import rows as r
from engine.store.json_text import loads
from engine.store.loading import names
from engine.store.times import moment


@dataclass(frozen=True, slots=True)
class Field:
    """`sql` gives its value; `kind`: int | text | time | bool."""

    sql: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Entity:
    """`fields` are selected in order and handed to `make`. `extra` can only be filtered by. `key`: the field that decides ties."""

    source: str
    fields: Mapping[str, Field]
    make: Callable[[tuple[Any, ...]], Any]
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


def _text(value: Any) -> Any:
    return loads(value) if value else {}


def _definition(v: tuple[Any, ...]) -> r.ProcessDefinitionRow:
    return r.ProcessDefinitionRow(*v[:7], moment(v[7]), bool(v[8]), bool(v[9]), v[10])


def _decision(v: tuple[Any, ...]) -> r.DecisionDefinitionRow:
    return r.DecisionDefinitionRow(*v[:11], bool(v[11]))


def _form(v: tuple[Any, ...]) -> r.FormRow:
    return r.FormRow(*v[:5], bytes(v[5]).decode(), v[6], bool(v[7]))


def _resource(v: tuple[Any, ...]) -> r.ResourceRow:
    return r.ResourceRow(*v[:8], bool(v[8]))


def _deployment(v: tuple[Any, ...]) -> r.DeploymentRow:
    return r.DeploymentRow(v[0], moment(v[1]), v[2])


def _instance(v: tuple[Any, ...]) -> r.ProcessInstanceRow:
    return r.ProcessInstanceRow(*v[:7], moment(v[7]), moment(v[8]), bool(v[9]), *v[10:14], names(v[14]))


def _element(v: tuple[Any, ...]) -> r.ElementInstanceRow:
    return r.ElementInstanceRow(
        v[0], v[1], _text(v[2]).get(v[1]), v[3], v[4], moment(v[5]), moment(v[6]), v[7], bool(v[8]), v[9], v[10], v[11]
    )


def _variable(v: tuple[Any, ...]) -> r.VariableRow:
    return r.VariableRow(*v)


def _job(v: tuple[Any, ...]) -> r.JobRow:
    return r.JobRow(*v[:8], moment(v[8]), moment(v[9]), v[10], v[11], _text(v[12]), *v[13:18], moment(v[18]), moment(v[19]))


def user_task_row(v: tuple[Any, ...]) -> r.UserTaskRow:
    return r.UserTaskRow(
        *v[:4], names(v[4]), names(v[5]), moment(v[6]), moment(v[7]), v[8], moment(v[9]), moment(v[10]), *v[11:16], _text(v[16]), *v[17:]
    )


def _incident(v: tuple[Any, ...]) -> r.IncidentRow:
    return r.IncidentRow(*v[:11], moment(v[11]), moment(v[12]), v[13])


def _decision_instance(v: tuple[Any, ...]) -> r.DecisionInstanceRow:
    return r.DecisionInstanceRow(*v[:7], loads(v[7]), moment(v[8]), *v[9:])


def _subscription(v: tuple[Any, ...]) -> r.SubscriptionRow:
    return r.SubscriptionRow(*v[:5], v[5], v[6] or None, v[7], v[8], moment(v[9]))


def _timer(v: tuple[Any, ...]) -> r.TimerRow:
    return r.TimerRow(v[0], moment(v[1]), *v[2:6], v[6] or None, *v[7:])


def _history(v: tuple[Any, ...]) -> r.HistoryRecord:
    return r.HistoryRecord(v[0], v[1], moment(v[2]), v[3], v[4], v[5], loads(v[6]))


ENTITIES: Mapping[str, Entity] = {
    "deployment": Entity("deployment t", _fields("t", key="int", deployed_at="time", deployed_by="text"), _deployment, {}),
    "process_definition": Entity(
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
        _definition,
        {},
    ),
    "decision_requirements": Entity(
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
        lambda v: r.DecisionRequirementsRow(*v),
        {},
    ),
    "decision_definition": Entity(
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
        _decision,
        {},
    ),
    "form": Entity(
        "form t JOIN content c ON c.sha256 = t.sha256",
        {
            **_fields("t", key="int", form_id="text", version="int", resource_name="text", deployment_key="int"),
            "schema": Field("c.bytes"),
            **_fields("t", version_tag="text", is_latest="bool"),
        },
        _form,
        {},
    ),
    "resource": Entity(
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
        _resource,
        {},
    ),
    "process_instance": Entity(
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
            "tags": Field("t.tags"),
        },
        _instance,
        {},
    ),
    "element_instance": Entity(
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
        _element,
        {"root_process_instance_key": _OF_INSTANCE["root_process_instance_key"]},
    ),
    "variable": Entity(
        "variable t LEFT JOIN value_blob b ON b.process_instance_key = t.process_instance_key AND b.sha256 = t.sha256" + _JOIN.format("t"),
        {
            **_fields("t", key="int", name="text"),
            "value": Field("coalesce(t.value, b.value)"),
            **_fields("t", scope_key="int", process_instance_key="int"),
        },
        _variable,
        _OF_INSTANCE,
    ),
    "job": Entity(
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
                headers="text",
                element_id="text",
                element_instance_key="int",
                process_instance_key="int",
            ),
            "process_id": _OF_INSTANCE["process_id"],
            "definition_key": _OF_INSTANCE["definition_key"],
            **_fields("t", creation_date="time", end_date="time"),
        },
        _job,
        {"root_process_instance_key": _OF_INSTANCE["root_process_instance_key"], "lease": Field("t.lease", "int")},
    ),
    "user_task": Entity(
        "user_task t" + _JOIN_DEFINITION.format("t"),
        {
            **_fields(
                "t",
                key="int",
                name="text",
                state="text",
                assignee="text",
                candidate_users="text",
                candidate_groups="text",
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
                headers="text",
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
        user_task_row,
        {},
    ),
    "incident": Entity(
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
        _incident,
        {},
    ),
    "decision_instance": Entity(
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
                details="text",
                evaluated_at="time",
                element_id="text",
                element_instance_key="int",
            ),
            "process_instance_key": Field("nullif(t.process_instance_key, 0)", "int"),
            "process_id": _OF_INSTANCE["process_id"],
            "definition_key": _OF_INSTANCE["definition_key"],
        },
        _decision_instance,
        {},
    ),
    "message_subscription": Entity(
        "subscription t",
        _fields(
            "t",
            key="int",
            kind="text",
            name="text",
            correlation_key="text",
            element_id="text",
            element_instance_key="int",
            process_instance_key="int",
            process_id="text",
            definition_key="int",
            creation_date="time",
        ),
        _subscription,
        {"event": Field("t.event")},
    ),
    "timer": Entity(
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
                process_instance_key="int",
            ),
            "process_id": Field("(SELECT d.process_id FROM process_definition d WHERE d.key = t.definition_key)"),
            "definition_key": Field("t.definition_key", "int"),
        },
        _timer,
        {"event": Field("t.event")},
    ),
    "history": Entity(
        "history_record t" + _JOIN.format("t"),
        _fields("t", process_instance_key="int", seq="int", at="time", actor="text", actor_kind="text", command="text", facts="text"),
        _history,
        _OF_INSTANCE,
        key="seq",
    ),
}
