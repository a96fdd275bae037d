"""Is an agent file acceptable, and which agent does it define?"""

import difflib
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from agent_tasks.definition.agent_file import AgentFile, DataFile
from agent_tasks.definition.yaml_lines import Limits as TextLimits
from agent_tasks.definition.yaml_lines import LinedValue, Path, YamlRefused, load_with_lines
from agent_tasks.errors import FileRefused
from agent_tasks.functions import builtin_functions
from agent_tasks.functions.registry import FunctionRegistry
from agent_tasks.instructions import TemplateProblem, check_template
from agent_tasks.schemas import check_schema
from bpmn.model import Problem

Model = TypeVar("Model", bound=BaseModel)
_DATA_LIMITS = TextLimits(bytes=4_000_000, nodes=200_000)


@dataclass(frozen=True, slots=True)
class AgentDefinition:
    """An accepted agent file. `sha256` is of its bytes and names this very version everywhere."""

    spec: AgentFile
    sha256: str

    @property
    def id(self) -> str:
        return self.spec.id

    @property
    def input_names(self) -> tuple[str, ...]:
        """The variables the agent may see: those that its input schema declares."""
        return tuple(self.spec.input["properties"])

    def seen(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs among a job's variables. A null that is not required counts as absent: so FEEL maps what is not there."""
        required = self.spec.input.get("required", ())
        present = {name: variables[name] for name in self.input_names if name in variables}
        return {name: value for name, value in present.items() if value is not None or name in required}

    def computation(self) -> tuple[str, Mapping[str, Any]] | None:
        """Name and config of the function that does the work without a model."""
        if self.spec.function is not None:
            return self.spec.function, self.spec.config
        if self.spec.offline is not None:
            return self.spec.offline.function, self.spec.offline.config
        return None


@dataclass(frozen=True, slots=True)
class ParsedAgent:
    """`agent` is None when `problems` has an error."""

    agent: AgentDefinition | None
    problems: tuple[Problem, ...] = ()
    id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedData:
    data: DataFile | None
    problems: tuple[Problem, ...] = ()
    id: str | None = None
    name: str | None = None
    sha256: str = field(default="")


def parse_agent(data: bytes, *, file: str, functions: FunctionRegistry | None = None) -> ParsedAgent:
    """Reads an agent file; never raises for bad input. All problems are reported at once."""
    lined, problems = _load(data, file, TextLimits())
    if lined is None:
        return ParsedAgent(None, problems)
    found_id, found_name = _text(lined, "id"), _text(lined, "name")
    spec, problems = _validated(AgentFile, lined, file)
    if spec is None:
        return ParsedAgent(None, problems, found_id, found_name)
    problems = tuple(_rules(spec, lined, file, functions or builtin_functions()))
    if any(problem.severity == "error" for problem in problems):
        return ParsedAgent(None, problems, found_id, found_name)
    return ParsedAgent(AgentDefinition(spec, hashlib.sha256(data).hexdigest()), problems, found_id, found_name)


def load_agent(data: bytes, *, file: str, functions: FunctionRegistry | None = None) -> AgentDefinition:
    """Like `parse_agent`, for a file that should be right. Raises `FileRefused`."""
    parsed = parse_agent(data, file=file, functions=functions)
    if parsed.agent is None:
        raise FileRefused(parsed.problems)
    return parsed.agent


def parse_data(data: bytes, *, file: str) -> ParsedData:
    """Reads a data file; never raises for bad input."""
    lined, problems = _load(data, file, _DATA_LIMITS)
    if lined is None:
        return ParsedData(None, problems)
    spec, problems = _validated(DataFile, lined, file)
    return ParsedData(spec, problems, _text(lined, "id"), _text(lined, "name"), hashlib.sha256(data).hexdigest())


def _load(data: bytes, file: str, limits: TextLimits) -> tuple[LinedValue | None, tuple[Problem, ...]]:
    try:
        lined = load_with_lines(data, limits)
    except YamlRefused as refused:
        return None, (Problem("error", file, refused.message, refused.advice, line=refused.line, rule="yaml"),)
    if not isinstance(lined.value, dict):
        problem = Problem(
            "error", file, "The file must be a mapping of keys to values.", "Begin with `id: …`.", line=lined.line_of(()), rule="yaml"
        )
        return None, (problem,)
    return lined, ()


def _text(lined: LinedValue, key: str) -> str | None:
    value = lined.value.get(key)
    return value if isinstance(value, str) else None


def _validated(model: type[Model], lined: LinedValue, file: str) -> tuple[Model | None, tuple[Problem, ...]]:
    try:
        return model.model_validate(lined.value), ()
    except ValidationError as error:
        return None, tuple(_problem(model, each, lined, file) for each in error.errors())


def _problem(model: type[BaseModel], error: Any, lined: LinedValue, file: str) -> Problem:
    path: Path = tuple(error["loc"])
    where = ".".join(map(str, path))
    line = lined.line_of(path)
    match error["type"]:
        case "extra_forbidden":
            return Problem("error", file, f"The key {where!r} is not known.", _known_keys(model, path), line=line, rule="unknown-key")
        case "missing":
            return Problem("error", file, f"The key {where!r} is missing.", f"Add `{path[-1]}: …`.", line=line, rule="missing-key")
        case _:
            return Problem("error", file, f"{where}: {error['msg']}.", f"Correct the value of {where!r}.", line=line, rule="value")


def _known_keys(model: type[BaseModel], path: Path) -> str:
    here: Any = model
    for step in path[:-1]:
        annotation = here.model_fields[step].annotation if isinstance(step, str) and step in here.model_fields else None
        candidates = [annotation, *getattr(annotation, "__args__", ())]
        here = next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), None)
        if here is None:
            return "Remove it."
    names = list(here.model_fields)
    close = difflib.get_close_matches(str(path[-1]), names, 1)
    return f"Did you mean {close[0]!r}?" if close else f"Remove it, or use one of: {', '.join(names)}."


