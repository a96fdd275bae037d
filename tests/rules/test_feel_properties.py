"""Do numbers, dates, sorting and printing agree with an independent reference on values nobody chose?"""

from __future__ import annotations

import datetime as dt
import decimal
import functools
from decimal import Decimal

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rules.feel import compile_expression, to_feel, to_json, to_text
from rules.feel.conversion import to_python
from rules.feel.printer import print_expression
from rules.feel.temporal import Date

DECIMAL128 = decimal.Context(prec=34, rounding=decimal.ROUND_HALF_EVEN, Emin=-6143, Emax=6144)
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=None, min_value=-(10**20), max_value=10**20)
DATES = st.dates()
SLOWLY = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def value(text: str, **variables: object) -> object:
    return compile_expression(text).evaluate(variables)


@SLOWLY
@given(NUMBERS, NUMBERS)
def test_arithmetic_agrees_with_decimal128(a: Decimal, b: Decimal) -> None:
    a, b = DECIMAL128.plus(a), DECIMAL128.plus(b)

    assert value("a + b", a=a, b=b) == DECIMAL128.add(a, b)
    assert value("a - b", a=a, b=b) == DECIMAL128.subtract(a, b)
    assert value("a * b", a=a, b=b) == DECIMAL128.multiply(a, b)
    if b:
        assert value("a / b", a=a, b=b) == DECIMAL128.divide(a, b)
    assert value("a < b", a=a, b=b) == (a < b)
    assert value("a = b", a=a, b=b) == (a == b)


@SLOWLY
@given(NUMBERS, st.integers(-10, 20))
def test_rounding_agrees_with_quantize(number: Decimal, scale: int) -> None:
    wide = decimal.Context(prec=200)
    unit = Decimal(1).scaleb(-scale)
    modes = {
        "decimal": decimal.ROUND_HALF_EVEN,
        "floor": decimal.ROUND_FLOOR,
        "ceiling": decimal.ROUND_CEILING,
        "round up": decimal.ROUND_UP,
        "round down": decimal.ROUND_DOWN,
        "round half up": decimal.ROUND_HALF_UP,
        "round half down": decimal.ROUND_HALF_DOWN,
    }
    rounded = DECIMAL128.plus(number)
    for name, mode in modes.items():
        assert value(f"{name}(n, {scale})", n=rounded) == DECIMAL128.plus(rounded.quantize(unit, rounding=mode, context=wide))


@SLOWLY
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_keep_the_digits_they_print(number: float) -> None:
    assert to_feel(number) == Decimal(repr(number))
    assert float(str(to_json(to_feel(number)))) == number


@SLOWLY
@given(DATES, DATES)
def test_difference_of_dates_agrees_with_datetime(a: dt.date, b: dt.date) -> None:
    assert value("a - b", a=a, b=b) == a - b
    assert value("a < b", a=a, b=b) == (a < b)


@SLOWLY
@given(DATES, st.integers(-5000, 5000))
def test_adding_days_agrees_with_datetime(day: dt.date, days: int) -> None:
    try:
        expected = day + dt.timedelta(days=days)
    except OverflowError:
        assume(False)
    assert value("d + p", d=day, p=dt.timedelta(days=days)) == expected
    assert value("day of year(d)", d=day) == day.timetuple().tm_yday
    assert value("week of year(d)", d=day) == day.isocalendar().week
    assert value("d.weekday", d=day) == day.isoweekday()


@SLOWLY
@given(DATES, st.integers(-300, 300))
def test_adding_months_keeps_the_day_or_ends_the_month(day: dt.date, months: int) -> None:
    later = to_feel(value("d + p", d=day, p=to_feel(value(f'duration("{"-" if months < 0 else ""}P{abs(months)}M")'))))

    assert isinstance(later, Date)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (Date.from_epoch_day(later.epoch_day + 1)).day == 1)


