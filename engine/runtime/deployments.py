"""How do files become versions? All are checked, then each new or changed one is stored under its id's next version."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from bpmn.model import Binding, Problem
from engine.errors import DeploymentRefused
from engine.runtime import requests
from engine.runtime.checking import Checked, check
from engine.runtime.decision_imports import StoredImport, stored_imports
from engine.runtime.definitions import LoadedDefinition
from engine.runtime.execution import Execution
from engine.runtime.inputs import Resource, ResourceKind
from engine.runtime.start_events import check_start_events, close_start_events, open_start_events
from engine.runtime.wellformed import check_text
from engine.store.database import Database
from engine.store.json_text import dumps
from engine.store.rows import (
    DecisionDefinitionRow,
    DecisionRequirementsRow,
    Deployment,
    FormRow,
    ProcessDefinitionRow,
    ResourceRow,
)
from engine.store.times import micros

_STORED_AS = {"agent": "agent", "decision": "decision_definition", "form": "form", "process": "process"}


def prepare(database: Database, resources: Sequence[Resource], kinds: Sequence[ResourceKind]) -> requests.Deploy:
    """Reads and checks the files, in the caller's thread: it may take long, and only the caller waits."""
    for resource in resources:
        check_text("name of a file", resource.name)
    with database.reading() as connection:
        imports = stored_imports(database, connection, resources)
    return requests.Deploy(check(resources, kinds, [found.resource for found in imports]), imports)


def deploy(execution: Execution, request: requests.Deploy) -> Deployment:
    """Raises `DeploymentRefused` with all problems. What was checked may be handed over again: it is not changed."""
    checked = replace(request.checked, problems=list(request.checked.problems))
    for file in checked.diagrams:
        for process in file.processes:
            checked.problems.extend(check_start_events(process, file.resource.name, execution.now))
    checked.problems.extend(_missing(execution, checked))
    if checked.has_errors:
        raise DeploymentRefused(tuple(checked.problems))
    return _Writing(execution, checked, request.imports).write()


def _missing(execution: Execution, checked: Checked) -> list[Problem]:
    """References to what is neither in the deployment nor stored."""
    here = {(kind, id) for kind, id, _ in checked.ids()}
    problems: list[Problem] = []
    for file in checked.diagrams:
        for ref in file.references:
            if (ref.kind, ref.id) in here and ref.binding is not Binding.VERSION_TAG:
                continue
            if ref.binding is Binding.DEPLOYMENT:
                advice = f"Deploy the {ref.kind} together with the diagram, or bind its latest version."
            elif ref.kind == "process" or _is_stored(execution, ref.kind, ref.id):
                continue
            else:
                advice = f"Deploy the {ref.kind} together with the diagram, or correct the id."
            message = f"The {ref.kind} {ref.id!r} is not deployed."
            problems.append(Problem("error", file.resource.name, message, advice, ref.element_id, ref.line, f"missing-{ref.kind}"))
    return problems


def _is_stored(execution: Execution, kind: str, id: str) -> bool:
    rows = execution.workspace.database.rows(
        execution.workspace.connection,
        "SELECT resource_key FROM deployment_resource WHERE kind = ? AND id = ? LIMIT 1",
        (_STORED_AS.get(kind, kind), id),
    )
    return bool(rows)


@dataclass(frozen=True, slots=True)
class _Known:
    key: int
    version: int
    sha256: str
    deployment: int
    name: str


