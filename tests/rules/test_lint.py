"""Are the findings of lint true? Each example is confirmed by evaluating the decision."""

from __future__ import annotations

import random

from support.decision_files import decision, item, model, table

from rules.dmn import DecisionModel, Finding
from rules.feel import to_python


def found(logic: str, *more: str) -> list[tuple[str, str]]:
    return [(finding.kind, finding.message) for finding in model(decision("d", logic), *more).lint()]


def test_a_complete_table_has_no_findings() -> None:
    rows = [("< 10", "true", "1"), ("< 10", "false", "2"), (">= 10", "-", "3")]

    assert found(table([("x", "number"), ("b", "boolean")], ["y"], rows)) == []


def test_a_gap_is_shown_by_an_example() -> None:
    rows = [("< 10", '"a"', "1"), ("> 10", "-", "2"), ("< 10", '"b"', "3")]

    assert found(table([("x", "number"), ("s", "string", '"a", "b"')], ["y"], rows)) == [("gap", "No rule covers x = 10")]


def test_a_gap_of_a_combination_names_all_inputs() -> None:
    rows = [("< 10", '"a"', "1"), (">= 10", "-", "2")]

    assert found(table([("x", "number"), ("s", "string", '"a", "b"')], ["y"], rows)) == [("gap", 'No rule covers s = "b", x = 9')] or found(
        table([("x", "number"), ("s", "string", '"a", "b"')], ["y"], rows)
    ) == [("gap", 'No rule covers x = 9, s = "b"')]


def test_a_default_output_and_collecting_policies_have_no_gaps() -> None:
    assert found(table([("x", "number")], ["y"], [("1", "1")], defaults=["0"])) == []
    assert found(table([("x", "number")], ["y"], [("1", "1")], hit="COLLECT")) == []


def test_an_overlap_is_shown_by_rules_and_example() -> None:
    rows = [("[1..5]", "1"), ("[5..9]", "2"), ("< 1", "3"), ("> 9", "3")]

    assert found(table([("x", "number")], ["y"], rows)) == [
        ("overlap", "Rules 1 and 2 both cover x = 5, which the hit policy UNIQUE forbids")
    ]


def test_any_only_minds_different_outputs() -> None:
    rows = [("<= 5", "1"), (">= 5", "1"), ("5", "2")]

    messages = [message for kind, message in found(table([("x", "number")], ["y"], rows, hit="ANY")) if kind == "overlap"]

    assert len(messages) == 2
    assert all("3 both cover x = 5" in message for message in messages)


def test_rules_that_never_decide_are_named() -> None:
    shadowed = table([("x", "number")], ["y"], [("< 10", "1"), (">= 5", "2"), ("[5..10]", "3")], hit="FIRST")
    impossible = table([("x", "number", "[0..5]")], ["y"], [("<= 5", "1"), ("> 7", "2")])

    assert ("unreachable", "Rule 3 never decides: the rules before it cover all its inputs") in found(shadowed)
    assert ("unreachable", "No input passes rule 2") in found(impossible)


def test_values_that_are_not_allowed_are_named() -> None:
    rows = [('"gold"', '"yes"'), ('not("gold")', '"maybe"')]
    logic = table([("s", "tTier")], [("y", "", '"yes", "no"')], rows)

    assert found(logic, item("tTier", "string", allowed='"silver", "gold"')) == [
        ("not allowed", 'Rule 2 names "maybe", which y does not allow')
    ]
    assert ("not allowed", 'Rule 1 names "gold", which s does not allow') in found(
        logic, item("tTier", "string", allowed='"silver", "bronze"')
    )


def test_cells_that_need_an_evaluation_are_given_the_benefit_of_the_doubt() -> None:
    assert found(table([("x", "number")], ["y"], [("< limit", "1"), (">= limit", "2")])) == []


def test_a_finding_becomes_a_warning_with_place_and_advice() -> None:
    (finding,) = model(decision("d", table([("x", "number")], ["y"], [("<= 5", "1"), (">= 5", "2")]))).lint()

    problem = finding.as_problem()

    assert (problem.severity, problem.element_id, problem.line) == ("warning", "rule2", 2)
    assert finding.to_json()["example"] == {"x": 5}


def _confirm(decisions: DecisionModel, finding: Finding) -> None:
    context = {name: to_python(value) for name, value in finding.example.items()}
    result = decisions.evaluate("d", context)
    matched = {rule.index for rule in result.evaluated[0].matched}
    if finding.kind == "gap":
        assert matched == set(), finding
    elif finding.kind == "overlap":
        assert set(finding.rules) <= matched, finding


def _covered_everywhere(decisions: DecisionModel, chance: random.Random) -> None:
    for _ in range(60):
        context = {"x": chance.choice([-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 2.5]), "s": chance.choice("abc"), "b": chance.random() < 0.5}
        matched = decisions.evaluate("d", context).evaluated[0].matched
        assert len(matched) == 1, context


def test_findings_in_random_tables_are_true_and_complete() -> None:
    chance = random.Random(11)
    clean = 0
    for _ in range(200):
        rows = []
        for number in range(chance.randint(1, 6)):
            low, high = sorted((chance.randint(0, 9), chance.randint(0, 9)))
            x = chance.choice(["-", f"[{low}..{high}]", f"< {high}", f">= {low}", f"not([{low}..{high}])", f"{low}, {high}"])
            s = chance.choice(["-", '"a"', '"b", "c"', 'not("a")', "-"])
            rows.append((x, s, chance.choice(["-", "true", "false", "-"]), str(number)))
        if chance.random() < 0.4:
            split = chance.randint(0, 9)
            rows = [(f"< {split}", "-", "-", "1"), (f">= {split}", "-", "true", "2"), (f">= {split}", '"a"', "false", "3")]
            rows += [(f">= {split}", 'not("a")', "false", "4")]
        inputs = [("x", "number"), ("s", "string", '"a", "b", "c"'), ("b", "boolean")]
        decisions = model(decision("d", table(inputs, ["y"], rows)))
        findings = decisions.lint()
        for finding in findings:
            _confirm(decisions, finding)
        if not any(finding.kind in ("gap", "overlap") for finding in findings):
            clean += 1
            _covered_everywhere(decisions, chance)
    assert clean > 20
