"""Do decision tables decide as DMN 1.5 chapter 8 says, and tell why?"""

from __future__ import annotations

import os
import random

import pytest
from support.decision_files import decision, definitions, input_data, item, model, table

from rules.dmn import DmnError, parse_decisions
from rules.feel import compile_unary_tests


def decide(logic: str, *more: str, **variables: object) -> object:
    result = model(decision("d", logic), *more).evaluate("d", variables)
    assert result.failure is None
    return result.value


AMOUNTS = [("< 10", '"small"'), ("[10..100]", '"medium"'), ("> 100", '"large"')]


def test_unique_gives_the_output_of_the_one_rule() -> None:
    for amount, expected in [(5, "small"), (10, "medium"), (100.5, "large")]:
        assert decide(table(["amount"], ["size"], AMOUNTS), amount=amount) == expected


def test_unique_refuses_two_matching_rules_by_number() -> None:
    result = model(decision("d", table(["x"], ["y"], [("> 1", "1"), ("> 2", "2"), ("> 3", "3")]))).evaluate("d", {"x": 4})

    assert result.value is None
    assert result.failure == "Decision 'd': Rules 1, 2 and 3 match, but the hit policy UNIQUE allows only one"


def test_no_match_gives_null_or_the_default() -> None:
    assert decide(table(["x"], ["y"], [("1", "1")]), x=2) is None
    assert decide(table(["x"], ["y"], [("1", "1")], defaults=["9"]), x=2) == 9
    assert decide(table(["x"], ["y", "z"], [("1", "1", "2")], defaults=["8", "9"]), x=2) == {"y": 8, "z": 9}
    assert decide(table(["x"], ["y"], [("1", "1")], hit="COLLECT", aggregation="COUNT"), x=2) == 0
    assert decide(table(["x"], ["y"], [("1", "1")], hit="COLLECT"), x=2) == []
    assert decide(table(["x"], ["y"], [("1", "1")], hit="RULE ORDER"), x=2) is None


OVERLAPPING = [("> 1", "10"), ("> 2", "30"), ("> 3", "20")]


@pytest.mark.parametrize(
    ("hit", "aggregation", "expected"),
    [
        ("FIRST", "", 10),
        ("F", "", 10),
        ("RULE ORDER", "", [10, 30, 20]),
        ("OUTPUT ORDER", "", [30, 20, 10]),
        ("PRIORITY", "", 30),
        ("COLLECT", "", [10, 30, 20]),
        ("COLLECT", "SUM", 60),
        ("COLLECT", "MIN", 10),
        ("COLLECT", "MAX", 30),
        ("COLLECT", "COUNT", 3),
    ],
)
def test_hit_policy_combines_the_matching_rules(hit: str, aggregation: str, expected: object) -> None:
    logic = table(["x"], [("y", "", "30, 20, 10")], OVERLAPPING, hit=hit, aggregation=aggregation)

    assert decide(logic, x=4) == expected


def test_any_allows_equal_outputs_only() -> None:
    logic = table(["x"], ["y"], [("> 1", '"a"'), ("> 2", '"a"'), ("> 3", '"b"')], hit="ANY")
    any_model = model(decision("d", logic))

    assert any_model.evaluate("d", {"x": 3}).value == "a"
    assert "Rules 1 and 3" in str(any_model.evaluate("d", {"x": 4}).failure)


def test_priority_of_several_outputs_goes_by_column_and_by_the_type_of_the_output() -> None:
    logic = table(
        ["x"],
        [("a", "tLevel"), ("b", "", '"yes", "no"')],
        [("> 1", '"low"', '"yes"'), ("> 1", '"high"', '"no"'), ("> 1", '"high"', '"yes"')],
        hit="PRIORITY",
    )

    assert decide(logic, item("tLevel", "string", allowed='"high", "low"'), x=2) == {"a": "high", "b": "yes"}


CELLS: list[tuple[str, object, bool]] = [
    ("-", None, True),
    ("", 1, True),
    ("5", 5, True),
    ('"a", "b"', "b", True),
    ('not("a", "b")', "c", True),
    ('not("a", "b")', 1, False),
    ("not(null)", 1, True),
    ("null", None, True),
    ("< 5, > 10", 12, True),
    ("(1..5]", 1, False),
    ("]1..5]", 5, True),
    ("!= 3", 4, True),
    ("= 3", 3, True),
    ("true", True, True),
    ("false", False, True),
    ("true", 5, True),
    ("? > limit", 6, True),
    ("> limit", 5, False),
    ("[1, 2, 3]", 2, True),
    ("allowed", "x", True),
    ('date("2024-01-01")', None, False),
    ("even(?)", 4, True),
    ("count(?) = 2", [1, 2], True),
    ("-1", -1, True),
    ("1 + 2", 3, True),
]


@pytest.mark.parametrize(("cell", "value", "expected"), CELLS)
def test_cell_passes_the_right_values(cell: str, value: object, expected: bool) -> None:
    logic = table(["x"], ["y"], [(cell, "true")])

    assert (decide(logic, x=value, limit=5, allowed=["x", "y"]) is True) == expected


def test_result_names_the_rules_the_inputs_and_the_reasons() -> None:
    logic = table(
        [("amount", "number"), ("tier", "string")],
        ["route"],
        [("> 1000", '"new"', '"specialist"', "too risky"), ("-", 'not("new")', '"quick"')],
    )

    result = model(decision("routing", logic)).evaluate("routing", {"amount": 2000, "tier": "new"})

    (routing,) = result.evaluated
    assert routing.type == "DECISION_TABLE"
    assert [(name, value) for _, name, value in routing.inputs] == [("amount", 2000), ("tier", "new")]
    assert [(rule.id, rule.index, rule.annotations) for rule in routing.matched] == [("rule1", 1, ("too risky",))]
    assert routing.matched[0].text == 'amount > 1000 and tier = "new" → specialist'
    assert [value for _, _, value in routing.matched[0].outputs] == ["specialist"]
    assert result.to_json()["value"] == "specialist"


