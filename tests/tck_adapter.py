"""Evaluates decisions for the runner of the DMN technology compatibility kit: see `evaluate`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from rules.dmn.model import DecisionModel, read_model
from rules.feel.conversion import to_python, to_text


@lru_cache(maxsize=64)
def _model(files: tuple[bytes, ...]) -> DecisionModel:
    imported: list[DecisionModel] = []
    for data in reversed(files[1:]):
        imported.append(read_model(data, imports=imported))
    return read_model(files[0], imports=imported)


def evaluate(dmn_files: Sequence[bytes], decision: str, inputs: Mapping[str, object], kind: str) -> object:
    """The value of a decision or decision service. The first file is the model, the others those it imports."""
    result = _model(tuple(dmn_files)).evaluate(decision, inputs, given=inputs)
    return _plain(to_python(result.value))


def _plain(value: object) -> object:
    """Values that Python cannot hold as ISO text."""
    match value:
        case list():
            return [_plain(item) for item in value]
        case dict():
            return {name: _plain(entry) for name, entry in value.items()}
        case _ if type(value).__module__.startswith("rules.") and not hasattr(value, "months"):
            return to_text(value)
        case _:
            return value
