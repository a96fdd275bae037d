"""What is written into the journal of an agent run?

Entries are appended, never changed; each is durable before the run goes on. Keys of `data` by kind:

    RUN_STARTED      agent {id, name, version, sha256}, worker, holder, mode (model | function), model, function, inputs, inputsSha256
    RESUMED          worker, holder; the run was taken up again after a crash, an expired lease or a failed try
    MODEL_REQUEST    call, idempotencyKey, model, instructions (first call only), messages (those that are new), expected {…}
    MODEL_REPLY      call, text, model, provider, inputTokens, outputTokens, money, isPriced, seconds, finish, responseId
    CALL_FAILED      call, message, isRetryable, isOutcomeUnknown, seconds
    CALL_UNKNOWN     call, idempotencyKey; asked, but neither reply nor failure was recorded: it may have been paid
    SCHEMA_ERROR     call, problems
    FUNCTION_CALL    function, configSha256, data [{id, sha256}], idempotencyKey
    FUNCTION_RESULT  value, confidence, confidenceSource, risk, evidence, notes, seconds
    OUTCOME          the outcome as it lands in the result variable
    TRY_FAILED       code, message, backoffMs; another try follows
    FAILURE          code, message, then (incident | error); the run is over
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol


class EntryKind(StrEnum):
    RUN_STARTED = "RUN_STARTED"
    RESUMED = "RESUMED"
    MODEL_REQUEST = "MODEL_REQUEST"
    MODEL_REPLY = "MODEL_REPLY"
    CALL_FAILED = "CALL_FAILED"
    CALL_UNKNOWN = "CALL_UNKNOWN"
    SCHEMA_ERROR = "SCHEMA_ERROR"
    FUNCTION_CALL = "FUNCTION_CALL"
    FUNCTION_RESULT = "FUNCTION_RESULT"
    OUTCOME = "OUTCOME"
    TRY_FAILED = "TRY_FAILED"
    FAILURE = "FAILURE"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """`seq` counts from 1 within its run."""

    seq: int
    kind: EntryKind
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RunRef:
    process_instance_key: int
    key: int


@dataclass(frozen=True, slots=True)
class RunOrigin:
    """Where a run belongs: the leased job and the deployed agent file it works with."""

    process_instance_key: int
    element_instance_key: int
    element_id: str
    process_id: str
    definition_key: int
    job_key: int
    agent_id: str
    agent_name: str
    agent_version: int
    agent_sha256: str
    agent_key: int
    worker: str


@dataclass(frozen=True, slots=True)
class OpenedRun:
    """A run to go on with. `entries` is empty for a new one. `attempt` counts the runs of a job from 1."""

    ref: RunRef
    attempt: int
    entries: tuple[JournalEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentRun:
    """One run with what it used so far. `status`: RUNNING | COMPLETED | FAILED. `failures`: tries that failed."""

    key: int
    process_instance_key: int
    element_instance_key: int
    element_id: str
    process_id: str
    definition_key: int
    job_key: int
    attempt: int
    agent_id: str
    agent_name: str
    agent_version: int
    agent_sha256: str
    agent_key: int
    worker: str
    mode: str | None
    model: str | None
    status: str
    started_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    model_calls: int
    input_tokens: int
    output_tokens: int
    money: float
    seconds: float
    failures: int
    confidence: float | None
    confidence_source: str | None
    risk: str | None
    error: str | None
    entry_count: int


class Journal(Protocol):
    """Where runs are recorded. A call returns when what it wrote is durable."""

    def open(self, origin: RunOrigin) -> OpenedRun:
        """The run of the origin's job: the one that is not over, or that has an outcome; else a new one."""
        ...

    def append(self, run: RunRef, seq: int, kind: EntryKind, data: Mapping[str, Any]) -> JournalEntry:
        """Raises `RunTaken` when the run has that entry already or is over: another worker went on with it."""
        ...
