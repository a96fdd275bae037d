"""Do boxed expressions, types, requirements, services and imports mean what DMN 1.5 says?"""

from __future__ import annotations

import datetime as dt

import pytest
from support.decision_files import decision, definitions, id_of, input_data, item, knowledge, literal, model, table, text

from rules.dmn import DmnError, parse_decision_files, parse_decisions
from rules.feel import to_feel


def value(logic: str, *more: str, type_ref: str = "", **variables: object) -> object:
    result = model(decision("d", logic, type_ref=type_ref), *more).evaluate("d", variables)
    assert result.failure is None
    return result.value


def entry(name: str, logic: str, type_ref: str = "") -> str:
    variable = f'<variable name="{name}"{f" typeRef={type_ref!r}" if type_ref else ""}/>' if name else ""
    return f"<contextEntry>{variable}{logic}</contextEntry>"


def test_boxed_context_sees_its_earlier_entries_and_may_have_a_result() -> None:
    entries = entry("a", literal("1")) + entry("b c", literal("a + 1"))

    assert value(f"<context>{entries}</context>") == {"a": 1, "b c": 2}
    assert value(f"<context>{entries}{entry('', literal('b c * 10'))}</context>") == 20


def test_boxed_function_may_call_itself_and_is_called_by_invocation() -> None:
    function = (
        '<functionDefinition><formalParameter name="n" typeRef="number"/>'
        + literal("if n <= 1 then 1 else n * fac(n - 1)")
        + "</functionDefinition>"
    )
    call = f'<invocation>{literal("fac")}<binding><parameter name="n"/>{literal("5")}</binding></invocation>'

    assert value(f"<context>{entry('fac', function)}{entry('', literal('fac(10)'))}</context>") == 3628800
    assert value(f"<context>{entry('fac', function)}{entry('', call)}</context>") == 120


def test_boxed_list_relation_conditional_filter_and_iterators() -> None:
    assert value(f"<list>{literal('1')}{literal('x')}</list>", x=2) == [1, 2]
    rows = f"<row>{literal('1')}{literal('2')}</row><row>{literal('3')}{literal('x')}</row>"
    assert value(f'<relation><column name="a"/><column name="b c"/>{rows}</relation>', x=4) == [{"a": 1, "b c": 2}, {"a": 3, "b c": 4}]
    branches = f"<if>{literal('x > 1')}</if><then>{literal('10')}</then><else>{literal('20')}</else>"
    assert value(f"<conditional>{branches}</conditional>", x=2) == 10
    assert value(f"<conditional>{branches}</conditional>") == 20
    source = f"<in>{literal('[{a: 1}, {a: 2}, {a: 3}]')}</in>"
    assert value(f"<filter>{source}<match>{literal('a > 1 and item.a < 3')}</match></filter>") == [{"a": 2}]
    assert value(f'<for iteratorVariable="e">{source}<return>{literal("e.a * 2 + count(partial)")}</return></for>') == [2, 5, 8]
    assert value(f'<some iteratorVariable="e">{source}<satisfies>{literal("e.a = 2")}</satisfies></some>') is True
    assert value(f'<every iteratorVariable="e">{source}<satisfies>{literal("e.a = 2")}</satisfies></every>') is False


def test_knowledge_models_are_called_by_name_and_may_hold_a_table() -> None:
    rate = knowledge("rate", [("age", "number")], table(["age"], ["r"], [("< 25", "2"), (">= 25", "1")]))
    double = knowledge("twice", [("x", "number")], literal("x * 2", "number"))

    assert model(rate, decision("d", literal("rate(30) + rate(age: 20)"), knows=["rate"])).evaluate("d", {}).value == 3
    assert model(double, decision("d", literal('twice("a")'), knows=["twice"])).evaluate("d", {}).value is None
    assert model(double, decision("d", literal("twice([4])"), knows=["twice"])).evaluate("d", {}).value == 8


