"""Who sends the replies and writes the cases of the demo? Two offline workers that really do it, into files beside the database.

`outbox.send` appends a message to `<database>.outbox.jsonl`: nothing leaves the machine. `case-system.log` appends a case to
`<database>.cases.jsonl`; like many an old case system it refuses long texts, with the BPMN error CASE_SYSTEM_REFUSED.
"""

import json
import logging
import os
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from engine.errors import Conflict, GatewiseError, NotFound
from engine.runtime.facade import Engine
from engine.runtime.inputs import Actor
from engine.store.rows import ActivatedJob

log = logging.getLogger("gatewise.demo")

LONGEST_CASE_TEXT: Final = 4_000
REFUSED: Final = "CASE_SYSTEM_REFUSED"
_ACTOR: Final = Actor("demo-workers", "worker")
_LEASE_MS: Final = 30_000


class CaseRefusedError(Exception):
    """The case system takes no such case; the message says why."""


class RecordFile:
    """Appends records to a file of JSON lines, each once: a record whose id is there already is not written again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._known: dict[str, dict[str, Any]] = {}
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                try:
                    record = json.loads(line)
                    self._known[record["id"]] = record
                except (ValueError, KeyError, TypeError):
                    log.warning("%s holds a line that was cut off; it is left out.", path)

    def __len__(self) -> int:
        return len(self._known)

    def append(self, record_id: str, make: Callable[[int], Mapping[str, Any]]) -> dict[str, Any]:
        """The record with that id: the one already written, or a new one made from its number. It is on disk when this returns."""
        with self._lock:
            if record_id not in self._known:
                record = {"id": record_id, **make(len(self._known) + 1)}
                with self.path.open("a", encoding="utf-8") as file:
                    if self.path.stat().st_size and not _ends_a_line(self.path):
                        file.write("\n")
                    file.write(json.dumps(record, ensure_ascii=False) + "\n")
                    file.flush()
                    os.fsync(file.fileno())
                self._known[record_id] = record
            return self._known[record_id]


class DemoWorkers:
    """Works the jobs of the two types in a thread of its own, from `start` to `stop`."""

    def __init__(self, engine: Engine, beside: Path) -> None:
        self.outbox = RecordFile(beside.with_name(beside.name + ".outbox.jsonl"))
        self.cases = RecordFile(beside.with_name(beside.name + ".cases.jsonl"))
        self._engine = engine
        self._work = {"outbox.send": self._send, "case-system.log": self._log_case}
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="demo-workers", daemon=True)
        self._unsubscribe: Callable[[], None] = lambda: None

    def start(self) -> "DemoWorkers":
        self._unsubscribe = self._engine.subscribe(lambda notice: self._wake.set() if notice.kind == "job" else None)
        self._thread.start()
        return self

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()
        self._unsubscribe()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                found = [job for kind in self._work for job in self._jobs(kind)]
                for job in found:
                    self._do(job)
            except GatewiseError as error:  # the engine is starting, stopping or busy
                log.debug("The demo's workers wait: %s", error)
                found = []
            if not found:
                self._wake.wait(1.0)

    def _jobs(self, kind: str) -> list[ActivatedJob]:
        return self._engine.activate_jobs(type=kind, worker="demo-workers", timeout_ms=_LEASE_MS, max_jobs=32, actor=_ACTOR)

    def _do(self, job: ActivatedJob) -> None:
        try:
            try:
                variables = self._work[job.type](job)
            except CaseRefusedError as refused:
                told = {"errorCode": REFUSED, "errorMessage": str(refused)}
                self._engine.throw_job_error(job.key, REFUSED, str(refused), told, lease=job.lease, actor=_ACTOR)
            except (OSError, KeyError, TypeError, ValueError) as error:
                message = f"{type(error).__name__}: {error}"
                self._engine.fail_job(job.key, job.retries - 1, message, 2_000, lease=job.lease, actor=_ACTOR)
            else:
                self._engine.complete_job(job.key, variables, lease=job.lease, actor=_ACTOR)
        except (NotFound, Conflict) as gone:
            log.info("Job %s was taken away: %s", job.key, gone)

    def _send(self, job: ActivatedJob) -> Mapping[str, Any]:
        """Writes the message to the outbox."""
        wanted = {name: job.variables.get(name) for name in ("to", "subject", "body", "reference")}
        if not isinstance(wanted["to"], str) or "@" not in wanted["to"]:
            raise ValueError("there is no e-mail address to send to")
        message = self.outbox.append(str(job.key), lambda _: {**wanted, "at": _now()})
        return {"sent": {"messageId": message["id"], "to": message["to"], "at": message["at"]}}

    def _log_case(self, job: ActivatedJob) -> Mapping[str, Any]:
        """Writes the case; refuses what the case system cannot hold."""
        inquiry = job.variables.get("inquiry")
        if not isinstance(inquiry, Mapping):
            raise CaseRefusedError("The case system needs the inquiry.")
        text = str(inquiry.get("text") or "")
        if len(text) > LONGEST_CASE_TEXT:
            raise CaseRefusedError(f"The case system takes at most {LONGEST_CASE_TEXT:,} characters; this inquiry has {len(text):,}.")
        details = {name: job.variables.get(name) for name in ("topic", "outcome", "amount", "note")}
        case = self.cases.append(
            str(job.key), lambda n: {"caseNumber": f"CASE-{n:04d}", "inquiry": inquiry.get("id"), "text": text, **details, "at": _now()}
        )
        return {"caseNumber": case["caseNumber"]}


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
