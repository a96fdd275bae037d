"""What is written in a decision file (DMN 1.5 chapters 6, 7 and 10)? The XML as frozen values, nothing compiled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Place:
    """Where an element is in the file."""

    id: str | None
    line: int | None


@dataclass(frozen=True, slots=True)
class Variable:
    name: str
    type_ref: str | None = None


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """A type (§7.3.2). `allowed` restricts its members, `constraint` the whole."""

    name: str
    place: Place
    type_ref: str | None = None
    components: tuple[ItemDefinition, ...] = ()
    is_collection: bool = False
    allowed: str | None = None
    constraint: str | None = None
    function: FunctionItem | None = None


@dataclass(frozen=True, slots=True)
class FunctionItem:
    parameters: tuple[Variable, ...]
    output_type_ref: str | None


@dataclass(frozen=True, slots=True)
class LiteralExpression:
    text: str
    place: Place
    type_ref: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class BoxedContext:
    """Entries by name; the one without name is the result."""

    entries: tuple[tuple[Variable | None, Boxed | None], ...]
    place: Place
    type_ref: str | None = None


@dataclass(frozen=True, slots=True)
class BoxedList:
    items: tuple[Boxed | None, ...]
    place: Place
    type_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    columns: tuple[Variable, ...]
    rows: tuple[tuple[Boxed | None, ...], ...]
    place: Place
    type_ref: str | None = None


@dataclass(frozen=True, slots=True)
class BoxedFunction:
    parameters: tuple[Variable, ...]
    body: Boxed | None
    place: Place
    kind: str = "FEEL"
    type_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Invocation:
    function: Boxed | None
    bindings: tuple[tuple[str, Boxed | None], ...]
    place: Place
    type_ref: str | None = None


@dataclass(frozen=True, slots=True)
class BoxedConditional:
    condition: Boxed | None
    then: Boxed | None
    otherwise: Boxed | None
    place: Place
    type_ref: str | None = None


@dataclass(frozen=True, slots=True)
class BoxedFilter:
    source: Boxed | None
    match: Boxed | None
    place: Place
    type_ref: str | None = None


@dataclass(frozen=True, slots=True)
class BoxedIterator:
    kind: Literal["for", "some", "every"]
    variable: str
    source: Boxed | None
    body: Boxed | None
    place: Place
    type_ref: str | None = None


HitPolicy = Literal["UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER"]
Aggregation = Literal["SUM", "COUNT", "MIN", "MAX"]


@dataclass(frozen=True, slots=True)
class InputClause:
    expression: str
    place: Place
    label: str = ""
    type_ref: str | None = None
    values: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class OutputClause:
    name: str
    place: Place
    label: str = ""
    type_ref: str | None = None
    values: str | None = None
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    annotations: tuple[str, ...]
    place: Place
    cells: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionTable:
    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    rules: tuple[Rule, ...]
    place: Place
    hit_policy: HitPolicy = "UNIQUE"
    aggregation: Aggregation | None = None
    type_ref: str | None = None


Boxed = (
    LiteralExpression
    | BoxedContext
    | BoxedList
    | Relation
    | BoxedFunction
    | Invocation
    | BoxedConditional
    | BoxedFilter
    | BoxedIterator
    | DecisionTable
)


@dataclass(frozen=True, slots=True)
class InputData:
    id: str
    name: str
    variable: Variable
    place: Place


@dataclass(frozen=True, slots=True)
class DecisionElement:
    """`inputs`, `decisions` and `knowledge` are references: `#id` or `namespace#id`."""

    id: str
    name: str
    variable: Variable
    place: Place
    expression: Boxed | None = None
    inputs: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    knowledge: tuple[str, ...] = ()
    version_tag: str | None = None


@dataclass(frozen=True, slots=True)
class KnowledgeModel:
    id: str
    name: str
    variable: Variable
    function: BoxedFunction | None
    place: Place
    knowledge: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceElement:
    id: str
    name: str
    variable: Variable
    place: Place
    outputs: tuple[str, ...] = ()
    encapsulated: tuple[str, ...] = ()
    input_decisions: tuple[str, ...] = ()
    input_data: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Import:
    name: str
    namespace: str
    location: str | None
    kind: str
    place: Place


Element = InputData | DecisionElement | KnowledgeModel | ServiceElement


@dataclass(frozen=True, slots=True)
class Definitions:
    id: str
    name: str
    namespace: str
    imports: tuple[Import, ...] = ()
    items: tuple[ItemDefinition, ...] = ()
    elements: tuple[Element, ...] = ()
