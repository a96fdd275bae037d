"""What can be done with lists (DMN 1.5 §10.3.4.4 and sort, §10.3.4.8)?"""

from __future__ import annotations

import functools
from decimal import Decimal
from typing import cast

from rules.feel import arithmetic, numbers
from rules.feel.builtins.conversions import whole
from rules.feel.builtins.signature import Builtin, parameters
from rules.feel.builtins.sorting import sort
from rules.feel.comparison import SeenValues, identical, order
from rules.feel.invocation import call_function
from rules.feel.run import Run, UndefinedError
from rules.feel.types import ANY_LIST, BOOLEAN, NUMBER
from rules.feel.values import Function, type_name

List = list[object]


def list_contains(list_: List, element: object) -> bool:
    return any(identical(item, element) for item in list_)


def count(list_: List) -> Decimal:
    return Decimal(len(list_))


def minimum(list_: List) -> object:
    return _extreme(list_, -1)


def maximum(list_: List) -> object:
    return _extreme(list_, 1)


def _extreme(list_: List, wanted: int) -> object:
    if not list_:
        return None
    best = list_[0]
    for item in list_:
        position = order(item, best)
        if position is None:
            raise UndefinedError(f"cannot compare {type_name(best)} and {type_name(item)}")
        if position == wanted:
            best = item
    return best


def sum_(list_: List) -> object:
    if not list_:
        return None
    total = list_[0]
    if len(list_) == 1:
        total = arithmetic.add(total, total) and total
    for item in list_[1:]:
        total = arithmetic.add(_summand(total), _summand(item))
    return _summand(total)


def _summand(value: object) -> object:
    if type_name(value) in ("number", "days and time duration", "years and months duration"):
        return value
    raise UndefinedError(f"cannot sum a {type_name(value)}")


def product(list_: List) -> object:
    return functools.reduce(numbers.multiply, _numbers(list_)) if list_ else None


def mean(list_: List) -> object:
    return arithmetic.divide(sum_(list_), Decimal(len(list_))) if list_ else None


def median(list_: List) -> object:
    if not list_:
        return None
    ordered = sorted(_numbers(list_))
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else numbers.divide(numbers.add(ordered[middle - 1], ordered[middle]), Decimal(2))


def stddev(list_: List) -> object:
    values = _numbers(list_)
    if len(values) < 2:
        return None
    average = numbers.divide(functools.reduce(numbers.add, values), Decimal(len(values)))
    squares = [numbers.power(numbers.subtract(value, average), Decimal(2)) for value in values]
    return numbers.DECIMAL128.sqrt(numbers.divide(functools.reduce(numbers.add, squares), Decimal(len(values) - 1)))