def test_requirements_are_evaluated_once_and_in_order() -> None:
    chain = [decision("d0", literal("uuid()"))]
    chain += [decision(f"d{n}", literal(f"[d{n - 1}, d{n - 1}]"), needs=[f"d{n - 1}"]) for n in (1, 2)]
    diamond = decision("top", literal("d1[1] = d2[1][2]"), needs=["d1", "d2"])

    result = model(diamond, *reversed(chain)).evaluate("top", {})

    assert result.value is True
    assert [evaluated.id for evaluated in result.evaluated] == ["d0", "d1", "d2", "top"]


def test_a_chain_of_two_thousand_decisions_is_no_recursion() -> None:
    chain = [decision(f"d{n}", literal(f"d{n - 1} + 1"), needs=[f"d{n - 1}"]) for n in range(1, 2000)]

    assert model(decision("d0", literal("1")), *chain).evaluate("d1999", {}).value == 2000


def test_a_failing_requirement_fails_the_decision() -> None:
    failing = decision("a", table(["x"], ["y"], [("> 1", "1"), ("> 2", "2")]))

    result = model(failing, decision("b", literal("a"), needs=["a"])).evaluate("b", {"x": 5})

    assert result.value is None
    assert "Decision 'a': Rules 1 and 2 match" in str(result.failure)


def component(name: str, type_ref: str, more: str = "") -> str:
    return f'<itemComponent name="{name}"{more}><typeRef>{type_ref}</typeRef></itemComponent>'


TYPES = (
    item("tLevel", "string", allowed='"high", "low"'),
    item("tLevels", "tLevel", collection=True),
    item("tPerson", parts=component("full name", "string") + component("level", "tLevel")),
    item("tPair", "number", collection=True, constraint="count(?) = 2"),
    item("tTree", parts=component("children", "tTree", ' isCollection="true"')),
)


@pytest.mark.parametrize(
    ("type_ref", "given", "expected"),
    [
        ("string", "a", "a"),
        ("string", 1, None),
        ("string", ["a"], "a"),
        ("number", "1", None),
        ("tLevel", "high", "high"),
        ("tLevel", "middle", None),
        ("tLevels", ["high", "low"], ["high", "low"]),
        ("tLevels", "low", ["low"]),
        ("tLevels", ["high", "middle"], None),
        ("tPerson", {"full name": "A", "level": "low"}, {"full name": "A", "level": "low"}),
        ("tPerson", {"full name": "A", "level": "none"}, None),
        ("tPerson", {"full name": "A"}, None),
        ("tPair", [1, 2], [1, 2]),
        ("tPair", [1, 2, 3], None),
        ("tTree", {"children": [{"children": []}]}, {"children": [{"children": []}]}),
        ("tTree", {"children": [{"children": 1}]}, None),
        ("Any", {"a": 1}, {"a": 1}),
    ],
)
def test_values_conform_to_their_type_or_are_null(type_ref: str, given: object, expected: object) -> None:
    typed_input = model(*TYPES, input_data("x", type_ref), decision("d", literal("x"), inputs=["x"]))
    typed_output = model(*TYPES, decision("d", literal("x"), type_ref=type_ref))

    assert typed_input.evaluate("d", {"x": given}).value == expected
    assert typed_output.evaluate("d", {"x": given}).value == expected
    if expected is None:
        assert typed_output.evaluate("d", {"x": given}).evaluated[0].warnings


def test_instance_of_knows_the_types_of_the_model_but_not_their_allowed_values() -> None:
    assert value(literal('"middle" instance of tLevel'), *TYPES) is True
    assert value(literal("[1] instance of list<tLevel>"), *TYPES) is False
    assert value(literal('{full name: "A", level: "x"}.full name'), *TYPES) == "A"


def test_decision_service_is_called_like_a_function_or_from_outside() -> None:
    parts = [
        input_data("x", "number"),
        decision("base", literal("100"), type_ref="number"),
        decision("out", literal("x + base"), inputs=["x"], needs=["base"]),
        '<decisionService id="s" name="service"><variable name="service"/><outputDecision href="#out"/>'
        '<inputDecision href="#base"/><inputData href="#x"/></decisionService>',
        decision("caller", literal("service(1, 10)"), knows=["s"]),
        decision("wrong", literal('service("a", 10)'), knows=["s"]),
        decision("named", literal("service(base: 20, x: 2)"), knows=["s"]),
    ]
    services = model(*parts)

    assert services.evaluate("caller", {}).value == 11
    assert services.evaluate("wrong", {}).value is None
    assert services.evaluate("named", {}).value == 22
    assert services.evaluate("service", {"x": 1, "base": 5}).value == 6
    assert services.evaluate("out", {"x": 1}).value == 101
    assert services.evaluate("out", {"x": 1}, given={"base": 7}).value == 8


