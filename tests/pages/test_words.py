"""How do pages word numbers, values and names?"""

import pytest

from api.pages import words


@pytest.mark.parametrize(("share", "text"), [(0.87, "87 %"), (0.999, "99 %"), (1, "100 %"), (0.001, "1 %"), (0, "0 %")])
def test_confidence_is_never_rounded_to_certainty(share: float, text: str) -> None:
    assert words.percent(share) == text


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "nothing"),
        ({}, "nothing"),
        (False, "yes"),
        (0, "number"),
        ("short", "text"),
        ("two\nlines", "long-text"),
        ([1, 2], "list"),
        ([{"a": 1}], "items"),
        ({"a": 1, "b": None}, "flat"),
        ({"a": {"b": 1}}, "facts"),
    ],
)
def test_values_are_shown_by_their_kind(value: object, kind: str) -> None:
    assert words.kind(value) == kind


@pytest.mark.parametrize(
    ("name", "text"), [("customerTier", "Customer tier"), ("customer_tier", "Customer tier"), ("VAT_id", "VAT id"), ("_", "_")]
)
def test_names_are_readable(name: str, text: str) -> None:
    assert words.readable(name) == text
