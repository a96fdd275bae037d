"""How does an agent run proceed? Decide, write it down, do it, write down what came of it, and so on to an outcome."""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import Event
from typing import Any
from uuid import uuid4

import orjson

from agent_tasks.definition.check import AgentDefinition
from agent_tasks.errors import FunctionFailed, ModelFailed, ResourceMissing, RunTaken
from agent_tasks.functions import builtin_functions
from agent_tasks.functions.registry import DataSet, DataSource, FunctionCall, FunctionRegistry
from agent_tasks.journal.entries import EntryKind, Journal, OpenedRun, RunOrigin
from agent_tasks.limits import check_before_call, seconds_left
from agent_tasks.model.language_model import CallSettings, LanguageModel, Models
from agent_tasks.model.prices import PriceTable
from agent_tasks.model.prompt import estimated_tokens
from agent_tasks.next_act import AskModel, CallFunction, Conclude, Deliver, GiveUp, NoteUnknownCall, RefuseReply, Start, next_act
from agent_tasks.outcome import RISKS, Outcome, Usage, judged
from agent_tasks.progress import Progress, after, folded, reply_entry
from agent_tasks.redaction import Redact, redactor


@dataclass(frozen=True, slots=True)
class Workshop:
    """What runs need and share: models, functions, prices, redaction, a stopwatch."""

    models: Models
    functions: FunctionRegistry = field(default_factory=builtin_functions)
    prices: PriceTable = field(default_factory=lambda: PriceTable({}))
    redact: Redact = field(default_factory=redactor)
    stopwatch: Callable[[], float] = time.monotonic


class RunLog:
    """A run's journal with the progress that follows from it. Once `stop` is set nothing is recorded any more."""

    def __init__(self, journal: Journal, origin: RunOrigin, opened: OpenedRun, stop: Event | None = None) -> None:
        self.origin = origin
        self.ref = opened.ref
        self.stop = stop or Event()
        self.progress: Progress = folded(opened.entries)
        self._journal = journal
        self.holder = uuid4().hex  # tells two workers apart that take up the same run at the same moment
        if opened.entries and self.progress.outcome is None:
            self.record(EntryKind.RESUMED, {"worker": origin.worker, "holder": self.holder})

    def record(self, kind: EntryKind, data: Mapping[str, Any]) -> None:
        """Returns when the entry is durable. Raises `RunTaken` when another worker went on with the run."""
        if self.stop.is_set():
            raise RunTaken(f"Agent run {self.ref.key} was stopped: its job is no longer ours.")
        entry = self._journal.append(self.ref, self.progress.seq + 1, kind, data)
        self.progress = after(self.progress, entry)


def run_agent(agent: AgentDefinition, inputs: Mapping[str, Any], log: RunLog, data: DataSource, shop: Workshop) -> Mapping[str, Any]:
    """The outcome of a run as JSON, recorded before it is returned. Continues where the log ends.

    `inputs`: the variables that the agent's input schema declares; those on record count for a resumed run.
    Raises an `AgentTaskError`; what is to follow is `failure.decide`'s.
    """
    run_key = str(log.ref.key)
    while True:
        match next_act(agent, log.progress, run_key):
            case Start():
                log.record(EntryKind.RUN_STARTED, _start(agent, inputs, log, shop))
            case NoteUnknownCall(call):
                log.record(EntryKind.CALL_UNKNOWN, {"call": call, "idempotencyKey": _key(run_key, call)})
            case AskModel() as act:
                _ask_model(agent, act, run_key, log, shop)
            case RefuseReply(call, problems):
                log.record(EntryKind.SCHEMA_ERROR, {"call": call, "problems": list(problems)})
            case CallFunction() as act:
                _call_function(act, run_key, log, data, shop)
            case Conclude(outcome):
                log.record(EntryKind.OUTCOME, _delivered(agent, judged(outcome, agent.spec.confidence), log, run_key))
            case Deliver(outcome):
                return outcome
            case GiveUp(error):
                raise error


def _start(agent: AgentDefinition, inputs: Mapping[str, Any], log: RunLog, shop: Workshop) -> dict[str, Any]:
    """Which way the run goes: by the model, or by the computation where there is no model."""
    spec = agent.spec
    model = shop.models.find(spec.model) if spec.kind == "model" else None
    computation = agent.computation()
    if model is None and computation is None:
        raise ModelFailed(
            f"Agent {agent.id!r} needs a model and none is configured: set GATEWISE_MODEL or GATEWISE_MODEL_BASE_URL, or add `offline`.",
            is_retryable=False,
        )
    seen = shop.redact(agent.seen(inputs))
    return {
        "agent": {"id": agent.id, "name": spec.name, "version": log.origin.agent_version, "sha256": agent.sha256},
        "worker": log.origin.worker,
        "holder": log.holder,
        "mode": "function" if model is None else "model",
        "model": None if model is None else model.name,
        "function": computation[0] if model is None and computation else None,
        "inputs": seen,
        "inputsSha256": hashlib.sha256(orjson.dumps(seen, option=orjson.OPT_SORT_KEYS)).hexdigest(),
    }


