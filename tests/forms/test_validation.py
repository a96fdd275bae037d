"""Does a submission become the variables that form-js would send, or an error at the right field?"""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.form_files import choice, form, group, number, rows, text

from forms import initial_values, validate

NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)


def error_of(field: dict[str, Any], value: Any, **variables: Any) -> str | None:
    return validate(form(field), {field["key"]: value}, variables=variables, now=NOW).errors.get(field["key"])


def datetime_field(subtype: str, **properties: Any) -> dict[str, Any]:
    return {**text("when", **properties), "type": "datetime", "subtype": subtype}


@pytest.mark.parametrize(
    ("field", "accepted", "refused"),
    [
        (text("f"), ["", "a", None, "\u0000 🙂"], [1, True, [], {}, "x" * 100_001]),
        (text("f", validate={"required": True}), ["a"], ["", "   ", None]),
        (text("f", validate={"minLength": 2, "maxLength": 3}), ["", "ab", " abc "], ["a", "abcd", " a "]),
        (text("f", validate={"pattern": r"^[A-Z]-\d{5}$"}), ["", "A-12345"], ["A-1234", "xA-12345"]),
        (
            text("f", validate={"validationType": "email"}),
            ["", "a@b.de", "a.b+c@d-e.example"],
            ["a", "a@", "@b.de", "a b@c.de", "a@b..de", "a@-b.de", "a@b.de\n"],
        ),
        (text("f", validate={"validationType": "phone"}), ["+4930664040900", "004930664040900"], ["12345", "+0123456789", "+49 30 66"]),
        ({**text("f"), "type": "textarea"}, ["two\nlines"], [3]),
        (number("f"), [0, -1, 1.5, None, "", 1e300], ["1", True, [], "abc"]),
        (number("f", validate={"required": True}), [0], [None, ""]),
        (number("f", validate={"min": 1, "max": "2.5"}), [1, 2.5, None], [0.999, 2.51, -1]),
        (number("f", decimalDigits=0), [3, 3.0], [3.1]),
        (number("f", decimalDigits=2), [3.14, 1e10], [3.141, 0.001]),
        (number("f", increment=0.1), [0.3, 1, 0], [0.35]),
        (number("f", serializeToString=True), ["12345678901234567890.5", "", 1], [True, "x", "NaN", "Infinity"]),
        ({**text("f"), "type": "checkbox"}, [True, False, None], ["true", 1]),
        ({**text("f", validate={"required": True}), "type": "checkbox"}, [True], [False, None]),
        (choice("f", "a", 1, True), ["a", 1, True, None, ""], ["b", "1", 2, [], {}, False, 1.5]),
        (choice("f", "a", kind="radio", validate={"required": True}), ["a"], [None, "", "b"]),
        (choice("f", "a", "b", kind="checklist"), [[], ["a"], ["b", "a"], None], ["a", ["c"], ["a", "a"], [["a"]], {}]),
        (choice("f", "a", kind="taglist", validate={"required": True}), [["a"]], [[], None]),
        ({**datetime_field("date"), "key": "f"}, ["2026-02-28", None, ""], ["2026-02-30", "28.02.2026", "2026-02-28T10:00", 5]),
        ({**datetime_field("date", disallowPassedDates=True), "key": "f"}, ["2026-03-10", "2027-01-01"], ["2026-03-09"]),
        ({**datetime_field("time"), "key": "f"}, ["14:30", "14:30Z", "14:30+02:00", "14:30:00"], ["25:00", "14:61", "2pm"]),
        ({**datetime_field("time", timeInterval=15), "key": "f"}, ["14:30"], ["14:31"]),
        ({**datetime_field("datetime"), "key": "f"}, ["2026-02-28T14:30+01:00"], ["2026-02-28", "2026-02-30T14:30", "T"]),
        ({**text("f"), "type": "filepicker"}, [None, ""], ["files::1", {"a": 1}]),
    ],
    ids=lambda value: str(value)[:70] if isinstance(value, dict) else "",
)
def test_values_are_accepted_or_refused(field: dict[str, Any], accepted: list[Any], refused: list[Any]) -> None:
    assert {repr(value): error_of(field, value) for value in accepted if error_of(field, value)} == {}
    assert [value for value in refused if error_of(field, value) is None] == []


def test_every_refusal_is_a_plain_sentence() -> None:
    found = [error_of(number("f", validate={"max": 5}), 6), error_of(text("f", validate={"required": True}), "")]

    assert found == ["Enter 5 or less.", "Fill in this field."]


def test_an_own_message_explains_a_pattern() -> None:
    field = text("order", validate={"pattern": "^A", "patternErrorMessage": "Order numbers start with A."})

    assert error_of(field, "B") == "Order numbers start with A."


def test_an_untouched_select_submits_null_and_a_text_field_an_empty_text() -> None:
    submission = validate(form(choice("tier", "gold"), text("name"), choice("tags", "a", kind="taglist")), {})

    assert submission.values == {"tier": None, "name": "", "tags": []}
    assert submission.is_valid


def test_unknown_fields_are_errors_at_their_place() -> None:
    submission = validate(form(group("customer", text("name"))), {"customer": {"name": "Eve", "admin": True}, "x": 1})

    assert set(submission.errors) == {"customer.admin", "x"}
    assert submission.values == {"customer": {"name": "Eve"}}


def test_hidden_fields_are_dropped_and_not_required() -> None:
    opened = form(
        choice("decision", "approve", "reject"), text("reason", conditional={"hide": '=decision != "reject"'}, validate={"required": True})
    )

    assert validate(opened, {"decision": "approve", "reason": "smuggled"}).values == {"decision": "approve"}
    assert validate(opened, {"decision": "reject"}).errors == {"reason": "Fill in this field."}


