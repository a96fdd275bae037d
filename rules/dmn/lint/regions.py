"""Into which regions do the cells of a column cut its values? Within a region all values pass the same rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import cast

from rules.dmn.cells import ORDERED, ConstantCell, Interval, constant_cell
from rules.dmn.run import DecisionRun
from rules.dmn.table import CompiledTable
from rules.feel.durations import DAY, DaysTimeDuration, YearsMonthsDuration
from rules.feel.expression import UnaryTests, compile_unary_tests
from rules.feel.run import Run
from rules.feel.temporal import Date
from rules.feel.types import BOOLEAN, DATE, DAYS_TIME, NUMBER, STRING, YEARS_MONTHS, FeelType

_KINDS: dict[FeelType, type] = {
    NUMBER: Decimal,
    STRING: str,
    BOOLEAN: bool,
    DATE: Date,
    DAYS_TIME: DaysTimeDuration,
    YEARS_MONTHS: YearsMonthsDuration,
}


@dataclass(frozen=True, slots=True)
class Region:
    """An example of the values, the rules whose cells they pass, and those of which only an evaluation could tell."""

    example: object
    rules: int
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class ColumnRegions:
    """The regions of one input column; `open` when its kind of values is unknown, so that nothing is known of it."""

    regions: tuple[Region, ...]
    open: bool = False


def column_regions(table: CompiledTable, position: int) -> ColumnRegions:
    """The regions of an input column within its allowed values."""
    cells = [row[position] for row in table.cells]
    constants = {cell: constant_cell(cell) for cell in cells if cell is not None}
    allowed = table.input_values[position]
    kind = _KINDS.get(table.input_types[position].structure) or _kind_of(list(constants.values()), allowed)
    everything = (1 << len(cells)) - 1
    if kind is None:
        always = sum(1 << rule for rule, cell in enumerate(cells) if cell is not None and _is_any(constants[cell]))
        return ColumnRegions((Region(None, always, everything & ~always),), open=True)
    unknown = sum(1 << rule for rule, cell in enumerate(cells) if cell is None or constants[cell] is None)
    if kind is bool:
        values: list[object] = [True, False]
    else:
        intervals = [interval for constant in constants.values() if constant is not None for interval in constant.accepted(kind)]
        limits = [*_limits(allowed, kind), *_limits(_of_type(table, position), kind)]
        values = _examples(kind, [*intervals, *limits])
    check = table.input_types[position].check
    regions: list[Region] = []
    run = DecisionRun({}, None)
    for value in values:
        if (allowed is not None and not passes(allowed, value)) or (check is not None and not check(value)):
            continue
        rules, _ = table.index.columns[position].candidates(run, value)
        regions.append(Region(value, rules & ~unknown, unknown))
    return ColumnRegions(tuple(_distinct(regions)))


def passes(cell: UnaryTests, value: object) -> bool:
    """Whether a value passes a cell of constants."""
    return cell.run(Run({"?": value}, trusted=True)) is True


def _distinct(regions: Sequence[Region]) -> list[Region]:
    """One region for each set of rules, the simplest example first."""
    found: dict[tuple[int, int], Region] = {}
    for region in regions:
        key = (region.rules, region.unknown)
        if key not in found or _simplicity(region.example) < _simplicity(found[key].example):
            found[key] = region
    return list(found.values())


def _simplicity(value: object) -> tuple[int, int]:
    text = str(value)
    return (int(text == "" or (isinstance(value, Decimal) and value != value.to_integral_value())), len(text))


def _is_any(constant: ConstantCell | None) -> bool:
    return constant is not None and not constant.tests


def _kind_of(constants: Sequence[ConstantCell | None], allowed: UnaryTests | None) -> type | None:
    """The one type that the cells compare with."""
    cells = [*constants, None if allowed is None else constant_cell(allowed)]
    kinds = {kind for cell in cells if cell is not None for _, constant in cell.tests for kind in _kinds(constant)}
    kinds.discard(type(None))
    only = kinds.pop() if len(kinds) == 1 else None
    return only if only in ORDERED or only is bool else None


def _kinds(constant: object) -> set[type]:
    low, high = getattr(constant, "low", None), getattr(constant, "high", None)
    if low is not None or high is not None:
        return {type(low if low is not None else high)}
    if isinstance(constant, list):
        return {kind for item in cast(list[object], constant) for kind in _kinds(item)}
    return {type(constant)}


def _of_type(table: CompiledTable, position: int) -> UnaryTests | None:
    """The allowed values of the type of a column."""
    text = table.input_types[position].allowed
    return None if text is None else compile_unary_tests(text)


def _limits(allowed: UnaryTests | None, kind: type) -> list[Interval]:
    constant = None if allowed is None else constant_cell(allowed)
    return [] if constant is None else constant.accepted(kind)


def _examples(kind: type, intervals: Sequence[Interval]) -> list[object]:
    """A value at each end of an interval, and one in each gap between ends."""
    ends = {end for interval in intervals for end in (interval.low, interval.high) if end is not None}
    points = sorted(cast(set[Decimal], ends))
    if not points:
        return [_DEFAULTS[kind]]
    values: list[object] = []
    if kind is str:
        texts = cast(list[str], points)
        has_ranges = any(interval.high != interval.low for interval in intervals)
        return [*texts, _other_text(texts), *(text + "!" for text in texts if has_ranges), ""]
    first, last = points[0], points[-1]
    values.append(_shifted(first, kind, -1))
    for low, high in pairwise(points):
        values.append(low)
        middle = _between(low, high, kind)
        if middle is not None:
            values.append(middle)
    return [*values, last, _shifted(last, kind, 1)]


_DEFAULTS: dict[type, object] = {
    Decimal: Decimal(0),
    str: "other",
    Date: Date(2025, 1, 1),
    DaysTimeDuration: DaysTimeDuration(0),
    YearsMonthsDuration: YearsMonthsDuration(0),
}


def _shifted(value: object, kind: type, step: int) -> object:
    match value:
        case Decimal():
            return (value + step).normalize() + 0 if abs(value) < 10**30 else value * (2 if (value > 0) == (step > 0) else Decimal("0.5"))
        case Date():
            return Date.from_epoch_day(value.epoch_day + step)
        case DaysTimeDuration():
            return DaysTimeDuration(value.nanoseconds + step * DAY)
        case YearsMonthsDuration():
            return YearsMonthsDuration(value.months + step)
        case _:
            return _DEFAULTS[kind]


def _between(low: object, high: object, kind: type) -> object:
    """A value strictly between two, as round as possible; None when there is none."""
    match low, high:
        case Decimal(), Decimal():
            whole = low.to_integral_value(rounding="ROUND_FLOOR") + 1
            return whole if whole < high else (low + high) / 2
        case Date(), Date():
            return Date.from_epoch_day(low.epoch_day + 1) if high.epoch_day - low.epoch_day > 1 else None
        case DaysTimeDuration(), DaysTimeDuration():
            middle = (low.nanoseconds + high.nanoseconds) // 2
            return DaysTimeDuration(middle) if low.nanoseconds < middle < high.nanoseconds else None
        case YearsMonthsDuration(), YearsMonthsDuration():
            return YearsMonthsDuration(low.months + 1) if high.months - low.months > 1 else None
        case _:
            return None


def _other_text(known: Sequence[str]) -> str:
    text = "other"
    while text in known:
        text += "?"
    return text
