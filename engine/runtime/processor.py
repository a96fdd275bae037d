"""In what order are commands carried out? One thread takes all that wait, applies each alone, and commits them together."""

import logging
import queue
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from engine.clock import Clock, TestClock
from engine.errors import Busy, Conflict, GatewiseError, Rejected, StorageUnavailable
from engine.model import Refused
from engine.runtime import requests
from engine.runtime.activation import activate, end_leases
from engine.runtime.carrying_out import carry_out
from engine.runtime.definitions import Definitions
from engine.runtime.execution import Execution
from engine.runtime.inputs import SYSTEM, Actor, Notice, ResourceKind
from engine.runtime.messages import Messages
from engine.runtime.notices import Notices
from engine.runtime.wellformed import check
from engine.scheduler.agenda import Agenda
from engine.scheduler.alarm import Alarm
from engine.store.database import Database
from engine.store.effects import EffectWriter
from engine.store.keys import KeyBlocks
from engine.store.places import Places
from engine.store.routing import Routing
from engine.store.times import micros, moment
from engine.store.workspace import LockedElsewhere, Workspace

_log = logging.getLogger(__name__)

_BATCH = 256
_LOCK_PAUSE = 0.02
_LOCK_PATIENCE = 30.0
_TROUBLE_PAUSE = 10.0
_RECONNECT_PAUSE = 0.02
_RECONNECT_PATIENCE = 5.0


@dataclass(slots=True)
class _Item:
    request: requests.Request
    actor: Actor
    done: threading.Lock  # held until it is answered
    future: "Future[Any] | None" = None  # for those who do not wait
    not_before: float = 0.0
    give_up: float = 0.0
    answer: Any = None
    failure: BaseException | None = None
    notices: list[Notice] = field(default_factory=list[Notice])
    next_due: int | None = None
    is_set_aside: bool = False


@dataclass(slots=True)
class Metrics:
    """Counted since the start. `rows`: inserted, updated and deleted ones; `commits`: each one a sync."""

    commands: int = 0
    refused: int = 0
    commits: int = 0
    rows: int = 0
    largest_batch: int = 0
    waiting: int = 0


