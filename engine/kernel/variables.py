"""Where is a variable read, and where does a write land? Every element instance is a scope of variables."""

from collections import ChainMap
from collections.abc import Iterable, Mapping
from typing import cast

from bpmn.model import ElementType, IoMapping, Value
from engine.kernel.step import Failure, Step
from engine.model import ElementInstance, IncidentKind, Json, PutVariable
from rules.feel import Expression, FeelError, to_json

MAX_VALUE = 2_000_000  # characters of one computed value
MAX_COMPUTED = 64_000_000  # characters of all values computed in one step

LOOP_COUNTERS = frozenset(
    ("numberOfInstances", "numberOfActiveInstances", "numberOfCompletedInstances", "numberOfTerminatedInstances")
)  # BPMN 2.0 §13.3.7, table 10.30


def visible(step: Step, instance: ElementInstance) -> Mapping[str, Json]:
    """All variables that can be read at the instance: its own, then outward to the root."""
    return _merged(_layers(step, instance))


def evaluate(
    step: Step, expression: Expression, instance: ElementInstance, kind: IncidentKind, extra: dict[str, Json] | None = None
) -> object:
    """The FEEL value at the instance; `extra` names shadow variables. Raises `Failure` of that kind when FEEL refuses."""
    layers = _layers(step, instance)
    if expression.names & LOOP_COUNTERS:
        layers.append(_loop_counters(step, instance))
    if extra:
        layers.insert(0, extra)
    try:
        return expression.evaluate(_merged(layers), now=step.now)
    except FeelError as error:
        raise Failure(kind, f"'{expression.text}' failed: {error}") from error


def evaluate_json(
    step: Step, expression: Expression, instance: ElementInstance, kind: IncidentKind, extra: dict[str, Json] | None = None
) -> Json:
    """The value as it will be stored. Too much of it, by itself or within this step, is a failure."""
    return storable(step, evaluate(step, expression, instance, kind, extra), kind, expression.text)


def storable(step: Step, value: object, kind: IncidentKind, what: str) -> Json:
    """JSON of a computed value, within the limits that keep one instance from taking the memory of all."""
    found: Json = to_json(value)
    if isinstance(found, str | list | dict):
        size = _size(cast(Json, found))
        step.computed += size
        if size > MAX_VALUE or step.computed > MAX_COMPUTED:
            limit = f"{MAX_VALUE:,} characters" if size > MAX_VALUE else f"{MAX_COMPUTED:,} characters in one step"
            raise Failure(kind, f"The value of '{what}' is too large: the limit is {limit}.")
    return cast(Json, found)


def _size(value: Json) -> int:
    """About as many characters as its JSON text has; stops counting beyond the limit."""
    size = 0
    waiting: list[Json] = [value]
    while waiting and size <= MAX_VALUE:
        at = waiting.pop()
        if isinstance(at, str):
            size += len(at) + 3
        elif isinstance(at, list):
            size += 2
            waiting.extend(cast(list[Json], at))
        elif isinstance(at, dict):
            entries = cast(dict[str, Json], at)
            size += 2 + sum(len(name) + 4 for name in entries)
            waiting.extend(entries.values())
        else:
            size += 8
    return size


def _layers(step: Step, instance: ElementInstance) -> list[dict[str, Json]]:
    elements, variables = step.state.elements, step.state.variables
    layers: list[dict[str, Json]] = []
    at: ElementInstance | None = instance
    while at is not None:
        own = variables.get(at.key)
        if own:
            layers.append(own)
        at = None if at.parent is None else elements.get(at.parent) or step.element(at.parent)
    return layers


def _merged(layers: list[dict[str, Json]]) -> Mapping[str, Json]:
    return layers[0] if len(layers) == 1 else ChainMap(*layers)


def is_true(step: Step, condition: Expression, at: ElementInstance, what: str, extra: dict[str, Json] | None = None) -> bool:
    """The condition must be true or false; anything else, null too, is a failure."""
    found = evaluate(step, condition, at, IncidentKind.CONDITION_ERROR, extra)
    if found is True:
        return True
    if found is False:
        return False
    message = f"The {what} '{condition.text}' must be true or false, but it is {describe(found)}. {reasons(step, condition, at)}"
    raise Failure(IncidentKind.CONDITION_ERROR, message.strip())


def not_a(step: Step, value: Value, found: object, what: str, wanted: str, at: ElementInstance) -> Failure:
    """A value of the wrong type, told with its FEEL text and why it is null."""
    text, why = (value, "") if isinstance(value, str) else (value.text, reasons(step, value, at))
    return Failure(IncidentKind.EXTRACT_VALUE_ERROR, f"The {what} '{text}' must be {wanted}, but it is {describe(found)}. {why}".strip())


