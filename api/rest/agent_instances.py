"""Agent runs in the shapes of Camunda's agent instances: status, figures and the conversation."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import Field as Member

from agent_tasks.journal import AgentRun, DatabaseJournal, EntryKind, JournalEntry
from api.rest.context import EngineHere, InstanceReader
from api.rest.json_body import JsonRoute
from api.rest.problems import BadRequest
from api.rest.searches import TENANT_FIELD, Field, PageInfo, Search, page_info, read_filter, read_page, read_sort
from api.rest.wire import TENANT, Answer, Key, PathKey
from engine.errors import NotFound
from engine.runtime.facade import Engine

router = APIRouter(tags=["Agent instances"], route_class=JsonRoute)

FIELDS = {
    "agentInstanceKey": Field("key", "key"),
    "agentDefinitionKey": Field("agent_key", "key"),
    "status": Field("status"),
    "elementId": Field("element_id"),
    "elementInstanceKeys": Field("element_instance_key", "key"),
    "processInstanceKey": Field("process_instance_key", "key"),
    "processDefinitionKey": Field("definition_key", "key"),
    "processDefinitionId": Field("process_id"),
    "creationDate": Field("started_at", "date"),
    "lastUpdatedDate": Field("updated_at", "date"),
    "completionDate": Field("ended_at", "date"),
    "tenantId": TENANT_FIELD,
}
_STATUS = {"RUNNING": "THINKING", "COMPLETED": "COMPLETED", "FAILED": "IDLE"}
_STORED = {shown: stored for stored, shown in _STATUS.items()}
_COMMITTED = {"RUNNING": "PENDING", "COMPLETED": "COMMITTED", "FAILED": "DISCARDED"}
_ITEMS_OF_A_RUN = 1000  # history item keys are made of the run's key and the entry's number
_NO_LIMIT = -1
_NO_LEASE = "0"  # leases are not kept with journal entries


class Text(Answer):
    content_type: Literal["TEXT"] = "TEXT"
    text: str


class Object(Answer):
    content_type: Literal["OBJECT"] = "OBJECT"
    object: Any


Content = Text | Object


class Definition(Answer):
    model: str
    provider: str
    system_prompt: list[Content]


class Metrics(Answer):
    input_tokens: int
    output_tokens: int
    reasoning_token_count: int = 0
    cache_creation_token_count: int = 0
    cache_read_token_count: int = 0
    model_calls: int
    tool_calls: int = 0


class Limits(Answer):
    max_model_calls: int = _NO_LIMIT
    max_tool_calls: int = _NO_LIMIT
    max_tokens: int = _NO_LIMIT


class AgentInstance(Answer):
    agent_instance_key: Key
    agent_definition_key: Key
    status: str
    definition: Definition
    metrics: Metrics
    limits: Limits = Limits()
    tools: list[Any] = Member(default_factory=list)
    element_id: str
    process_instance_key: Key
    root_process_instance_key: Key
    process_definition_key: Key
    process_definition_id: str
    process_definition_version: int
    process_definition_version_tag: str | None
    tenant_id: str = TENANT
    creation_date: datetime
    last_updated_date: datetime
    completion_date: datetime | None
    element_instance_keys: list[str]


class AgentInstances(Answer):
    items: list[AgentInstance]
    page: PageInfo


class CallMetrics(Answer):
    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_token_count: int | None = None
    cache_creation_token_count: int | None = None
    cache_read_token_count: int | None = None
    duration_ms: int | None = None


class HistoryItem(Answer):
    history_item_key: Key
    history_item_id: str
    agent_instance_key: Key
    element_instance_key: Key
    job_key: Key
    job_lease_token: str
    loop_iteration: int
    role: str
    content: list[Content]
    tool_calls: list[Any] = Member(default_factory=list)
    metrics: CallMetrics | None = None
    commit_status: str
    produced_at: datetime
    tools: list[Any] = Member(default_factory=list)
    model: str | None = None
    provider: str | None = None
    limits: Limits = Limits()
    system_prompt: list[Content] = Member(default_factory=list)


class History(Answer):
    items: list[HistoryItem]
    page: PageInfo


@router.post("/agent-instances/search")
def search_agent_instances(engine: EngineHere, _user: InstanceReader, search: Search | None = None) -> AgentInstances:
    search = search or Search()
    wanted = dict(search.filter or {})
    if "status" in wanted:
        wanted["status"] = _stored_status(wanted["status"])
    found = DatabaseJournal(engine).runs(
        read_filter(wanted, FIELDS), sort=read_sort(search.sort or [], FIELDS), page=read_page(search.page)
    )
    return AgentInstances(items=[_answer(engine, run, ()) for run in found.items], page=page_info(found))


@router.get("/agent-instances/{key}")
def get_agent_instance(engine: EngineHere, _user: InstanceReader, key: PathKey) -> AgentInstance:
    run, entries = _with_entries(engine, key)
    return _answer(engine, run, entries)


@router.post("/agent-instances/{key}/history/search")
def search_agent_instance_history(engine: EngineHere, _user: InstanceReader, key: PathKey, search: Search | None = None) -> History:
    """The conversation. Without a `commitStatus` in the filter only what led to a result is given, as Camunda does."""
    search = search or Search()
    run, entries = _with_entries(engine, key)
    wanted = {"commitStatus": "COMMITTED", **(search.filter or {})}
    if unknown := wanted.keys() - {"commitStatus", "role"}:
        raise BadRequest(f"filter has no field '{min(unknown)[:100]}' here: use commitStatus and role.")
    items = [
        item for item in _items(run, entries) if all(_fits(wanted[name], value) for name, value in _told(item).items() if name in wanted)
    ]
    if search.sort and search.sort[0].order.upper() == "DESC":
        items.reverse()
    page = read_page(search.page)
    shown = items[page.offset : page.offset + page.limit]
    return History(items=shown, page=PageInfo(total_items=len(items)))


def _with_entries(engine: Engine, key: int) -> tuple[AgentRun, tuple[JournalEntry, ...]]:
    journal = DatabaseJournal(engine)
    run = journal.run(key)
    if run is None:
        raise NotFound(f"No agent instance '{key}'.")
    return run, journal.entries(key)


def _answer(engine: Engine, run: AgentRun, entries: tuple[JournalEntry, ...]) -> AgentInstance:
    definition = engine.get("process_definition", run.definition_key)
    instance = engine.get("process_instance", run.process_instance_key)
    provider, model = _provider(run)
    prompt = next((e.data["instructions"] for e in entries if e.kind is EntryKind.MODEL_REQUEST and e.data.get("instructions")), None)
    return AgentInstance(
        agent_instance_key=run.key,
        agent_definition_key=run.agent_key,
        status=_STATUS[run.status],
        definition=Definition(model=model, provider=provider, system_prompt=[Text(text=prompt)] if prompt else []),
        metrics=Metrics(input_tokens=run.input_tokens, output_tokens=run.output_tokens, model_calls=run.model_calls),
        element_id=run.element_id,
        process_instance_key=run.process_instance_key,
        root_process_instance_key=instance.root_process_instance_key if instance else run.process_instance_key,
        process_definition_key=run.definition_key,
        process_definition_id=run.process_id,
        process_definition_version=definition.version if definition else 0,
        process_definition_version_tag=definition.version_tag if definition else None,
        creation_date=run.started_at,
        last_updated_date=run.updated_at,
        completion_date=run.ended_at,
        element_instance_keys=[str(run.element_instance_key)],
    )


def _provider(run: AgentRun) -> tuple[str, str]:
    """Provider and model; a run without a model is our own computation."""
    provider, colon, model = (run.model or "").partition(":")
    return (provider, model) if colon else ("gatewise", run.model or run.mode or "function")


def _items(run: AgentRun, entries: tuple[JournalEntry, ...]) -> Iterator[HistoryItem]:
    provider, model = _provider(run)
    for entry in entries:
        data = entry.data
        match entry.kind:
            case EntryKind.RUN_STARTED:
                yield _item(run, entry, "CONFIGURATION", (), model=model, provider=provider)
                if data.get("mode") == "function":
                    yield _item(run, entry, "USER", (Object(object=data.get("inputs")),), part=1)
            case EntryKind.MODEL_REQUEST:
                texts = [m["text"] for m in data.get("messages") or () if m.get("role") == "user"]
                if texts:
                    yield _item(run, entry, "USER", tuple(Text(text=text) for text in texts))
            case EntryKind.MODEL_REPLY:
                yield _item(run, entry, "ASSISTANT", (Text(text=data["text"]),), metrics=_metrics(data))
            case EntryKind.FUNCTION_RESULT:
                yield _item(run, entry, "ASSISTANT", (Object(object=data["value"]),), metrics=_metrics(data))
            case _:
                continue


def _item(run: AgentRun, entry: JournalEntry, role: str, content: tuple[Content, ...], *, part: int = 0, **more: Any) -> HistoryItem:
    return HistoryItem(
        history_item_key=run.key * _ITEMS_OF_A_RUN + (entry.seq * 2 + part) % _ITEMS_OF_A_RUN,
        history_item_id=f"{entry.seq}.{part}",
        agent_instance_key=run.key,
        element_instance_key=run.element_instance_key,
        job_key=run.job_key,
        job_lease_token=_NO_LEASE,
        loop_iteration=int(entry.data.get("call", 1)),
        role=role,
        content=list(content),
        commit_status=_COMMITTED[run.status],
        produced_at=entry.at,
        **more,
    )


def _metrics(data: Mapping[str, Any]) -> CallMetrics:
    return CallMetrics(
        input_tokens=data.get("inputTokens"),
        output_tokens=data.get("outputTokens"),
        reasoning_token_count=data.get("reasoningTokens"),
        cache_read_token_count=data.get("cachedTokens"),
        duration_ms=round(data.get("seconds", 0) * 1000),
    )


def _stored_status(condition: Any) -> Any:
    """A condition on Camunda's status as one on ours; states that our runs never have match nothing."""
    if isinstance(condition, Mapping):
        return {operator: _stored_status(operand) if operator != "$exists" else operand for operator, operand in condition.items()}
    if isinstance(condition, list):
        return [_stored_status(item) for item in condition]
    return _STORED.get(condition, "-") if isinstance(condition, str) else condition


def _told(item: HistoryItem) -> dict[str, str]:
    return {"commitStatus": item.commit_status, "role": item.role}


def _fits(condition: Any, value: str) -> bool:
    if not isinstance(condition, Mapping):
        return condition == value
    tests = {"$eq": lambda x: x == value, "$neq": lambda x: x != value, "$in": lambda x: value in x, "$notIn": lambda x: value not in x}
    return all(operator in tests and tests[operator](operand) for operator, operand in condition.items())