class Processor:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        kinds: tuple[ResourceKind, ...],
        notices: Notices,
        *,
        queue_limit: int,
    ) -> None:
        self._database = database
        self._clock = clock
        self._kinds = kinds
        self._notices = notices
        self._queue: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._queue_limit = queue_limit
        self._set_aside: list[_Item] = []
        self._thread: threading.Thread | None = None
        self._accepts = False
        self._is_ending = False
        self._metrics = Metrics()
        self._troubled: dict[int, float] = {}
        self.definitions = Definitions(database)
        self._workspace = Workspace(database, KeyBlocks(database))
        self._places = Places(self._workspace)
        self._writer = EffectWriter(self._workspace, self._places)
        self._messages = Messages(Routing(self._workspace))
        self._agenda = Agenda(database)
        self._alarm = Alarm(self._agenda, clock, self._fire_due)

    # ------------------------------------------------------------ life

    def start(self) -> None:
        self._accepts, self._is_ending = True, False
        self._thread = threading.Thread(target=self._run, name="gatewise-processor", daemon=True)
        self._thread.start()
        self._alarm.start()

    def stop(self) -> None:
        """Carries out what was accepted, then stops."""
        self._accepts = False
        self._alarm.stop()
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    # ------------------------------------------------------------ asking

    def ask(self, request: requests.Request, actor: Actor) -> Any:
        """The answer, once it is on disk. Raises `Busy` when too many wait, `Rejected` for what cannot be stored."""
        item = self._accept(request, actor, None)
        item.done.acquire()
        if item.failure is not None:
            raise item.failure
        return item.answer

    def submit(self, request: requests.Request, actor: Actor) -> "Future[Any]":
        """As `ask`, but the answer comes later."""
        future: Future[Any] = Future()
        self._accept(request, actor, future)
        return future

    def _accept(self, request: requests.Request, actor: Actor, future: "Future[Any] | None") -> _Item:
        if not self._accepts:
            raise StorageUnavailable("The engine is not running: start it first.")
        check(request)
        if self._queue.qsize() >= self._queue_limit:
            raise Busy(f"{self._queue.qsize()} commands wait already. Try again in a second.")
        item = _Item(request, actor, threading.Lock(), future)
        item.done.acquire()
        self._queue.put(item)
        return item

    def metrics(self) -> Metrics:
        return replace(self._metrics, waiting=self._queue.qsize())

    # ------------------------------------------------------------ time

    def _fire_due(self, now: datetime, until: datetime) -> bool:
        """Fires the timers due by `until`, oldest first, and ends leases and messages; whether that got any further.

        A timer that cannot be fired is tried again a little later, so that it does not keep others from firing.
        """
        seconds = time.monotonic()
        self._troubled = {key: again for key, again in self._troubled.items() if again > seconds}
        due = self._agenda.due_timers(until, skip=frozenset(self._troubled))
        futures = {key: self.submit(requests.FireTimerRequest(instance, key), SYSTEM) for instance, key in due.timers}
        if due.must_sweep:
            futures[0] = self.submit(requests.Sweep(until), SYSTEM)
        for key, future in futures.items():
            if future.exception() is not None:
                self._troubled[key] = seconds + _TROUBLE_PAUSE
        return any(future.exception() is None for future in futures.values())

    def advance_time(self, at: datetime) -> None:
        """Moves a test clock to `at`, from due time to due time; what a timer starts is seen at its own time."""
        clock = self._clock
        assert isinstance(clock, TestClock)
        target = micros(at)
        with self._alarm.silenced():
            due = self._agenda.next_due()
            while due is not None and due <= target:
                moment_of_due = moment(due)
                clock.pin(max(moment_of_due, clock.now()) if clock.is_pinned else moment_of_due)
                if not self._fire_due(clock.now(), moment_of_due):
                    raise Conflict(f"A timer due at {moment_of_due.isoformat()} cannot be fired: see the log.")
                due = self._agenda.next_due()
            clock.pin(at)

    def wake_scheduler(self) -> None:
        self._alarm.wake()

    # ------------------------------------------------------------ the thread

    def _run(self) -> None:
        while True:
            batch, is_last = self._take()
            if batch:
                self._process(batch)
            if is_last:
                if not self._set_aside:
                    return
                time.sleep(_LOCK_PAUSE)

    def _take(self) -> tuple[list[_Item], bool]:
        """All that waits, up to a limit; blocks while there is nothing. A deployment comes alone."""
        batch: list[_Item] = []
        now = time.monotonic()
        if self._set_aside:
            ready = [item for item in self._set_aside if item.not_before <= now]
            self._set_aside = [item for item in self._set_aside if item.not_before > now]
            batch.extend(ready)
        wait = _LOCK_PAUSE if self._set_aside else None
        while len(batch) < _BATCH:
            try:
                item = self._queue.get(block=not batch and not self._is_ending, timeout=wait)
            except queue.Empty:
                break
            if item is None:
                self._is_ending = True
                break
            batch.append(item)
            if isinstance(item.request, requests.Deploy):
                break
        return batch, self._is_ending and not batch

    def _process(self, batch: Sequence[_Item]) -> None:
        """A batch that cannot be written is tried again command by command; when the connection is lost, as a whole for a while."""
        give_up, pause = time.monotonic() + _RECONNECT_PATIENCE, _RECONNECT_PAUSE
        while True:
            try:
                self._commit(batch)
            except Exception as problem:
                self._workspace.rolled_back()
                self._places.forget_all()
                if self._database.is_lost(problem) and time.monotonic() < give_up and not self._is_ending:
                    time.sleep(pause)
                    pause = min(2 * pause, 0.5)
                    continue
                if len(batch) > 1 and not isinstance(problem, StorageUnavailable) and not self._database.is_lost(problem):
                    for item in batch:
                        self._process([item])
                    return
                self._fail(batch, problem)
            break
        for item in batch:
            self._answer(item)

    def _fail(self, batch: Sequence[_Item], problem: Exception) -> None:
        ours = problem
        if isinstance(problem, (SQLAlchemyError, *self._database.driver_errors)):
            ours = StorageUnavailable(f"The database cannot be used: {problem}")
            _log.error("%d commands failed: %s", len(batch), problem)
        elif not isinstance(problem, GatewiseError):
            _log.error("A command failed: %s", type(batch[0].request).__name__, exc_info=problem)
        for item in batch:
            item.failure = ours

    def _answer(self, item: _Item) -> None:
        if item.is_set_aside:
            item.is_set_aside = False
            self._set_aside.append(item)
            return
        self._metrics.commands += 1
        if item.failure is not None:
            self._metrics.refused += 1
        if item.future is None:
            item.done.release()
        elif item.failure is not None:
            item.future.set_exception(item.failure)
        else:
            item.future.set_result(item.answer)
        if item.failure is not None:
            return
        if item.next_due is not None:
            self._alarm.due_at(item.next_due)
        if item.notices and self._notices.has_subscribers:
            self._notices.send(dict.fromkeys(item.notices))

    def _commit(self, batch: Sequence[_Item]) -> None:
        workspace = self._workspace
        with self._database.writing() as connection:
            workspace.begin(connection)
            self._places.begin()
            if not self._database.is_sqlite:
                self.definitions.forget_lookups()
            now = self._clock.now()
            self._places.prepare([_addressed(item.request) for item in batch])
            for item in batch:
                if isinstance(item.request, requests.Write):
                    _write(item, item.request, connection)
                elif not isinstance(item.request, requests.ActivateJobs):
                    self._carry_out(item, now)
            if any(isinstance(item.request, requests.ActivateJobs) for item in batch):
                self._activate(batch, now, connection)
            workspace.flush()
        workspace.committed()
        self._metrics.commits += 1
        self._metrics.rows += workspace.take_row_count()
        self._metrics.largest_batch = max(self._metrics.largest_batch, len(batch))

    def _carry_out(self, item: _Item, now: datetime) -> None:
        """What the command changes, or, if it fails, nothing but its failure."""
        changes = self._workspace.changes
        mark = changes.mark()
        item.failure, item.answer = None, None
        execution = Execution(self._workspace, self._places, self._writer, self.definitions, now, item.actor, self._messages)
        try:
            item.answer = carry_out(execution, item.request, self._messages, self._kinds)
        except LockedElsewhere:
            changes.undo(mark)
            self._wait_for_lock(item)
        except Refused as refusal:
            changes.undo(mark)
            item.failure = Conflict(str(refusal))
        except GatewiseError as failure:
            changes.undo(mark)
            item.failure = failure
        except (SQLAlchemyError, *self._database.driver_errors):
            raise
        except Exception as problem:
            changes.undo(mark)
            item.failure = problem
            _log.exception("A command failed: %s", type(item.request).__name__)
        else:
            item.notices = list(execution.notices)
            item.next_due = execution.next_due

    def _wait_for_lock(self, item: _Item) -> None:
        now = time.monotonic()
        item.give_up = item.give_up or now + _LOCK_PATIENCE
        if now > item.give_up:
            item.failure = Busy("Another process works on the instance for a long time. Try again.")
            return
        item.not_before = now + _LOCK_PAUSE
        item.is_set_aside = True

    def _activate(self, batch: Sequence[_Item], now: datetime, connection: Connection) -> None:
        self._workspace.flush()
        notices = end_leases(self._workspace, self._places, now)
        for item in batch:
            if isinstance(item.request, requests.ActivateJobs):
                item.failure, item.notices = None, notices
                try:
                    item.answer = activate(self._workspace, self._places, self.definitions, _valid(item.request), now)
                except GatewiseError as failure:
                    item.failure = failure
                else:
                    if item.answer:
                        item.next_due = micros(item.answer[0].deadline)


def _write(item: _Item, request: requests.Write, connection: Connection) -> None:
    """A failure takes back what the work wrote, and nothing else."""
    item.failure, item.answer = None, None
    try:
        with connection.begin_nested():
            item.answer = request.work(connection)
    except Exception as problem:
        item.failure = problem


def _valid(request: requests.ActivateJobs) -> requests.ActivateJobs:
    if request.max_jobs < 1 or request.timeout_ms < 1 or not request.type:
        raise Rejected("A worker asks for a job type, at least one job and a timeout of at least 1 millisecond.")
    return request


def _addressed(request: requests.Request) -> tuple[str, int] | None:
    """The wait state that a request names: (table, key)."""
    match request:
        case requests.CompleteJobRequest() | requests.FailJob() | requests.ThrowJobError() | requests.UpdateJob():
            return "job", request.key
        case requests.CompleteUserTaskRequest() | requests.AssignUserTask() | requests.UpdateUserTask():
            return "user_task", request.key
        case requests.ResolveIncident():
            return "incident", request.key
        case _:
            return None