def _ask_model(agent: AgentDefinition, act: AskModel, run_key: str, log: RunLog, shop: Workshop) -> None:
    spec, limits = agent.spec, agent.spec.limits
    model = shop.models.find(spec.model)
    if model is None:
        raise ModelFailed(f"The model of agent {agent.id!r} is not configured any more.", is_retryable=False)
    expected = _expected(act, model, limits.reply_tokens, shop)
    check_before_call(agent.id, limits, log.progress.used, expected)
    key = _key(run_key, act.call)
    request: dict[str, Any] = {"call": act.call, "idempotencyKey": key, "model": model.name, "isRepeated": not act.is_new}
    if act.is_new:
        new = act.prompt.messages if act.call == 1 else act.prompt.messages[-1:]
        request["instructions"] = act.prompt.instructions if act.call == 1 else None
        request["messages"] = [{"role": message.role, "text": message.text} for message in new]
    request["expected"] = {"inputTokens": expected.input_tokens, "outputTokens": expected.output_tokens, "money": expected.money}
    seconds = seconds_left(limits, log.progress.used)
    log.record(EntryKind.MODEL_REQUEST, request)
    started = shop.stopwatch()
    try:
        reply = model.ask(act.prompt, CallSettings(key, limits.reply_tokens, seconds, spec.temperature, log.stop))
    except ModelFailed as failed:
        took = round(shop.stopwatch() - started, 4)
        message = shop.redact(str(failed))
        known = {"isRetryable": failed.is_retryable, "isOutcomeUnknown": failed.is_outcome_unknown}
        log.record(EntryKind.CALL_FAILED, {"call": act.call, "message": message, "seconds": took, **known})
        raise
    reply = replace(reply, text=shop.redact(reply.text))
    money = shop.prices.cost(reply.provider, reply.model, reply.input_tokens, reply.output_tokens, reply.cached_tokens)
    log.record(EntryKind.MODEL_REPLY, reply_entry(act.call, reply, money, shop.stopwatch() - started))


def _expected(act: AskModel, model: LanguageModel, reply_tokens: int, shop: Workshop) -> Usage:
    """What the call may use at most, by a cautious estimate."""
    tokens = estimated_tokens(act.prompt)
    provider, _, name = model.name.partition(":")
    money = shop.prices.cost(provider, name, tokens, reply_tokens) or 0.0
    return Usage(1, tokens, reply_tokens, money)


def _call_function(act: CallFunction, run_key: str, log: RunLog, data: DataSource, shop: Workshop) -> None:
    function = shop.functions.find(act.name)
    if function is None:
        raise FunctionFailed(f"There is no function {act.name!r} here: install the package that offers it beside this worker.")
    key = _key(run_key, 1)
    sets = _Loaded({data_id: data.load(data_id) for data_id in function.data_ids(act.config)})
    used = [{"id": each.id, "sha256": each.sha256} for each in sets.loaded.values()]
    config_sha256 = hashlib.sha256(orjson.dumps(dict(act.config), option=orjson.OPT_SORT_KEYS)).hexdigest()
    call = {"function": act.name, "configSha256": config_sha256, "data": used, "idempotencyKey": key, "isRepeated": act.is_repeated}
    log.record(EntryKind.FUNCTION_CALL, call)
    started = shop.stopwatch()
    result = function.run(FunctionCall(log.progress.inputs, act.config, sets, key))
    entry = {
        "value": dict(result.value),
        "confidence": result.confidence,
        "confidenceSource": result.confidence_source,
        "risk": result.risk if result.risk in RISKS else "high",
        "evidence": [dict(item) for item in result.evidence],
        "notes": dict(result.notes),
        "seconds": round(shop.stopwatch() - started, 4),
    }
    try:
        log.record(EntryKind.FUNCTION_RESULT, shop.redact(entry))
    except TypeError as error:
        raise FunctionFailed(f"The result of {act.name} is no JSON: {error}.") from error


def _delivered(agent: AgentDefinition, outcome: Outcome, log: RunLog, run_key: str) -> dict[str, Any]:
    kind = log.progress.mode
    named = {"id": agent.id, "name": agent.spec.name, "version": log.origin.agent_version, "sha256": agent.sha256, "kind": kind}
    return {**outcome.to_json(), "agent": named, "runKey": run_key}


def _key(run_key: str, call: int) -> str:
    """The idempotency key of a call: the same whenever and wherever the call is repeated."""
    return f"gatewise-{run_key}-{call}"


class _Loaded:
    """Data sets that a config names, loaded before the call is recorded, so that their versions stand in the record."""

    def __init__(self, loaded: dict[str, DataSet]) -> None:
        self.loaded = loaded

    def load(self, data_id: str) -> DataSet:
        if data_id not in self.loaded:
            raise ResourceMissing(f"The function reads the data {data_id!r}, which its config does not name.")
        return self.loaded[data_id]
