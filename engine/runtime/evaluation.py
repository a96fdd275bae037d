"""What is the value of an expression that somebody asks about?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.errors import Rejected
from rules.feel import FeelError, FeelSyntaxError, compile_expression


@dataclass(frozen=True, slots=True)
class Evaluated:
    """`value` is a FEEL value (see `rules.feel.to_json`); `warnings` say why something in it is null."""

    text: str
    value: Any
    warnings: tuple[str, ...] = ()


def evaluate_expression(text: str, variables: Mapping[str, Any], now: datetime) -> Evaluated:
    feel = text.strip().removeprefix("=")
    try:
        evaluation = compile_expression(feel, names=tuple(variables)).explain(variables, now=now)
    except FeelSyntaxError as problem:
        raise Rejected(f"The expression cannot be read: {problem}") from problem
    except FeelError as problem:
        raise Rejected(f"The expression has no value: {problem}") from problem
    return Evaluated(text, evaluation.value, tuple(evaluation.warnings))
