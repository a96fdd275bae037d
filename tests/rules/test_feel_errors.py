"""Do errors of FEEL texts and runaway evaluations say what is wrong, where, and in time?"""

from __future__ import annotations

import time

import pytest

from rules.feel import FeelBudgetError, FeelError, FeelSyntaxError, compile_expression, compile_unary_tests

WRONG = [
    ("1 +", 1, 4, "the expression ends"),
    ("1 == 2", 1, 4, "single '='"),
    ("a && b", 1, 3, "'and'"),
    ('"abc', 1, 1, 'end it with "'),
    ("[1, 2", 1, 6, "']'"),
    ("if a then b", 1, 12, "'else'"),
    ("for x in xs", 1, 12, "'return'"),
    ("x between 1", 1, 12, "'and'"),
    ("\n\n  )", 3, 3, "Expected an expression"),
    ("foo bar", 1, 5, "`foo bar`"),
    ("strin length(a)", 1, 7, "did you mean 'string length'?"),
    ("${a}", 1, 1, "no ${…}"),
    ("f(a: 1, 2)", 1, 9, "named argument"),
    ("{a 1}", 1, 5, "':'"),
    ("", 1, 1, "the expression ends"),
    ("`open", 1, 1, "not closed"),
    ("@2024", 1, 1, "quoted date"),
    ("1 + 1e9999", 1, 5, "too large"),
]


@pytest.mark.parametrize(("text", "line", "column", "words"), WRONG)
def test_syntax_error_names_place_and_way_out(text: str, line: int, column: int, words: str) -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        compile_expression(text)

    assert (caught.value.line, caught.value.column) == (line, column)
    assert words in str(caught.value)


RUNAWAY = [
    "for i in 1..100000000 return i",
    "count(for i in 1..5000, j in 1..5000 return 1)",
    '(for i in 1..60 return if i = 1 then "a" else partial[-1] + partial[-1])[60]',
    "(for i in 1..60 return if i = 1 then [1] else concatenate(partial[-1], partial[-1]))[60]",
    "{f: function(n) f(n + 1), r: f(1)}.r",
    "{f: function(n) if n = 0 then 0 else f(n - 1) + f(n - 1), r: f(40)}.r",
    "every x in 1..100000000 satisfies true",
]


@pytest.mark.parametrize("text", RUNAWAY)
def test_a_runaway_evaluation_is_an_error_and_no_hang(text: str) -> None:
    started = time.perf_counter()

    with pytest.raises(FeelBudgetError):
        compile_expression(text).evaluate({})

    assert time.perf_counter() - started < 10


LONG = {
    "sum": ("+".join(["1"] * 20_000), 20_000),
    "conjunction": (" and ".join(["true"] * 20_000), True),
    "else if": ("if x = 1 then 1 else " * 2_000 + "2", 2),
    "list": ("[" + ",".join(["1"] * 20_000) + "][20000]", 1),
    "filters": ("[7]" + "[1]" * 3_000, 7),
    "parentheses": ("(" * 150 + "1" + ")" * 150, 1),
}


@pytest.mark.parametrize("kind", LONG)
def test_long_but_legal_text_is_evaluated(kind: str) -> None:
    text, expected = LONG[kind]

    assert compile_expression(text).evaluate({"x": 2}) == expected


def test_nesting_without_end_is_refused_as_syntax_error() -> None:
    for text in ("(" * 5000 + "1" + ")" * 5000, "-" * 5000 + "1", "[" * 5000, "1" + " = 1" * 5000):
        with pytest.raises(FeelError):
            compile_expression(text)


def test_hostile_regular_expressions_do_not_hang() -> None:
    started = time.perf_counter()

    assert compile_expression('matches(s, "(a+)+b")').evaluate({"s": "a" * 2000}) in (False, None)
    assert compile_expression('matches(s, "(a|a)*(a|aa)+b")').evaluate({"s": "a" * 500}) is False
    with pytest.raises(FeelBudgetError):
        compile_expression('matches(s, "^(a*)*(a*)*\\\\2b$")').evaluate({"s": "a" * 3000})

    assert time.perf_counter() - started < 10


def test_unary_tests_are_compiled_apart_from_expressions() -> None:
    assert compile_unary_tests("> 5, 3").matches(3, {}) is True
    assert compile_unary_tests("not(3, > 10)").matches(4, {}) is True
    assert compile_unary_tests("-").matches(None, {}) is True
    assert compile_unary_tests("? > limit").matches(7, {"limit": 5}) is True
    assert compile_unary_tests("[1..limit]").matches(7, {"limit": 5}) is False
    assert compile_unary_tests("null").matches(None, {}) is True
    with pytest.raises(FeelSyntaxError):
        compile_unary_tests("> 5 6")
