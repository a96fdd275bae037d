"""Values and times: what goes in comes out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Rejected
from engine.store.json_text import checked, dumps, loads
from engine.store.times import micros, moment

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda children: st.lists(children) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), children),
    max_leaves=20,
)


@given(JSON)
def test_json_values_survive(value: object) -> None:
    assert loads(dumps(value)) == value


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_times_survive_to_the_microsecond(at: datetime) -> None:
    assert moment(micros(at)) == at


def test_other_zones_mean_the_same_moment() -> None:
    at = datetime(2030, 1, 1, 12, tzinfo=timezone(timedelta(hours=5)))
    assert moment(micros(at)) == at
    assert moment(None) is None and micros(None) is None


@pytest.mark.parametrize(
    "variables",
    [
        {"": 1},
        {"a\x00": 1},
        {1: 2},
        {"a": "\ud800"},
        {"a": {"\udfff": 1}},
        {"a": object()},
        {"a": [None, {"b": float("nan")}]},
        {"a": float("inf")},
        {"a": {1, 2}},
    ],
)
def test_what_cannot_be_stored_is_refused(variables: dict[str, object]) -> None:
    with pytest.raises(Rejected):
        checked(variables)


def test_what_is_nested_too_deep_is_refused() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(Rejected):
        checked({"a": deep})