def _rules(spec: AgentFile, lined: LinedValue, file: str, functions: FunctionRegistry) -> Iterator[Problem]:
    """The rules that concern more than one key."""

    def error(path: Path, message: str, advice: str, rule: str) -> Problem:
        return Problem("error", file, message, advice, line=lined.line_of(path), rule=rule)

    for side, schema in (("input", spec.input), ("output", spec.output)):
        for wrong in check_schema(schema):
            yield error(
                (side, *wrong.path),
                f"The {side} schema is not acceptable: {wrong.message}",
                "Correct the JSON Schema (draft 2020-12).",
                "schema",
            )
    if spec.kind == "model":
        if not spec.instructions:
            yield error(
                ("kind",),
                "An agent of kind model needs instructions.",
                "Add `instructions: |` with what the model shall do.",
                "instructions",
            )
        for key in ("function", "config"):
            if key in spec.model_fields_set:
                yield error(
                    (key,),
                    f"An agent of kind model has no {key!r} of its own.",
                    "Put it under `offline:`, or use `kind: function`.",
                    "kind",
                )
        if spec.model not in (None, "default") and ":" not in (spec.model or ""):
            yield error(
                ("model",),
                f"The model {spec.model!r} names no provider.",
                "Write `default` or `provider:model`, such as `openai:gpt-5`.",
                "model",
            )
    else:
        if spec.function is None:
            yield error(("kind",), "An agent of kind function needs a function.", "Add `function: gatewise.…`.", "function")
        for key in ("offline", "model", "temperature", "repairs"):
            if key in spec.model_fields_set:
                yield error((key,), f"An agent of kind function has no {key!r}.", "Remove it, or use `kind: model`.", "kind")
    if spec.instructions is not None:
        names = spec.input.get("properties", {})
        try:
            check_template(spec.instructions, names if isinstance(names, Mapping) else ())
        except TemplateProblem as problem:
            start = lined.line_of(("instructions",)) or 1
            advice = "Templates may use the properties of the input schema, conditions, loops and simple filters."
            line = start + (problem.line if "\n" in spec.instructions else 0)
            yield Problem("error", file, problem.message, advice, line=line, rule="template")
    for base, name, config in (
        ((), spec.function, spec.config),
        *(((("offline",), spec.offline.function, spec.offline.config),) if spec.offline else ()),
    ):
        if name is not None:
            yield from _function_problems(base, name, config, functions, error)
    policy = spec.on_failure
    if (policy.then == "error") != (policy.error_code is not None):
        yield error(("on_failure",), "`then: error` and `error_code` belong together.", "Give both or neither.", "on-failure")
    confidence = spec.confidence
    if confidence.high_risk_below is not None and confidence.high_risk_below > (confidence.medium_risk_below or 1):
        yield error(
            ("confidence",),
            "high_risk_below is above medium_risk_below.",
            "High risk begins at a lower confidence than medium risk.",
            "confidence",
        )


def _function_problems(base: Path, name: str, config: Mapping[str, Any], functions: FunctionRegistry, error: Any) -> Iterator[Problem]:
    function = functions.find(name)
    if function is None:
        close = difflib.get_close_matches(name, functions.names(), 1)
        advice = f"Did you mean {close[0]!r}?" if close else f"Use one of: {', '.join(functions.names())}."
        yield error((*base, "function"), f"There is no function {name!r}.", advice, "function")
        return
    for path, message in function.config_problems(config):
        where = ".".join(map(str, path))
        yield error(
            (*base, "config", *path),
            f"The config of {name} is not acceptable: {where}: {message}.",
            "See the function's description.",
            "config",
        )