def test_an_input_of_the_wrong_type_or_value_is_null_with_a_reason() -> None:
    logic = table([("amount", "number"), ("tier", "string", '"new", "old"')], ["y"], [("null", "null", "1")])

    result = model(decision("d", logic)).evaluate("d", {"amount": "much", "tier": "ancient"})

    assert result.value == 1
    assert result.evaluated[0].warnings == (
        "Input 'amount' is a string, not a number",
        'Input \'tier\' is not among the values "new", "old"',
    )


def test_an_output_that_is_not_allowed_is_null_with_a_reason() -> None:
    result = model(decision("d", table(["x"], [("y", "", '"a", "b"')], [("-", '"c"')]))).evaluate("d", {})

    assert result.value is None
    assert result.evaluated[0].warnings[-1] == 'Output \'y\' is not among the values "a", "b"'


def test_what_is_wrong_with_a_file_is_told_at_once_with_its_place() -> None:
    logic = table(["x +"], ["y"], [("> ", "1"), ("1",)], hit="GUESS")
    data = definitions(decision("d", logic, inputs=["nowhere"]), decision("d", ""))

    with pytest.raises(DmnError) as caught:
        parse_decisions(data)

    messages = " | ".join(problem.message for problem in caught.value.problems)
    for words in (
        "hit policy 'GUESS'",
        "'x +' is no FEEL",
        "'>' is no FEEL",
        "Rule 2 has 1 input and 0 output",
        "'#nowhere'",
        "Two elements",
    ):
        assert words in messages
    assert all(problem.line and problem.advice for problem in caught.value.problems)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<a",
        b"<a/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/">&b;</definitions>',
    ],
)
def test_what_is_no_decision_file_is_refused(data: bytes) -> None:
    with pytest.raises(DmnError):
        parse_decisions(data)


def test_decisions_that_need_each_other_are_refused() -> None:
    data = definitions(decision("a", table(["b"], ["y"], []), needs=["b"]), decision("b", table(["a"], ["y"], []), needs=["a"]))

    with pytest.raises(DmnError, match="circle: a → b → a"):
        parse_decisions(data)


def _random_cell(chance: random.Random, kind: str) -> str:
    if kind == "string":
        names = [f'"{chance.choice("abcde")}"' for _ in range(chance.randint(1, 3))]
        return chance.choice(
            ["-", names[0], ", ".join(names), f"not({', '.join(names)})", f">= {names[0]}", "null", "[" + ", ".join(names) + "]"]
        )
    if kind == "boolean":
        return chance.choice(["-", "true", "false", "not(true)", "null"])
    low, high = sorted((chance.randint(0, 9), chance.randint(0, 9)))
    tests = [
        "-",
        str(low),
        f"< {high}",
        f">= {low}",
        f"{chance.choice('[(')}{low}..{high}{chance.choice('])')}",
        f"{low}, > {high}",
        f"not({low}, [{low}..{high}])",
        f"!= {low}",
        "? > 2 * 3",
        f"[{low}, {high}]",
        "limit",
        "< limit",
        '"a"',
        "true",
    ]
    return chance.choice(tests)


def _random_value(chance: random.Random, kind: str) -> object:
    if chance.random() < 0.08:
        return chance.choice([None, True, "a", 3, [1], {"a": 1}])
    return {"string": chance.choice("abcdef"), "boolean": chance.random() < 0.5}.get(kind, chance.choice([0, 1, 2.5, 3, 5, 7, 9, 10, -1]))


def test_indexed_tables_agree_with_asking_cell_by_cell() -> None:
    """Set GATEWISE_TABLES to a number of tables for a long run."""
    chance = random.Random(int(os.environ.get("GATEWISE_FUZZ_SEED", "5")))
    for _ in range(int(os.environ.get("GATEWISE_TABLES", "250"))):
        kinds = [chance.choice(["number", "string", "boolean"]) for _ in range(chance.randint(1, 3))]
        rows = [[_random_cell(chance, kind) for kind in kinds] for _ in range(chance.randint(1, 12))]
        names = [f"i{position}" for position in range(len(kinds))]
        indexed = model(decision("d", table(names, ["y"], [[*row, str(n)] for n, row in enumerate(rows)], hit="RULE ORDER")))
        compiled = [[compile_unary_tests(cell, names=["limit"]) for cell in row] for row in rows]
        for _ in range(12):
            context: dict[str, object] = {name: _random_value(chance, kind) for name, kind in zip(names, kinds, strict=True)}
            context["limit"] = 4

            naive = [
                number
                for number, row in enumerate(compiled)
                if all(cell.matches(context[name], context) for name, cell in zip(names, row, strict=True))
            ]

            assert (indexed.evaluate("d", context).value or []) == naive, (rows, context)


def test_inputs_are_declared_by_the_model_or_taken_from_the_variables() -> None:
    declared = model(input_data("x", "number"), decision("d", table(["x", "y"], ["z"], [("> 1", '"b"', "1")]), inputs=["x"]))

    assert declared.evaluate("d", {"x": 2, "y": "b"}).value == 1
    assert declared.evaluate("d", {"x": "2", "y": "b"}).value is None
