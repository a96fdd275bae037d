"""How far is an agent run? Folded from its journal alone, so that it is the same after a crash."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from agent_tasks.journal.entries import EntryKind, JournalEntry
from agent_tasks.model.language_model import Reply
from agent_tasks.outcome import Usage

Json = Any


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One call of the conversation. `state`: asked (no answer recorded) | answered | failed. `problems`: why the answer was refused."""

    number: int
    state: str
    reply: Reply | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """`outcome`: recorded, perhaps not delivered yet. `function_result`: as recorded."""

    started: Mapping[str, Json] | None = None
    calls: tuple[ModelCall, ...] = ()
    is_function_called: bool = False
    function_result: Mapping[str, Json] | None = None
    outcome: Mapping[str, Json] | None = None
    used: Usage = field(default_factory=Usage)
    failed_tries: int = 0
    seq: int = 0

    @property
    def inputs(self) -> Mapping[str, Json]:
        return self.started["inputs"] if self.started else {}

    @property
    def mode(self) -> str | None:
        return self.started["mode"] if self.started else None


def folded(entries: Iterable[JournalEntry]) -> Progress:
    progress = Progress()
    for entry in entries:
        progress = after(progress, entry)
    return progress


def after(progress: Progress, entry: JournalEntry) -> Progress:
    """The progress once `entry` has been written."""
    data = entry.data
    progress = replace(progress, seq=entry.seq)
    match entry.kind:
        case EntryKind.RUN_STARTED:
            return replace(progress, started=data)
        case EntryKind.MODEL_REQUEST:
            call = ModelCall(data["call"], "asked")
            return replace(_with_call(progress, call), used=progress.used.plus(Usage(model_calls=1)))
        case EntryKind.MODEL_REPLY:
            used = Usage(0, data["inputTokens"], data["outputTokens"], data["money"], data["seconds"])
            call = ModelCall(data["call"], "answered", recorded_reply(data))
            return replace(_with_call(progress, call), used=progress.used.plus(used))
        case EntryKind.CALL_FAILED:
            call = ModelCall(data["call"], "failed")
            return replace(_with_call(progress, call), used=progress.used.plus(Usage(seconds=data["seconds"])))
        case EntryKind.CALL_UNKNOWN:
            return _with_call(progress, ModelCall(data["call"], "failed"))
        case EntryKind.SCHEMA_ERROR:
            refused = progress.calls[data["call"] - 1]
            return _with_call(progress, replace(refused, problems=tuple(data["problems"])))
        case EntryKind.FUNCTION_CALL:
            return replace(progress, is_function_called=True)
        case EntryKind.FUNCTION_RESULT:
            return replace(progress, function_result=data, used=progress.used.plus(Usage(seconds=data["seconds"])))
        case EntryKind.OUTCOME:
            return replace(progress, outcome=data)
        case EntryKind.TRY_FAILED:
            return replace(progress, failed_tries=progress.failed_tries + 1)
        case EntryKind.RESUMED | EntryKind.FAILURE:
            return progress


def _with_call(progress: Progress, call: ModelCall) -> Progress:
    kept = progress.calls[: call.number - 1]
    return replace(progress, calls=(*kept, call))


def reply_entry(call: int, reply: Reply, money: float | None, seconds: float) -> dict[str, Json]:
    """The data of a MODEL_REPLY."""
    return {
        "call": call,
        "text": reply.text,
        "model": reply.model,
        "provider": reply.provider,
        "inputTokens": reply.input_tokens,
        "outputTokens": reply.output_tokens,
        "cachedTokens": reply.cached_tokens,
        "reasoningTokens": reply.reasoning_tokens,
        "money": money or 0.0,
        "isPriced": money is not None,
        "seconds": round(seconds, 4),
        "finish": reply.finish,
        "responseId": reply.response_id,
    }


def recorded_reply(data: Mapping[str, Json]) -> Reply:
    return Reply(
        text=data["text"],
        model=data["model"],
        provider=data["provider"],
        input_tokens=data["inputTokens"],
        output_tokens=data["outputTokens"],
        cached_tokens=data.get("cachedTokens", 0),
        reasoning_tokens=data.get("reasoningTokens", 0),
        finish=data.get("finish"),
        response_id=data.get("responseId"),
    )
