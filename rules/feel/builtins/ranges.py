"""How do points and ranges lie to each other (DMN 1.5 §10.3.4.9, Table 78), and how is a range made from text?"""

from __future__ import annotations

import re

from rules.feel.builtins.signature import Builtin, parameters
from rules.feel.comparison import identical, order
from rules.feel.durations import DaysTimeDuration, YearsMonthsDuration
from rules.feel.iso import read_temporal
from rules.feel.numbers import number
from rules.feel.run import UndefinedError
from rules.feel.scanner import unescape
from rules.feel.temporal import Date, DateTime, Time
from rules.feel.types import ANY_RANGE, BOOLEAN
from rules.feel.values import Range, type_name


def before(first: object, second: object) -> bool:
    a, b = _as_range(first), _as_range(second)
    position = _order(a.high, b.low)
    return position < 0 or (position == 0 and not (a.high_closed and b.low_closed))


def after(first: object, second: object) -> bool:
    return before(second, first)


def meets(first: Range, second: Range) -> bool:
    return first.high_closed and second.low_closed and _order(first.high, second.low) == 0


def met_by(first: Range, second: Range) -> bool:
    return meets(second, first)


def overlaps(first: Range, second: Range) -> bool:
    return not before(first, second) and not before(second, first)


def overlaps_before(first: Range, second: Range) -> bool:
    starts = _order(first.low, second.low)
    ends = _order(first.high, second.high)
    touches = _order(first.high, second.low)
    return (
        (starts < 0 or (starts == 0 and first.low_closed and not second.low_closed))
        and (touches > 0 or (touches == 0 and first.high_closed and second.low_closed))
        and (ends < 0 or (ends == 0 and (not first.high_closed or second.high_closed)))
    )


def overlaps_after(first: Range, second: Range) -> bool:
    touches = _order(second.high, first.low)
    starts = _order(second.low, first.low)
    ends = _order(second.high, first.high)
    return (
        (starts < 0 or (starts == 0 and second.low_closed and not first.low_closed))
        and (touches > 0 or (touches == 0 and second.high_closed and first.low_closed))
        and (ends < 0 or (ends == 0 and (first.high_closed or not second.high_closed)))
    )


def includes(range_: Range, second: object) -> bool:
    inner = _as_range(second)
    starts, ends = _order(range_.low, inner.low), _order(range_.high, inner.high)
    return (starts < 0 or (starts == 0 and (range_.low_closed or not inner.low_closed))) and (
        ends > 0 or (ends == 0 and (range_.high_closed or not inner.high_closed))
    )


def during(first: object, range_: Range) -> bool:
    return includes(range_, first)


def starts(first: object, range_: Range) -> bool:
    inner = _as_range(first)
    if not isinstance(first, Range):
        return range_.low_closed and _order(first, range_.low) == 0
    ends = _order(inner.high, range_.high)
    return (
        _order(inner.low, range_.low) == 0
        and inner.low_closed == range_.low_closed
        and (ends < 0 or (ends == 0 and (not inner.high_closed or range_.high_closed)))
    )


def started_by(range_: Range, second: object) -> bool:
    return starts(second, range_)


def finishes(first: object, range_: Range) -> bool:
    inner = _as_range(first)
    if not isinstance(first, Range):
        return range_.high_closed and _order(first, range_.high) == 0
    begins = _order(inner.low, range_.low)
    return (
        _order(inner.high, range_.high) == 0
        and inner.high_closed == range_.high_closed
        and (begins > 0 or (begins == 0 and (not inner.low_closed or range_.low_closed)))
    )


def finished_by(range_: Range, second: object) -> bool:
    return finishes(second, range_)


def coincides(first: object, second: object) -> bool:
    if isinstance(first, Range) != isinstance(second, Range):
        raise UndefinedError(f"cannot compare a {type_name(first)} with a {type_name(second)}")
    a, b = _as_range(first), _as_range(second)
    return _order(a.low, b.low) == 0 and _order(a.high, b.high) == 0 and a.low_closed == b.low_closed and a.high_closed == b.high_closed


def range_(text: str) -> Range:
    """The range a text names: literal ends, of which one may be missing at an open end (DMN 1.5 §10.3.4.1)."""
    found = _RANGE.fullmatch(text.strip())
    if found is None:
        raise UndefinedError(f"'{text}' is no range")
    opening, low_text, high_text, closing = found.groups()
    low, high = _end(low_text), _end(high_text)
    low_closed, high_closed = opening == "[", closing == "]"
    if (low is None and (high is None or low_closed)) or (high is None and high_closed):
        raise UndefinedError(f"'{text}' is no range")
    if low is not None and high is not None and _order(low, high) > 0:
        raise UndefinedError(f"'{text}' begins after its end")
    return Range(low, high, low_closed, high_closed)


def _end(text: str) -> object:
    text = text.strip()
    if not text:
        return None
    if _STRING.fullmatch(text):
        return unescape(text[1:-1])
    call = _CALL.fullmatch(text)
    value = number(text) if _NUMBER.fullmatch(text) else None if call is None else read_temporal(unescape(call[2]))
    if value is None or (call is not None and call[1] not in ("@", _CALLS.get(type(value)))):
        raise UndefinedError(f"'{text}' is no literal")
    return value


def _as_range(value: object) -> Range:
    return value if isinstance(value, Range) else Range(value, value, True, True)


def _order(left: object, right: object) -> int:
    position = order(left, right)
    if position is None:
        if left is not None and identical(left, right):
            return 0
        raise UndefinedError(f"cannot order {type_name(left)} and {type_name(right)}")
    return position


_RANGE = re.compile(r"""([\[(\]])((?:[^".]|\.(?!\.)|"(?:[^"\\]|\\.)*")*)\.\.((?:[^".]|\.(?!\.)|"(?:[^"\\]|\\.)*")*)([\])\[])""", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_CALL = re.compile(r'(@|date and time\s*\(|date\s*\(|time\s*\(|duration\s*\()\s*"((?:[^"\\]|\\.)*)"\s*\)?', re.DOTALL)
_CALLS: dict[type, str] = {
    Date: "date(",
    DateTime: "date and time(",
    Time: "time(",
    DaysTimeDuration: "duration(",
    YearsMonthsDuration: "duration(",
}
_TWO_RANGES = parameters("range1:range", "range2:range")
FUNCTIONS = (
    Builtin("range", parameters("from:string"), range_, ANY_RANGE),
    *(
        Builtin(name, parameters(*specs), function, BOOLEAN)
        for name, function in (("before", before), ("after", after), ("coincides", coincides))
        for specs in (("point1", "point2"), ("point", "range"), ("range", "point"), ("range1", "range2"))
    ),
    Builtin("meets", _TWO_RANGES, meets, BOOLEAN),
    Builtin("met by", _TWO_RANGES, met_by, BOOLEAN),
    Builtin("overlaps", _TWO_RANGES, overlaps, BOOLEAN),
    Builtin("overlaps before", _TWO_RANGES, overlaps_before, BOOLEAN),
    Builtin("overlaps after", _TWO_RANGES, overlaps_after, BOOLEAN),
    *(
        Builtin(name, parameters(*specs), function, BOOLEAN)
        for name, function in (("finished by", finished_by), ("includes", includes), ("started by", started_by))
        for specs in (("range:range", "point"), ("range1:range", "range2"))
    ),
    *(
        Builtin(name, parameters(*specs), function, BOOLEAN)
        for name, function in (("finishes", finishes), ("during", during), ("starts", starts))
        for specs in (("point", "range:range"), ("range1", "range2:range"))
    ),
)
