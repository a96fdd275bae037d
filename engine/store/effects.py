"""What does an effect of the kernel change in the database? Each becomes rows; what concerns other instances is handed back."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias, assert_never

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
from engine.store.cells import ElementCell, IncidentCell, InstanceCell, JobCell, SubscriptionCell, TimerCell, UserTaskCell, Waits
from engine.store.decisions import decision_row
from engine.store.facts import Facts, stored_value
from engine.store.json_text import dumps
from engine.store.times import micros
from engine.store.workspace import Workspace

Outward: TypeAlias = StartChild | CancelChild | NotifyParent | PublishMessage | BroadcastSignal


@dataclass(slots=True)
class Step:
    """One step of one instance while it is applied: who, when, the facts so far, and what it asks of others."""

    cell: InstanceCell
    at: datetime
    actor: str | None
    actor_kind: str
    command: str
    facts: Facts = field(default_factory=Facts)
    outward: list[Outward] = field(default_factory=list[Outward])
    opened: list[SubscriptionCell] = field(default_factory=list[SubscriptionCell])
    job_types: set[str] = field(default_factory=set[str])
    touches_user_tasks: bool = False
    touches_incidents: bool = False
    action: str | None = None  # what a person did to the user task that this step completes
    next_due: int | None = None
    decision_keys: dict[int, int] = field(default_factory=dict[int, int])  # id() of a result -> key of the decision definition


class EffectWriter:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._changes = workspace.changes

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
                    self._open_job(step, effect, now)
                case CloseWaits():
                    self._close_waits(step, effect, now)
                case OpenUserTask():
                    self._open_user_task(step, effect, now)
                case ChangeUserTask():
                    self._change_user_task(step, effect, now)
                case OpenTimer():
                    self._open_timer(step, effect)
                case OpenSubscription():
                    self._open_subscription(step, effect, now)
                case OpenIncident():
                    self.open_incident(step, effect)
                case CloseIncident():
                    self._close_incident(step, effect, now)
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

    # ------------------------------------------------------------ wait states

    def _owner(self, step: Step, element: int) -> tuple[ElementCell, Waits]:
        owner = step.cell.elements[element]
        waits = self._workspace.waits(step.cell, owner)
        self._workspace.waits_changed(step.cell, owner)
        return owner, waits

    def _open_job(self, step: Step, effect: OpenJob, now: int) -> None:
        _, waits = self._owner(step, effect.element)
        cell = step.cell
        job = JobCell(
            effect.key,
            cell.key,
            effect.element,
            effect.element_id,
            effect.type,
            effect.kind,
            effect.listener_event,
            "CREATED",
            effect.retries,
            effect.priority,
            None,
            None,
            None,
            None,
            dict(effect.headers),
        )
        self._changes.put(waits.jobs, job.key, job)
        self._workspace.remember("job", job.key, cell.key, effect.element)
        self._changes.insert(
            "job",
            (cell.key, job.key),
            [
                cell.key,
                job.key,
                job.element,
                job.element_id,
                job.type,
                job.kind,
                job.listener_event,
                job.state,
                job.retries,
                job.priority,
                None,
                None,
                None,
                None,
                None,
                None,
                dumps(job.headers) if job.headers else None,
                now,
                None,
            ],
        )
        step.job_types.add(job.type)
        step.facts.waits.append({"opened": "job", "key": job.key, "id": job.element_id, "type": job.type})

    def _open_user_task(self, step: Step, effect: OpenUserTask, now: int) -> None:
        _, waits = self._owner(step, effect.element)
        cell = step.cell
        task = UserTaskCell(
            effect.key,
            effect.element,
            effect.element_id,
            effect.assignee,
            effect.candidate_users,
            effect.candidate_groups,
            effect.priority,
        )
        self._changes.put(waits.user_tasks, task.key, task)
        self._workspace.remember("user_task", task.key, cell.key, effect.element)
        self._changes.insert(
            "user_task",
            (cell.key, task.key),
            [
                cell.key,
                task.key,
                task.element,
                task.element_id,
                effect.name,
                "CREATED",
                task.assignee,
                dumps(task.candidate_users) if task.candidate_users else None,
                dumps(task.candidate_groups) if task.candidate_groups else None,
                micros(effect.due_date),
                micros(effect.follow_up_date),
                task.priority,
                now,
                None,
                None,
                None,
                effect.form_key,
                effect.embedded_form,
                effect.external_form,
                dumps(dict(effect.headers)) if effect.headers else None,
            ],
        )
        self.put_candidates(cell.key, task.key, task.candidate_users, task.candidate_groups)
        step.touches_user_tasks = True
        step.facts.waits.append({"opened": "user_task", "key": task.key, "id": task.element_id, "assignee": task.assignee})

    def put_candidates(self, instance: int, task: int, users: tuple[str, ...], groups: tuple[str, ...]) -> None:
        for kind, members in (("user", users), ("group", groups)):
            for name in members:
                key = (instance, task, kind, name)
                self._changes.insert("user_task_candidate", key, list(key))

    def _change_user_task(self, step: Step, effect: ChangeUserTask, now: int) -> None:
        _, waits = self._owner(step, effect.element)
        for task in list(waits.user_tasks.values()):
            self._finish_user_task(step, waits, task, effect.state, now)

    def _finish_user_task(self, step: Step, waits: Waits, task: UserTaskCell, state: str, now: int) -> None:
        self._changes.drop(waits.user_tasks, task.key)
        done = {"completed_by": step.actor, "action": step.action} if state == "COMPLETED" else {}
        self._changes.update("user_task", (step.cell.key, task.key), state=state, completion_date=now, **done)
        step.touches_user_tasks = True

    def _open_timer(self, step: Step, effect: OpenTimer) -> None:
        _, waits = self._owner(step, effect.element)
        cell, due = step.cell, micros(effect.due)
        self._changes.put(waits.timers, effect.key, TimerCell(effect.key, effect.element, effect.event))
        self._changes.insert(
            "timer",
            (cell.key, effect.key),
            [
                cell.key,
                effect.key,
                effect.element,
                effect.element_id,
                effect.event,
                due,
                effect.repetitions,
                effect.cycle,
                cell.definition_key,
            ],
        )
        step.next_due = due if step.next_due is None else min(due, step.next_due)
        step.facts.waits.append({"opened": "timer", "key": effect.key, "id": effect.event, "due": effect.due.isoformat()})

    def _open_subscription(self, step: Step, effect: OpenSubscription, now: int) -> None:
        _, waits = self._owner(step, effect.element)
        cell = step.cell
        subscription = SubscriptionCell(
            effect.key,
            effect.element,
            effect.event,
            effect.kind,
            effect.name,
            effect.correlation_key,
            effect.interrupting,
        )
        self._changes.put(waits.subscriptions, subscription.key, subscription)
        self._workspace.remember("subscription", subscription.key, cell.key, effect.element)
        self._changes.insert(
            "subscription",
            (cell.key, subscription.key),
            [
                cell.key,
                subscription.key,
                effect.element,
                effect.element_id,
                effect.event,
                effect.kind,
                effect.name,
                effect.correlation_key,
                effect.interrupting,
                cell.definition_key,
                cell.process_id,
                now,
            ],
        )
        step.opened.append(subscription)
        step.facts.waits.append({"opened": effect.kind, "key": effect.key, "id": effect.event, "name": effect.name})

    def _close_waits(self, step: Step, effect: CloseWaits, now: int) -> None:
        owner = step.cell.elements.get(effect.element)
        if owner is None:
            return
        owner, waits = self._owner(step, effect.element)
        own = effect.event is None or effect.event == owner.element_id
        if own:
            for job in list(waits.jobs.values()):
                self.end_job(step, owner, job, "CANCELED")
            for task in list(waits.user_tasks.values()):
                self._finish_user_task(step, waits, task, "CANCELED", now)
        for timer in list(waits.timers.values()):
            if effect.event in (None, timer.event):
                self.drop_timer(step, waits, timer)
        for subscription in list(waits.subscriptions.values()):
            if effect.event in (None, subscription.event):
                self.drop_subscription(step, waits, subscription)
        if effect.event is None:
            for incident in list(waits.incidents.values()):
                self.end_incident(step, waits, incident, now)

    def end_job(self, step: Step, owner: ElementCell, job: JobCell, state: str, **columns: Any) -> None:
        """The job ends: COMPLETED, ERROR_THROWN or CANCELED."""
        waits = self._workspace.waits(step.cell, owner)
        self._changes.drop(waits.jobs, job.key)
        self._workspace.waits_changed(step.cell, owner)
        self._changes.update("job", (step.cell.key, job.key), state=state, due=None, end_date=micros(step.at), **columns)

    def drop_timer(self, step: Step, waits: Waits, timer: TimerCell) -> None:
        self._changes.drop(waits.timers, timer.key)
        self._changes.delete("timer", (step.cell.key, timer.key))

    def drop_subscription(self, step: Step, waits: Waits, subscription: SubscriptionCell) -> None:
        self._changes.drop(waits.subscriptions, subscription.key)
        self._changes.delete("subscription", (step.cell.key, subscription.key))

    # ------------------------------------------------------------ incidents

    def open_incident(self, step: Step, effect: OpenIncident, *, job: int | None = None, retry: str | None = None) -> None:
        _, waits = self._owner(step, effect.element)
        cell = step.cell
        self._changes.put(waits.incidents, effect.key, IncidentCell(effect.key, effect.element, effect.kind, job, retry))
        self._workspace.remember("incident", effect.key, cell.key, effect.element)
        self._changes.insert(
            "incident",
            (cell.key, effect.key),
            [
                cell.key,
                effect.key,
                effect.element,
                effect.element_id,
                effect.kind.value,
                effect.message,
                "ACTIVE",
                job,
                retry,
                micros(step.at),
                None,
                None,
            ],
        )
        self._count_incident(cell, 1)
        step.touches_incidents = True
        step.facts.incidents.append({"key": effect.key, "id": effect.element_id, "kind": effect.kind.value, "message": effect.message})

    def _close_incident(self, step: Step, effect: CloseIncident, now: int) -> None:
        place = self._workspace.locate("incident", [effect.key]).get(effect.key)
        if place is None or place[1] not in step.cell.elements:
            return
        _, waits = self._owner(step, place[1])
        incident = waits.incidents.get(effect.key)
        if incident is not None:
            self.end_incident(step, waits, incident, now)

    def end_incident(self, step: Step, waits: Waits, incident: IncidentCell, now: int) -> None:
        cell = step.cell
        self._changes.drop(waits.incidents, incident.key)
        self._changes.update("incident", (cell.key, incident.key), state="RESOLVED", resolved_at=now, resolved_by=step.actor)
        self._count_incident(cell, -1)
        step.touches_incidents = True
        step.facts.incidents.append({"key": incident.key, "is": "RESOLVED"})

    def _count_incident(self, cell: InstanceCell, change: int) -> None:
        """On the instance and on every instance that called it, directly or not."""
        current: InstanceCell | None = cell
        while current is not None:
            self._changes.assign(current, "incidents", current.incidents + change)
            self._changes.update("process_instance", (current.key,), incidents=current.incidents)
            current = None if current.parent_instance is None else self._workspace.cell(current.parent_instance)

    # ------------------------------------------------------------ the instance

    def _end_instance(self, step: Step, effect: EndInstance) -> None:
        cell = step.cell
        self._changes.assign(cell, "state", effect.how.value)
        self._changes.assign(cell, "end_date", effect.at)
        self._changes.update("process_instance", (cell.key,), state=effect.how.value, end_date=micros(effect.at))
        if cell.may_have_items:
            self._changes.delete_items(cell.key)
