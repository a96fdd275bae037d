"""In which order does `sort()` bring a list (DMN 1.5 §10.3.4.8)?"""

from __future__ import annotations

from collections.abc import Callable

from rules.feel.comparison import order
from rules.feel.invocation import call_function
from rules.feel.run import Run, UndefinedError
from rules.feel.values import Function, type_name

List = list[object]


def sort(run: Run, list_: List, precedes: Function | None = None) -> List:
    if precedes is None:
        return _merge_sort(list_, _natural)

    def before(left: object, right: object) -> bool:
        return call_function(run, precedes, [left, right]) is True

    return _merge_sort(list_, before)


def _natural(left: object, right: object) -> bool:
    position = order(left, right)
    if position is None:
        raise UndefinedError(f"cannot order {type_name(left)} and {type_name(right)}")
    return position < 0


def _merge_sort(items: List, before: Callable[[object, object], bool]) -> List:
    """Stable, and without a C function between two FEEL calls."""
    runs: list[List] = [[item] for item in items]
    while len(runs) > 1:
        merged = [_merge(runs[i], runs[i + 1], before) for i in range(0, len(runs) - 1, 2)]
        runs = merged + ([runs[-1]] if len(runs) % 2 else [])
    return runs[0] if runs else []


def _merge(left: List, right: List, before: Callable[[object, object], bool]) -> List:
    result: List = []
    i = j = 0
    while i < len(left) and j < len(right):
        if before(right[j], left[i]):
            result.append(right[j])
            j += 1
        else:
            result.append(left[i])
            i += 1
    return [*result, *left[i:], *right[j:]]