@dataclass(slots=True)
class _Writing:
    """Writes one deployment. `links`: (kind, id, key) of everything in it, new or known."""

    execution: Execution
    checked: Checked
    imports: tuple[StoredImport, ...]
    key: int = 0
    is_new: bool = False
    links: list[tuple[str, str, int]] = field(default_factory=list[tuple[str, str, int]])

    def write(self) -> Deployment:
        execution = self.execution
        self.key = execution.workspace.keys.next()
        self.links.extend(("decision", found.id, found.key) for found in self.imports)
        decisions = [row for file in self.checked.decisions for row in self._decision_file(file.resource, file.model)]
        forms = [self._form(file.resource, file.form.id) for file in self.checked.forms]
        others = [self._resource(file.kind, file.id, file.resource)[0] for file in self.checked.others]
        companions = {(kind, id): key for kind, id, key in self.links}
        processes = [self._process(file.resource, process, companions) for file in self.checked.diagrams for process in file.processes]
        warnings = tuple(self.checked.problems)
        at = execution.now
        if not self.is_new:
            known = self._known_deployment()
            if known is not None:
                self.key, at = known
                return self._result(at, processes, decisions, forms, others, warnings, is_duplicate=True)
        changes = execution.workspace.changes
        changes.insert("deployment", (self.key,), [self.key, micros(at), execution.actor.user])
        for kind, id, key in dict.fromkeys(self.links):
            changes.insert("deployment_resource", (self.key, key), [self.key, key, kind, id])
        execution.definitions.forget_lookups()
        return self._result(at, processes, decisions, forms, others, warnings, is_duplicate=False)

    def _result(
        self,
        at: Any,
        processes: list[ProcessDefinitionRow],
        decisions: list[DecisionRequirementsRow | DecisionDefinitionRow],
        forms: list[FormRow],
        others: list[ResourceRow],
        warnings: tuple[Problem, ...],
        *,
        is_duplicate: bool,
    ) -> Deployment:
        return Deployment(
            self.key,
            at,
            tuple(processes),
            tuple(row for row in decisions if isinstance(row, DecisionRequirementsRow)),
            tuple(row for row in decisions if isinstance(row, DecisionDefinitionRow)),
            tuple(forms),
            tuple(others),
            warnings,
            is_duplicate,
        )

    # ------------------------------------------------------------ what is known

    def _rows(self, sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        return self.execution.workspace.database.rows(self.execution.workspace.connection, sql, values)

    def _known(self, kind: str, id: str) -> _Known | None:
        rows = self._rows(
            "SELECT key, version, sha256, deployment_key, name FROM resource WHERE kind = ? AND id = ? AND is_latest", (kind, id)
        )
        return _Known(*rows[0]) if rows else None

    def _known_deployment(self) -> tuple[int, Any] | None:
        """The newest deployment that holds all of this one's resources."""
        from engine.store.times import moment

        keys = {key for _, _, key in self.links}
        marks = ",".join("?" * len(keys))
        rows = self._rows(
            f"SELECT d.key, d.deployed_at FROM deployment d JOIN deployment_resource r ON r.deployment_key = d.key "  # noqa: S608
            f"WHERE r.resource_key IN ({marks}) GROUP BY d.key, d.deployed_at HAVING count(*) = ? ORDER BY d.key DESC LIMIT 1",
            (*keys, len(keys)),
        )
        return (rows[0][0], moment(rows[0][1])) if rows else None

    def _resource(
        self, kind: str, id: str, file: Resource, version_tag: str | None = None, *, must_renew: bool = False
    ) -> tuple[ResourceRow, bool]:
        """The resource's row: the known one when nothing changed, else its next version. And whether it is new."""
        digest = sha256(file.content).hexdigest()
        known = self._known(kind, id)
        if known is not None and known.sha256 == digest and known.name == file.name and not must_renew:
            self.links.append((kind, id, known.key))
            return ResourceRow(known.key, kind, id, known.name, known.version, version_tag, digest, known.deployment, True), False
        changes = self.execution.workspace.changes
        if known is not None:
            changes.update("resource", (known.key,), is_latest=False)
        key = self.execution.workspace.keys.next()
        version = 1 if known is None else known.version + 1
        changes.insert("content", (digest,), [digest, file.content])
        changes.insert("resource", (key,), [key, kind, id, file.name, version, version_tag, digest, self.key, True])
        self.links.append((kind, id, key))
        self.is_new = True
        return ResourceRow(key, kind, id, file.name, version, version_tag, digest, self.key, True), True

    # ------------------------------------------------------------ by kind

    def _process(self, file: Resource, process: Any, companions: dict[tuple[str, str], int]) -> ProcessDefinitionRow:
        execution, changes = self.execution, self.execution.workspace.changes
        known = self._known("process", process.id)
        row, is_new = self._resource(
            "process", process.id, file, process.version_tag, must_renew=known is not None and self._has_new_companions(known, companions)
        )
        has_form = any(
            getattr(process.nodes[id].detail, "form", None) is not None for id in getattr(process.process_node.detail, "starts", ())
        )
        at = execution.now
        if is_new:
            if known is not None:
                changes.update("process_definition", (known.key,), is_latest=False)
                close_start_events(execution.workspace, known.key)
            names = {node.id: node.name for node in (process.process_node, *process.nodes.values()) if node.name}
            if process.name:
                names[process.id] = process.name
            changes.insert(
                "process_definition",
                (row.key,),
                [
                    row.key,
                    process.id,
                    process.name,
                    row.version,
                    process.version_tag,
                    file.name,
                    self.key,
                    micros(at),
                    has_form,
                    True,
                    row.sha256,
                    dumps(names),
                ],
            )
            execution.definitions.remember(LoadedDefinition(row.key, process.id, row.version, process.version_tag, self.key, process))
            due = open_start_events(execution.workspace, row.key, process, at)
            if due is not None:
                execution.next_due = due if execution.next_due is None else min(due, execution.next_due)
        return ProcessDefinitionRow(
            row.key,
            process.id,
            process.name,
            row.version,
            process.version_tag,
            file.name,
            row.deployment_key,
            at,
            has_form,
            True,
            row.sha256,
        )

    def _has_new_companions(self, known: _Known, companions: dict[tuple[str, str], int]) -> bool:
        """A definition is pinned to what it was deployed with: other versions beside it make a new version of it."""
        if not companions:
            return False
        before = {
            (kind, id): key
            for kind, id, key in self._rows(
                "SELECT kind, id, resource_key FROM deployment_resource WHERE deployment_key = ?", (known.deployment,)
            )
        }
        return any(before.get(name) != key for name, key in companions.items())

    def _decision_file(self, file: Resource, model: Any) -> list[DecisionRequirementsRow | DecisionDefinitionRow]:
        changes = self.execution.workspace.changes
        imported = {model.id for _, model in model.imported}
        companions = {(kind, id): key for kind, id, key in self.links if kind == "decision" and id in imported}
        known = self._known("decision", model.id)
        must_renew = known is not None and self._has_new_companions(known, companions)
        row, is_new = self._resource("decision", model.id, file, must_renew=must_renew)
        requirements = DecisionRequirementsRow(row.key, model.id, model.name, row.version, file.name, row.deployment_key, row.sha256)
        found: list[DecisionRequirementsRow | DecisionDefinitionRow] = [requirements]
        if is_new:
            changes.insert(
                "decision_requirements",
                (row.key,),
                [row.key, model.id, model.name, row.version, file.name, self.key, row.sha256],
            )
        for decision in model.decisions.values():
            found.append(self._decision(decision, requirements, is_new=is_new))
        return found

    def _decision(self, decision: Any, file: DecisionRequirementsRow, *, is_new: bool) -> DecisionDefinitionRow:
        changes = self.execution.workspace.changes
        rows = self._rows(
            "SELECT key, version, requirements_key FROM decision_definition WHERE decision_id = ? AND is_latest", (decision.id,)
        )
        if rows and rows[0][2] == file.key and not is_new:
            key, version = rows[0][0], rows[0][1]
        else:
            key, version = self.execution.workspace.keys.next(), rows[0][1] + 1 if rows else 1
            if rows:
                changes.update("decision_definition", (rows[0][0],), is_latest=False)
            changes.insert(
                "decision_definition",
                (key,),
                [
                    key,
                    decision.id,
                    decision.name,
                    version,
                    decision.version_tag,
                    file.key,
                    file.requirements_id,
                    file.name,
                    file.version,
                    file.resource_name,
                    file.deployment_key,
                    True,
                ],
            )
        self.links.append(("decision_definition", decision.id, key))
        return DecisionDefinitionRow(
            key,
            decision.id,
            decision.name,
            version,
            decision.version_tag,
            file.key,
            file.requirements_id,
            file.name,
            file.version,
            file.resource_name,
            file.deployment_key,
            True,
        )

    def _form(self, file: Resource, id: str) -> FormRow:
        changes = self.execution.workspace.changes
        known = self._known("form", id)
        row, is_new = self._resource("form", id, file)
        if is_new:
            if known is not None:
                changes.update("form", (known.key,), is_latest=False)
            changes.insert("form", (row.key,), [row.key, id, row.version, None, file.name, self.key, True, row.sha256])
        return FormRow(row.key, id, row.version, file.name, row.deployment_key, file.content.decode())