def test_imported_decisions_types_and_functions_are_seen_behind_the_name_of_the_import() -> None:
    base = definitions(
        item("tName", "string"),
        input_data("who", "tName"),
        knowledge("say hello", [("to", "tName")], literal('"Hello " + to')),
        decision("greeting", literal("say hello(who)"), inputs=["who"], knows=["say hello"]),
        namespace="urn:base",
    )
    importing = definitions(
        '<import name="the base" namespace="urn:base" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>',
        decision(
            "both",
            literal('the base.greeting + " " + the base.say hello("Eve")'),
            needs=["urn:base#greeting"],
            knows=[f"urn:base#{id_of('say hello')}"],
            type_ref="the base.tName",
        ),
        namespace="urn:importing",
    )

    models = parse_decision_files({"b.dmn": importing, "a.dmn": base})

    assert models["b.dmn"].evaluate("both", {"who": "Bob"}).value == "Hello Bob Hello Eve"
    with pytest.raises(DmnError, match="'urn:base' is missing"):
        parse_decisions(importing)


def test_a_decision_without_logic_is_null() -> None:
    assert value("") is None


def test_a_runaway_decision_fails_instead_of_hanging() -> None:
    result = model(decision("d", literal("for i in 1..100000000 return i"))).evaluate("d", {})

    assert "more steps" in str(result.failure)


def test_text_of_another_language_is_refused() -> None:
    script = f'<literalExpression expressionLanguage="javascript">{text("1+1")}</literalExpression>'

    with pytest.raises(DmnError, match="language 'javascript'"):
        model(decision("d", script))


def test_files_of_camunda_7_keep_their_types_and_their_juel() -> None:
    juel = table([("x", "integer")], [("y", "double")], [("> 1", "2.5")]).replace(
        "<inputExpression", '<inputExpression expressionLanguage="juel"'
    )

    assert value(juel.replace("<text>x</text>", "<text>${order.amount + 1}</text>"), order={"amount": 1}) == 2.5
    with pytest.raises(DmnError, match="cannot be translated"):
        model(decision("d", juel.replace("<text>x</text>", "<text>${order.amount()}</text>")))


def test_a_call_of_a_function_that_does_not_exist_is_a_warning() -> None:
    (problem,) = model(decision("d", literal("coun([1])"))).problems

    assert (problem.severity, problem.message, problem.advice) == ("warning", "There is no function 'coun'", "did you mean 'count'?")


def test_service_of_a_function_type_converts_its_result() -> None:
    function_type = '<itemDefinition name="tF"><functionItem outputTypeRef="string"/></itemDefinition>'
    services = model(
        function_type,
        decision("out", literal("1")),
        '<decisionService id="s" name="s"><variable name="s" typeRef="tF"/><outputDecision href="#out"/></decisionService>',
        decision("caller", literal("s()"), knows=["s"]),
    )

    assert services.evaluate("caller", {}).value is None
    assert services.evaluate("s", {}).value is None


def test_iso_texts_become_dates_and_durations_where_the_type_asks_for_them() -> None:
    parts = component("due", "date") + component("waits", "days and time duration", ' isCollection="true"')
    typed = model(
        item("tCase", parts=parts),
        input_data("case", "tCase"),
        decision("d", literal("[case.due + case.waits[1], case.due.year]"), inputs=["case"]),
        decision("t", table([("on", "date")], ["y"], [('> @"2024-01-01"', "1")])),
    )

    assert typed.evaluate("d", {"case": {"due": "2024-02-28", "waits": ["P2D"]}}).value == to_feel([dt.date(2024, 3, 1), 2024])
    assert typed.evaluate("d", {"case": {"due": "soon", "waits": []}}).value == [None, None]
    assert typed.evaluate("t", {"on": "2024-06-01"}).value == 1
