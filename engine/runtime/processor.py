"""In what order are commands carried out? One thread takes all that wait, applies each alone, and commits them together."""

import logging
import queue
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from engine.clock import Clock
from engine.errors import Busy, GatewiseError, StorageUnavailable
from engine.runtime import requests
from engine.runtime.batch_commit import LOCK_PAUSE, BatchCommit
from engine.runtime.definitions import Definitions
from engine.runtime.inputs import Actor
from engine.runtime.notices import Notices
from engine.runtime.time_keeper import TimeKeeper
from engine.runtime.waiting import Metrics, Waiting
from engine.runtime.wellformed import check
from engine.store.database import Database

_log = logging.getLogger(__name__)

_BATCH = 256
_BUSY = 4  # commands in a batch from which on callers are taken to come back with more
_REGROUP = 0.0003  # seconds: those just answered then share the next commit with those who waited
_RECONNECT_PAUSE = 0.02
_RECONNECT_PATIENCE = 5.0


class Processor:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        notices: Notices,
        *,
        queue_limit: int,
    ) -> None:
        self._database = database
        self._notices = notices
        self._queue: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._queue_limit = queue_limit
        self._set_aside: list[Waiting] = []
        self._thread: threading.Thread | None = None
        self._accepts = False
        self._is_ending = False
        self._metrics = Metrics()
        self.definitions = Definitions(database)
        self.batch = BatchCommit(database, clock, self.definitions, self._metrics)
        self.time = TimeKeeper(database, clock, self.submit)

    # ------------------------------------------------------------ life

    def start(self) -> None:
        self._accepts, self._is_ending = True, False
        self._thread = threading.Thread(target=self._run, name="gatewise-processor", daemon=True)
        self._thread.start()
        self.time.alarm.start()

    def stop(self) -> None:
        """Carries out what was accepted, then stops."""
        self._accepts = False
        self.time.alarm.stop()
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None
        self._turn_away()

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

    def _accept(self, request: requests.Request, actor: Actor, future: "Future[Any] | None") -> Waiting:
        if not self._accepts:
            raise StorageUnavailable("The engine is not running: start it first.")
        check(request)
        if self._queue.qsize() >= self._queue_limit:
            raise Busy(f"{self._queue.qsize()} commands wait already. Try again in a second.")
        item = Waiting(request, actor, threading.Lock(), future)
        item.done.acquire()
        self._queue.put(item)
        if self._thread is None:
            self._turn_away()
        return item

    def _turn_away(self) -> None:
        """Answers what came while the thread was ending: nobody else will."""
        while True:
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return
            if item is not None:
                item.failure = StorageUnavailable("The engine has stopped.")
                self._answer(item)

    def metrics(self) -> Metrics:
        return replace(self._metrics, waiting=self._queue.qsize())

    # ------------------------------------------------------------ the thread

    def _run(self) -> None:
        while True:
            batch, is_last = self._take()
            if batch:
                self._process(batch)
                if len(batch) >= _BUSY:
                    time.sleep(_REGROUP)
            if is_last:
                if not self._set_aside:
                    return
                time.sleep(LOCK_PAUSE)

    def _take(self) -> tuple[list[Waiting], bool]:
        """All that waits, up to a limit; blocks while there is nothing. A deployment comes alone."""
        batch: list[Waiting] = []
        now = time.monotonic()
        if self._set_aside:
            ready = [item for item in self._set_aside if item.not_before <= now]
            self._set_aside = [item for item in self._set_aside if item.not_before > now]
            batch.extend(ready)
        wait = LOCK_PAUSE if self._set_aside else None
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

    def _process(self, batch: Sequence[Waiting]) -> None:
        """A batch that cannot be written is tried again command by command; when the connection is lost, as a whole for a while."""
        give_up, pause = time.monotonic() + _RECONNECT_PATIENCE, _RECONNECT_PAUSE
        while True:
            try:
                self.batch.commit(batch)
            except Exception as problem:
                self.batch.forget()
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

    def _fail(self, batch: Sequence[Waiting], problem: Exception) -> None:
        ours = problem
        if isinstance(problem, (SQLAlchemyError, *self._database.driver_errors)):
            ours = StorageUnavailable(f"The database cannot be used: {problem}")
            _log.error("%d commands failed: %s", len(batch), problem)
        elif not isinstance(problem, GatewiseError):
            _log.error("A command failed: %s", type(batch[0].request).__name__, exc_info=problem)
        for item in batch:
            item.failure = ours

    def _answer(self, item: Waiting) -> None:
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
            self.time.alarm.due_at(item.next_due)
        if item.notices and self._notices.has_subscribers:
            self._notices.send(dict.fromkeys(item.notices))
