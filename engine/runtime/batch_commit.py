"""How does a batch become one commit? Each command is applied alone; then all is flushed, jobs are leased, and the transaction ends."""

import logging
import time
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from engine.clock import Clock
from engine.errors import Busy, Conflict, GatewiseError, Rejected
from engine.model import Refused
from engine.runtime import requests
from engine.runtime.activation import activate, end_leases
from engine.runtime.carrying_out import carry_out
from engine.runtime.definitions import Definitions
from engine.runtime.execution import Execution
from engine.runtime.messages import Messages
from engine.runtime.waiting import Metrics, Waiting
from engine.store.database import Database
from engine.store.effects import EffectWriter
from engine.store.keys import KeyBlocks
from engine.store.places import Places
from engine.store.routing import Routing
from engine.store.times import micros
from engine.store.workspace import LockedElsewhere, Workspace

_log = logging.getLogger(__name__)

LOCK_PAUSE = 0.02
_LOCK_PATIENCE = 30.0


class BatchCommit:
    """Belongs to the processor's thread."""

    def __init__(self, database: Database, clock: Clock, definitions: Definitions, metrics: Metrics) -> None:
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self.definitions = definitions
        self.workspace = Workspace(database, KeyBlocks(database))
        self.places = Places(self.workspace)
        self.writer = EffectWriter(self.workspace, self.places)
        self._messages = Messages(Routing(self.workspace))

    def forget(self) -> None:
        """After a failure nothing in memory is sure any more."""
        self.workspace.rolled_back()
        self.places.forget_all()
        self.definitions.forget_all()

    def commit(self, batch: Sequence[Waiting]) -> None:
        workspace = self.workspace
        with self._database.writing() as connection:
            workspace.begin(connection)
            self.places.begin()
            if not self._database.is_sqlite:
                self.definitions.forget_lookups()
            now = self._clock.now()
            self.places.prepare([_addressed(item.request) for item in batch])
            for item in batch:
                if isinstance(item.request, requests.Write):
                    _write(item, item.request, connection)
                elif not isinstance(item.request, requests.ActivateJobs):
                    self._carry_out(item, now)
            if any(isinstance(item.request, requests.ActivateJobs) for item in batch):
                self._activate(batch, now, connection)
            workspace.flush()
        workspace.committed()
        if any(isinstance(item.request, requests.Deploy) for item in batch):
            self.definitions.forget_lookups()
        self._metrics.commits += 1
        self._metrics.rows += workspace.take_row_count()
        self._metrics.largest_batch = max(self._metrics.largest_batch, len(batch))

    def _carry_out(self, item: Waiting, now: datetime) -> None:
        """What the command changes, or, if it fails, nothing but its failure."""
        changes = self.workspace.changes
        mark = changes.mark()
        item.failure, item.answer = None, None
        execution = Execution(self.workspace, self.places, self.writer, self.definitions, now, item.actor, self._messages)
        try:
            item.answer = carry_out(execution, item.request, self._messages)
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

    def _wait_for_lock(self, item: Waiting) -> None:
        now = time.monotonic()
        item.give_up = item.give_up or now + _LOCK_PATIENCE
        if now > item.give_up:
            item.failure = Busy("Another process works on the instance for a long time. Try again.")
            return
        item.not_before = now + LOCK_PAUSE
        item.is_set_aside = True

    def _activate(self, batch: Sequence[Waiting], now: datetime, connection: Connection) -> None:
        self.workspace.flush()
        notices = end_leases(self.workspace, self.places, now)
        for item in batch:
            if isinstance(item.request, requests.ActivateJobs):
                item.failure, item.notices = None, notices
                try:
                    item.answer = activate(self.workspace, self.places, self.definitions, _valid(item.request), now)
                except GatewiseError as failure:
                    item.failure = failure
                else:
                    if item.answer:
                        item.next_due = micros(item.answer[0].deadline)


def _write(item: Waiting, request: requests.Write, connection: Connection) -> None:
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
