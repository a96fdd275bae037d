"""Do numbers pass through JSON with all their digits?"""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.feel import compile_expression, read_json_text, to_json_text

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=10, min_value=Decimal(-(10**20)), max_value=Decimal(10**20))


@given(NUMBERS)
def test_a_number_comes_back_as_it_was(value: Decimal) -> None:
    assert Decimal(str(read_json_text(to_json_text(value)))) == value


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("1/3", "0.3333333333333333333333333333333333"),
        ("10 ** 20 + 0.1", "100000000000000000000.1"),
        ("1.50", "1.5"),
        ("100.0", "100"),
        ('{"a b": [1, null, true, "é\\"", @"2024-02-29", @"P1D"]}', '{"a b":[1,null,true,"é\\"","2024-02-29","P1D"]}'),
    ],
)
def test_a_value_is_written_exactly(expression: str, text: str) -> None:
    assert to_json_text(compile_expression(expression).evaluate({})) == text


def test_numbers_beyond_decimal128_and_nan_are_refused() -> None:
    for text in ("1e7000", "NaN", "[Infinity]"):
        with pytest.raises(ValueError, match="number"):
            read_json_text(text)


def test_very_small_and_large_numbers_stay_short_and_valid() -> None:
    for text in ("1E-300", "1.5E+900"):
        written = to_json_text(Decimal(text))
        assert len(written) < 20
        assert json.loads(written, parse_float=Decimal) == Decimal(text)
