"""What does an agent run do next? Decided from its progress; doing it is the runner's part."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from agent_tasks.definition.check import AgentDefinition
from agent_tasks.errors import AgentTaskError, FunctionFailed, InputRefused, ReplyRefused
from agent_tasks.model.language_model import Prompt
from agent_tasks.model.prompt import envelope_schema, first_prompt, with_exchange
from agent_tasks.model.reply import read_reply
from agent_tasks.outcome import Outcome, verified_evidence, worst
from agent_tasks.progress import Progress
from agent_tasks.schemas import violations


@dataclass(frozen=True, slots=True)
class Start:
    """Nothing has been recorded yet."""


@dataclass(frozen=True, slots=True)
class NoteUnknownCall:
    """A call was asked, and nothing is known of its answer."""

    call: int


@dataclass(frozen=True, slots=True)
class AskModel:
    """`is_new` False: the call was asked before and failed or was lost; it keeps its number and key."""

    call: int
    prompt: Prompt
    is_new: bool


@dataclass(frozen=True, slots=True)
class RefuseReply:
    """The reply of a call breaks the schema: put it on record, then ask again."""

    call: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CallFunction:
    name: str
    config: Mapping[str, Any]
    is_repeated: bool


@dataclass(frozen=True, slots=True)
class Conclude:
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Deliver:
    """The outcome is on record: hand it over (again)."""

    outcome: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class GiveUp:
    error: AgentTaskError


Act: TypeAlias = Start | NoteUnknownCall | AskModel | RefuseReply | CallFunction | Conclude | Deliver | GiveUp


def next_act(agent: AgentDefinition, progress: Progress, run_key: str) -> Act:
    """The one thing to do now."""
    if progress.outcome is not None:
        return Deliver(progress.outcome)
    if progress.started is None:
        return Start()
    if problems := violations(agent.spec.input, dict(progress.inputs)):
        return GiveUp(InputRefused(f"The inputs do not fit agent {agent.id!r}: {'; '.join(problems)}. Map them with zeebe:input."))
    if progress.mode == "function":
        return _with_function(agent, progress)
    return _with_model(agent, progress, run_key)


def _with_function(agent: AgentDefinition, progress: Progress) -> Act:
    computation = agent.computation()
    assert computation is not None
    name, config = computation
    result = progress.function_result
    if result is None:
        return CallFunction(name, config, progress.is_function_called)
    if problems := violations(agent.spec.output, result["value"]):
        return GiveUp(FunctionFailed(f"The result of {name} does not fit the output of agent {agent.id!r}: {'; '.join(problems)}."))
    return Conclude(
        Outcome(result["value"], result["confidence"], result["confidenceSource"], result["risk"], result["evidence"], progress.used)
    )


def _with_model(agent: AgentDefinition, progress: Progress, run_key: str) -> Act:
    schema = envelope_schema(agent.spec.output)
    prompt = first_prompt(agent.spec, progress.inputs, run_key)
    refused = 0
    for call in progress.calls:
        match call.state:
            case "asked":
                return NoteUnknownCall(call.number)
            case "failed":
                return AskModel(call.number, prompt, is_new=False)
            case _:
                assert call.reply is not None
        if not call.problems:
            answer = read_reply(call.reply, schema)
            if answer.content is not None:
                return Conclude(_outcome(answer.content, progress))
            return RefuseReply(call.number, answer.problems)
        refused += 1
        prompt = with_exchange(prompt, call.reply.text, call.problems)
    if refused > agent.spec.repairs:
        last = "; ".join(progress.calls[-1].problems)
        return GiveUp(ReplyRefused(f"Agent {agent.id!r} was asked {refused} times and no reply fits its output schema; the last: {last}."))
    return AskModel(len(progress.calls) + 1, prompt, is_new=True)


def _outcome(content: Mapping[str, Any], progress: Progress) -> Outcome:
    """What the model answered; evidence that it did not find in the inputs raises the risk."""
    evidence = verified_evidence(content["evidence"], progress.inputs)
    risk = worst(content["risk"], "medium") if any(not item["verified"] for item in evidence) else content["risk"]
    return Outcome(content["value"], float(content["confidence"]), "self_reported", risk, evidence, progress.used)