def reasons(step: Step, expression: Expression, instance: ElementInstance) -> str:
    """Why the expression is null there, for messages."""
    try:
        warnings = expression.explain(visible(step, instance), now=step.now).warnings
    except FeelError as error:
        return str(error)
    return "; ".join(warnings)


def read_value(step: Step, value: Value, instance: ElementInstance, kind: IncidentKind) -> object:
    """A literal as it stands, FEEL evaluated."""
    return value if isinstance(value, str) else evaluate(step, value, instance, kind)


def read_text(step: Step, value: Value, instance: ElementInstance, kind: IncidentKind, what: str) -> str:
    """Like `read_value`, and it must be text."""
    if isinstance(value, str):
        return value
    found = evaluate(step, value, instance, kind)
    if not isinstance(found, str):
        raise Failure(kind, not_a(step, value, found, what, "a string", instance).message)
    return found


def describe(value: object) -> str:
    """For messages; long values are cut."""
    if value is None:
        return "null"
    text = repr(to_json(value))
    return text if len(text) <= 200 else f"{text[:200]}…"


def put_local(step: Step, instance: ElementInstance, name: str, value: Json) -> None:
    """Write into the instance's own scope."""
    own = step.state.variables[instance.key]
    is_known = name in own
    if is_known and _is_same(own[name], value):
        return
    own[name] = value
    step.effects.append(PutVariable(instance.key, name, value))
    if step.tables.has_conditions:
        step.changed.append((instance.key, name, "update" if is_known else "create"))


def write(step: Step, instance: ElementInstance, name: str, value: Json) -> None:
    """Write into the nearest scope outward that has the name, else at the root."""
    variables = step.state.variables
    at = instance
    while name not in variables[at.key] and at.parent is not None:
        at = step.element(at.parent)
    put_local(step, at, name, value)


def write_all(step: Step, instance: ElementInstance, values: Mapping[str, Json]) -> None:
    for name, value in values.items():
        write(step, instance, name, value)


def put_all_local(step: Step, instance: ElementInstance, values: Mapping[str, Json]) -> None:
    for name, value in values.items():
        put_local(step, instance, name, value)


def map_inputs(step: Step, instance: ElementInstance, mappings: Iterable[IoMapping]) -> None:
    """`zeebe:input`: local variables; a later mapping sees the earlier ones."""
    mapped = _mapped(step, instance, mappings, merge=False)
    put_all_local(step, instance, mapped)


def map_outputs(step: Step, instance: ElementInstance, mappings: Iterable[IoMapping]) -> None:
    """`zeebe:output`: only what is mapped leaves the instance, from its parent outward; one round of a loop may write its own output."""
    mapped = _mapped(step, instance, mappings, merge=True)
    target = instance if instance.parent is None else step.parent(instance)
    write_all(step, instance if target.type is ElementType.MULTI_INSTANCE_BODY else target, mapped)


def _mapped(step: Step, instance: ElementInstance, mappings: Iterable[IoMapping], *, merge: bool) -> dict[str, Json]:
    results: dict[str, Json] = {}
    for mapping in mappings:
        value = None
        if mapping.source is not None:
            kind = IncidentKind.IO_MAPPING_ERROR
            value = mapping.source
            if isinstance(value, Expression):
                value = evaluate_json(step, value, instance, kind, results)
        name, _, path = mapping.target.partition(".")
        if not path:
            results[name] = value
            continue
        outer = results[name] if name in results else visible(step, instance).get(name) if merge else None
        results[name] = _nested(outer, path.split("."), value)
    return results


def _nested(outer: Json, path: list[str], value: Json) -> Json:
    """A copy of `outer` (a context, or a new one) with `value` at the path."""
    top = _copied(outer)
    at = top
    for part in path[:-1]:
        at[part] = inner = _copied(at.get(part))
        at = inner
    at[path[-1]] = value
    return top


def _copied(value: Json) -> dict[str, Json]:
    return dict(value) if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _loop_counters(step: Step, instance: ElementInstance) -> dict[str, Json]:
    at: ElementInstance | None = instance
    while at is not None:
        if "total" in at.data:
            return loop_counters(at)
        at = None if at.parent is None else step.element(at.parent)
    return {}


def loop_counters(body: ElementInstance) -> dict[str, Json]:
    """What BPMN says an expression may know about the loop around it."""
    data = body.data
    return {
        "numberOfInstances": data["total"],
        "numberOfActiveInstances": data["n"],
        "numberOfCompletedInstances": data["done"],
        "numberOfTerminatedInstances": data.get("lost", 0),
    }


def _is_same(old: Json, new: Json) -> bool:
    """Only scalars are compared: cheap, and `1 == True` must not hide a change inside a list."""
    return type(old) is type(new) and not isinstance(new, list | dict) and old == new