def mode(list_: List) -> object:
    counts: dict[Decimal, int] = {}
    for value in _numbers(list_):
        counts[value] = counts.get(value, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(value for value, times in counts.items() if times == most)


def all_(list_: List) -> bool | None:
    return _logic(list_, decisive=False)


def any_(list_: List) -> bool | None:
    return _logic(list_, decisive=True)


def _logic(list_: List, *, decisive: bool) -> bool | None:
    result: bool | None = not decisive
    for item in list_:
        if item is decisive:
            return decisive
        if type(item) is not bool:
            result = None
    return result


def sublist(list_: List, start: Decimal, length: Decimal | None = None) -> List:
    first = _position(list_, start)
    if length is None:
        return list_[first:]
    size = whole(length)
    if size < 0 or first + size > len(list_):
        raise UndefinedError(f"no {length} items from position {start} in a list of {len(list_)}")
    return list_[first : first + size]


def append(list_: List, items: List) -> List:
    return [*list_, *items]


def concatenate(lists: List) -> List:
    result: List = []
    for item in lists:
        if item is None:
            raise UndefinedError("cannot concatenate null")
        result.extend(cast(List, item) if isinstance(item, list) else [item])
    return result


def insert_before(list_: List, position: Decimal, item: object) -> List:
    index = _position(list_, position)
    return [*list_[:index], item, *list_[index:]]


def remove(list_: List, position: Decimal) -> List:
    index = _position(list_, position)
    return [*list_[:index], *list_[index + 1 :]]


def list_replace(run: Run, list_: List, selector: object, item: object) -> List:
    if isinstance(selector, Function):
        result: List = []
        for old in list_:
            chosen = call_function(run, selector, [old, item])
            if not isinstance(chosen, bool):
                raise UndefinedError(f"the match function gives a {type_name(chosen)}, not a boolean")
            result.append(item if chosen else old)
        return result
    if not isinstance(selector, Decimal):
        raise UndefinedError(f"a {type_name(selector)} selects no item")
    index = _position(list_, selector)
    return [*list_[:index], item, *list_[index + 1 :]]


def reverse(list_: List) -> List:
    return list_[::-1]


def index_of(list_: List, match: object) -> List:
    return [Decimal(index) for index, item in enumerate(list_, 1) if identical(item, match)]


def union(lists: List) -> List:
    return distinct_values(concatenate(lists))


def distinct_values(list_: List) -> List:
    result: List = []
    seen = SeenValues()
    for item in list_:
        if seen.add(item):
            result.append(item)
    return result


def duplicate_values(list_: List) -> List:
    seen, repeated = SeenValues(), SeenValues()
    return [item for item in list_ if not seen.add(item) and repeated.add(item)]


def flatten(list_: List) -> List:
    result: List = []
    stack: list[tuple[List, int]] = [(list_, 0)]
    while stack:
        items, position = stack.pop()
        while position < len(items):
            item = items[position]
            position += 1
            if isinstance(item, list):
                stack.append((items, position))
                items, position = cast(List, item), 0
            else:
                result.append(item)
    return result


def partition(list_: List, size: Decimal) -> List:
    step = whole(size)
    if step < 1:
        raise UndefinedError(f"cannot cut a list into pieces of {size}")
    return [list_[i : i + step] for i in range(0, len(list_), step)]


def _numbers(list_: List) -> list[Decimal]:
    for item in list_:
        if not isinstance(item, Decimal):
            raise UndefinedError(f"a {type_name(item)} among the numbers")
    return cast(list[Decimal], list_)


def _position(list_: List, position: Decimal) -> int:
    index = whole(position)
    if 1 <= index <= len(list_):
        return index - 1
    if -len(list_) <= index <= -1:
        return index + len(list_)
    raise UndefinedError(f"no position {position} in a list of {len(list_)}")


_LIST = parameters("list:list")
FUNCTIONS = (
    Builtin("list contains", parameters("list:list", "element"), list_contains, BOOLEAN),
    Builtin("count", _LIST, count, NUMBER),
    Builtin("min", _LIST, minimum, spread=True),
    Builtin("max", _LIST, maximum, spread=True),
    Builtin("sum", _LIST, sum_, spread=True),
    Builtin("product", _LIST, product, NUMBER, spread=True),
    Builtin("mean", _LIST, mean, spread=True),
    Builtin("median", _LIST, median, NUMBER, spread=True),
    Builtin("stddev", _LIST, stddev, NUMBER, spread=True),
    Builtin("mode", _LIST, mode, ANY_LIST, spread=True),
    Builtin("all", _LIST, all_, BOOLEAN, spread=True),
    Builtin("any", _LIST, any_, BOOLEAN, spread=True),
    Builtin("sublist", parameters("list:list", "start position:number", "length:number?"), sublist, ANY_LIST),
    Builtin("append", parameters("list:list", "item:list"), append, ANY_LIST, rest=True),
    Builtin("concatenate", _LIST, concatenate, ANY_LIST, rest=True),
    Builtin("union", _LIST, union, ANY_LIST, rest=True),
    Builtin("insert before", parameters("list:list", "position:number", "newItem"), insert_before, ANY_LIST),
    Builtin("remove", parameters("list:list", "position:number"), remove, ANY_LIST),
    Builtin("list replace", parameters("list:list", "position:number", "newItem"), list_replace, ANY_LIST, needs_run=True),
    Builtin("list replace", parameters("list:list", "match:function", "newItem"), list_replace, ANY_LIST, needs_run=True),
    Builtin("reverse", _LIST, reverse, ANY_LIST),
    Builtin("index of", parameters("list:list", "match"), index_of, ANY_LIST),
    Builtin("distinct values", _LIST, distinct_values, ANY_LIST),
    Builtin("duplicate values", _LIST, duplicate_values, ANY_LIST),
    Builtin("flatten", _LIST, flatten, ANY_LIST),
    Builtin("sort", parameters("list:list", "precedes:function?*"), sort, ANY_LIST, needs_run=True),
    Builtin("partition", parameters("list:list", "size:number"), partition, ANY_LIST),
)