@SLOWLY
@given(st.integers(-999_999_999, 999_999_999), st.integers(1, 12), st.integers(1, 28))
def test_days_of_any_year_survive_the_round_trip(year: int, month: int, day: int) -> None:
    date = Date(year, month, day)

    assert Date.from_epoch_day(date.epoch_day) == date
    assert value(f'date("{date}")') == to_python(date)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.datetimes(timezones=st.timezones()), st.timedeltas(min_value=dt.timedelta(days=-1000), max_value=dt.timedelta(days=1000)))
def test_adding_to_a_moment_in_a_zone_adds_real_time(moment: dt.datetime, duration: dt.timedelta) -> None:
    assume(3 <= moment.year <= 9990)
    assume(moment.astimezone(dt.UTC).astimezone(moment.tzinfo) == moment and not moment.fold)
    offset = moment.utcoffset()
    assume(offset is not None and offset.total_seconds() == int(offset.total_seconds()))

    later = value("m + d", m=moment, d=duration)

    assert isinstance(later, dt.datetime)
    expected = moment.astimezone(dt.UTC) + duration
    assert abs((later.astimezone(dt.UTC) - expected).total_seconds()) <= (3 * 3600 if later.fold or _in_gap_or_fold(later) else 0)


def _in_gap_or_fold(moment: dt.datetime) -> bool:
    return moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()


@SLOWLY
@given(st.lists(st.integers(-50, 50), max_size=60))
def test_sorting_agrees_with_python(numbers: list[int]) -> None:
    assert value("sort(xs)", xs=numbers) == sorted(numbers)
    assert value("sort(xs, function(a, b) a > b)", xs=numbers) == sorted(numbers, reverse=True)
    assert value("distinct values(xs)", xs=numbers) == list(dict.fromkeys(numbers))


LEAVES = st.one_of(
    st.integers(-100, 100).map(str),
    st.decimals(min_value=0, max_value=100, places=2).map(str),
    st.text(alphabet='abc "\\\n', max_size=5).map(lambda text: to_text([text])[1:-1].replace("\n", "\\n")),
    st.sampled_from(["true", "false", "null", "x", '@"2024-02-29"', '@"PT1H"', "[]", "{}", "-x", "items"]),
)


def _combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    binary = st.sampled_from(["+", "-", "*", "/", "**", "=", "!=", "<", "<=", "and", "or", "in"])
    return st.one_of(
        st.tuples(inner, binary, inner).map(lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"),
        st.tuples(inner, binary, inner, binary, inner).map(
            lambda parts: " ".join(f"({p})" if i % 2 == 0 else p for i, p in enumerate(parts))
        ),
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.tuples(inner, inner).map(lambda parts: f"{{a: {parts[0]}, b c: {parts[1]}}}.b c"),
        st.tuples(inner, inner, inner).map(lambda parts: f"if {parts[0]} then {parts[1]} else {parts[2]}"),
        st.tuples(inner, inner).map(lambda parts: f"for i in ({parts[0]}) return [i, {parts[1]}]"),
        st.tuples(inner, inner).map(lambda parts: f"({parts[0]})[{parts[1]}]"),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]}) between ({parts[1]}) and ({parts[2]})"),
        inner.map(lambda part: f"some i in [{part}] satisfies i = {part}"),
        inner.map(lambda part: f"count({part})"),
        inner.map(lambda part: f"(function(p) [p, {part}])(p: 1)"),
        inner.map(lambda part: f"({part}) instance of list<number>"),
    )


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.recursive(LEAVES, _combined, max_leaves=12))
def test_printing_and_parsing_again_gives_the_same_value(text: str) -> None:
    context: dict[str, object] = {"x": 3, "items": [1, 2, 3]}
    expression = compile_expression(text)
    printed = print_expression(expression.tree)

    assert to_text(to_feel(compile_expression(printed).evaluate(context))) == to_text(to_feel(expression.evaluate(context)))


def test_a_sum_of_many_cents_is_exact() -> None:
    cents = [0.1] * 1000

    assert value("sum(xs)", xs=cents) == 100
    assert functools.reduce(lambda total, cent: total + cent, cents) != 100
