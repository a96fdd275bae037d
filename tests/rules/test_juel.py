"""Does the FEEL translation of JUEL decide alike, and is the rest refused with its place?"""

from __future__ import annotations

import pytest

from rules.feel import FeelSyntaxError, compile_expression
from rules.juel import is_juel, to_feel

CONTEXT: dict[str, object] = {
    "amount": 200,
    "status": "new",
    "items": [7, 8],
    "none": None,
    "empty_list": [],
    "order": {"lines": [{"price": 5}], "ship to": "Köln"},
    "approved": False,
    "date": True,
    "time": True,
}

CASES = [
    ("${amount > 100 && status == 'new'}", True),
    ("${amount gt 100 and status eq 'new'}", True),
    ("#{amount <= 100 || approved}", False),
    ("${!approved}", True),
    ("${not none}", True),
    ("${empty items}", False),
    ("${!empty items}", True),
    ("${empty none && empty empty_list && empty ''}", True),
    ("${amount >= 200 ? 'much' : 'little'}", "much"),
    ("${items[0]}", 7),
    ("${order.lines[0].price * 2 + 1}", 11),
    ("${order['ship to']}", "Köln"),
    ("${10 % 4}", 2),
    ("${-7 % 4}", -3),
    ("${(1 + 2) * 3 div 2}", 4.5),
    ("Order of ${amount}!", "Order of 200!"),
    ("${date && time}", True),
    ('${"a\\"b"}', 'a"b'),
    ("plain text", "plain text"),
    ("${missing == null}", True),
    ("${amount != 100 and -amount < 0}", True),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_translation_has_the_same_value(text: str, expected: object) -> None:
    assert compile_expression(to_feel(text)).evaluate(CONTEXT) == expected


def test_simple_conditions_stay_readable() -> None:
    assert to_feel("${amount > 100}") == "amount > 100"
    assert to_feel("${order.id}") == "order.id"


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("${execution.getVariable('x')}", 24, "Method calls"),
        ("${a = 1}", 5, "Unexpected character '='"),
        ("${a +", 6, "Expected a value"),
        ("${a", 4, "'}'"),
        ("${items[i]}", 9, "number or a string"),
        ("${a; b}", 4, "Unexpected character ';'"),
        ("${a ? b}", 8, "':'"),
        ("${" + "(" * 500 + "a", 53, "nested too deeply"),
    ],
)
def test_what_is_not_in_the_subset_is_refused_with_its_place(text: str, column: int, words: str) -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        to_feel(text)

    assert words in str(caught.value)
    assert caught.value.column == column or words == "nested too deeply"


def test_juel_is_recognized() -> None:
    assert is_juel("${a}")
    assert is_juel("Hi #{a}")
    assert not is_juel("a > 1")
