"""Does every construct of FEEL have the value that DMN 1.5 chapter 10 gives it?"""

from __future__ import annotations

import pytest

from rules.feel import compile_expression, to_feel, to_text

CONTEXT: dict[str, object] = {
    "x": 5,
    "price": 19.99,
    "name": "Ada",
    "flag": True,
    "nothing": None,
    "items": [1, 2, 3, 4],
    "person": {"name": "Bob", "age": 42, "address": {"city": "Köln"}},
    "people": [{"name": "Bob", "age": 42}, {"name": "Eve", "age": 17}],
}

LITERALS = [
    ("1", "1"),
    (".5", "0.5"),
    ("1.5e3", "1500"),
    ("-7", "-7"),
    ('"a\\"b\\n\\u00e4"', 'a"b\nä'),
    ('"\\U01F40E"', "🐎"),
    ('"\\ud83d\\udc0e"', "🐎"),
    ("true", "true"),
    ("null", "null"),
    ("[1, 2, [3]]", "[1, 2, [3]]"),
    ('{a: 1, "b c": 2, d: a + 1}', "{a: 1, b c: 2, d: 2}"),
    ("{a: 1, a: 2}", "null"),
    ('@"2025-02-28"', "2025-02-28"),
    ('@"PT36H"', "P1DT12H"),
    ('@"nonsense"', "null"),
    ("// a comment\n 1 /* another */ + 1", "2"),
]

OPERATORS = [
    ("1 + 2 * 3 - 4 / 2", "5"),
    ("2 ** 3 ** 2", "64"),
    ("-2 ** 2", "4"),
    ("0 ** 0", "1"),
    ("1 / 3", "0.3333333333333333333333333333333333"),
    ("2 / 3", "0.6666666666666666666666666666666667"),
    ("0.1 + 0.2 = 0.3", "true"),
    ("1 / 0", "null"),
    ('"foo" + "bar"', "foobar"),
    ('"foo" + 1', "null"),
    ("null + 1", "null"),
    ("1 < 2", "true"),
    ('"b" > "a"', "true"),
    ('1 < "a"', "null"),
    ('1 = "1"', "null"),
    ("null = null", "true"),
    ("1 != null", "true"),
    ("[1, 2] = [1, 2]", "true"),
    ("{a: 1, b: 2} = {b: 2, a: 1}", "true"),
    ("x between 1 and 5", "true"),
    ("x in [1..5)", "false"),
    ("x in (1, 5, 9)", "true"),
    ("x in (< 3, > 4)", "true"),
    ("x in > 4", "true"),
    ("3 in items", "true"),
    ("5 in [1..null]", "null"),
    ("true and null", "null"),
    ("false and null", "false"),
    ("true or null", "true"),
    ("false or null", "null"),
    ("not(null)", "null"),
    ('true and "x"', "null"),
    ("if null then 1 else 2", "2"),
    ("if x > 3 then 1 else if x > 2 then 2 else 3", "1"),
    ("-nothing", "null"),
]

COLLECTIONS = [
    ("items[1]", "1"),
    ("items[-1]", "4"),
    ("items[0]", "null"),
    ("items[9]", "null"),
    ("items[item > 2]", "[3, 4]"),
    ("items[true]", "[1, 2, 3, 4]"),
    ("people[age < 18].name", '["Eve"]'),
    ("people[item.age < 18][1].name", "Eve"),
    ("people.age", "[42, 17]"),
    ("people[x]", "null"),
    ("person.address.city", "Köln"),
    ("person.nothing.at.all", "null"),
    ("5[1]", "5"),
    ("nothing[1]", "null"),
    ("[{item: 1}, {item: 2}][item > 1]", "[{item: 2}]"),
    ("for i in 1..3 return i * x", "[5, 10, 15]"),
    ("for i in 3..1 return i", "[3, 2, 1]"),
    ("for i in [1..3] return i", "[1, 2, 3]"),
    ("for i in 1..2, j in i..2 return [i, j]", "[[1, 1], [1, 2], [2, 2]]"),
    ("for i in 1..5 return if i < 3 then 1 else partial[-1] + partial[-2]", "[1, 1, 2, 3, 5]"),
    ("for i in 1..3 return partial", "[[], [[]], [[], [[]]]]"),
    ('for d in @"2025-01-30"..@"2025-02-01" return d', "[2025-01-30, 2025-01-31, 2025-02-01]"),
    ("some i in items satisfies i > 3", "true"),
    ("every i in items satisfies i > 3", "false"),
    ("some i in [1, null] satisfies i > 3", "null"),
    ("every i in [] satisfies i > 3", "true"),
    ("[1..5].start", "1"),
    ("[1..5).end included", "false"),
    ("(>= 5).start", "5"),
    ("[5..1]", "null"),
    ("]1..5[.start included", "false"),
]

FUNCTIONS = [
    ("(function(a, b) a + b)(1, 2)", "3"),
    ("(function(a, b) a - b)(b: 1, a: 2)", "1"),
    ('(function(a: number) a)("x")', "null"),
    ("(function(a: list<number>) count(a))(7)", "1"),
    ("(function(a: number) a)([7])", "7"),
    ("(function(a) a)(1, 2)", "null"),
    ("{f: function(n) if n <= 1 then 1 else n * f(n - 1), r: f(20)}.r", "2432902008176640000"),
    ("{add: function(a) function(b) a + b, r: add(1)(2)}.r", "3"),
    ("for f in (for i in 1..3 return function() i) return f()", "[1, 2, 3]"),
    ("{f: function(n) if n = 0 then 0 else 1 + f(n - 1), r: f(1500)}.r", "1500"),
    ("sort([3, 1, 2], function(a, b) a > b)", "[3, 2, 1]"),
    ("{max: function(a) a, r: max(1)}.r", "1"),
]

