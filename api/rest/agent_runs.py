"""Agent runs and their journals: for workers beside the server, which record them, and for readers.

Our own routes; `api.rest.agent_instances` shows the same runs in Camunda's shapes.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import Field as Member

from agent_tasks.definition import parse_agent
from agent_tasks.errors import RunTaken
from agent_tasks.jobs import JOB_TYPE
from agent_tasks.journal import AgentRun, DatabaseJournal, EntryKind, JournalEntry, RunOrigin, RunRef
from api.rest.context import EngineHere, InstanceReader, JobWorker
from api.rest.json_body import JsonRoute
from api.rest.problems import BadRequest
from api.rest.searches import Field, PageInfo, Search, page_info, read_filter, read_page, read_sort
from api.rest.wire import Answer, Ask, Key, Name, PathKey
from engine.errors import Conflict, NotFound
from engine.runtime.facade import Engine
from engine.store.rows import JobRow

router = APIRouter(tags=["Agent runs"], route_class=JsonRoute)

FIELDS = {
    "runKey": Field("key", "key"),
    "processInstanceKey": Field("process_instance_key", "key"),
    "elementInstanceKey": Field("element_instance_key", "key"),
    "elementId": Field("element_id"),
    "processDefinitionId": Field("process_id"),
    "processDefinitionKey": Field("definition_key", "key"),
    "jobKey": Field("job_key", "key"),
    "attempt": Field("attempt", "int"),
    "agentId": Field("agent_id"),
    "agentVersion": Field("agent_version", "int"),
    "agentSha256": Field("agent_sha256"),
    "worker": Field("worker"),
    "mode": Field("mode"),
    "model": Field("model"),
    "status": Field("status"),
    "startedAt": Field("started_at", "date"),
    "updatedAt": Field("updated_at", "date"),
    "endedAt": Field("ended_at", "date"),
    "risk": Field("risk"),
}
_READABLE_KINDS = ("agent", "data")


class Opening(Ask):
    """The job must be leased to this worker."""

    job_key: Key
    worker: Name


class NewEntry(Ask):
    """`seq` is one more than that of the entry before: two workers cannot both go on with a run."""

    seq: int = Member(ge=1, le=1_000_000)
    kind: EntryKind
    data: dict[str, Any]


class Entry(Answer):
    seq: int
    kind: EntryKind
    at: datetime
    data: dict[str, Any]


class OpenedRun(Answer):
    run_key: Key
    process_instance_key: Key
    attempt: int
    entries: list[Entry]


class Run(Answer):
    run_key: Key
    process_instance_key: Key
    element_instance_key: Key
    element_id: str
    process_definition_id: str
    process_definition_key: Key
    job_key: Key
    attempt: int
    agent_id: str
    agent_name: str
    agent_version: int
    agent_sha256: str
    agent_key: Key
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


class Runs(Answer):
    items: list[Run]
    page: PageInfo


class Entries(Answer):
    items: list[Entry]


class PinnedResource(Answer):
    """A deployed file in the version that the process instance uses. `content` is its text."""

    resource_key: Key
    resource_id: str
    resource_name: str
    version: int
    sha256: str
    content: str


@router.post("/agent-runs")
def open_agent_run(engine: EngineHere, _user: JobWorker, body: Opening) -> OpenedRun:
    """The run of a leased job: one to go on with, or a new one."""
    job = _leased(engine, body.job_key, body.worker)
    agent_id = job.headers.get("agentId")
    if not agent_id:
        raise BadRequest(f"The element {job.element_id!r} names no agent: add the task header agentId.")
    file = engine.resource("agent", agent_id, deployment_of_instance=job.process_instance_key)
    origin = RunOrigin(
        process_instance_key=job.process_instance_key,
        element_instance_key=job.element_instance_key,
        element_id=job.element_id,
        process_id=job.process_id,
        definition_key=job.definition_key,
        job_key=job.key,
        agent_id=file.id,
        agent_name=parse_agent(file.content, file=file.name).name or file.id,
        agent_version=file.version,
        agent_sha256=file.sha256,
        agent_key=file.key,
        worker=body.worker,
    )
    opened = DatabaseJournal(engine).open(origin)
    return OpenedRun(
        run_key=opened.ref.key,
        process_instance_key=opened.ref.process_instance_key,
        attempt=opened.attempt,
        entries=[entry_answer(entry) for entry in opened.entries],
    )


@router.post("/agent-runs/{key}/entries", status_code=201)
def append_journal_entry(engine: EngineHere, _user: JobWorker, key: PathKey, body: NewEntry) -> Entry:
    """Answered when the entry is on disk; repeating the request is answered alike.

    409: another worker went on with the run, or its job is no longer leased.
    """
    journal = DatabaseJournal(engine)
    run = _run(journal, key)
    _leased(engine, run.job_key, None)
    try:
        return entry_answer(journal.append(RunRef(run.process_instance_key, run.key), body.seq, body.kind, body.data))
    except RunTaken as taken:
        same = next((e for e in journal.entries(key) if (e.seq, e.kind, e.data) == (body.seq, body.kind, body.data)), None)
        if same is None:
            raise Conflict(str(taken)) from taken
        return entry_answer(same)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadRequest(f"The data of the entry does not fit {body.kind}: {error}.") from error


@router.post("/agent-runs/search")
def search_agent_runs(engine: EngineHere, _user: InstanceReader, search: Search | None = None) -> Runs:
    search = search or Search()
    found = DatabaseJournal(engine).runs(
        read_filter(search.filter or {}, FIELDS), sort=read_sort(search.sort or [], FIELDS), page=read_page(search.page)
    )
    return Runs(items=[run_answer(run) for run in found.items], page=page_info(found))


@router.get("/agent-runs/{key}")
def get_agent_run(engine: EngineHere, _user: InstanceReader, key: PathKey) -> Run:
    return run_answer(_run(DatabaseJournal(engine), key))


@router.get("/agent-runs/{key}/entries")
def get_journal_entries(engine: EngineHere, _user: InstanceReader, key: PathKey) -> Entries:
    journal = DatabaseJournal(engine)
    _run(journal, key)
    return Entries(items=[entry_answer(entry) for entry in journal.entries(key)])


@router.get("/process-instances/{key}/resources/{kind}/{resource_id}")
def get_pinned_resource(engine: EngineHere, _user: JobWorker, key: PathKey, kind: str, resource_id: str) -> PinnedResource:
    """An agent or data file as this process instance uses it: deployed together with its definition, else the newest."""
    if kind not in _READABLE_KINDS:
        raise BadRequest(f"Files of kind {kind!r} are not handed to workers: use {' or '.join(_READABLE_KINDS)}.")
    if engine.get("process_instance", key) is None:
        raise NotFound(f"No process instance '{key}'.")
    file = engine.resource(kind, resource_id, deployment_of_instance=key)
    return PinnedResource(
        resource_key=file.key,
        resource_id=file.id,
        resource_name=file.name,
        version=file.version,
        sha256=file.sha256,
        content=file.content.decode("utf-8-sig" if file.content.startswith(b"\xef\xbb\xbf") else "utf-8"),
    )


def entry_answer(entry: JournalEntry) -> Entry:
    return Entry(seq=entry.seq, kind=entry.kind, at=entry.at, data=dict(entry.data))


def run_answer(run: AgentRun) -> Run:
    values: Mapping[str, Any] = {name: getattr(run, name) for name in AgentRun.__dataclass_fields__}
    renamed = {"key": "run_key", "process_id": "process_definition_id", "definition_key": "process_definition_key"}
    return Run(**{renamed.get(name, name): value for name, value in values.items()})


def _run(journal: DatabaseJournal, key: int) -> AgentRun:
    run = journal.run(key)
    if run is None:
        raise NotFound(f"No agent run '{key}'.")
    return run


def _leased(engine: Engine, key: int, worker: str | None) -> JobRow:
    """The job, if it is an agent's and leased (to `worker`)."""
    job: JobRow | None = engine.get("job", key)
    if job is None or job.type != JOB_TYPE:
        raise NotFound(f"No agent job '{key}'.")
    if job.state != "ACTIVATED" or (worker is not None and job.worker != worker):
        raise Conflict(f"Job '{key}' is not leased to {worker or 'a worker'}: it was completed, cancelled or given to another one.")
    return job
