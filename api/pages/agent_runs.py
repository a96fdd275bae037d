"""What did agents do in an instance: every call, what it cost, and what came of it?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agent_tasks.journal import AgentRun, DatabaseJournal, EntryKind, JournalEntry
from api.pages.diagrams import Diagram
from api.pages.outcomes import Outcome, outcome
from api.pages.words import plural
from engine.runtime.facade import Engine

STATES: Mapping[str, tuple[str, str]] = {
    "RUNNING": ("Working", "info"),
    "COMPLETED": ("Done", "good"),
    "FAILED": ("Failed", "bad"),
}
_MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the journal in words. `details`: what was sent, answered or found."""

    at: datetime
    words: str
    details: Mapping[str, Any]
    is_trouble: bool = False


@dataclass(frozen=True, slots=True)
class RunShown:
    run: AgentRun
    title: str
    state: tuple[str, str]
    outcome: Outcome | None
    lines: tuple[Line, ...]

    @property
    def cost(self) -> tuple[str, ...]:
        run = self.run
        return tuple(
            each
            for each in (
                plural(run.model_calls, "model call") if run.model_calls else "",
                f"{run.input_tokens + run.output_tokens:,} tokens" if run.input_tokens + run.output_tokens else "",
                f"${run.money:.4f}" if run.money else "",
                f"{run.seconds:.1f} s" if run.seconds >= 0.05 else "",
            )
            if each
        )


def agent_runs(engine: Engine, diagram: Diagram, instance_key: int) -> list[RunShown]:
    """In order of time."""
    journal = DatabaseJournal(engine)
    found = journal.runs({"process_instance_key": instance_key}, sort=(("started_at", "asc"),), limit=_MOST_SHOWN)
    return [_shown(run, journal.entries(run.key), diagram) for run in found.items]


def _shown(run: AgentRun, entries: tuple[JournalEntry, ...], diagram: Diagram) -> RunShown:
    last = next((entry for entry in reversed(entries) if entry.kind is EntryKind.OUTCOME), None)
    return RunShown(
        run=run,
        title=diagram.name(run.element_id),
        state=STATES.get(run.status, (run.status, "plain")),
        outcome=outcome(run.agent_id, run.agent_name, last.data) if last else None,
        lines=tuple(_line(entry) for entry in entries),
    )


def _line(entry: JournalEntry) -> Line:
    data = entry.data
    words, names, is_trouble = _words(entry.kind, data)
    return Line(entry.at, words, {name: data[name] for name in names if data.get(name) not in (None, "", [], {})}, is_trouble)


def _words(kind: EntryKind, data: Mapping[str, Any]) -> tuple[str, tuple[str, ...], bool]:
    """The sentence, the entries of the data worth opening, and whether something went wrong."""
    match kind:
        case EntryKind.RUN_STARTED:
            return f"Began, with {data.get('model') or data.get('function') or 'its function'}", ("inputs",), False
        case EntryKind.RESUMED:
            return f"Taken up again by {data.get('worker')}, without repeating what was done", (), False
        case EntryKind.MODEL_REQUEST:
            return f"Asked {data.get('model') or 'the model'} (call {data.get('call')})", ("instructions", "messages"), False
        case EntryKind.MODEL_REPLY:
            tokens = f"{data.get('inputTokens', 0)} tokens in, {data.get('outputTokens', 0)} out"
            return f"The model answered: {tokens}", ("text",), False
        case EntryKind.CALL_FAILED:
            return f"The model could not be reached: {data.get('message')}", (), True
        case EntryKind.CALL_UNKNOWN:
            return "A call was made whose answer was lost", (), True
        case EntryKind.SCHEMA_ERROR:
            return "The answer did not have the agreed shape; it was asked for again", ("problems",), True
        case EntryKind.FUNCTION_CALL:
            return f"Calculated with {data.get('function')}", ("data",), False
        case EntryKind.FUNCTION_RESULT:
            return "The calculation gave a result", ("value", "notes"), False
        case EntryKind.OUTCOME:
            return "Handed its result to the process", ("value",), False
        case EntryKind.TRY_FAILED:
            return f"Failed and will try again: {data.get('message')}", (), True
        case EntryKind.FAILURE:
            return f"Gave up: {data.get('message')}", (), True
