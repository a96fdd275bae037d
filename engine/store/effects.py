"""What does an effect of the kernel change in the database? Each becomes rows; what concerns other instances is handed back."""

from typing import Any, assert_never

from engine.model import (
    BroadcastSignal,
    CancelChild,
    ChangeUserTask,
    CloseIncident,
    CloseWaits,
    DropItems,
    Effect,
    EndElement,
    EndInstance,
    NotifyParent,
    OpenIncident,
    OpenJob,
    OpenSubscription,
    OpenTimer,
    OpenUserTask,
    PublishMessage,
    PutElement,
    PutItem,
    PutVariable,
    RecordDecision,
    RecordFlow,
    StartChild,
)
from engine.store.cells import ElementCell, Waits
from engine.store.decisions import decision_row
from engine.store.facts import stored_value
from engine.store.incidents import IncidentWriter
from engine.store.json_text import dumps
from engine.store.places import Places
from engine.store.steps import Step
from engine.store.times import micros
from engine.store.wait_states import WaitWriter
from engine.store.workspace import Workspace


class EffectWriter:
    def __init__(self, workspace: Workspace, places: Places) -> None:
        self._workspace = workspace
        self._changes = workspace.changes
        self.incidents = IncidentWriter(workspace, places)
        self.waits = WaitWriter(workspace, places, self.incidents)

    def apply(self, step: Step, effects: list[Effect]) -> None:
        """Applies the effects in order. What concerns other instances lands in `step.outward`."""
        now = micros(step.at)
        for effect in effects:
            match effect:
                case PutElement():
                    self._put_element(step, effect, now)
                case EndElement():
                    self._end_element(step, effect)
                case RecordFlow():
                    step.facts.flows.append(effect.flow_id)
                case PutVariable():
                    self.put_variable(step, effect.scope, effect.name, effect.value)
                case OpenJob():
                    self.waits.open_job(step, effect, now)
                case CloseWaits():
                    self.waits.close_waits(step, effect, now)
                case OpenUserTask():
                    self.waits.open_user_task(step, effect, now)
                case ChangeUserTask():
                    self.waits.change_user_task(step, effect, now)
                case OpenTimer():
                    self.waits.open_timer(step, effect)
                case OpenSubscription():
                    self.waits.open_subscription(step, effect, now)
                case OpenIncident():
                    self.incidents.open_incident(step, effect)
                case CloseIncident():
                    self.incidents.close_incident(step, effect, now)
                case PutItem():
                    key = (step.cell.key, effect.owner, effect.name, effect.index)
                    self._changes.insert("item", key, [*key, dumps(effect.value)])
                    step.cell.may_have_items = True
                case DropItems():
                    self._changes.delete_items(step.cell.key, effect.owner)
                case RecordDecision():
                    row = decision_row(
                        self._workspace.keys.next(),
                        effect.result,
                        now,
                        step.cell.key,
                        effect.element,
                        effect.element_id,
                        step.decision_keys.get(id(effect.result)),
                    )
                    self._changes.insert("decision_instance", (step.cell.key, row[1]), row)
                    step.facts.decisions.append(row[1])
                case EndInstance():
                    self._end_instance(step, effect)
                case StartChild() | CancelChild() | NotifyParent() | PublishMessage() | BroadcastSignal():
                    step.outward.append(effect)
                case _:
                    assert_never(effect)

    def close_step(self, step: Step) -> None:
        """Writes the step's history record; its number is the instance's new revision."""
        cell = step.cell
        self._changes.assign(cell, "revision", cell.revision + 1)
        row = [cell.key, cell.revision, micros(step.at), step.actor, step.actor_kind, step.command, step.facts.to_text()]
        self._changes.insert("history_record", (cell.key, cell.revision), row)

    # ------------------------------------------------------------ elements and variables

    def _put_element(self, step: Step, effect: PutElement, now: int) -> None:
        cell, instance = step.cell, effect.instance
        data = dumps(instance.data) if instance.data else None
        if not effect.is_new:
            known = cell.elements[instance.key]
            if known.data != data:
                self._changes.assign(known, "data", data)
                self._changes.update("element_instance", (cell.key, instance.key), data=data)
            return
        element = ElementCell(instance.key, instance.element_id, instance.type, instance.parent, instance.started_at, data, None, Waits())
        self._changes.put(cell.elements, element.key, element)
        if element.key not in cell.variables:
            self._changes.put(cell.variables, element.key, {})
        self._changes.put(cell.children, element.key, {})
        if element.parent is not None and element.parent in cell.children:
            self._changes.put(cell.children[element.parent], element.key, None)
        self._changes.insert(
            "element_instance",
            (cell.key, element.key),
            [
                cell.key,
                element.key,
                element.element_id,
                element.type.value,
                "ACTIVE",
                micros(element.started_at),
                None,
                element.parent,
                data,
                None,
            ],
        )
        step.facts.element(element.key, element.element_id, element.type.value, "STARTED")

    def _end_element(self, step: Step, effect: EndElement) -> None:
        cell, instance, at = step.cell, effect.instance, micros(effect.at)
        key = (cell.key, instance.key)
        if effect.is_new:
            self._changes.insert(
                "element_instance",
                key,
                [
                    cell.key,
                    instance.key,
                    instance.element_id,
                    instance.type.value,
                    effect.how.value,
                    micros(instance.started_at),
                    at,
                    instance.parent,
                    None,
                    None,
                ],
            )
        else:
            element = cell.elements[instance.key]
            self._changes.update("element_instance", key, state=effect.how.value, end_date=at, data=None, waits=None)
            self._changes.drop(cell.elements, element.key)
            self._changes.drop(cell.children, element.key)
            if element.parent is not None and element.parent in cell.children:
                self._changes.drop(cell.children[element.parent], element.key)
            self._changes.add(self._workspace.ended, element.key)
        self._changes.drop(cell.variables, instance.key)
        step.facts.element(instance.key, instance.element_id, instance.type.value, effect.how.value)

    def put_variable(self, step: Step, scope: int, name: str, value: Any) -> None:
        cell = step.cell
        known = cell.variables.get(scope)
        if known is None:
            known = {}
            self._changes.put(cell.variables, scope, known)
        self._changes.put(known, name, value)
        text = dumps(value)
        short, digest = stored_value(text)
        if digest is not None:
            self._changes.insert("value_blob", (cell.key, digest), [cell.key, digest, text])
        self._changes.insert("variable", (cell.key, scope, name), [cell.key, scope, name, self._workspace.keys.next(), short, digest])
        step.facts.variable(scope, name, value, text)

    # ------------------------------------------------------------ the instance

    def _end_instance(self, step: Step, effect: EndInstance) -> None:
        cell = step.cell
        self._changes.assign(cell, "state", effect.how.value)
        self._changes.assign(cell, "end_date", effect.at)
        self._changes.update("process_instance", (cell.key,), state=effect.how.value, end_date=micros(effect.at))
        if cell.suspended_at is not None:
            self._changes.assign(cell, "suspended_at", None)
            self._changes.update("process_instance", (cell.key,), suspended_at=None)
        if cell.may_have_items:
            self._changes.delete_items(cell.key)
