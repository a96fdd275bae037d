"""Which decisions did the rules take in an instance, and which rules matched?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.pages.data import every, value_of
from engine.runtime.facade import Engine
from engine.store.rows import DecisionInstanceRow


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that matched: its place in the table (1-based), in words, with the author's remarks."""

    index: int
    text: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One decision evaluated on the way: what it read, what it gave."""

    name: str
    inputs: tuple[tuple[str, Any], ...]
    value: Any
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class DecisionTaken:
    key: int
    name: str
    element_id: str | None
    at: datetime
    value: Any
    failure: str | None
    parts: tuple[Part, ...]


def decisions_taken(engine: Engine, instance_key: int) -> list[DecisionTaken]:
    """The newest first."""
    rows = every(
        engine, "decision_instance", {"process_instance_key": instance_key}, (("evaluated_at", "desc"), ("key", "desc")), at_most=200
    )
    return [taken(row) for row in rows]


def taken(row: DecisionInstanceRow) -> DecisionTaken:
    return DecisionTaken(
        key=row.key,
        name=row.decision_name or row.decision_id,
        element_id=row.element_id,
        at=row.evaluated_at,
        value=value_of(row.result),
        failure=row.failure,
        parts=tuple(_part(each) for each in _list(row.details, "evaluated")),
    )


def _part(details: Mapping[str, Any]) -> Part:
    return Part(
        name=str(details.get("name") or details.get("id") or ""),
        inputs=tuple((str(each.get("name") or each.get("id") or ""), each.get("value")) for each in _list(details, "inputs")),
        value=details.get("value"),
        rules=tuple(_rule(each) for each in _list(details, "matched")),
    )


def _rule(details: Mapping[str, Any]) -> Rule:
    remarks = details.get("annotations") or ()
    return Rule(int(details.get("index") or 0), str(details.get("text") or ""), tuple(str(each) for each in remarks if each))


def _list(details: Mapping[str, Any], name: str) -> Sequence[Any]:
    found = details.get(name)
    return found if isinstance(found, list) else ()
