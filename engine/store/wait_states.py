"""How are jobs, user tasks, timers and subscriptions opened and closed?"""

from typing import Any

from engine.model import ChangeUserTask, CloseWaits, OpenJob, OpenSubscription, OpenTimer, OpenUserTask
from engine.store.cells import ElementCell, JobCell, SubscriptionCell, TimerCell, UserTaskCell, Waits
from engine.store.incidents import IncidentWriter, owner_of
from engine.store.json_text import dumps
from engine.store.places import Places
from engine.store.steps import Step
from engine.store.times import micros
from engine.store.workspace import Workspace


class WaitWriter:
    def __init__(self, workspace: Workspace, places: Places, incidents: IncidentWriter) -> None:
        self._workspace = workspace
        self._places = places
        self._incidents = incidents
        self._changes = workspace.changes

    def open_job(self, step: Step, effect: OpenJob, now: int) -> None:
        _, waits = owner_of(self._workspace, step, effect.element)
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
        self._places.remember("job", job.key, cell.key, effect.element)
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

    def open_user_task(self, step: Step, effect: OpenUserTask, now: int) -> None:
        _, waits = owner_of(self._workspace, step, effect.element)
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
        self._places.remember("user_task", task.key, cell.key, effect.element)
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

    def change_user_task(self, step: Step, effect: ChangeUserTask, now: int) -> None:
        _, waits = owner_of(self._workspace, step, effect.element)
        for task in list(waits.user_tasks.values()):
            self._finish_user_task(step, waits, task, effect.state, now)

    def _finish_user_task(self, step: Step, waits: Waits, task: UserTaskCell, state: str, now: int) -> None:
        self._changes.drop(waits.user_tasks, task.key)
        done = {"completed_by": step.actor, "action": step.action} if state == "COMPLETED" else {}
        self._changes.update("user_task", (step.cell.key, task.key), state=state, completion_date=now, **done)
        step.touches_user_tasks = True

    def open_timer(self, step: Step, effect: OpenTimer) -> None:
        _, waits = owner_of(self._workspace, step, effect.element)
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

    def open_subscription(self, step: Step, effect: OpenSubscription, now: int) -> None:
        _, waits = owner_of(self._workspace, step, effect.element)
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
        self._places.remember("subscription", subscription.key, cell.key, effect.element)
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

    def close_waits(self, step: Step, effect: CloseWaits, now: int) -> None:
        owner = step.cell.elements.get(effect.element)
        if owner is None:
            return
        owner, waits = owner_of(self._workspace, step, effect.element)
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
                self._incidents.end_incident(step, waits, incident, now)

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