EXTERNAL = [
    ('(function(a, b) external {java: {class: "java.lang.Math", method signature: "max(int,int)"}})(1, 2)', "2"),
    ('(function(a, b) external {java: {class: "java.lang.Math", method signature: "max(int,int)"}})(1.5, 2)', "null"),
    ('(function(a, b) external {java: {class: "java.lang.Math", method signature: "max(float,float)"}})(1.1, 2.7)', "2.7"),
    ('(function(a) external {java: {class: "java.lang.Integer", method signature: "valueOf(java.lang.String)"}})("12")', "12"),
    ('(function(a) external {java: {class: "java.lang.Integer", method signature: "valueOf(java.lang.String)"}})("x")', "null"),
    (
        '(function(a, b) external {java: {class: "java.lang.String", method signature: '
        '"format(java.lang.String, [Ljava.lang.Object;)"}})("%s is %.2f", "x", 1)',
        "null",
    ),
    (
        '(function(a, b, c) external {java: {class: "java.lang.String", method signature: '
        '"format(java.lang.String, [Ljava.lang.Object;)"}})("%s is %.2f", "x", 1)',
        "x is 1.00",
    ),
    ('(function(a) external {java: {class: "java.lang.System", method signature: "exit(int)"}})(1)', "null"),
    ('(function(a) external {pmml: {document: "a", model: "b"}})(1)', "null"),
]

TYPES = [
    ("1 instance of number", "true"),
    ("null instance of number", "false"),
    ("null instance of Any", "false"),
    ("[1, 2] instance of list<number>", "true"),
    ('[1, "a"] instance of list<number>', "false"),
    ("{a: 1, b: 2} instance of context<a: number>", "true"),
    ("[1..3] instance of range<number>", "true"),
    ("(function(a: number) a) instance of function<number>->Any", "true"),
    ('@"P1D" instance of days and time duration', "true"),
    ('@"P1D" instance of years and months duration', "false"),
    ('@"2025-01-01" instance of date', "true"),
    ("1 instance of no such type", "null"),
]


@pytest.mark.parametrize(("text", "expected"), [*LITERALS, *OPERATORS, *COLLECTIONS, *FUNCTIONS, *EXTERNAL, *TYPES])
def test_expression_has_the_value_of_the_specification(text: str, expected: str) -> None:
    value = compile_expression(text).evaluate(CONTEXT)

    assert to_text(to_feel(value)) == expected


def test_a_null_always_has_a_reason() -> None:
    evaluation = compile_expression("persn.name + 1").explain({"person": {"name": "Bob"}})

    assert evaluation.value is None
    assert "No variable 'persn'; did you mean 'person'?" in evaluation.warnings
    assert "Cannot calculate null + number" in evaluation.warnings


def test_names_with_spaces_and_symbols_are_known_from_the_scope() -> None:
    expression = compile_expression("Monthly Salary * 12 - tax+fee", names=["Monthly Salary", "tax+fee"])

    assert expression.evaluate({"Monthly Salary": 100, "tax+fee": 200}) == 1000
    assert expression.names == {"Monthly Salary", "tax+fee"}


def test_a_name_in_backticks_needs_no_declaration() -> None:
    assert compile_expression("`Monthly Salary` * 12").evaluate({"Monthly Salary": 100}) == 1200


def test_entries_of_a_context_with_spaces_are_known_behind_the_dot() -> None:
    assert compile_expression('{first name: "Ada", r: {last name: "L"}}.r.last name').evaluate({}) == "L"


def test_static_facts_are_known_before_the_evaluation() -> None:
    condition = compile_expression('triage.confidence >= 0.85 and risk.level != "high"')
    constant = compile_expression("1 + count([1, 2])")

    assert (condition.names, condition.is_constant, condition.result_type) == ({"triage", "risk"}, False, "boolean")
    assert (constant.names, constant.is_constant, constant.result_type) == (frozenset(), True, "number")
    assert not compile_expression("now()").is_constant
    assert compile_expression("coun(items)").unknown_functions == {"coun"}


def test_is_defined_tells_null_from_absent() -> None:
    context = {"a": {"b": None}, "n": None}

    def value(text: str) -> object:
        return compile_expression(text).evaluate(context)

    assert value("is defined(a.b)") is True
    assert value("is defined(a.c)") is False
    assert value("is defined(n)") is True
    assert value("is defined(m)") is False


def test_a_lazy_mapping_is_only_asked_for_what_the_expression_reads() -> None:
    class Lazy(dict[str, object]):
        def __iter__(self):  # type: ignore[no-untyped-def]
            raise AssertionError("iterated")

        def keys(self):  # type: ignore[no-untyped-def]
            raise AssertionError("iterated")

    assert compile_expression("a + 1").evaluate(Lazy(a=1)) == 2
    assert compile_expression("missing").evaluate(Lazy(a=1)) is None
