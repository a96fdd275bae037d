"""Does the reader accept what form-js writes and name every problem of what it does not?"""

import json
from pathlib import Path

import pytest
from support.form_files import group, number, rows, schema, text

from forms import FormError, FormProblem, parse_form

EXAMPLES = Path(__file__).parents[2] / "examples"


def problems_of(source: object) -> tuple[FormProblem, ...]:
    data = source if isinstance(source, bytes) else json.dumps(source, indent=2).encode()
    with pytest.raises(FormError) as caught:
        parse_form(data, file="broken.form")
    return caught.value.problems


@pytest.mark.parametrize("file", sorted(EXAMPLES.rglob("*.form")), ids=lambda file: file.name)
def test_forms_of_the_examples_have_no_problems(file: Path) -> None:
    form = parse_form(file.read_bytes(), file=file.name)

    assert form.problems == ()
    assert form.fields


def test_every_field_type_of_form_js_is_known() -> None:
    kinds = [
        "textfield",
        "textarea",
        "number",
        "checkbox",
        "checklist",
        "radio",
        "select",
        "taglist",
        "datetime",
        "filepicker",
        "expression",
    ]
    keyed = [{"type": kind, "id": f"F_{kind}", "key": kind, "values": [], "expression": "=1"} for kind in kinds]
    shown = [
        {"type": kind, "id": f"S_{kind}"}
        for kind in ["text", "html", "image", "iframe", "spacer", "separator", "table", "documentPreview", "button"]
    ]

    form = parse_form(json.dumps(schema(*keyed, *shown, rows("list", text("a")), group("g", text("b")))).encode())

    assert [field.type for field in form.fields][: len(kinds)] == kinds
    assert {problem.severity for problem in form.problems} <= {"warning"}


def test_malformed_json_names_the_line() -> None:
    (problem,) = problems_of(b'{\n  "type": "default",\n  "id" "x"\n}')

    assert problem.line == 3
    assert problem.file == "broken.form"


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xfe\x00", b"[" * 100_000, b"null", b"[]", b'"text"', b"{}", b'{"type": "default", "id": 3}', b'{"type": "x", "id": "a"}'],
    ids=["empty", "not utf-8", "deep", "null", "list", "text", "nothing", "numeric id", "other type"],
)
def test_what_is_no_form_is_refused_with_advice(data: bytes) -> None:
    found = problems_of(data)

    assert all(problem.message and problem.advice for problem in found)
    assert any(problem.severity == "error" for problem in found)


def test_all_problems_are_reported_at_once_each_at_its_line() -> None:
    source = json.dumps(
        schema(
            text("name", validate={"pattern": "(a"}),
            {"type": "wheel", "id": "Field_wheel"},
            number("amount", validate={"min": "=1 +"}),
            text("other", conditional={"hide": "amount > 3"}),
        ),
        indent=2,
    )

    found = {problem.path: problem for problem in problems_of(source.encode())}

    assert set(found) == {
        "components[0].validate.pattern",
        "components[1].type",
        "components[2].validate.min",
        "components[3].conditional.hide",
    }
    lines = source.splitlines()
    assert '"pattern"' in lines[(found["components[0].validate.pattern"].line or 0) - 1]
    assert '"wheel"' in lines[(found["components[1].type"].line or 0) - 1]
    assert '"min"' in lines[(found["components[2].validate.min"].line or 0) - 1]
    assert found["components[1].type"].element_id == "Field_wheel"


def test_two_fields_may_not_share_an_id_or_a_place() -> None:
    same_id = problems_of(schema(text("a"), {**text("b"), "id": "Field_a"}))
    same_place = problems_of(schema(text("a"), {**text("a"), "id": "Field_other"}))
    inside = problems_of(schema(text("customer"), group("customer", text("name"))))

    assert "Field_a" in same_id[0].message
    assert "'a'" in same_place[0].message
    assert "'customer.name'" in inside[0].message


def test_places_in_a_list_are_their_own_world() -> None:
    form = parse_form(json.dumps(schema(text("name"), rows("people", {**text("name"), "id": "Field_inner"}))).encode())

    assert [field.place for field in form.fields] == [("name",), ("people",)]


@pytest.mark.parametrize(
    "field",
    [
        number("n", decimalDigits=-1),
        number("n", increment="much"),
        number("n", validate={"max": "ten"}),
        text("n", validate={"maxLength": "long"}),
        text("n", validate={"required": "yes"}),
        text("n", validate=[]),
        text("n", validate={"validationType": "iban"}),
        text("n", disabled="sometimes"),
        text("n", label="=1 +"),
        text("n", description="Hello {{name +}}"),
        {**text("n"), "type": "datetime", "subtype": "week"},
        {**text("n"), "type": "select", "valuesExpression": "list"},
        {"type": "expression", "id": "E", "key": "e", "expression": "1 + 1"},
        {"type": "textfield", "id": "no_key"},
        text("a..b"),
        rows("", text("x")),
    ],
    ids=lambda field: json.dumps(field)[:60],
)
def test_properties_that_form_js_does_not_understand_are_refused(field: dict[str, object]) -> None:
    found = problems_of(schema(field))

    assert len(found) == 1
    assert found[0].path.startswith("components[0]")


def test_a_form_with_too_many_or_too_deep_fields_is_refused() -> None:
    nested: dict[str, object] = text("leaf")
    for depth in range(30):
        nested = {"type": "group", "id": f"G{depth}", "components": [nested]}

    assert "nested" in problems_of(schema(nested))[0].message
    assert "more than" in problems_of(schema(*[text(f"f{i}") for i in range(2_100)]))[0].message
    assert "bytes" in problems_of(b" " * 1_000_001)[0].message
