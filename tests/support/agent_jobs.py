"""Jobs, files and a journal in memory, for tests of agents that need no engine."""

import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import orjson

from agent_tasks.errors import ResourceMissing, RunTaken, ServerUnreachable
from agent_tasks.jobs import AgentJob, DeployedFile, JobGone
from agent_tasks.journal.entries import EntryKind, JournalEntry, OpenedRun, RunOrigin, RunRef


class MemoryJournal:
    """Keeps to the contract of `Journal`; entries are copied through JSON, as a database would."""

    def __init__(self) -> None:
        self.entries: dict[int, list[JournalEntry]] = {}
        self.by_job: dict[int, list[int]] = {}
        self.lock = threading.Lock()

    def open(self, origin: RunOrigin) -> OpenedRun:
        with self.lock:
            runs = self.by_job.setdefault(origin.job_key, [])
            if not runs or any(entry.kind == EntryKind.FAILURE for entry in self.entries[runs[-1]]):
                runs.append(origin.job_key * 100 + len(runs) + 1)
                self.entries[runs[-1]] = []
            return OpenedRun(RunRef(origin.process_instance_key, runs[-1]), len(runs), tuple(self.entries[runs[-1]]))

    def append(self, run: RunRef, seq: int, kind: EntryKind, data: Mapping[str, Any]) -> JournalEntry:
        with self.lock:
            entries = self.entries[run.key]
            if seq != len(entries) + 1 or any(entry.kind in (EntryKind.OUTCOME, EntryKind.FAILURE) for entry in entries):
                raise RunTaken(f"entry {seq}")
            entry = JournalEntry(seq, kind, datetime.now(UTC), orjson.loads(orjson.dumps(dict(data))))
            entries.append(entry)
            return entry

    def kinds(self, run: int) -> list[str]:
        return [entry.kind.value for entry in self.entries[run]]


@dataclass
class FakeJobs:
    """A `JobSource` over plain data. `results` holds what workers said, in order: (what, job key, details)."""

    files: dict[tuple[str, str], bytes] = field(default_factory=dict)
    journal: Any = field(default_factory=MemoryJournal)
    results: list[tuple[str, int, Any]] = field(default_factory=list)
    extended: list[int] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)
    unreachable: int = 0  # how many deliveries fail before one succeeds
    _waiting: list[AgentJob] = field(default_factory=list)
    _lock: threading.Condition = field(default_factory=threading.Condition)

    def put(self, *jobs: AgentJob) -> None:
        with self._lock:
            self._waiting.extend(jobs)
            self._lock.notify_all()

    def wait_for_results(self, count: int, seconds: float = 10.0) -> list[tuple[str, int, Any]]:
        with self._lock:
            self._lock.wait_for(lambda: len(self.results) >= count, seconds)
            return list(self.results)

    def activate(self, worker: str, lease_ms: int, most: int, wait_seconds: float) -> Sequence[AgentJob]:
        with self._lock:
            self._lock.wait_for(lambda: bool(self._waiting), min(wait_seconds, 0.2))
            taken, self._waiting = self._waiting[:most], self._waiting[most:]
            return taken

    def wake(self) -> None:
        with self._lock:
            self._lock.notify_all()

    def close(self) -> None:
        pass

    def file(self, kind: str, id: str, job: AgentJob) -> DeployedFile:
        try:
            content = self.files[kind, id]
        except KeyError:
            raise ResourceMissing(f"No {kind} {id!r} is deployed.") from None
        return DeployedFile(1, id, 1, hashlib.sha256(content).hexdigest(), content, f"{id}.{kind}.yaml")

    def extend(self, job: AgentJob, lease_ms: int) -> None:
        self._check(job)
        self.extended.append(job.key)

    def complete(self, job: AgentJob, variables: Mapping[str, Any]) -> None:
        self._said("complete", job, dict(variables))

    def fail(self, job: AgentJob, retries: int, message: str, backoff_ms: int) -> None:
        self._said("fail", job, {"retries": retries, "message": message, "backoff_ms": backoff_ms})

    def throw_error(self, job: AgentJob, code: str, message: str) -> None:
        self._said("error", job, {"code": code, "message": message})

    def _said(self, what: str, job: AgentJob, details: Any) -> None:
        with self._lock:
            if self.unreachable:
                self.unreachable -= 1
                raise ServerUnreachable("no answer")
            self._check(job)
            self.results.append((what, job.key, details))
            self._lock.notify_all()

    def _check(self, job: AgentJob) -> None:
        if job.key in self.gone:
            raise JobGone(f"No job '{job.key}'.")


def agent_job(key: int = 1, *, agent: str = "classify", **changes: Any) -> AgentJob:
    job = AgentJob(
        key, 10, 20, "Task_1", "process", 30, 3, {"agentId": agent, "resultVariable": "result"}, {"text": "I want my money back"}
    )
    return replace(job, **changes)