def test_a_field_hidden_by_a_hidden_field_is_hidden() -> None:
    chain = form(
        {**text("a"), "type": "checkbox"},
        text("b", conditional={"hide": "=not(a)"}),
        text("c", conditional={"hide": '=b != "show"'}),
    )

    assert validate(chain, {"a": False, "b": "show", "c": "x"}).values == {"a": False}
    assert validate(chain, {"a": True, "b": "show", "c": "x"}).values == {"a": True, "b": "show", "c": "x"}


def test_a_condition_without_an_answer_hides_as_in_form_js() -> None:
    opened = form(number("amount"), text("why", conditional={"hide": "=amount > limit"}, validate={"required": True}))

    assert validate(opened, {"amount": 4}).values == {"amount": 4}
    assert validate(opened, {"amount": 4}, variables={"limit": 5}).errors == {"why": "Fill in this field."}


def test_disabled_and_read_only_fields_cannot_be_changed() -> None:
    guarded = form(number("amount", readonly=True), text("iban", disabled=True), text("note", readonly="=amount > 10"))

    submission = validate(
        guarded, {"amount": 9999, "iban": "evil", "note": "changed"}, variables={"amount": 50, "iban": "good", "note": "old"}
    )

    assert submission.values == {"amount": 50, "note": "old"}
    assert submission.is_valid


def test_objects_of_the_variables_keep_what_the_form_does_not_show() -> None:
    shown = form(group("customer", text("name"), text("vat", conditional={"hide": "=true"})))
    variables = {"customer": {"name": "Eve", "tier": "gold", "vat": "old"}}

    assert validate(shown, {"customer": {"name": "Adam"}}, variables=variables).values == {"customer": {"name": "Adam", "tier": "gold"}}


def test_limits_and_options_may_be_feel_over_the_variables() -> None:
    field = number("granted", validate={"max": "=claim.amount"})
    options = {"type": "select", "id": "s", "key": "city", "valuesExpression": "=for c in cities return {label: upper case(c), value: c}"}
    keyed = {"type": "select", "id": "s", "key": "city", "valuesKey": "cities"}

    assert error_of(field, 101, claim={"amount": 100}) == "Enter 100 or less."
    assert error_of(field, 100, claim={"amount": 100}) is None
    for source in (options, keyed):
        assert error_of(source, "rome", cities=["rome", "oslo"]) is None
        assert error_of(source, "paris", cities=["rome", "oslo"]) == "Choose one of the options."


def test_computed_fields_are_computed_here() -> None:
    total = {"type": "expression", "id": "total", "key": "total", "expression": "=price * 2"}

    assert validate(form(number("price"), total), {"price": 4, "total": 1}).values == {"price": 4, "total": 8}


def test_rows_of_a_list_are_validated_one_by_one() -> None:
    items = form(
        rows("items", text("name", validate={"required": True}), number("count"), text("why", conditional={"hide": "=this.count < 5"})),
    )

    submission = validate(
        items, {"items": [{"name": "lamp", "count": 1, "why": "x"}, {"name": "", "count": 9, "why": "stock"}, {"colour": 1}]}
    )

    assert submission.errors == {
        "items.1.name": "Fill in this field.",
        "items.2.name": "Fill in this field.",
        "items.2.colour": "This is not a field of the form.",
    }
    assert submission.values["items"][0] == {"name": "lamp", "count": 1}
    assert submission.values["items"][1]["why"] == "stock"


def test_rows_cannot_be_added_where_the_form_forbids_it() -> None:
    fixed = form(rows("items", text("name"), allowAddRemove=False))

    assert "items" in validate(fixed, {"items": [{}, {}]}, variables={"items": [{"name": "a"}]}).errors
    assert validate(fixed, {"items": [{"name": "b"}]}, variables={"items": [{"name": "a"}]}).values == {"items": [{"name": "b"}]}


def test_initial_values_come_from_variables_then_defaults() -> None:
    opened = form(
        text("name", defaultValue="nobody"),
        choice("tier", "gold", defaultValue="gold"),
        number("amount"),
        group("customer", text("city")),
        rows("items", text("what"), defaultRepetitions=2),
    )

    assert initial_values(opened, {"tier": "silver", "amount": "12.5", "customer": {"city": "Oslo"}}) == {
        "name": "nobody",
        "tier": None,
        "amount": 12.5,
        "customer": {"city": "Oslo"},
        "items": [{"what": ""}, {"what": ""}],
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["f", "n", "g", "items", "c", "x"]) | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=15,
)
EVERYTHING = form(
    text("f", validate={"required": True, "minLength": "=n", "pattern": "^a*$"}),
    number("n", decimalDigits=1, increment=0.5, validate={"min": 0}),
    choice("c", "a", 1, kind="checklist"),
    group("g", {**text("d"), "type": "datetime", "subtype": "datetime"}, text("h", conditional={"hide": "=n > 3"})),
    rows("items", choice("s", "a"), rows("parts", number("x"))),
)


@settings(max_examples=150, deadline=None)
@given(data=JSON, variables=st.dictionaries(st.sampled_from(["f", "n", "g", "items", "c"]), JSON))
def test_hostile_data_gives_errors_never_exceptions(data: Any, variables: dict[str, Any]) -> None:
    submission = validate(EVERYTHING, data, variables=variables, now=NOW)

    assert all(isinstance(reason, str) and reason for reason in submission.errors.values())
