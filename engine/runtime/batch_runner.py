"""Who works on batch operations? One thread per engine takes the next items of every open batch and asks for their commands."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from engine.errors import Busy, GatewiseError, StorageUnavailable
from engine.runtime import requests
from engine.store.database import Database

_log = logging.getLogger(__name__)

_AT_ONCE = 100
_IDLE = 5.0  # seconds: other processes begin batches in the same database, or leave them unfinished
_AFTER_FAILURE = 1.0

Submit = Callable[[requests.Request], "Future[Any]"]


class BatchRunner:
    def __init__(self, database: Database, submit: Submit) -> None:
        self._database = database
        self._submit = submit
        self._wake = threading.Event()
        self._is_stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="gatewise-batches", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._is_stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def wake(self) -> None:
        self._wake.set()

    def _run(self) -> None:
        while not self._is_stopping:
            self._wake.clear()
            wait = _AFTER_FAILURE
            try:
                wait = 0.0 if self._round() else _IDLE
            except GatewiseError as problem:
                if not self._is_stopping:
                    _log.warning("Batch operations wait: %s", problem)
            except Exception:
                _log.exception("Batch operations failed; they are tried again.")
            if wait and not self._is_stopping:
                self._wake.wait(wait)

    def _round(self) -> bool:
        """One helping of every open batch; whether there may be more to do."""
        with self._database.reading() as connection:
            rows = self._database.rows(connection, "SELECT key FROM batch_operation WHERE state = 'ACTIVE' ORDER BY key")
        has_more = False
        for (batch,) in rows:
            has_more = (not self._is_stopping and self._work(batch)) or has_more
        return has_more

    def _work(self, batch: int) -> bool:
        with self._database.reading() as connection:
            rows = self._database.rows(
                connection,
                "SELECT item_key FROM batch_operation_item WHERE batch_operation_key = ? AND state = 'ACTIVE' "  # noqa: S608 - a number
                f"ORDER BY item_key LIMIT {_AT_ONCE}",
                (batch,),
            )
        if not rows:
            return not self._submit(requests.FinishBatch(batch)).result()
        asked = [(row[0], self._submit(requests.WorkBatchItem(batch, row[0]))) for row in rows]
        for item, future in asked:
            problem = future.exception()
            if isinstance(problem, (StorageUnavailable, Busy)):
                raise problem
            if problem is not None:
                self._submit(requests.WorkBatchItem(batch, item, failure=f"The operation failed: {problem}")).result()
        return True
