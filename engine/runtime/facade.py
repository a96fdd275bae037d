"""What can the outside do with the engine? Every command and every question, in one class."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from types import TracebackType
from typing import Any, TypeVar

from sqlalchemy import Connection

from engine.clock import Clock, SystemClock, TestClock
from engine.errors import NotFound, Rejected
from engine.model import Activation
from engine.runtime import requests
from engine.runtime.batch_runner import BatchRunner
from engine.runtime.deployments import prepare
from engine.runtime.evaluation import Evaluated, evaluate_expression
from engine.runtime.inputs import SYSTEM, Actor, Changeset, JobResult, Notice, Resource, ResourceKind
from engine.runtime.migration import Obstacle
from engine.runtime.notices import Notices
from engine.runtime.processor import Processor
from engine.runtime.selection import select
from engine.runtime.waiting import Metrics
from engine.store.clock_pins import forget_pin, pinned_at, remember_pin
from engine.store.database import Database
from engine.store.invariants import Violation, violations
from engine.store.queries import Queries
from engine.store.rows import (
    ActivatedJob,
    DecisionInstanceRow,
    Deployment,
    FormRow,
    Found,
    HistoryRecord,
    Page,
    ProcessInstanceRow,
    StoredResource,
    UserTaskRow,
)
from rules.dmn import DecisionResult

Variables = Mapping[str, Any]
A = TypeVar("A")


class Engine:
    """One engine over one database. Thread-safe: any thread may call anything.

    A changing call returns when its change is on disk; it raises an error of `engine.errors` and changes nothing otherwise.
    `actor` says who does it and lands in history.

    Entities of `get` and `search`: deployment, process_definition, process_instance, element_instance, variable, user_task, job,
    incident, decision_definition, decision_requirements, decision_instance, form, resource, message_subscription, timer, history.
    """

    def __init__(
        self,
        database_url: str = "sqlite:///gatewise.db",
        *,
        clock: Clock | None = None,
        resource_kinds: Sequence[ResourceKind] = (),
        queue_limit: int = 10_000,
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        self.resource_kinds = tuple(resource_kinds)
        self.database = Database(database_url)
        self._notices = Notices()
        self._queries = Queries(self.database)
        self._processor = Processor(self.database, self.clock, self._notices, queue_limit=queue_limit)
        self._batches = BatchRunner(self.database, lambda request: self._processor.submit(request, SYSTEM))

    # ------------------------------------------------------------ life

    def start(self) -> None:
        """Opens the database, migrates its schema and starts the processor and the scheduler. Raises `StorageUnavailable`."""
        self.database.open()
        if isinstance(self.clock, TestClock) and not self.clock.is_pinned:
            pinned = pinned_at(self.database)
            if pinned is not None:
                self.clock.pin(pinned)
        self._processor.start()
        self._batches.start()

    def close(self) -> None:
        """Finishes what was accepted, then stops. Calls after it raise `StorageUnavailable`."""
        self._batches.stop()
        self._processor.stop()
        self.database.close()

    def __enter__(self) -> "Engine":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def subscribe(self, callback: Callable[[Notice], None]) -> Callable[[], None]:
        """Calls back after every commit, from the engine's thread: return at once. The result ends the subscription."""
        return self._notices.subscribe(callback)

    def metrics(self) -> Metrics:
        return self._processor.metrics()

    def check(self) -> list[Violation]:
        """What is inconsistent in the database (nothing, unless there is a bug). Reads everything that is open: for operators and tests."""
        return violations(self.database)

    # ------------------------------------------------------------ deployments and definitions

    def deploy(self, resources: Sequence[Resource], *, actor: Actor) -> Deployment:
        """Stores files as new versions; unchanged ones keep theirs. Raises `DeploymentRefused` with all problems of all files."""
        return self._do(prepare(self.database, tuple(resources), self.resource_kinds), actor, Deployment)

    def process_xml(self, definition_key: int) -> str:
        return self._queries.process_xml(definition_key)

    def decision_xml(self, requirements_key: int) -> str:
        """The decision file's text, by the key of the requirements or of one of its decisions."""
        return self._queries.decision_xml(requirements_key)

    def form(self, user_task_key: int) -> FormRow | None:
        """The form of a user task: linked or embedded. None: it has none, or an external one."""
        task: UserTaskRow | None = self.get("user_task", user_task_key)
        if task is None:
            raise NotFound(f"No user task {user_task_key}.")
        with self.database.reading() as connection:
            return self._processor.definitions.user_task_form(connection, task)

    def start_form(self, definition_key: int) -> FormRow | None:
        with self.database.reading() as connection:
            return self._processor.definitions.start_form(connection, definition_key)

    def resource(self, kind: str, id: str, *, deployment_of_instance: int | None = None, version: int | None = None) -> StoredResource:
        """A deployed file: the one deployed together with the instance's definition, that version, or the newest. Raises `NotFound`."""
        return self._queries.resource(kind, id, deployment_of_instance=deployment_of_instance, version=version)

    # ------------------------------------------------------------ instances

    def create_instance(
        self,
        *,
        process_id: str | None = None,
        definition_key: int | None = None,
        version: int | None = None,
        variables: Variables | None = None,
        actor: Actor,
        activations: Sequence[Activation] = (),
        tags: Iterable[str] = (),
    ) -> ProcessInstanceRow:
        """Starts an instance of a definition: by its key, or by process id (the newest version, or that one)."""
        return self._do(
            requests.CreateInstance(process_id, definition_key, version, variables or {}, tuple(activations), tuple(tags)),
            actor,
            ProcessInstanceRow,
        )

    def cancel_instance(self, key: int, *, actor: Actor) -> None:
        """Terminates an instance that nothing called (`Rejected` for a called one: cancel its root)."""
        self._processor.ask(requests.CancelInstance(key), actor)

    def modify_instance(
        self,
        key: int,
        *,
        terminate: Sequence[int] = (),
        activate: Sequence[tuple[Activation, int | None]] = (),
        actor: Actor,
    ) -> None:
        """Terminates element instances and activates elements (each with the key of the scope it goes into, or None)."""
        self._processor.ask(requests.ModifyInstance(key, tuple(terminate), tuple(activate)), actor)

    def suspend_instance(self, key: int, *, actor: Actor) -> None:
        """Keeps an instance and all it called from moving on until it is resumed. `Rejected` for a called one: suspend its root."""
        self._processor.ask(requests.SuspendInstance(key), actor)

    def resume_instance(self, key: int, *, actor: Actor) -> None:
        """Late timers fire, and messages that waited are received."""
        self._processor.ask(requests.ResumeInstance(key), actor)

    def move_elements(self, key: int, moves: Sequence[tuple[str, str]], *, actor: Actor) -> None:
        """Every active instance of each source element ends, and its target begins in the same scope."""
        self._processor.ask(requests.MoveElements(key, tuple(moves)), actor)

    def plan_migration(self, key: int, target: int, mapping: Mapping[str, str]) -> tuple[Obstacle, ...]:
        """What keeps the instance from going on in the definition `target`; nothing is changed. `mapping`: the target's id for each element
        (or flow) that is called differently there."""
        answer: tuple[Obstacle, ...] = self._processor.ask(requests.PlanMigration(key, target, dict(mapping)), SYSTEM)
        return answer

    def migrate_instance(self, key: int, target: int, mapping: Mapping[str, str], *, actor: Actor) -> None:
        """`Conflict` with the first obstacle when it cannot be migrated."""
        self._processor.ask(requests.MigrateInstance(key, target, dict(mapping)), actor)

    def delete_instance(self, key: int, *, actor: Actor) -> None:
        """Deletes an ended instance with its history and all instances it called."""
        self._processor.ask(requests.DeleteInstance(key), actor)

    # ------------------------------------------------------------ many instances

    def start_batch(self, kind: str, filter: Mapping[str, Any], options: Mapping[str, Any] | None = None, *, actor: Actor) -> int:
        """Begins an operation on all instances that match the filter now (as in `search`), and returns its key. `kind` as in
        `engine.runtime.batches`; `options`: {"target", "mapping"} to migrate, {"moves": [[source, target], …]} to modify."""
        items = select(self._queries, kind, filter)
        key = self._do(requests.CreateBatch(kind, items, options or {}), actor, int)
        self._batches.wake()
        return key

    def change_batch(self, key: int, state: str, *, actor: Actor) -> None:
        """`state`: SUSPENDED, ACTIVE (resumes it) or CANCELED."""
        self._processor.ask(requests.ChangeBatch(key, state), actor)
        self._batches.wake()

    # ------------------------------------------------------------ variables, ad-hoc elements, incidents

    def set_variables(self, scope_key: int, variables: Variables, local: bool = False, *, actor: Actor) -> None:
        """`scope_key`: an element instance or process instance. Not local: each lands in the nearest scope outward that has it."""
        self._processor.ask(requests.SetVariablesRequest(scope_key, variables, local), actor)

    def activate_ad_hoc(
        self, element_instance_key: int, activate: Sequence[Activation], *, cancel_remaining: bool = False, actor: Actor
    ) -> None:
        """Activates elements inside a running ad-hoc sub-process."""
        self._processor.ask(requests.ActivateAdHocRequest(element_instance_key, tuple(activate), cancel_remaining), actor)

    def resolve_incident(self, key: int, *, actor: Actor) -> None:
        """Repeats what failed. For a job without retries: set its retries first (else it is offered once more)."""
        self._processor.ask(requests.ResolveIncident(key), actor)

    # ------------------------------------------------------------ jobs

    def activate_jobs(
        self,
        *,
        type: str,
        worker: str,
        timeout_ms: int,
        max_jobs: int,
        fetch_variables: Sequence[str] | None = None,
        actor: Actor,
    ) -> list[ActivatedJob]:
        """Leases up to `max_jobs` jobs for `timeout_ms`, highest priority first, then oldest. Returns at once."""
        names = None if fetch_variables is None else tuple(fetch_variables)
        jobs: list[ActivatedJob] = self._processor.ask(requests.ActivateJobs(type, worker, timeout_ms, max_jobs, names), actor)
        return jobs

    def complete_job(
        self, job_key: int, variables: Variables, *, result: JobResult | None = None, lease: int | None = None, actor: Actor
    ) -> None:
        """Raises `NotFound` when the job is done or cancelled, `Conflict` when another worker has leased it since."""
        self._processor.ask(requests.CompleteJobRequest(job_key, variables, result, lease), actor)

    def fail_job(
        self,
        job_key: int,
        retries: int,
        message: str,
        backoff_ms: int = 0,
        variables: Variables | None = None,
        *,
        lease: int | None = None,
        actor: Actor,
    ) -> None:
        """`retries`: how many are left; 0 raises an incident. It is offered again after `backoff_ms`."""
        self._processor.ask(requests.FailJob(job_key, retries, message, backoff_ms, variables, lease), actor)

    def throw_job_error(
        self, job_key: int, code: str, message: str, variables: Variables | None = None, *, lease: int | None = None, actor: Actor
    ) -> None:
        """A BPMN error at the job's element."""
        self._processor.ask(requests.ThrowJobError(job_key, code, message, variables or {}, lease), actor)

    def update_job(
        self,
        job_key: int,
        retries: int | None = None,
        timeout_ms: int | None = None,
        *,
        lease: int | None = None,
        actor: Actor,
    ) -> None:
        """`timeout_ms` renews the lease from now."""
        self._processor.ask(requests.UpdateJob(job_key, retries, timeout_ms, lease), actor)

    # ------------------------------------------------------------ user tasks

    def claim_user_task(self, key: int, assignee: str, *, actor: Actor) -> None:
        """Assigns it unless somebody else has it (`Conflict`)."""
        self._processor.ask(requests.AssignUserTask(key, assignee, False, "claim"), actor)

    def assign_user_task(self, key: int, assignee: str, allow_override: bool = True, action: str = "assign", *, actor: Actor) -> None:
        self._processor.ask(requests.AssignUserTask(key, assignee, allow_override, action), actor)

    def unassign_user_task(self, key: int, *, actor: Actor) -> None:
        self._processor.ask(requests.AssignUserTask(key, None, True, "unassign"), actor)

    def update_user_task(self, key: int, changes: Changeset, action: str = "update", *, actor: Actor) -> None:
        self._processor.ask(requests.UpdateUserTask(key, changes, action), actor)

    def complete_user_task(self, key: int, variables: Variables | None = None, action: str = "complete", *, actor: Actor) -> None:
        self._processor.ask(requests.CompleteUserTaskRequest(key, variables or {}, action), actor)

    # ------------------------------------------------------------ messages and signals

    def publish_message(
        self,
        name: str,
        correlation_key: str,
        ttl_ms: int = 0,
        message_id: str | None = None,
        variables: Variables | None = None,
        *,
        actor: Actor,
    ) -> int:
        """Its key. It waits up to `ttl_ms` for a receiver; a waiting one with the same id is refused (`Conflict`)."""
        return self._do(requests.Publish(name, correlation_key, ttl_ms, message_id, variables or {}), actor, int)

    def correlate_message(
        self, name: str, correlation_key: str | None = None, variables: Variables | None = None, *, actor: Actor
    ) -> tuple[int, int]:
        """The message's key and the instance that received or began with it. `NotFound` when nothing waits for it.
        Without `correlation_key` the name alone matches."""
        answer: tuple[int, int] = self._processor.ask(requests.Correlate(name, correlation_key, variables or {}), actor)
        return answer

    def broadcast_signal(self, name: str, variables: Variables | None = None, *, actor: Actor) -> int:
        """Its key. Every waiting subscription receives it; every start event begins an instance."""
        return self._do(requests.Broadcast(name, variables or {}), actor, int)

    # ------------------------------------------------------------ evaluation

    def evaluate_decision(
        self, *, decision_id: str | None = None, decision_key: int | None = None, variables: Variables | None = None, actor: Actor
    ) -> tuple[DecisionResult, DecisionInstanceRow]:
        """Evaluates a deployed decision and records it. `NotFound` when there is none."""
        answer: tuple[DecisionResult, DecisionInstanceRow] = self._processor.ask(
            requests.EvaluateDecision(decision_id, decision_key, variables or {}), actor
        )
        return answer

    def evaluate_expression(self, text: str, variables: Variables | None = None, scope_key: int | None = None) -> Evaluated:
        """The value of a FEEL expression (with or without the leading "="), seen from a scope. `Rejected` for a syntax error."""
        known = {} if scope_key is None else self._queries.visible_variables(scope_key)
        return evaluate_expression(text, {**known, **(variables or {})}, self.clock.now())

    # ------------------------------------------------------------ time

    def pin_clock(self, at: datetime) -> None:
        """Sets a test clock and fires all timers due by then, in order, before it returns. It stays pinned over a restart."""
        self._test_clock()
        self._processor.time.advance(at)
        self.write(lambda connection: remember_pin(connection, at))

    def reset_clock(self) -> None:
        self._test_clock().reset()
        self.write(forget_pin)
        self._processor.time.alarm.wake()

    def _test_clock(self) -> TestClock:
        if not isinstance(self.clock, TestClock):
            raise Rejected("The clock cannot be set: the engine runs with the system's clock. Start it with a test clock.")
        return self.clock

    # ------------------------------------------------------------ questions

    def get(self, entity: str, key: int) -> Any:
        """The entity's row, or None."""
        return self._queries.get(entity, key)

    def search(
        self,
        entity: str,
        filter: Mapping[str, Any] | None = None,
        sort: Sequence[tuple[str, str]] = (),
        page: Page | None = None,
    ) -> Found[Any]:
        """Rows that match all of `filter`: {field: value} or {field: {"$eq" | "$neq" | "$in" | "$notIn" | "$like" (* and ?) | "$exists"
        | "$gt" | "$gte" | "$lt" | "$lte": value}}; "$or": [filter, …] matches any. `sort`: (field, "asc" | "desc"); the key decides ties.
        Raises `Rejected` for unknown entities, fields and operators.

        user_task also filters by `candidate_group` and `candidate_user` (one of the lists' entries); history sorts by (instance, seq).
        """
        return self._queries.search(entity, filter or {}, sort, page or Page())

    def sequence_flows(self, instance_key: int) -> list[str]:
        """The ids of the taken sequence flows, one per time taken, in order."""
        return self._queries.sequence_flows(instance_key)

    def history(self, instance_key: int) -> list[HistoryRecord]:
        """Everything that happened, in order. `NotFound` for an unknown instance."""
        records = self._queries.history(instance_key)
        if not records and self.get("process_instance", instance_key) is None:
            raise NotFound(f"No process instance {instance_key}.")
        return records

    # ------------------------------------------------------------

    def submit(self, request: requests.Request, *, actor: Actor) -> "Future[Any]":
        """Any request without waiting for its answer. Raises `Busy`."""
        return self._processor.submit(request, actor)

    def write(self, work: Callable[[Connection], A]) -> A:
        """Runs `work` in the engine's writing transaction, together with commands that wait, and commits it. For tables of other rooms.
        What `work` raises takes its own changes back and is raised here. `work` may run again when a neighbour breaks the transaction."""
        answer: A = self._processor.ask(requests.Write(work), SYSTEM)
        return answer

    def read(self, work: Callable[[Connection], A]) -> A:
        """Runs `work` on a reading connection."""
        with self.database.reading() as connection:
            return work(connection)

    def _do(self, request: requests.Request, actor: Actor, kind: type[A]) -> A:
        answer = self._processor.ask(request, actor)
        assert isinstance(answer, kind)
        return answer
