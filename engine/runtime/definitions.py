"""What was deployed? Parsed process definitions, decision models and forms, loaded when first needed and kept."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

import bpmn
from bpmn.model import Binding, FormRef, ProcessDefinition, ResourceRef, StartEvent, SubProcess
from engine.errors import NotFound, StorageUnavailable
from engine.store.database import Database
from engine.store.rows import FormRow, UserTaskRow
from rules.dmn import DecisionModel, DmnError, parse_decision_files, read_imports


@dataclass(frozen=True, slots=True)
class LoadedDefinition:
    key: int
    process_id: str
    version: int
    version_tag: str | None
    deployment_key: int
    process: ProcessDefinition


@dataclass(frozen=True, slots=True)
class LoadedDecision:
    key: int
    id: str
    model: DecisionModel


class Definitions:
    """Thread-safe. `connection` is the one to read with: inside a transaction, that of the transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._definitions: dict[int, LoadedDefinition] = {}
        self._models: dict[int, DecisionModel] = {}
        self._decisions: dict[int, LoadedDecision] = {}
        self._found: dict[tuple[Any, ...], int | None] = {}

    def forget_lookups(self) -> None:
        """After a deployment, and where other processes deploy too: which version is the newest is looked up again."""
        self._found = {}

    def forget_all(self) -> None:
        """After a rollback: keys that were given in it may be given again."""
        self._definitions, self._models, self._decisions, self._found = {}, {}, {}, {}

    # ------------------------------------------------------------ processes

    def remember(self, definition: LoadedDefinition) -> None:
        """A new definition that was read already."""
        self._definitions[definition.key] = definition

    def definition(self, connection: Connection, key: int) -> LoadedDefinition:
        known = self._definitions.get(key)
        if known is None:
            rows = self._database.rows(
                connection,
                "SELECT d.process_id, d.version, d.version_tag, d.deployment_key, d.resource_name, c.bytes "
                "FROM process_definition d JOIN content c ON c.sha256 = d.sha256 WHERE d.key = ?",
                (key,),
            )
            if not rows:
                raise NotFound(f"No process definition {key}: deploy it first.")
            process_id, version, tag, deployment, name, data = rows[0]
            parsed = bpmn.parse(bytes(data), file=name)
            process = next((p for p in parsed.processes if p.id == process_id), None)
            if process is None:
                raise StorageUnavailable(f"The stored file {name!r} of process definition {key} cannot be read any more.")
            known = self._definitions[key] = LoadedDefinition(key, process_id, version, tag, deployment, process)
        return known

    def process_key(self, connection: Connection, process_id: str, *, version: int | None = None) -> int | None:
        """The definition's key: that version, or the newest."""
        if version is not None:
            return self._find(connection, "process_definition", "process_id = ? AND version = ?", (process_id, version))
        return self._find(connection, "process_definition", "process_id = ? AND is_latest", (process_id,))

    # ------------------------------------------------------------ what a definition refers to

    def bound(self, connection: Connection, kind: str, ref: ResourceRef, id: str, deployment_key: int) -> int | None:
        """The key of the process, decision_definition or form that a reference in a definition of that deployment means."""
        table, column = _TABLES[kind]
        match ref.binding:
            case Binding.LATEST:
                return self._find(connection, table, f"{column} = ? AND is_latest", (id,))
            case Binding.VERSION_TAG:
                return self._find(
                    connection, table, f"{column} = ? AND version_tag = ? ORDER BY version DESC LIMIT 1", (id, ref.version_tag)
                )
            case Binding.DEPLOYMENT:
                return self._find(
                    connection,
                    "deployment_resource",
                    "deployment_key = ? AND kind = ? AND id = ?",
                    (deployment_key, kind, id),
                    column="resource_key",
                )

    def _find(self, connection: Connection, table: str, where: str, values: tuple[Any, ...], column: str = "key") -> int | None:
        question = (table, where, values)
        found = self._found  # an answer read before a deployment was committed must not be kept after it
        if question not in found:
            rows = self._database.rows(connection, f"SELECT {column} FROM {table} WHERE {where}", values)  # noqa: S608 - our own words
            found[question] = rows[0][0] if rows else None
        return found[question]

    # ------------------------------------------------------------ decisions

    def decision(self, connection: Connection, key: int) -> LoadedDecision:
        known = self._decisions.get(key)
        if known is None:
            rows = self._database.rows(
                connection,
                "SELECT decision_id, requirements_key FROM decision_definition WHERE key = ?",
                (key,),
            )
            if not rows:
                raise NotFound(f"No decision definition {key}: deploy it first.")
            decision_id, requirements = rows[0]
            model = self._models.get(requirements)
            if model is None:
                model = self._models[requirements] = self._model(connection, requirements)
            known = self._decisions[key] = LoadedDecision(key, decision_id, model)
        return known

    def _model(self, connection: Connection, requirements: int) -> DecisionModel:
        """The decisions of a file, with those it imports: they belong to the same deployment."""
        rows = self._database.rows(
            connection,
            "SELECT r.resource_name, c.bytes, r.deployment_key FROM decision_requirements r JOIN content c ON c.sha256 = r.sha256 "
            "WHERE r.key = ?",
            (requirements,),
        )
        name, data, deployment = rows[0]
        files = {name: bytes(data)}
        if read_imports(files[name])[1]:
            others = self._database.rows(
                connection,
                "SELECT r.name, r.key, c.bytes FROM deployment_resource d JOIN resource r ON r.key = d.resource_key "
                "JOIN content c ON c.sha256 = r.sha256 WHERE d.deployment_key = ? AND d.kind = 'decision' AND r.key <> ?",
                (deployment, requirements),
            )
            files |= {f"{other} ({key})": bytes(content) for other, key, content in others}
        try:
            return parse_decision_files(files)[name]
        except DmnError as problem:
            raise StorageUnavailable(f"The stored file {name!r} cannot be read any more: {problem}") from problem

    def decision_key(self, connection: Connection, decision_id: str) -> int | None:
        return self._find(connection, "decision_definition", "decision_id = ? AND is_latest", (decision_id,))

    # ------------------------------------------------------------ forms

    def start_form(self, connection: Connection, definition_key: int) -> FormRow | None:
        """The form of the none start event. None: there is none, or an external one."""
        loaded = self.definition(connection, definition_key)
        detail = loaded.process.process_node.detail
        for id in detail.starts if isinstance(detail, SubProcess) else ():
            node = loaded.process.nodes[id]
            if isinstance(node.detail, StartEvent) and node.detail.form is not None:
                return self._form(connection, loaded, node.detail.form)
        return None

    def user_task_form(self, connection: Connection, task: UserTaskRow) -> FormRow | None:
        """Linked, or embedded in the diagram. None: there is none, or an external one."""
        if task.form_key is not None:
            return self.form(connection, task.form_key)
        if task.embedded_form is None:
            return None
        return self._form(connection, self.definition(connection, task.definition_key), FormRef(embedded_key=task.embedded_form))

    def _form(self, connection: Connection, loaded: LoadedDefinition, ref: FormRef) -> FormRow | None:
        if ref.embedded_key is not None:
            schema = loaded.process.embedded_forms.get(ref.embedded_key)
            return None if schema is None else FormRow(None, ref.embedded_key, None, "", None, schema)
        if ref.linked is None or not isinstance(ref.linked.id, str):
            return None
        key = self.bound(connection, "form", ref.linked, ref.linked.id, loaded.deployment_key)
        return None if key is None else self.form(connection, key)

    def form(self, connection: Connection, key: int) -> FormRow | None:
        rows = self._database.rows(
            connection,
            "SELECT f.key, f.form_id, f.version, f.resource_name, f.deployment_key, c.bytes, f.version_tag, f.is_latest "
            "FROM form f JOIN content c ON c.sha256 = f.sha256 WHERE f.key = ?",
            (key,),
        )
        if not rows:
            return None
        form_key, id, version, name, deployment, data, tag, latest = rows[0]
        return FormRow(form_key, id, version, name, deployment, bytes(data).decode(), tag, bool(latest))


_TABLES = {
    "process": ("process_definition", "process_id"),
    "decision_definition": ("decision_definition", "decision_id"),
    "form": ("form", "form_id"),
}
