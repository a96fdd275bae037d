"""How is an evaluated decision kept? As one row with its value and the rules that matched."""

from typing import Any

from engine.store.json_text import dumps
from rules.dmn import DecisionResult
from rules.feel import to_json_text


def decision_row(
    key: int,
    result: DecisionResult,
    at: int,
    instance: int = 0,
    element: int | None = None,
    element_id: str | None = None,
    definition: int | None = None,
) -> list[Any]:
    """A row of `decision_instance`, in column order."""
    return [
        instance,
        key,
        element,
        element_id,
        result.decision_id,
        result.decision_name,
        definition,
        "EVALUATED" if result.failure is None else "FAILED",
        result.failure,
        to_json_text(result.value),
        dumps(result.to_json()),
        at,
    ]
